"""A place on the map: from 16, to ten metres, with its words in one room, and gone with them."""

from secrets import token_urlsafe

import pytest
from django.http import QueryDict

from accounts.models import Receipt
from feedback.contributions.services.contributions import ContributionLocation
from feedback.models import AnswerOwed, Contribution
from feedback.private import services as private
from surveys.answering.services.answer import published_version_of, save_page
from surveys.answering.services.beginning import begin_participation
from surveys.models import Channel, Layer, Response
from surveys.questionnaire.question_types import QUESTION_TYPES, AnswerError, WrittenAnswer
from tests.neighbourhoods.factories import make_place
from tests.people import make_border, signed_in
from tests.surveys.polls import both, make_question, make_survey, publish

pytestmark = pytest.mark.django_db
KIND = QUESTION_TYPES["place"]


@pytest.fixture
def survey(area, next_area, editor):
    make_border(area)
    survey = make_survey(areas=[area, next_area], owner=editor, questions=0)
    survey.layers.exclude(is_first=True).delete()
    layer = survey.layers.get()
    areas = sorted([area.pk, next_area.pk])
    make_question(layer, "place", text=both("Waar is het donker?"), settings={"areas": areas})
    Channel.objects.all().delete()
    publish(survey)
    return survey


@pytest.fixture
def asked(survey):
    return published_version_of(begin_one(survey)).document.questions[0]


@pytest.fixture
def inside(asked):
    """A point on the map, as the script sends it."""
    drawn = KIND.context(asked, None, None, "")["map"]
    return drawn.west + 400 * drawn.across, drawn.north - 300 * drawn.down


def begin_one(survey) -> Response:
    channel = survey.channels.get()
    return begin_participation(
        channel=channel, submit_key=token_urlsafe(24), language="nl", respondent="resident"
    ).response


def ask(asked, **sent):
    data = QueryDict(mutable=True)
    data.update({f"q{asked.id}{name.replace('_', '-')}": str(value) for name, value in sent.items()})
    return KIND.clean(asked, data)


def keep(survey, asked, value) -> Response:
    response = begin_one(survey)
    save_page(
        under_way={response.pk: 5}, code=survey.channels.get().code, question_id=asked.id,
        read=lambda page: {asked.id: value},
    )  # fmt: skip
    return Response.objects.select_related("receipt").get(pk=response.pk)


def test_a_point_is_kept_with_its_words_to_ten_metres(survey, asked, inside):
    response = keep(
        survey, asked, ask(asked, **{"": "Te donker."}, _lon=inside[0], _lat=inside[1], _16="yes")
    )

    said = Contribution.objects.get(topic__key=f"question:{asked.id}")
    assert (said.text, said.longitude, said.latitude) == (
        "Te donker.",
        round(inside[0], 4),
        round(inside[1], 4),
    )
    assert response.answers[asked.id] == {"text": str(said.pk), "is_16": True}
    assert AnswerOwed.objects.filter(contribution=said).exists()


def test_a_place_from_the_list_goes_before_the_point(survey, asked, inside, area):
    place = make_place(area=area, name="Sluishuis")

    value = ask(asked, _place=place.pk, _lon=inside[0], _lat=inside[1], _16="yes")

    assert value == WrittenAnswer("Sluishuis", spot=ContributionLocation(place_id=place.pk))


def test_without_the_yes_no_place_is_kept_and_words_are(asked, inside):
    with pytest.raises(AnswerError, match="16"):
        ask(asked, _lon=inside[0], _lat=inside[1])
    assert ask(asked, **{"": "Bij de school."}) == WrittenAnswer(
        "Bij de school.", spot=ContributionLocation()
    )


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("", ""), ("x", "1"), ("nan", "nan"), ("inf", "52"), ("500", "52"), ("0", "0"), ("4.9", "")],
)
def test_what_is_no_point_on_this_map_is_no_point(asked, lon, lat):
    assert ask(asked, _lon=lon, _lat=lat, _16="yes") is None


@pytest.mark.parametrize("sent", ["999999", "x", "1 or 1=1", "9" * 40])
def test_a_place_that_is_not_in_the_list_is_not_taken(asked, sent):
    try:
        kept = ask(asked, _place=sent, _16="yes")
    except AnswerError:
        kept = None
    assert kept is None


def test_places_elsewhere_are_not_in_the_list(asked, area, other_area):
    here, there = make_place(area=area), make_place(area=other_area)

    assert [place for place, _chosen in KIND.context(asked, None, None, "")["places"]] == [here]
    with pytest.raises(AnswerError):
        ask(asked, _place=there.pk, _16="yes")


def test_other_words_without_a_place_take_the_place_out(survey, asked, inside):
    response = keep(survey, asked, ask(asked, _lon=inside[0], _lat=inside[1], _16="yes"))

    save_page(
        under_way={response.pk: 5}, code=survey.channels.get().code, question_id=asked.id,
        read=lambda page: {asked.id: ask(asked, **{"": "Toch niet daar."})},
    )  # fmt: skip

    said = Contribution.objects.get(topic__key=f"question:{asked.id}")
    assert (said.longitude, said.latitude, said.place_id) == (None, None, None)


def test_the_holder_downloads_and_erases_it(survey, asked, area):
    place = make_place(area=area, name="Sluishuis")
    receipt = keep(survey, asked, ask(asked, **{"": "Te donker."}, _place=place.pk, _16="yes")).receipt

    assert "Sluishuis" in str(private.download(receipt))
    private.erase(receipt=receipt)

    assert not Contribution.objects.exists()
    assert not Receipt.objects.filter(pk=receipt.pk).exists()


def test_the_listening_desk_sees_where(survey, asked, inside, area, coordinator):
    keep(survey, asked, ask(asked, **{"": "Te donker."}, _lon=inside[0], _lat=inside[1], _16="yes"))
    said = Contribution.objects.get(topic__key=f"question:{asked.id}")
    said.topic.area = area
    said.topic.save()

    page = signed_in(coordinator).get(f"/desk/listening/{said.pk}/").content.decode()

    assert "data-point transform" in page
    assert Layer.objects.count() == 1
