"""The coordinator's day: nobody who wants to help gets lost."""

import pytest
from django.urls import reverse

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.models import Heartbeat
from initiatives.matching.services.owners import reassign
from initiatives.models import Offer
from initiatives.movement.services.coordinator_dashboard import offers_to_look_after
from initiatives.offers.services import offer_care
from initiatives.states import OFFER_TRANSITIONS, OfferState
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.factories import make_offer
from tests.markup import squeezed
from tests.people import make_user, signed_in


@pytest.fixture
def offer(area, coordinator):
    return make_offer(area, owner=coordinator)


@pytest.fixture
def colleague(area):
    return make_user(Role.COORDINATOR, area, title="the colleague")


# --- services ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", OfferState)
@pytest.mark.parametrize("to", sorted(set(OfferState) - {OfferState.CLOSED}))
def test_steps_follow_the_table(state, to, area, coordinator):
    offer = make_offer(area, state=state)
    allowed = to in OFFER_TRANSITIONS[state] or (to == state and state != OfferState.CLOSED)
    step = {"offer": offer, "to": to, "next_action": "Langsgaan", "on": today(3), "by": coordinator}
    if allowed:
        offer_care.record_offer_step(**step)
        assert (offer.state, offer.next_action, offer.next_action_on) == (to, "Langsgaan", today(3))
    else:
        with pytest.raises(InvalidTransition):
            offer_care.record_offer_step(**step)


@pytest.mark.parametrize(("action", "days"), [("", 3), ("  ", 3), ("Bellen", -1)])
def test_a_step_has_words_and_a_day_to_come(action, days, offer, coordinator):
    with pytest.raises(DomainError):
        offer_care.record_offer_step(
            offer=offer, to=OfferState.CONTACTED, next_action=action, on=today(days), by=coordinator
        )


@pytest.mark.parametrize("state", OfferState)
def test_closing_needs_a_reason_and_happens_once(state, area, coordinator):
    offer = make_offer(area, state=state)
    with pytest.raises(DomainError):
        offer_care.close(offer=offer, reason=" ", by=coordinator)
    if state == OfferState.CLOSED:
        with pytest.raises(InvalidTransition):
            offer_care.close(offer=offer, reason="Klaar.", by=coordinator)
    else:
        offer_care.close(offer=offer, reason="Klaar.", by=coordinator)
        assert offer.state == OfferState.CLOSED and offer.next_action_on is None


def test_handing_over_stays_in_the_neighbourhood(offer, coordinator, colleague, stranger):
    with pytest.raises(DomainError):
        reassign(Offer.objects.waiting(), to=stranger, by=coordinator)
    assert reassign(Offer.objects.waiting(), to=colleague, by=coordinator) == 1
    offer.refresh_from_db()
    assert offer.owner == colleague


def test_who_looks_after_offers_has_a_duty_until_they_are_handed_over(offer, coordinator, colleague):
    assert [duty.count for duty in offers_to_look_after(coordinator)] == [1]
    reassign(Offer.objects.waiting().filter(owner=coordinator), to=colleague, by=coordinator)
    assert offers_to_look_after(coordinator) == []


# --- pages ------------------------------------------------------------------------------------


def test_longest_waiting_first_and_late_is_seen(area, coordinator):
    for due in (5, -3, 1):
        make_offer(area, owner=coordinator, due=due)
    make_offer(area, owner=coordinator, state=OfferState.CLOSED)
    response = signed_in(coordinator).get(reverse("hands"))
    days = [row["offer"].next_action_on for row in response.context["offers"]]
    assert days == [today(-3), today(1), today(5)]
    assert '<div class="late"><b class="num">1</b>' in squeezed(response.content.decode())


def test_nobody_waits_is_said(area, coordinator):
    assert "Niemand wacht op u." in signed_in(coordinator).get(reverse("hands")).content.decode()


def test_pages_by_key(area, coordinator, monkeypatch):
    from initiatives.movement.views import hands as views

    monkeypatch.setattr(views, "OFFERS_PAGE_SIZE", 2)
    for due in (1, 1, 2):
        make_offer(area, owner=coordinator, due=due)
    client = signed_in(coordinator)
    first = client.get(reverse("hands"))
    second = client.get(reverse("hands") + first.context["next_url"])
    assert len(first.context["offers"]) == 2 and len(second.context["offers"]) == 1


def test_one_owner_says_whom_it_leaves_out(offer, area, coordinator, colleague):
    make_offer(area, owner=colleague)
    page = signed_in(coordinator).get(reverse("hands"), {"owner": coordinator.pk}).content.decode()
    assert "1 aanbieding staat er niet bij." in page and "Allemaal overdragen" in page


def test_contact_is_shown_when_asked_and_that_is_kept(offer, coordinator):
    client = signed_in(coordinator)
    assert "0612345678" not in client.get(reverse("hand", args=[offer.pk])).content.decode()
    assert "0612345678" in client.post(reverse("hand_contact", args=[offer.pk])).content.decode()
    assert Event.objects.about(offer).get().verb == "contact shown"


# A day is so many days from when the test runs.
ACTIONS = {
    "hand_contact": {},
    "hand_step": {"to": "contacted", "next_action": "Koffie", "on": 4},
    "hand_close": {"reason": "Het is klaar."},
    "hand_hand_over": {},
}


def sent(data: dict) -> dict:
    return data | {name: today(value).isoformat() for name, value in data.items() if isinstance(value, int)}


@pytest.mark.parametrize("name", ACTIONS)
def test_who_may(name, offer, stranger, viewer, other_area):
    url = reverse(name, args=[offer.pk])
    elsewhere = make_user(Role.COORDINATOR, other_area)
    assert signed_in(elsewhere).post(url, sent(ACTIONS[name])).status_code == 404
    assert signed_in(stranger).post(url, sent(ACTIONS[name])).status_code in (403, 404)
    assert signed_in(viewer).post(url, sent(ACTIONS[name])).status_code == 403
    assert Offer.objects.get().state == OfferState.NEW and Event.objects.count() == 0


@pytest.mark.parametrize("name", sorted(set(ACTIONS) - {"hand_contact"}))
def test_happy_and_the_wrong_method(name, offer, coordinator, colleague):
    url = reverse(name, args=[offer.pk])
    client = signed_in(coordinator)
    assert client.get(url).status_code == 405
    data = {"to": str(colleague.pk)} if "over" in name else ACTIONS[name]
    assert client.post(url, sent(data)).status_code == 302
    assert Event.objects.about(offer).count() == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("hand_step", {}),
        ("hand_step", {"to": "active", "next_action": "Koffie", "on": 4}),
        ("hand_step", {"to": "contacted", "next_action": "Koffie", "on": "morgen"}),
        ("hand_step", {"to": "contacted", "next_action": "Koffie", "on": -4}),
        ("hand_close", {"reason": ""}),
        ("hand_close", {"reason": "x" * 201}),
        ("hand_hand_over", {"to": "99"}),
    ],
)
def test_what_lacks_is_said_and_nothing_happens(name, data, offer, coordinator):
    page = signed_in(coordinator).post(reverse(name, args=[offer.pk]), sent(data))
    assert page.status_code == 422 and "nabij-error-summary" in page.content.decode()
    assert Event.objects.count() == 0


def test_handing_over_all_is_for_the_owner_or_an_administrator(offer, coordinator, colleague, administrator):
    url = reverse("hands_hand_over", args=[coordinator.pk])
    assert signed_in(colleague).post(url, {"to": colleague.pk}).status_code == 403
    assert signed_in(administrator).post(url, {"to": ""}).status_code == 302
    assert signed_in(administrator).post(url, {"to": colleague.pk}).status_code == 302
    assert Offer.objects.get().owner == colleague


@pytest.mark.parametrize("name", ["hands", "hand", "hands_fairness", "offer_note"])
def test_pages_take_few_queries(name, area, coordinator, django_assert_max_num_queries):
    Heartbeat.objects.create(name="jobs")  # while all is well, a page asks for it no more than now and then
    offers = [make_offer(area, owner=coordinator, due=due) for due in range(6)]
    url = reverse(name, args=[offers[0].pk] if name == "hand" else [])
    client = signed_in(coordinator)
    client.get(url)
    with django_assert_max_num_queries(12 if name == "hands" else 24):
        assert client.get(url).status_code == 200
