"""How an initiative begins: three questions to a resident, an answer owed within days, and join before new."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.codes import normalise_private_code
from accounts.models import Contact, Event, Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import code_hash
from feedback.models import AnswerOwed, Contribution, Promise
from feedback.registries import audiences
from feedback.states import Owed, Reading
from initiatives.initiatives.begun_panels import begin_yourself, join_here
from initiatives.initiatives.services.beginning import Idea, similar, submit_idea
from initiatives.matching.services.owners import owner_for_area
from initiatives.models import Initiative
from initiatives.states import InitiativeState
from neighbourhoods.models import ParticipationRules, Theme
from neighbourhoods.registries import page_panels
from neighbourhoods.states import Role
from tests.feedback.factories import make_contribution, make_receipt, make_topic
from tests.initiatives.factories import make_idea, make_initiative
from tests.people import make_municipality, make_theme, make_user, signed_in
from tests.queries import no_writes

pytestmark = pytest.mark.django_db
WHY = "Ik at altijd alleen, en ik ben niet de enige."
WHAT = "Elke dinsdag soep koken voor wie wil."
WHO = "Voor iedereen in de straat, in het Sluishuis."


def begun(area, *, key=None, **changes) -> tuple[Initiative, str]:
    idea = Idea(**{"why": WHY, "what": WHAT, "who": WHO, "motives": ["others", "meet"]} | changes)
    theme = Theme.objects.first() or make_theme()
    return submit_idea(idea=idea, theme=theme, area=area, language="nl", sent_key=key or uuid4())


def posted(about, **changes) -> dict:
    fields = {"why": WHY, "what": WHAT, "who": WHO, "motives": ["others"], "theme": about.pk}
    return fields | {"sent_key": str(uuid4())} | changes


# --- the light route --------------------------------------------------------------------------


def test_an_idea_is_owed_an_answer_within_the_promised_days(area, coordinator):
    made, _code = begun(area)
    days = ParticipationRules.current().days("light_route")
    owed = AnswerOwed.objects.filter(receipt=made.receipt)
    assert {(one.owner, one.state, one.due_on) for one in owed} == {
        (coordinator, Owed.OPEN, timezone.localdate() + timedelta(days=days))
    }
    assert owed.count() == 3
    assert Promise.objects.get().subject == f"initiative:{made.pk}"


def test_the_words_stand_with_what_was_said_and_nowhere_else(area, coordinator):
    made, _code = begun(area)
    said = Contribution.objects.filter(receipt=made.receipt)
    assert {one.slot: one.text for one in said} == {"why": WHY, "what": WHAT, "who": WHO}
    assert {one.reading for one in said} == {Reading.UNREAD}
    assert (made.name, made.motive, made.goal, made.for_whom) == ({}, {}, {}, {})


def test_an_idea_is_looked_after_from_the_first_second(area, coordinator):
    made, _code = begun(area)
    assert (made.state, made.owner, made.is_light) == (InitiativeState.IDEA, coordinator, True)
    assert made.next_action and made.next_action_on
    assert made.motives == ["meet", "others"]


def test_where_and_for_whom_may_stay_open(area, coordinator):
    made, _code = begun(area, who="  ")
    assert set(made.receipt.contributions.values_list("slot", flat=True)) == {"why", "what"}


def test_the_code_opens_a_page_with_their_words(area, coordinator):
    made, code = begun(area)
    assert Receipt.objects.get(code_hash=code_hash(normalise_private_code(code))) == made.receipt
    assert made.receipt.purpose == ReceiptPurpose.INITIATIVE
    page = Client().post(reverse("private_code"), {"code": code}, follow=True).content.decode()
    assert all(words in page for words in (WHY, WHAT, WHO))


def test_sent_twice_is_one_idea_and_the_same_code(area, coordinator):
    key = uuid4()
    assert begun(area, key=key) == begun(area, key=key)
    assert Initiative.objects.count() == 1 and AnswerOwed.objects.count() == 3


def test_other_words_from_the_same_page_are_not_taken_for_the_first(area, coordinator):
    key = uuid4()
    begun(area, key=key)
    with pytest.raises(DomainError):
        begun(area, key=key, what="Een buurtfeest.")


@pytest.mark.parametrize(
    "wrong",
    [{"why": " "}, {"what": ""}, {"motives": ["others", "meet", "learn"]}, {"motives": ["relief"]}],
    ids=["no why", "no what", "three motives", "no motive of ours"],
)
def test_nothing_is_kept_of_what_can_not_be_answered(wrong, area, coordinator):
    with pytest.raises(DomainError):
        begun(area, **wrong)
    assert not Receipt.objects.exists() and not Initiative.objects.exists()


def test_who_writes_answers_can_address_them(area, coordinator, editor, stranger):
    made, _code = begun(area)
    assert [one.source for one in audiences["initiatives.begun"](editor)] == [made.source]
    assert not audiences["initiatives.begun"](coordinator)
    assert not audiences["initiatives.begun"](stranger)


# --- who looks after it -----------------------------------------------------------------------


def test_the_nearest_coordinator_looks_after_it(area, district, coordinator, editor, administrator):
    make_user(Role.COORDINATOR, district)
    assert owner_for_area(area) == coordinator


def test_of_two_the_one_with_the_least_in_hand(area, coordinator):
    other = make_user(Role.COORDINATOR, area)
    make_idea(area, owner=coordinator)
    assert owner_for_area(area) == other
    for _number in range(2):
        make_idea(area, owner=other)
    assert owner_for_area(area) == coordinator


def test_what_is_over_weighs_nothing(area, coordinator):
    other = make_user(Role.COORDINATOR, area)
    make_idea(area, owner=coordinator)
    for _number in range(3):
        make_idea(area, owner=other, state=InitiativeState.ENDED, next_action_on=None)
    assert owner_for_area(area) == other


def test_an_editor_stands_in_and_then_an_administrator(area, viewer, backer, administrator):
    assert owner_for_area(area) == administrator
    editor = make_user(Role.EDITOR, area)
    assert owner_for_area(area) == editor


def test_where_nobody_would_answer_nothing_is_begun_and_nothing_invites_to(area, viewer, stranger):
    make_municipality(phone="14 020")
    with pytest.raises(DomainError, match="14 020"):
        begun(area)
    assert join_here(area) is None
    response = Client().post(reverse("begin_here", args=[area.slug]), posted(make_theme()))
    assert response.status_code == 422 and WHY in response.content.decode()


# --- the page ---------------------------------------------------------------------------------


def test_a_resident_begins_and_reads_the_code_once_more_after_reloading(area, coordinator):
    client, theme = Client(), make_theme()
    sent = client.post(reverse("begin_here", args=[area.slug]), posted(theme))
    assert sent.status_code == 302
    made = Initiative.objects.get()
    for _time in range(2):
        page = client.get(sent.url)
        code = page.context["code"]
        assert Receipt.objects.get(code_hash=code_hash(normalise_private_code(code))) == made.receipt
        assert code in page.content.decode()
    assert Client().get(sent.url).context["code"] == ""


def test_an_address_is_left_beside_the_code_without_typing_it(area, coordinator):
    client = Client()
    sent = client.post(reverse("begin_here", args=[area.slug]), posted(make_theme()))
    left = {"email": "buur@example.org", "consent": "on", "is_16_or_older": "on"}
    assert client.post(sent.url, left | {"consent": ""}).status_code == 422
    assert client.post(sent.url, left).url == sent.url
    contact = Initiative.objects.get().receipt.contact
    assert (contact.email, contact.confirmed_at) == ("buur@example.org", None)
    assert "idee" in contact.consent
    page = client.get(sent.url).content.decode()
    assert "buur@example.org" in page and client.get(sent.url).context["code"] in page


def test_who_has_no_code_on_this_phone_leaves_no_address(area, coordinator):
    begun(area)
    left = {"email": "buur@example.org", "consent": "on", "is_16_or_older": "on"}
    sent = Client().post(reverse("begun", args=[area.slug]), left)
    assert sent.url == reverse("private_code")
    assert not Contact.objects.exists()


def test_somebody_elses_code_is_not_shown(area, coordinator):
    client = Client()
    sent = client.post(reverse("begin_here", args=[area.slug]), posted(make_theme()))
    client.cookies["code"] = "linde-482-kade-molen"
    assert client.get(sent.url).context["initiative"] is None


@pytest.mark.parametrize("missing", ["why", "what", "theme"])
def test_what_lacks_is_said_and_the_rest_stays(missing, area, coordinator):
    page = Client().post(reverse("begin_here", args=[area.slug]), posted(make_theme(), **{missing: ""}))
    assert page.status_code == 422 and missing in page.context["form"].errors
    kept = {"why": WHY, "what": WHAT, "who": WHO}
    kept.pop(missing, None)
    assert all(words in page.content.decode() for words in kept.values())
    assert not Initiative.objects.exists()


def test_three_motives_are_too_many(area, coordinator):
    page = Client().post(
        reverse("begin_here", args=[area.slug]),
        posted(make_theme(), motives=["others", "meet", "learn"]),
    )
    assert page.status_code == 422 and "motives" in page.context["form"].errors


def test_what_names_danger_gets_a_kind_word_at_once(area, coordinator):
    make_municipality(danger_text={"nl": "Bent u in gevaar? Bel 112."})
    client = Client()
    sent = client.post(
        reverse("begin_here", args=[area.slug]), posted(make_theme(), why="Ik wil niet meer leven.")
    )
    assert "Bel 112" in client.get(sent.url).content.decode()


def test_from_one_connection_not_endlessly_many(area, coordinator, monkeypatch):
    client, theme = Client(), make_theme()
    for _number in range(10):
        assert client.post(reverse("begin_here", args=[area.slug]), posted(theme)).status_code == 302
    refused = client.post(reverse("begin_here", args=[area.slug]), posted(theme))
    assert refused.status_code == 422 and WHY in refused.content.decode()
    assert Initiative.objects.count() == 10


# --- join before new --------------------------------------------------------------------------


def test_what_is_there_on_the_same_theme_is_shown_first_and_nothing_is_kept_yet(area, coordinator):
    theme = make_theme()
    there = make_initiative(area, theme=theme, name="Eettafel aan de kade")
    with no_writes():
        page = Client().post(reverse("begin_here", args=[area.slug]), posted(theme))
    text = page.content.decode()
    assert "Eettafel aan de kade" in text
    assert reverse("initiative_public", args=[area.slug, there.pk]) in text
    assert WHY in text, "What was written travels along to the next page."


def test_mine_is_something_else(area, coordinator):
    theme = make_theme()
    make_initiative(area, theme=theme)
    data = posted(theme, mine="else")
    assert Client().post(reverse("begin_here", args=[area.slug]), data).status_code == 302
    assert Initiative.objects.filter(is_light=True).exists()


def test_near_is_here_around_inside_and_next_door(area, next_area, district, other_area):
    theme, root = make_theme(), district.parent
    near = [make_initiative(place, theme=theme) for place in (next_area, district, root, area)]
    make_initiative(other_area, theme=theme)
    make_initiative(area, theme=make_theme())
    found = similar(theme=theme, area=area)
    assert set(found) == set(near)
    assert found[0].area == area, "What is here stands first."


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (InitiativeState.IDEA, False),
        (InitiativeState.PREPARING, True),
        (InitiativeState.RUNNING, True),
        (InitiativeState.ENDED, False),
    ],
)
def test_only_what_everybody_can_read_of_is_shown(state, shown, area, coordinator):
    theme = make_theme()
    day = None if state == InitiativeState.ENDED else timezone.localdate()
    make_idea(area, owner=coordinator, theme=theme, state=state, next_action_on=day)
    assert bool(similar(theme=theme, area=area)) == shown


# --- from where -------------------------------------------------------------------------------


def test_who_answered_finds_the_way_on_their_own_page(area, coordinator):
    receipt = make_receipt()
    assert begin_yourself(receipt) is None
    make_contribution(receipt=receipt, topic=make_topic(area=area))
    panel = begin_yourself(receipt)
    assert panel and panel.context["url"] == reverse("begin_here", args=[area.slug])
    assert begin_yourself(make_receipt(purpose=ReceiptPurpose.OFFER)) is None


def test_the_page_of_the_neighbourhood_leads_there(area, coordinator):
    page = Client().get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert reverse("begin_here", args=[area.slug]) in page


# --- at the desk ------------------------------------------------------------------------------


def at_desk(where, about, **changes) -> dict:
    fields = {
        "motive_nl": "De speeltuin is van ons allemaal.",
        "goal_nl": "Op zaterdag samen de speeltuin opruimen.",
        "name_nl": "Schone speeltuin",
        "motives": ["street"],
        "theme": about.pk,
        "area": where.pk,
        "language": "nl",
        "municipal_role": "facilitate",
        "next_action": "Prikkers regelen",
        "on": timezone.localdate() + timedelta(days=3),
        "sent_key": str(uuid4()),
    }
    return fields | changes


def test_a_colleague_begins_something_for_a_party(area, coordinator):
    client, theme = signed_in(coordinator), make_theme()
    sent = client.post(reverse("initiative_begin"), at_desk(area, theme))
    made = Initiative.objects.get()
    assert sent.url == reverse("initiative", args=[made.pk])
    assert (made.state, made.owner, made.receipt) == (InitiativeState.IDEA, coordinator, None)
    assert (made.motives, made.municipal_role) == (["street"], "facilitate")


def test_two_presses_begin_one_initiative(area, coordinator):
    client, data = signed_in(coordinator), at_desk(area, make_theme())
    first, second = (client.post(reverse("initiative_begin"), data) for _press in range(2))
    assert first.url == second.url and Initiative.objects.count() == 1
    assert Event.objects.filter(verb="began").count() == 1
    assert str(Initiative.objects.get().sent_key) != data["sent_key"]
    changed = client.post(reverse("initiative_begin"), data | {"name_nl": "Een andere naam"})
    assert changed.status_code == 422 and "Een andere naam" in changed.content.decode()


def test_with_a_page_of_their_own_the_code_is_shown_once(area, coordinator):
    client, data = signed_in(coordinator), at_desk(area, make_theme(), with_page="on")
    sent = client.post(reverse("initiative_begin"), data)
    made = Initiative.objects.get()
    code = client.get(sent.url).context["code"]
    assert Receipt.objects.get(code_hash=code_hash(normalise_private_code(code))) == made.receipt
    again = client.post(reverse("initiative_begin"), data)
    assert again.url == sent.url and Initiative.objects.count() == 1
    assert signed_in(coordinator).get(sent.url).context["code"] == ""


def test_nothing_begins_at_the_desk_without_a_why_or_a_next_step(area, coordinator):
    client = signed_in(coordinator)
    for missing in ("motive_nl", "goal_nl", "name_nl", "next_action", "on", "theme"):
        page = client.post(reverse("initiative_begin"), at_desk(area, make_theme(), **{missing: ""}))
        assert page.status_code == 422 and missing in page.context["form"].errors
    late = at_desk(area, make_theme(), on=timezone.localdate() - timedelta(days=1))
    assert client.post(reverse("initiative_begin"), late).status_code == 422
    assert not Initiative.objects.exists()


def test_the_desk_shows_what_is_there_first_too(area, coordinator):
    client, theme = signed_in(coordinator), make_theme()
    make_initiative(area, theme=theme, name="Speeltuinploeg")
    page = client.post(reverse("initiative_begin"), at_desk(area, theme))
    assert page.status_code == 200 and "Speeltuinploeg" in page.content.decode()
    assert client.post(reverse("initiative_begin"), at_desk(area, theme, mine="else")).status_code == 302


def test_not_in_an_area_where_they_do_not_work(area, other_area, coordinator):
    page = signed_in(coordinator).post(reverse("initiative_begin"), at_desk(other_area, make_theme()))
    assert page.status_code == 422 and "area" in page.context["form"].errors


def test_the_panels_are_registered(db):
    assert page_panels["private: initiatives.begin"].make is begin_yourself
