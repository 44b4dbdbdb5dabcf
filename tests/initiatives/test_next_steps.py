"""Nobody is forgotten: what comes next for an offer follows from the terms, and an open one always has it."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.errors import DomainError, InvalidTransition
from initiatives.matching import next_steps
from initiatives.matching.services.owners import current_or_new_owner
from initiatives.offers.services import offer_care, personal
from initiatives.offers.services.offers import confirm_offer, pause, resume_offer
from initiatives.states import ASKED_MATCHES, BOUND_MATCHES, OFFER_TRANSITIONS, MatchState, OfferState
from neighbourhoods.models import ParticipationRules
from neighbourhoods.rules import DEFAULT_TERM_DAYS
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.factories import make_initiative, make_match, make_offer, make_role
from tests.people import make_area, make_municipality, make_user, signed_in

OFFERED = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("state", "days_later", "due"),
    [
        ("new", 0, 2),
        ("new", 5, 5),  # late already: today
        ("contacted", 1, 7),
        ("contacted", 9, 9),
        ("active", 9, 39),
        ("paused", 3, 33),
    ],
)
def test_when_the_next_step_is_due(state, days_later, due):
    found = next_steps.next_step_due(
        state,
        offered_on=OFFERED,
        today=OFFERED + timedelta(days=days_later),
        days=DEFAULT_TERM_DAYS.__getitem__,
    )
    assert found == OFFERED + timedelta(days=due)


def test_terms_are_the_municipality_s_own(area, coordinator):
    rules = ParticipationRules.uncached()
    rules.terms = {"proposal": 14}
    rules.save()
    rules.forget_cached()
    offer = make_offer(area, owner=coordinator)
    offer_care.record_offer_step(offer=offer, to=OfferState.CONTACTED, by=coordinator)
    assert offer.next_action_on == today(14)
    rules.forget_cached()


@pytest.mark.parametrize("to", [OfferState.CONTACTED, OfferState.ACTIVE])
def test_a_step_without_a_plan_gets_the_usual_one_in_the_language_of_who_does_it(to, area):
    owner = make_user(Role.COORDINATOR, area, language="nl")
    offer = make_offer(area, owner=owner, state=OfferState.PAUSED)
    offer_care.record_offer_step(offer=offer, to=to, by=owner)
    assert offer.next_action == next_steps.action(to, "nl") and offer.next_action_on >= today()
    assert offer.contacted_on == today(), "spoken to, at the latest now"


def test_first_spoken_to_stays_the_first_time(area, coordinator):
    offer = make_offer(area, owner=coordinator, contacted_on=today(-9), state=OfferState.CONTACTED)
    offer_care.record_offer_step(offer=offer, to=OfferState.ACTIVE, by=coordinator)
    assert offer.contacted_on == today(-9)


def test_staying_where_it_is_needs_a_plan(area, coordinator):
    offer = make_offer(area, owner=coordinator)
    with pytest.raises(DomainError):
        offer_care.record_offer_step(offer=offer, to=OfferState.NEW, by=coordinator)


@pytest.mark.parametrize(
    ("spoken", "at_work", "state"),
    [(False, False, "new"), (True, False, "contacted"), (True, True, "active"), (False, True, "active")],
)
def test_after_a_pause_it_stands_where_it_stood(spoken, at_work, state, area, coordinator):
    offer = make_offer(area, owner=coordinator, contacted_on=today(-9) if spoken else None)
    if at_work:
        make_match(offer, make_role(make_initiative(area)), state="active")
    pause(offer=offer, until=today(20))
    assert (offer.state, offer.next_action_on) == ("paused", today(20))
    resume_offer(offer=offer)
    assert (offer.state, offer.next_action_on, offer.paused_until) == (state, today(), None)
    resume_offer(offer=offer)  # pressed twice
    assert offer.state == state


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_pause_ends_on_a_day_to_come_within_a_year(days, area):
    offer = make_offer(area)
    with pytest.raises(DomainError):
        pause(offer=offer, until=today(days))


def test_closing_lets_go_of_what_was_proposed_and_ends_what_ran(area, coordinator):
    offer = make_offer(area, owner=coordinator, state=OfferState.CONTACTED)
    initiative = make_initiative(area)
    asked = make_match(offer, make_role(initiative), state="proposed")
    bound = make_match(offer, make_role(initiative), state="introduced")
    offer_care.close(offer=offer, reason="Verhuisd.", by=coordinator)
    asked.refresh_from_db(), bound.refresh_from_db()
    assert (asked.state, bound.state) == ("expired", "ended")


@pytest.mark.parametrize("state", sorted(set(OfferState) - {OfferState.CLOSED}))
def test_withdrawn_from_any_state_and_put_back(state, area):
    paused = {"paused_until": today(9)} if state == OfferState.PAUSED else {}
    offer = make_offer(area, state=state, **paused)
    offers = personal.OfferPersonalData()
    offers.withdraw(offer.receipt, now=timezone.now())
    offer.refresh_from_db()
    assert (offer.state, offer.withdrawn_from) == ("closed", state)
    offers.put_back(offer.receipt, now=timezone.now())
    offer.refresh_from_db()
    # What it was at work for was let go, and its pause is over.
    again = OfferState.NEW if state in (OfferState.PAUSED, OfferState.ACTIVE) else state
    assert (offer.state, offer.next_action_on) == (again, today())


def test_put_back_somebody_who_works_there_looks_after_it(area, coordinator):
    gone, back = make_user(), personal.OfferPersonalData()
    offer = make_offer(area, owner=gone)
    kept = make_offer(area, owner=coordinator)
    for one in (offer, kept):
        back.withdraw(one.receipt, now=timezone.now())
    make_user(Role.COORDINATOR, area)  # has less to do
    for one in (offer, kept):
        back.put_back(one.receipt, now=timezone.now())
        one.refresh_from_db()
    assert offer.owner != gone and current_or_new_owner(offer.owner, area) == offer.owner
    assert kept.owner == coordinator


# --- after any sequence of actions ----------------------------------------------------------------

ACTIONS = st.one_of(
    st.tuples(st.just("step"), st.sampled_from(sorted(OfferState)), st.integers(-2, 40)),
    st.tuples(st.just("usual"), st.sampled_from(sorted(OfferState)), st.just(0)),
    st.tuples(
        st.sampled_from(["close", "pause", "go_on", "withdraw", "put_back", "still_true", "daily"]),
        st.just(""),
        st.integers(-2, 40),
    ),
)


class AnySequence(TestCase):
    @given(st.lists(ACTIONS, max_size=12))
    def test_an_open_offer_has_a_next_step_with_a_day_and_a_closed_one_a_reason(self, actions):
        make_municipality()
        area = make_area()
        by = make_user(Role.COORDINATOR, area)
        offer = make_offer(area, owner=by)
        day = timezone.localdate()
        for action, to, days in actions:
            offer.refresh_from_db()
            before = offer.state
            try:
                with transaction.atomic():
                    self.do(action, offer, to, day + timedelta(days=days), by)
            except (DomainError, InvalidTransition):
                pass
            offer.refresh_from_db()
            if offer.state == OfferState.CLOSED:
                assert offer.closed_reason and offer.next_action_on is None
            else:
                assert offer.next_action and offer.next_action_on and offer.owner_id
            assert (offer.paused_until is None) == (offer.state != OfferState.PAUSED)
            moved = offer.state != before and action != "put_back"
            assert not moved or offer.state in OFFER_TRANSITIONS[before]

    @staticmethod
    def do(action, offer, to, on, by):
        offers = personal.OfferPersonalData()
        match action:
            case "step":
                offer_care.record_offer_step(offer=offer, to=to, next_action="Bellen", on=on, by=by)
            case "usual":
                offer_care.record_offer_step(offer=offer, to=to, by=by)
            case "close":
                offer_care.close(offer=offer, reason="Klaar.", by=by)
            case "pause":
                pause(offer=offer, until=on)
            case "go_on":
                resume_offer(offer=offer)
            case "withdraw":
                offers.withdraw(offer.receipt, now=timezone.now())
            case "put_back":
                offers.put_back(offer.receipt, now=timezone.now())
            case "still_true":
                confirm_offer(offer=offer)
            case "daily":
                offer_care.run_offer_jobs(
                    timezone.now() + timedelta(days=max(0, (on - timezone.localdate()).days))
                )


def test_every_state_has_its_transitions_and_every_open_one_a_next_step():
    assert set(OFFER_TRANSITIONS) == set(OfferState)
    assert set(next_steps.NEXT_ACTION_TEXTS) == set(OfferState) - {OfferState.CLOSED}


# --- what is true now, said on the page of an offer --------------------------------------------

AT_WORK, MET, WAITS = "They are at work.", "They know how to reach each other", "It waits for a yes or a no"
UNDER_WAY = {*ASKED_MATCHES, *BOUND_MATCHES}
TRUE = [
    # state, matches, what is said, whether “they are at work” can be pressed
    (OfferState.NEW, [], "Nobody spoke to them yet", False),
    (OfferState.NEW, [MatchState.PROPOSED], WAITS, False),
    (OfferState.CONTACTED, [], "Nothing is proposed", True),
    (OfferState.CONTACTED, [MatchState.PROPOSED], WAITS, False),
    (OfferState.CONTACTED, [MatchState.WAITLISTED], "waiting list", False),
    (OfferState.CONTACTED, [MatchState.ACCEPTED], "have to be introduced", False),
    (OfferState.CONTACTED, [MatchState.PROPOSED, MatchState.INTRODUCED], MET, True),
    (OfferState.CONTACTED, [MatchState.ACTIVE], AT_WORK, True),
    (OfferState.CONTACTED, [MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED], "Nothing is proposed", True),
    (OfferState.ACTIVE, [], AT_WORK, False),
    (OfferState.ACTIVE, [MatchState.INTRODUCED], MET, False),
    (OfferState.ACTIVE, [MatchState.PROPOSED, MatchState.ACTIVE], AT_WORK, False),
    (OfferState.PAUSED, [MatchState.PROPOSED], "They take a break", False),
    (OfferState.CLOSED, [], "", False),
]  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("state", "matches", "said", "at_work"), TRUE)
def test_the_page_of_an_offer_says_what_is_true(state, matches, said, at_work, language, area, coordinator):
    offer = make_offer(
        area, owner=coordinator, state=state, **({"paused_until": today(9)} if state == "paused" else {})
    )
    for number, one in enumerate(matches):
        make_match(offer, make_role(area=area, name=f"Kok {number}"), state=one)
    with override("en"):
        assert said in next_steps.how_it_stands(state, set(matches) & UNDER_WAY)
    with override(language):
        wanted = next_steps.how_it_stands(state, set(matches) & UNDER_WAY)
        pressed = _("They are at work")
    client = signed_in(coordinator)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse("hand", args=[offer.pk])).content.decode()
    assert state == OfferState.CLOSED or wanted in page
    assert bool(re.search(rf">\s*{pressed}\s*</button>", page)) is at_work
    first = page.partition("utrecht-button--primary-action")[2].partition("</button>")[0]
    assert at_work or pressed not in first
