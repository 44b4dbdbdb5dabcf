"""Nobody waits without knowing: each match that stands has a day, a waiting list says where one stands and ends with
an answer, and a break is left alone until it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact
from feedback.delivery.services import guards, pump
from feedback.models import Message
from initiatives.matching.services import endings, match_contents, matches, suggesting, told
from initiatives.matching.services.match_days import run_match_jobs
from initiatives.models import Match, Offer
from initiatives.offers.services import offer_care, offers
from initiatives.states import STANDING_MATCHES, Decline, HowWasIt, MatchState, MatchStep, OfferState, Side
from tests.feedback.factories import today
from tests.initiatives.factories import make_begun, make_match, make_offer, make_role
from tests.people import make_area, make_municipality, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db):
    make_municipality()
    guards.outbox_may_send()
    return make_user(title="wijkmanager")


@pytest.fixture
def role(by):
    """One place."""
    return make_role(make_begun(make_area(), owner=by))


def somebody(role, by, email: str = "helper@example.nl", *, confirmed: bool = True, **fields) -> Offer:
    fields = {"state": OfferState.CONTACTED} | fields
    offer = make_offer(role.initiative.area, owner=by, **fields)
    at = timezone.now() if confirmed else None
    Contact.objects.filter(receipt=offer.receipt).update(email=email, confirmed_at=at)
    return offer


def both_yes(offer, role, by) -> Match:
    match = (
        make_match(offer, role) if role.matches.exists() else matches.propose(offer=offer, role=role, by=by)
    )
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    return matches.accept_match(match=match, side=Side.INITIATIVE)


def in_days(days: int):
    return timezone.now() + timedelta(days=days)


def keys(what: str) -> list[str]:
    return [key for key in Message.objects.values_list("dedupe_key", flat=True) if f":{what}:" in key]


# --- a day of its own -------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(MatchState.values))
def test_the_database_refuses_what_stands_without_a_day(role, by, state):
    match = make_match(somebody(role, by), role, state=state)
    stands = state in STANDING_MATCHES
    wrong = {"step": "", "step_on": None} if stands else {"step": MatchStep.HOW, "step_on": today()}
    with pytest.raises(IntegrityError):
        Match.objects.filter(pk=match.pk).update(**wrong)


def _accepted(role, by) -> Match:
    return both_yes(somebody(role, by, confirmed=False), role, by)


def _waits(role, by, *, confirmed: bool = True) -> Match:
    both_yes(somebody(role, by, "first@example.nl"), role, by)
    return both_yes(somebody(role, by, confirmed=confirmed), role, by)


def _waits_to_be_called(role, by) -> Match:
    return _waits(role, by, confirmed=False)


def _not_good(role, by) -> Match:
    match = both_yes(somebody(role, by), role, by)
    return endings.record_experience(match=match, after=2, how=HowWasIt.BAD)


def _after_a_month(role, by) -> Match:
    match = both_yes(somebody(role, by), role, by)
    return endings.record_experience(match=match, after=30, how=HowWasIt.GOOD)


def _silent(role, by) -> Match:
    match = matches.propose(offer=somebody(role, by), role=role, by=by)
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    run_match_jobs(in_days(8))
    return match


@pytest.mark.parametrize(
    ("way", "step", "days"),
    [
        (lambda role, by: matches.propose(offer=somebody(role, by), role=role, by=by), MatchStep.ANSWER, 7),
        (_silent, MatchStep.CALL, 8),
        (_accepted, MatchStep.INTRODUCE, 2),
        (_waits, MatchStep.LIST, 14),
        (_waits_to_be_called, MatchStep.LIST, 2),
        (lambda role, by: both_yes(somebody(role, by), role, by), MatchStep.HOW, 30),
        (_not_good, MatchStep.NOT_GOOD, 2),
        (_after_a_month, MatchStep.HOW, 30),
    ],
)
def test_what_comes_next_and_when(role, by, way, step, days):
    match = way(role, by)
    match.refresh_from_db()
    assert (match.step, match.step_on) == (step, today(days))


def test_on_its_day_it_stands_on_the_day_of_the_coordinator(role, by):
    """Whatever was planned for the offer meanwhile; and planning anew gives it another day."""
    match = _accepted(role, by)
    offer = Offer.objects.get(pk=match.offer_id)
    Offer.objects.filter(pk=offer.pk).update(next_action="Nog eens kijken", next_action_on=today(40))
    for day, expected in ((1, today(40)), (2, today(2)), (3, today(2))):
        run_match_jobs(in_days(day))
        offer.refresh_from_db()
        assert offer.next_action_on == expected
    assert offer.next_action == "Zelf aan elkaar voorstellen: er is geen mailadres"
    offer_care.record_offer_step(
        offer=offer, to=offer.state, next_action="Vrijdag weer bellen", on=today(9), by=by
    )
    match.refresh_from_db()
    assert (match.step, match.step_on) == (MatchStep.INTRODUCE, today(9))
    run_match_jobs(in_days(5))
    offer.refresh_from_db()
    assert offer.next_action == "Vrijdag weer bellen"


# --- a waiting list ---------------------------------------------------------------------------


def test_a_waiting_list_says_where_one_stands_and_ends_with_an_answer(role, by, sink):
    match = _waits(role, by)
    third = both_yes(somebody(role, by, "third@example.nl"), role, by)
    assert [told.waiting_list_position(one) for one in (match, third)] == [1, 2]
    sent = []
    for day in range(100):
        for _twice in range(2):
            run_match_jobs(in_days(day))
        pump.send_due(now=in_days(day))
        subjects = [mail["Subject"] for mail in sink.mails if mail["To"] == "third@example.nl"]
        sent += [(day, subject) for subject in subjects[len(sent) :]]
    assert [day for day, subject in sent if subject.startswith("Waar u staat")] == [14, 28, 42, 56, 70]
    assert [day for day, subject in sent if subject.startswith("Er kwam geen plek vrij")] == [84]
    third.refresh_from_db()
    assert (third.state, third.step_on) == (MatchState.EXPIRED, None)
    assert Offer.objects.get(pk=third.offer_id).next_action_on


def test_who_has_no_address_is_called_about_the_list(role, by):
    match = _waits(role, by, confirmed=False)
    offer = Offer.objects.get(pk=match.offer_id)
    assert (offer.next_action, offer.next_action_on) == ("Vertellen hoe lang de wachtlijst is", today(2))
    run_match_jobs(in_days(3))
    assert not keys("place")
    run_match_jobs(in_days(84))
    offer.refresh_from_db()
    assert offer.next_action == "Bellen: er kwam geen plek vrij op de wachtlijst"


def test_the_page_says_the_place_and_that_it_ended(client, role, by):
    match = _waits(role, by)
    url = match_contents.match_url(match, match.offer.receipt)
    assert "U bent nummer 1." in client.get(url).content.decode()
    run_match_jobs(in_days(84))
    page = client.get(url).content.decode()
    assert "Er kwam geen plek vrij." in page and "Nu is het aan hen" not in page


# --- a break ----------------------------------------------------------------------------------


def test_who_has_a_break_is_not_suggested_and_the_page_says_why(by, area, coordinator):
    by, role = coordinator, make_role(make_begun(area, owner=coordinator))
    offer = somebody(role, by)
    offers.pause(offer=offer, until=today(20))
    for on in (today(), today(20)):  # also on the day it ends, until it did
        found = suggesting.rank_offers_for_role(role, by=by, on=on)
        assert not found.best and found.refused[0][0] == offer
        assert not suggesting.plan_rounds(by=by, on=on).planned.pairs
    page = signed_in(by).get(reverse("role", args=[role.pk])).content.decode()
    assert "pauze" in page


@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "the day ends it"])
def test_who_said_yes_and_has_a_break_is_introduced_when_it_ends(role, by, goes_on):
    offer = somebody(role, by)
    match = matches.propose(offer=offer, role=role, by=by)
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    offer.refresh_from_db()
    offers.pause(offer=offer, until=today(20))
    match = matches.accept_match(match=match, side=Side.INITIATIVE)
    run_match_jobs(in_days(10))
    match.refresh_from_db()
    assert (match.state, keys("introduced")) == (MatchState.PROPOSED, [])
    if goes_on:
        offers.resume_offer(offer=offer)
    else:
        offer_care.end_pause(offer, today=today(20))
        run_match_jobs(in_days(20))
    match.refresh_from_db()
    assert match.state == MatchState.INTRODUCED and len(keys("introduced")) == 2


def test_a_place_that_came_free_during_a_break_is_given_after_it(role, by):
    match = _waits(role, by)
    offers.pause(offer=match.offer, until=today(5))
    endings.end_match(match=role.matches.get(state=MatchState.INTRODUCED))
    match.refresh_from_db()
    assert match.state == MatchState.WAITLISTED
    offer_care.end_pause(Offer.objects.get(pk=match.offer_id), today=today(5))
    run_match_jobs(in_days(5))
    match.refresh_from_db()
    assert match.state == MatchState.INTRODUCED


def _by_themselves(offer, by) -> None:
    offers.pause(offer=offer, until=today(20))


def _noted_by_a_colleague(offer, by) -> None:
    offer_care.record_offer_step(offer=offer, to=OfferState.PAUSED, on=today(20), by=by, pause_asked=True)


def _not_now(offer, by) -> None:
    offer_care.record_offer_step(offer=offer, to=OfferState.PAUSED, on=today(20), by=by)


@pytest.mark.parametrize(
    ("way", "subject", "never"),
    [
        (_by_themselves, "Uw pauze tot", "niets dat bij u past"),
        (_noted_by_a_colleague, "Uw pauze tot", "niets dat bij u past"),
        (_not_now, "Uw aanbod in", "met rust"),
    ],
)
def test_a_break_that_was_asked_for_is_no_not_now(role, by, sink, way, subject, never):
    offer = somebody(role, by)
    way(offer, by)
    pump.send_due()
    (mail,) = sink.mails
    assert mail["Subject"].startswith(subject)
    assert never not in mail.get_body(("plain",)).get_content()


def test_a_not_now_that_became_a_break_before_it_left_is_told_as_a_break(role, by, sink):
    offer = somebody(role, by)
    _not_now(offer, by)
    offer.refresh_from_db()
    offers.pause(offer=offer, until=today(20))
    pump.send_due()
    assert [mail["Subject"].startswith("Uw pauze tot") for mail in sink.mails] == [True]


def test_a_break_is_theirs_only_while_it_lasts(role, by):
    offer = somebody(role, by)
    offers.pause(offer=offer, until=today(20))
    offers.resume_offer(offer=offer)
    offer.refresh_from_db()
    assert (offer.pause_asked, offer.paused_until) == (False, None)


# --- by the table -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "spoken", "said_by_phone"),
    [
        (OfferState.NEW, None, False),
        (OfferState.NEW, None, True),
        (OfferState.CONTACTED, -3, False),
        (OfferState.ACTIVE, -9, False),
    ],
)
def test_an_introduction_keeps_when_they_were_first_spoken_to(role, by, state, spoken, said_by_phone):
    day = None if spoken is None else today(spoken)
    offer = somebody(role, by, state=state, contacted_on=day)
    match = matches.propose(offer=offer, role=role, by=by)
    matches.accept_match(match=match, side=Side.VOLUNTEER, by=by if said_by_phone else None)
    offer.refresh_from_db()
    assert (offer.state == OfferState.CONTACTED) == (said_by_phone or state == OfferState.CONTACTED)
    matches.accept_match(match=match, side=Side.INITIATIVE)
    offer.refresh_from_db()
    assert (offer.state, offer.contacted_on) == (OfferState.ACTIVE, day or today())


def test_a_no_by_phone_was_a_talk_too(role, by):
    offer = somebody(role, by, state=OfferState.NEW)
    match = matches.propose(offer=offer, role=role, by=by)
    endings.decline(match=match, side=Side.VOLUNTEER, because=Decline.TIME, by=by)
    offer.refresh_from_db()
    assert (offer.state, offer.contacted_on) == (OfferState.CONTACTED, today())


def test_in_time_is_said_in_whole_days(coordinator):
    page = signed_in(coordinator).get(reverse("hands")).content.decode()
    assert "binnen 2 dagen gesproken" in page
