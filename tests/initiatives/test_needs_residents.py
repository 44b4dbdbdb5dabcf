"""What residents see of needs: at once after they named one, on their own page, and on that of the neighbourhood."""

import gzip
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.links import LinkPurpose, sign_link
from feedback.models import Contribution
from feedback.private import services as private
from feedback.registries import SourceHooks, source_hooks
from feedback.states import Reading
from initiatives.models import Meeting, NeedLink
from initiatives.needs.need_panels import named_needs_panel, public_needs_panel
from initiatives.needs.services import need_sources, needs
from initiatives.needs.services.need_suggestions import Room, existing_resources
from initiatives.states import InitiativeState, NeedState, OfferKind, OfferState
from tests.feedback.factories import make_contribution, make_topic, today
from tests.initiatives.factories import make_initiative, make_need, make_offer
from tests.neighbourhoods.factories import make_place
from tests.people import make_theme
from tests.surveys.polls import make_survey
from tests.surveys.test_answering import code_of, first_layer

pytestmark = pytest.mark.django_db
WORDS = {"nl": "Vanaf 1 juni is het open.", "en": "From 1 June it is open."}


@pytest.fixture
def theme():
    return make_theme("meeting")


@pytest.fixture
def topic(area, theme):
    return make_topic("option:31", area=area, theme=theme, title="a place to meet")


@pytest.fixture
def need(topic, coordinator):
    return make_need(topic, title="Een plek om binnen te lopen", owner=coordinator)


@pytest.fixture
def published(monkeypatch):
    """What the public snapshot says: key -> number."""
    numbers: dict[str, int] = {}
    hooks = SourceHooks(published_count=lambda source, key, area: numbers.get(key))
    monkeypatch.setattr(source_hooks, "_entries", {"tests": hooks})
    return numbers


def link(need, **end) -> NeedLink:
    return NeedLink.objects.create(need=need, kind=next(iter(end)), **end)


def meeting(initiative, *, days: int = 2, **fields) -> Meeting:
    fields = {
        "where": "Sluishuis",
        "is_read": True,
        "starts_at": timezone.now() + timedelta(days=days),
    } | fields
    return Meeting.objects.create(initiative=initiative, **fields)


# --- what is there ----------------------------------------------------------------------------


def test_what_runs_on_the_theme_with_the_next_time_it_meets(area, theme, topic):
    coffee = make_initiative(area, theme=theme)
    meeting(coffee, days=9)
    first = meeting(coffee, days=2)
    meeting(coffee, days=1, cancelled_on=today())
    meeting(coffee, days=-1)
    meeting(coffee, days=1, is_read=False)  # what a resident wrote of it nobody read yet
    make_initiative(area, theme=make_theme("green"))
    (group,) = existing_resources(area=area, topics=[topic])[topic.pk].groups
    assert (group.initiative, group.meets) == (coffee, first)


def test_what_a_colleague_linked_is_there_whatever_its_theme(area, topic, need):
    idea = make_initiative(area, state=InitiativeState.IDEA, name="Nog een idee")
    begun = make_initiative(area, state=InitiativeState.PREPARING, name="Kookclub")
    link(need, initiative=idea)
    link(need, initiative=begun)
    there = existing_resources(area=area, topics=[topic])[topic.pk]
    assert [group.initiative for group in there.groups] == [begun], (
        "an idea is between two, not for neighbours"
    )


def test_the_room_that_is_free(area, topic, need):
    free = make_place(area=area, free="vrij op dinsdag")
    link(need, place=free)
    link(need, place=make_place(area=area, free="altijd", ended_on=today()))
    link(need, place=make_place(area=area, free=""))
    space = {"kind": OfferKind.SPACE, "way": "", "skills": []}
    lent = make_place(area=area, free="zondag")
    link(need, offer=make_offer(area, place=lent, **space))
    link(need, offer=make_offer(area, place=make_place(area=area, free="x"), until=today(-1), **space))
    link(
        need, offer=make_offer(area, place=make_place(area=area, free="x"), state=OfferState.CLOSED, **space)
    )
    assert existing_resources(area=area, topics=[topic])[topic.pk].rooms == [
        Room(lent, "zondag"),
        Room(free, "vrij op dinsdag"),
    ]


def test_a_need_of_another_neighbourhood_lends_nothing(area, next_area, topic, coordinator):
    elsewhere = make_need(make_topic("option:31", area=next_area), owner=coordinator)
    link(elsewhere, place=make_place(area=next_area, free="dinsdag"))
    assert existing_resources(area=area, topics=[topic])[topic.pk].is_nothing


# --- at once, after the survey ----------------------------------------------------------------


@pytest.fixture
def survey(area, editor, theme):
    return make_survey(areas=[area], owner=editor, theme=theme)


def named_in(survey, theme) -> tuple[Client, str]:
    """Somebody answered the first layer; what they named is about the theme."""
    phone = Client(headers={"accept-language": "nl"})
    url = first_layer(phone, survey)
    return phone, url


def test_right_after_naming_it(area, theme, survey, coordinator):
    phone, url = named_in(survey, theme)
    chosen = Contribution.objects.get(kind="choice").topic
    type(chosen).objects.filter(pk=chosen.pk).update(theme=theme)
    chosen.refresh_from_db()
    nothing_yet = phone.get(url).content.decode()
    assert "Wij kennen hier nog niets voor." in nothing_yet
    assert f"{reverse('offer_new', args=[area.slug])}?theme=meeting" in nothing_yet, "hands as well as things"
    need = make_need(chosen, owner=coordinator)
    coffee = make_initiative(area, theme=theme, name="Koffie in het Sluishuis")
    meets = meeting(coffee, days=2)
    link(need, place=make_place(area=area, name="De Linde", free="vrij op dinsdag"))
    needs.change_need_state(need=need, to=NeedState.TAKEN_UP, seen="heard", words=WORDS, by=coordinator)
    page = phone.get(url).content.decode()
    with translation.override("nl"):
        assert "Koffie in het Sluishuis" in page and "Volgende keer:" in page
    assert timezone.localtime(meets.starts_at).strftime("%H.%M") in page
    assert "Er is plek in De Linde: vrij op dinsdag." in page
    offer = reverse("offer_new", args=[area.slug])
    assert f"{offer}?give=hands&amp;theme=meeting&amp;initiative={coffee.pk}" in page
    assert f"{offer}?give=gift&amp;theme=meeting" in page
    assert reverse("hear", args=[code_of(survey)]) in page
    assert "Wij kennen hier nog niets voor." not in page
    assert coordinator.email not in page and str(coordinator) not in page, "never a name"


def test_in_the_language_of_the_reader(area, theme, survey, coordinator):
    phone, url = named_in(survey, theme)
    chosen = Contribution.objects.get(kind="choice").topic
    link(make_need(chosen, owner=coordinator), initiative=make_initiative(
        area, name="Koffie", description={"nl": "Gratis koffie.", "en": "Free coffee."}))  # fmt: skip
    phone.post(reverse("set_language"), {"language": "en", "next": url})
    page = phone.get(url).content.decode()
    assert "Free coffee." in page and "I have something to offer" in page and "Gratis" not in page


def test_a_survey_without_addresses_asks_for_none(area, theme, survey, coordinator):
    phone, url = named_in(survey, theme)
    receipt = Contribution.objects.get(kind="choice").receipt
    type(receipt).objects.filter(pk=receipt.pk).update(without_contact=True)
    page = phone.get(url).content.decode()
    assert (
        reverse("offer_new", args=[area.slug]) not in page
        and reverse("hear", args=[code_of(survey)]) not in page
    )


def test_the_page_after_the_survey_stays_light(area, theme, survey, coordinator):
    """As many queries with ten needs as with one, and within the budget of the survey's pages."""
    phone, url = named_in(survey, theme)
    chosen = Contribution.objects.get(kind="choice").topic
    counts = []
    for _round in range(2):
        for number in range(5):
            need = make_need(chosen, owner=coordinator)
            one = make_initiative(area, theme=theme, name=f"Koffie {number}")
            meeting(one)
            link(need, initiative=one)
            link(need, place=make_place(area=area, free="dinsdag"))
        phone.get(url)
        with CaptureQueriesContext(connection) as captured:
            page = phone.get(url).content
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20
    assert len(gzip.compress(page)) < 6_000


# --- on their own page ------------------------------------------------------------------------


def test_who_named_it_reads_what_happens(client, need, topic, coordinator):
    said = make_contribution(topic)
    link(need, place=make_place(area=need.area, name="De Linde", free="vrij op dinsdag"))
    needs.change_need_state(need=need, to=NeedState.TAKEN_UP, seen="heard", words=WORDS, by=coordinator)
    page = client.get(
        reverse("private_page", args=[sign_link(said.receipt, LinkPurpose.PAGE)])
    ).content.decode()
    assert "Een plek om binnen te lopen" in page and WORDS["nl"] in page and "De Linde" in page
    assert str(coordinator) not in page


def test_whose_words_were_read_under_it_reads_it_too_and_others_do_not(need, topic, area, coordinator):
    wrote = make_contribution(make_topic("question:9", area=area), text="Een bankje.", reading=Reading.CLEAR)
    needs.add_sources(need=need, topics=[], texts=[wrote], by=coordinator)
    assert named_needs_panel(wrote.receipt)
    neighbour = make_contribution(make_topic("question:10", area=area), text="Iets anders.")
    assert named_needs_panel(neighbour.receipt) is None


def test_what_was_withdrawn_is_no_longer_theirs(need, topic):
    said = make_contribution(topic)
    assert named_needs_panel(said.receipt)
    private.withdraw_receipt(receipt=said.receipt)
    assert named_needs_panel(said.receipt) is None


def test_taken_into_another_need_they_read_that_one(need, topic, area, coordinator):
    said = make_contribution(topic)
    other = make_need(make_topic("option:40", area=area), title="Koffie", owner=coordinator)
    need_sources.merge(need=need, into=other, by=coordinator)
    panel = named_needs_panel(said.receipt)
    assert [shown.pk for shown, _steps, _there, _named in panel.context["needs"]] == [other.pk]


def test_erasing_takes_the_text_out_of_the_need_and_leaves_the_number(need, topic, area, coordinator):
    wrote = make_contribution(topic, text="Een bankje.", reading=Reading.CLEAR)
    needs.add_sources(need=need, topics=[], texts=[wrote], by=coordinator)
    assert need.people == 1
    private.erase(receipt=wrote.receipt)
    need.refresh_from_db()
    assert need.people == 1
    assert not need.sources.filter(contribution__isnull=False).exists()


# --- for everybody ----------------------------------------------------------------------------


def test_what_few_named_is_not_shown_before_we_said_something(client, need, area, published, coordinator):
    """Who sees a neighbour answer and then a new need appear would know what that neighbour said."""
    assert public_needs_panel(area) is None
    needs.change_need_state(need=need, to=NeedState.LOOKED_INTO, seen="heard", words={}, by=coordinator)
    page = client.get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert "Een plek om binnen te lopen" in page
    assert "mensen noemden dit" not in page, "no number under the threshold"


def test_the_number_is_the_published_one(client, need, topic, area, published):
    for _person in range(3):
        make_contribution(topic)
    published["option:31"] = 15
    page = client.get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert "Zo’n 15 mensen noemden dit." in page and "3 mensen" not in page
    assert f"{reverse('offer_new', args=[area.slug])}?give=gift" in page


def test_a_no_says_why_and_asks_for_nothing(client, need, area, published, coordinator):
    why = {"nl": "Daar is geen geld voor.", "en": "There is no money."}
    needs.change_need_state(need=need, to=NeedState.NOT_TAKEN_UP, seen="heard", words=why, by=coordinator)
    panel = client.get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert why["nl"] in panel
    assert "give=gift&amp;theme=meeting" not in panel


def test_needs_of_a_district_are_those_inside_it(need, area, district, other_area, published):
    published["option:31"] = 15
    assert public_needs_panel(district) and public_needs_panel(other_area) is None
