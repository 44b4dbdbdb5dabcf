"""Once a day: what is late is told, once per step; breaks and offers until a day end by themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from feedback.answers.services import promises
from feedback.models import Message, ToldDue
from feedback.registries import daily_jobs
from feedback.states import ReminderStage
from feedback.tasks import run_daily
from initiatives.matching.services import overdue_items
from initiatives.matching.services.owners import reassign
from initiatives.models import Match, Offer
from initiatives.offers.services import offer_care
from initiatives.states import OfferState
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.evenings import evening
from tests.initiatives.factories import make_begun, make_gift, make_match, make_offer, make_role
from tests.people import make_user

pytestmark = pytest.mark.django_db


def mails(user) -> list[Message]:
    return list(Message.objects.filter(user=user).order_by("pk"))


def on(days: int):
    return timezone.now() + timedelta(days=days)


def test_it_is_one_of_the_daily_jobs(area):
    assert "0 offers ended" in dict(daily_jobs.items())["initiatives.offers"]()


def test_a_day_that_another_job_brings_forward_is_told_the_same_evening(area, coordinator):
    offer = make_offer(area, owner=coordinator, due=9)
    match = make_match(offer, make_role(make_begun(area, owner=coordinator, by_resident=False)))
    Match.objects.filter(pk=match.pk).update(step_on=today() - timedelta(days=1))
    Offer.objects.filter(pk=offer.pk).update(next_action_on=today() + timedelta(days=9))
    run_daily()
    offer.refresh_from_db()
    assert offer.next_action_on < today()
    assert ToldDue.objects.filter(
        thing=f"offer:{offer.pk}", day=offer.next_action_on, to=coordinator
    ).exists()


def test_who_looks_after_it_is_told_once_per_step(area, coordinator):
    offer = make_offer(area, owner=coordinator, due=-1)
    for days in (0, 1, 2):
        evening(on(days))
    assert len(mails(coordinator)) == 1
    offer_care.record_offer_step(offer=offer, to=OfferState.CONTACTED, by=coordinator)
    late = (offer.next_action_on - today()).days + 1
    evening(on(late))
    assert len(mails(coordinator)) == 2, "the next step is news again"


def test_what_is_due_today_is_not_late(area, coordinator, administrator):
    make_offer(area, owner=coordinator, due=0)
    evening()
    assert [told.stage for told in ToldDue.objects.all()] == [ReminderStage.SOON]


def test_one_mail_for_everything_that_is_late_in_the_language_of_who_reads(area):
    owner = make_user(Role.COORDINATOR, area, language="en")
    for _one in range(promises.REMINDER_ITEMS_NAMED + 2):
        make_offer(area, owner=owner, due=-2)
    with translation.override("nl"):
        evening()
    (mail,) = mails(owner)
    assert mail.subject.startswith(f"{promises.REMINDER_ITEMS_NAMED + 2} things wait longer")
    assert "And 2 more." in mail.text and "/desk/hands/" in mail.text
    assert "helper@example.nl" not in mail.text and "0612345678" not in mail.text


@pytest.mark.parametrize(
    ("days_late", "told"),
    [(1, False), (overdue_items.LEAD_DELAY_DAYS, False), (overdue_items.LEAD_DELAY_DAYS + 1, True)],
)
def test_administrators_hear_of_it_some_days_later(
    days_late, told, area, coordinator, administrator, stranger
):
    make_offer(area, owner=coordinator, due=-days_late)
    for _twice in range(2):
        evening()
    assert bool(mails(administrator)) == told and len(mails(administrator)) <= 1
    assert not mails(stranger), "an administrator elsewhere has nothing to do with it"


def test_whoever_left_is_not_waited_for(area, coordinator, administrator):
    coordinator.lock_out()
    make_offer(area, owner=coordinator, due=-1)
    evening()
    assert not mails(coordinator) and len(mails(administrator)) == 1


def test_handed_over_it_is_told_to_the_next_one(area, coordinator):
    offer = make_offer(area, owner=coordinator, due=-1)
    evening()
    colleague = make_user(Role.COORDINATOR, area)
    reassign(Offer.objects.waiting().filter(pk=offer.pk), to=colleague, by=coordinator)
    evening(on(1))
    assert len(mails(colleague)) == 1 and len(mails(coordinator)) == 1


def test_a_break_ends_and_is_due_that_day(area, coordinator):
    offer = make_offer(
        area, owner=coordinator, due=5, state=OfferState.PAUSED, paused_until=today(5), contacted_on=today(-9)
    )
    evening(on(4))
    offer.refresh_from_db()
    assert offer.state == OfferState.PAUSED
    evening(on(5))
    offer.refresh_from_db()
    assert (offer.state, offer.next_action_on) == (OfferState.CONTACTED, today(5))
    assert not ToldDue.objects.exclude(stage=ReminderStage.SOON).exists(), "nobody was late"


@pytest.mark.parametrize("state", [OfferState.NEW, OfferState.ACTIVE, OfferState.PAUSED])
def test_what_was_offered_until_a_day_ends_after_it_with_a_reason(state, area):
    gift = make_gift(area, state=state, until=today(3))
    evening(on(3))
    gift.refresh_from_db()
    assert gift.state == state
    evening(on(4))
    gift.refresh_from_db()
    assert gift.state == OfferState.CLOSED and str(gift.until.year) in gift.closed_reason


# --- clearances -------------------------------------------------------------------------------


def test_a_clearance_is_warned_for_once_and_not_when_a_newer_one_was_seen(area, coordinator):
    offer = make_offer(area, owner=coordinator, due=9999)
    old = offer_care.note_clearance(offer=offer, seen_on=today(-1000), by=coordinator)
    left = (old.renew_before - today()).days
    evening(on(left - 61))
    assert not mails(coordinator)
    for days in (left - 60, left - 59):
        evening(on(days))
    assert len(mails(coordinator)) == 1
    offer_care.note_clearance(offer=offer, seen_on=today(-10), by=coordinator)
    old.warned_on = None
    old.save()
    evening(on(left - 58))
    assert len(mails(coordinator)) == 1


def test_of_a_closed_offer_nothing_is_warned(area, coordinator):
    offer = make_offer(area, owner=coordinator)
    offer_care.note_clearance(offer=offer, seen_on=today(-1090), by=coordinator)
    offer_care.close(offer=offer, reason="Klaar.", by=coordinator)
    evening()
    assert not Message.objects.exists()
