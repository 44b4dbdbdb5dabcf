"""The way of one answer: five taps, counted, owed, and safe to repeat."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.links import TYPED_MARK, LinkPurpose, open_link, sign_link
from accounts.models import Receipt
from feedback.models import AnswerOwed, Contribution
from feedback.private import services as private
from surveys.models import Channel, DayCount, Question, Response, Tally
from surveys.panels import continue_panel
from tests.people import make_municipality, make_theme
from tests.surveys.polls import make_survey, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor):
    return make_survey(areas=[area], owner=editor)


@pytest.fixture
def phone() -> Client:
    return Client(headers={"accept-language": "nl"})


def code_of(survey) -> str:
    return survey.channels.first().code


def begin(phone: Client, survey) -> str:
    """Press the button on the start page; returns the address of the first question."""
    page = phone.get(reverse("start", args=[code_of(survey)]))
    key = re.search(r'name="submit_key" value="([^"]+)"', page.content.decode())[1]
    answer = phone.post(reverse("begin", args=[code_of(survey)]), {"submit_key": key})
    assert answer.status_code == 302
    return answer.url


def tap(phone: Client, url: str, option: int = 0) -> str:
    """Tap an option (by place) of the single question on this page; returns where that leads."""
    page = phone.get(url).content.decode()
    name, value = re.findall(r'name="(q\d+)" value="(\d+)"', page)[option]
    answer = phone.post(url, {name: value})
    assert answer.status_code == 302, answer.content.decode()[:500]
    return answer.url


def first_layer(phone: Client, survey, options=(0, 0, 0, 0)) -> str:
    url = begin(phone, survey)
    for option in options:
        url = tap(phone, url, option)
    return url


def test_five_taps_count(phone, survey):
    url = first_layer(phone, survey)

    assert url == reverse("thanks", args=[code_of(survey)])
    assert "Dank u." in phone.get(url).content.decode()
    response = Response.objects.get()
    assert response.counts
    assert Tally.objects.filter(survey=survey, option="shown", n=1).count() == 4
    assert DayCount.objects.get().n == 1


def test_the_first_layer_is_owed_an_answer(phone, survey, editor):
    first_layer(phone, survey)

    debts = AnswerOwed.objects.all()
    # One for the need that was chosen, one for all other answers together.
    assert sorted(debt.contribution.kind for debt in debts) == ["choice", "rest"]
    assert {debt.owner for debt in debts} == {editor}
    assert {debt.due_on for debt in debts} == {survey.promise_before}


def test_nothing_counts_before_the_layer_is_finished(phone, survey):
    url = begin(phone, survey)
    tap(phone, url)

    assert not Tally.objects.exists()
    assert not AnswerOwed.objects.exists()


def test_begin_twice_is_one_participation(phone, survey):
    page = phone.get(reverse("start", args=[code_of(survey)])).content.decode()
    key = re.search(r'name="submit_key" value="([^"]+)"', page)[1]
    url = reverse("begin", args=[code_of(survey)])

    first = phone.post(url, {"submit_key": key})
    second = phone.post(url, {"submit_key": key})

    assert first.url == second.url
    assert Response.objects.count() == Receipt.objects.count() == 1


def test_who_was_called_away_goes_on_at_the_question_they_had(phone, survey):
    second = tap(phone, begin(phone, survey))

    page = phone.get(reverse("start", args=[code_of(survey)])).content.decode()
    link = re.search(r'href="([^"]+)">Verder waar u was', page)[1]

    assert phone.get(link).url == second


def test_a_phone_in_two_surveys_answers_each_under_its_own_address(phone, survey, area, editor):
    other = make_survey(areas=[area], owner=editor)
    begin(phone, other)
    tap(phone, begin(phone, survey))

    assert Response.objects.get(survey=survey).answers
    assert not Response.objects.get(survey=other).answers


def test_what_is_read_under_way_is_what_stands_there(phone, survey):
    first_layer(phone, survey)
    stands = Response.objects.with_survey().get()

    read = Response.objects.under_way([stands.pk], code_of(survey).upper())

    fields = [field.attname for field in Response._meta.concrete_fields]
    assert [getattr(read, name) for name in fields] == [getattr(stands, name) for name in fields]
    for one in (read, stands):
        assert (one.survey.state, one.survey.area_id) == ("open", survey.area_id)
        assert one.version.digest == survey.current.digest
        assert (one.channel.code, one.channel.area_id) == (code_of(survey), None)
    # The rest comes when somebody asks for it.
    assert read.survey.title == survey.title
    with pytest.raises(Response.DoesNotExist):
        Response.objects.under_way([stands.pk], "elsewhere")


def test_a_double_tap_counts_once(phone, survey):
    url = begin(phone, survey)
    for _ in range(3):
        url = tap(phone, url)
    last = url
    tap(phone, last)
    tap(phone, last)

    assert set(Tally.objects.values_list("n", flat=True)) == {1}
    assert AnswerOwed.objects.count() == 2


def test_a_changed_answer_moves_its_debt_and_its_count(phone, survey):
    first_layer(phone, survey)
    before = Contribution.objects.get(kind="choice")
    first = Response.objects.get().version.document["layers"][0]["questions"][0]["id"]

    tap(phone, reverse("question", args=[code_of(survey), first]), 1)

    after = Contribution.objects.get(kind="choice")
    assert after.topic != before.topic
    assert AnswerOwed.objects.filter(contribution=after).count() == 1
    assert AnswerOwed.objects.count() == 2
    assert set(Tally.objects.filter(question=first).values_list("n", flat=True)) == {0, 1}


def test_words_are_kept_in_one_room_and_owed(phone, survey):
    first_layer(phone, survey)
    layer = Response.objects.get().version.document["layers"][1]
    question = layer["questions"][0]["id"]
    url = phone.post(reverse("layer", args=[code_of(survey)]), {"layer": layer["id"]}).url

    phone.post(url, {f"q{question}": "De bushalte is weg."})

    words = Contribution.objects.get(kind="text")
    assert words.text == "De bushalte is weg."
    assert Response.objects.get().answers[question] == {"text": str(words.pk)}
    assert AnswerOwed.objects.filter(contribution=words).exists()


@pytest.mark.parametrize(
    ("words", "warned"), [("Mijn buurman bedreigt mij.", True), ("Een bankje graag.", False)]
)
def test_words_of_danger_are_met_at_once(phone, survey, words, warned):
    make_municipality(danger_text={"nl": "Bent u in gevaar? Bel 112."})
    first_layer(phone, survey)
    layer = Response.objects.get().version.document["layers"][1]
    url = phone.post(reverse("layer", args=[code_of(survey)]), {"layer": layer["id"]}).url

    page = phone.post(url, {f"q{layer['questions'][0]['id']}": words}, follow=True).content.decode()

    assert ("Bel 112" in page) == warned


def test_skipping_everything_still_counts_and_is_owed(phone, survey):
    url = begin(phone, survey)
    for _ in range(4):
        url = phone.post(url, {"go": "skip"}).url

    assert Response.objects.get().counts
    assert AnswerOwed.objects.get().contribution.kind == "rest"


def test_a_stranger_has_no_way_in(phone, survey):
    url = begin(phone, survey)

    answer = Client().post(url, {"go": "skip"})

    assert answer.status_code == 410
    assert Response.objects.get().answers == {}


def test_an_option_of_another_question_is_refused_in_words(phone, survey):
    url = begin(phone, survey)
    question = url.rstrip("/").rsplit("/", 1)[1]

    answer = phone.post(url, {f"q{question}": "999999"})

    assert answer.status_code == 422
    assert "Error" in answer.content.decode() or "Fout" in answer.content.decode()


def test_after_closing_what_was_typed_is_given_back(phone, survey, django_user_model):
    first_layer(phone, survey)
    layer = Response.objects.get().version.document["layers"][1]
    url = phone.post(reverse("layer", args=[code_of(survey)]), {"layer": layer["id"]}).url
    from django.utils import timezone

    type(survey).objects.filter(pk=survey.pk).update(state="closed", closed_at=timezone.now())

    answer = phone.post(url, {f"q{layer['questions'][0]['id']}": "Nog iets over de bushalte"})

    assert answer.status_code == 409
    assert "Nog iets over de bushalte" in answer.content.decode()


def test_withdrawn_is_said_and_counts_nothing_more(phone, survey):
    url = begin(phone, survey)
    first = tap(phone, url)
    name, value = re.findall(r'name="(q\d+)" value="(\d+)"', phone.get(first).content.decode())[0]
    private.withdraw_receipt(receipt=Receipt.objects.get())
    assert phone.post(first, {name: value}).status_code == 409
    assert name[1:] not in Response.objects.get().answers
    assert not Tally.objects.filter(n__gt=0).exists()


def test_done_makes_the_phone_forget(phone, survey):
    first_layer(phone, survey)
    page = phone.post(reverse("done", args=[code_of(survey)])).content.decode()

    assert re.search(r"[a-z]+-\d{3}-[a-z]+-[a-z]+", page)
    assert phone.cookies[f"nabij-{survey.pk}"].value == "answered"
    assert phone.get(reverse("thanks", args=[code_of(survey)])).status_code == 404
    assert "Begin" not in phone.get(reverse("start", args=[code_of(survey)])).content.decode()


def test_two_neighbourhoods_ask_where_and_take_the_debts_along(phone, area, next_area, editor):
    survey = make_survey(areas=[area, next_area], owner=editor)
    url = first_layer(phone, survey)
    assert url == reverse("where", args=[code_of(survey)])

    phone.post(url, {"area": str(area.pk)})

    assert set(AnswerOwed.objects.values_list("topic__area", flat=True)) == {area.pk}
    assert set(Tally.objects.filter(n=1).values_list("area", flat=True)) == {area.pk}
    assert not Tally.objects.filter(n=1).exclude(area=area).exists()


def statements(captured: CaptureQueriesContext) -> int:
    """How many queries; what begins and ends a transaction is not one."""
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN")) for query in captured)


def test_queries_of_the_page_and_of_the_answer(phone, survey):
    first_layer(Client(), survey)
    url = begin(phone, survey)
    with CaptureQueriesContext(connection) as page:
        phone.get(url)
    with CaptureQueriesContext(connection) as answer:
        tapped = tap(phone, url)
    for _ in range(2):
        tapped = tap(phone, tapped)
    with CaptureQueriesContext(connection) as last:
        tap(phone, tapped)

    assert statements(page) <= 4
    assert statements(answer) - statements(page) <= 8
    assert statements(last) - statements(page) <= 8


def test_what_goes_on_from_a_typed_page_closes_with_it(phone, survey):
    first_layer(phone, survey)
    link = continue_panel(Response.objects.get().receipt).context["link"]
    url, later = reverse("resume", args=[code_of(survey)]), timezone.now() + timedelta(days=2)
    assert open_link(link, LinkPurpose.PAGE)[1] == TYPED_MARK
    with time_machine.travel(later), pytest.raises(Receipt.DoesNotExist):
        open_link(link, LinkPurpose.PAGE)
    with time_machine.travel(later):
        borrowed = Client(headers={"accept-language": "nl"})
        assert borrowed.post(url, {"link": link}).status_code != 302


def test_who_goes_on_at_somebody_elses_phone_leaves_no_link_that_stays(phone, survey):
    first_layer(phone, survey)
    link = sign_link(Response.objects.get().receipt, LinkPurpose.PAGE)
    borrowed = Client(headers={"accept-language": "nl"})
    with time_machine.travel(timezone.now(), tick=False):
        thanks = borrowed.get(borrowed.post(reverse("resume", args=[code_of(survey)]), {"link": link}).url)
        done = borrowed.post(reverse("done", args=[code_of(survey)]))
        left = [page.context["private_link"] for page in (thanks, done)]
        assert [borrowed.get(f"/v/{token}/").status_code for token in left] == [200, 200]
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert [borrowed.get(f"/v/{token}/").status_code for token in left] == [404, 404]
        assert borrowed.get(f"/v/{link}/").status_code == 200


def test_themes_beside_an_own_topic_are_those_of_today(phone, survey):
    theme = make_theme("cycling")
    Question.objects.filter(type="own_topic").update(settings={"ask_theme": True})
    Channel.objects.all().delete()
    publish(survey)
    first_layer(phone, survey)
    words = survey.layers.get(order=1).pk
    url = phone.post(reverse("layer", args=[code_of(survey)]), {"layer": words}).url
    assert "Cycling" in phone.get(url).content.decode()

    theme.name = {"nl": "Fietsen", "en": "Cycling"}
    theme.save()
    assert "Fietsen" in phone.get(url).content.decode()

    theme.retired_on = timezone.localdate()
    theme.save()
    assert "Fietsen" not in phone.get(url).content.decode()
