"""The daily job of matches, and their first meetings: what both sides were told, and mails when it changes.

A volunteer is told of their first meeting by the introduction, by a reminder, or by a separate mail when it
moves, is called off, or is planned at last. The dedupe key of each mail names the meeting and how often it
had moved. So each is sent once, a mail about an outdated day is not sent, and a day moved back before any
mail left causes none (services.match_mail).

The beginner or owner who speaks for the initiative gets one mail per change of a meeting, however many
volunteers it concerns.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Receipt
from core.deadlines import past_due
from core.rows import refresh_or_gone
from feedback.delivery.services.outbox import new_message, queue_messages
from feedback.registries import daily_jobs
from feedback.states import MessagePurpose
from initiatives.matching.services import matches, roles, told
from initiatives.matching.services.matches import (
    PROPOSE_ELSE,
    date_after_term,
    is_reachable,
    lock_role,
    next_step,
    notify,
    plan_match_step,
)
from initiatives.models import Initiative, Match, Meeting, Offer, VolunteerRole
from initiatives.states import BOUND_MATCHES, TOGETHER_MATCHES, MatchState, MatchStep, OfferState, RoleState

MAX_MEETING_WAIT = timedelta(days=30)
"""A meeting planned within this time after an introduction counts as the first meeting."""


def lock_initiative(initiative: Initiative) -> Initiative:
    """Lock before its meetings change, so that no match is introduced, ended or erased meanwhile. Returns the
    fresh row.

    Lock order: receipts of its volunteers, the beginner's receipt, the initiative, its roles.
    """
    people = Match.objects.filter(role__initiative=initiative, state__in=TOGETHER_MATCHES)
    receipts = Receipt.objects.select_for_update(no_key=True).filter(pk__in=people.values("offer__receipt"))
    list(receipts.order_by("pk").values_list("pk"))
    held = roles.lock_initiative(initiative)
    matches.lock_roles(VolunteerRole.objects.filter(initiative=initiative))
    return held


def notify_meeting_changes(*, initiative: Initiative, now: datetime | None = None) -> None:
    """Tell volunteers whose first meeting came, moved or was called off. The caller holds all locks."""
    moment = now or timezone.now()
    stray = with_stale_meeting(moment).filter(role__initiative=initiative).select_related(
        "offer__receipt", "offer__owner", "meeting", "role__initiative__receipt", "role__initiative__owner"
    )  # fmt: skip
    for match in stray.order_by("role_id", "pk"):
        resync_meeting(match, moment)


def with_stale_meeting(now: datetime) -> QuerySet[Match]:
    """Introduced matches whose coming first meeting differs from what they were told, or that wait for one
    while one is planned."""
    coming = Meeting.objects.shown().to_come(now).order_by().values("initiative")
    otherwise = (
        Q(meeting=None)
        | Q(meeting__cancelled_on__isnull=False)
        | ~Q(meeting__moved=F("first_moved"))
        | ~Q(meeting__starts_at=F("first_at"))
    )
    changed = Q(first_at__gt=now) & otherwise
    waits = Q(first_at=None, state=MatchState.INTRODUCED, role__initiative__in=coming) & (
        Q(introduced_at__gt=now - MAX_MEETING_WAIT) | Q(first_told_on__isnull=False)
    )
    return Match.objects.filter(changed | waits, state__in=TOGETHER_MATCHES)


def resync_meeting(match: Match, now: datetime) -> None:
    """Set the match's own meeting, else the next one, else none; plan the step and tell the volunteer. The
    caller holds the lock."""
    was = match.meeting
    meeting = was if was and was.cancelled_on is None else _next(match, now)
    today = timezone.localdate(now)
    if meeting:
        step, on = MatchStep.HOW, matches.experience_call_date(match, meeting.starts_at)
    else:
        step, on = MatchStep.NEW_DAY, matches.date_after_term("proposal", now)
    fields = {
        "meeting": meeting,
        "first_at": meeting.starts_at if meeting else None,
        "first_moved": meeting.moved if meeting else 0,
        "first_told_on": today,
    }
    Match.objects.filter(pk=match.pk).update(**fields)
    for name, value in fields.items():
        setattr(match, name, value)
    reached = matches.is_reachable(match.offer.receipt_id)
    if not reached:
        step, on = MatchStep.TELL_DAY, today
    matches.plan_match_step(match, step, on, gently=reached)
    if reached:
        code = matches.code_of(meeting) or told.cancellation_code(was)
        matches.notify(match, ("when", match.offer.receipt), now=now, code=code)


def _next(match: Match, now: datetime) -> Meeting | None:
    return Meeting.objects.shown().to_come(now).filter(initiative=match.role.initiative_id).first()


def is_awaited(meeting: Meeting, now: datetime) -> bool:
    """Whether a match has this as its coming first meeting. Ask before changing it."""
    return Match.objects.filter(meeting=meeting, first_at__gt=now, state__in=TOGETHER_MATCHES).exists()


def notify_initiative(meeting: Meeting, *, now: datetime) -> None:
    """Tell the beginner or owner, who has the meeting in their calendar since the introduction."""
    initiative = meeting.initiative
    receipt, user = initiative.receipt, None if initiative.receipt else initiative.owner
    if (receipt is None and user is None) or (receipt and not matches.is_reachable(receipt.pk)):
        return
    queue_messages(
        [
            new_message(
                purpose=MessagePurpose.MATCH,
                dedupe_key=told.build_meeting_key(meeting),
                language=(receipt or user).language,  # type: ignore[union-attr]
                receipt=receipt,
                user=user,
                now=now,
            )
        ]
    )


REMINDER_LEAD_TIME = timedelta(days=3)
FIRST_MEETING_LEAD_TIME = timedelta(days=2)
# The job catches up after missed runs. It sends no mail that is more than this late.
_MAX_DELAY = timedelta(days=10)


@daily_jobs.register("initiatives.matches")
def run_match_jobs(now: datetime | None = None) -> str:
    """Run the daily job; returns a summary. Each match has its own transaction, so reruns, concurrent runs
    and crashes are safe."""
    moment = now or timezone.now()
    did = {
        "reminded": _each(_to_remind(moment), _remind, moment),
        "expired": _each(_overdue(moment), _expire, moment),
        "to call": _each(_awaiting_initiative(moment), _call, moment),
        "back from a break": _each(_after_pause(moment), _introduce_after_pause, moment),
        "places given": _each(_waitlisted_with_room(moment), _fill, moment),
        "waiting lists ended": _each(_waited_full_term(moment), _end_waiting, moment),
        "told where they stand": _each(_on_list(moment), _notify_position, moment),
        "first times moved": _each(with_stale_meeting(moment), resync_meeting, moment),
        "first times": _each(_before_first(moment), _remind_first_meeting, moment),
        "asked how it was": _each(_met_days_ago(moment, 2), _ask_2, moment)
        + _each(_met_days_ago(moment, 30), _ask_30, moment),
        "due": _each(_due(moment), _bring_forward, moment),
    }
    return ", ".join(f"{number} {what}" for what, number in did.items())


def _each(found: QuerySet[Match], action: Callable[[Match, datetime], None], now: datetime) -> int:
    done = 0
    for pk in list(found.order_by("role_id", "state_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            there = Match.objects.select_related("role__initiative", "offer").filter(pk=pk).first()
            if there is None:  # erased meanwhile
                continue
            role = lock_role(there.role, there.offer)
            still = found.filter(pk=pk).select_related(
                "offer__receipt", "offer__owner", "meeting", "role__initiative__receipt",
                "role__initiative__owner",
            )  # fmt: skip
            if match := still.first():
                match.role = role
                action(match, now)
                done += 1
    return done


def _to_remind(now: datetime) -> QuerySet[Match]:
    until = timezone.localdate(now) + REMINDER_LEAD_TIME
    asked = Match.objects.filter(state=MatchState.PROPOSED, reminded_on=None, answer_before__lte=until)
    return asked.exclude(offer__state=OfferState.PAUSED)


def _remind(match: Match, now: datetime) -> None:
    """Remind each side that has not answered."""
    Match.objects.filter(pk=match.pk).update(reminded_on=timezone.localdate(now))
    if match.volunteer_yes_at is None:
        notify(match, ("again", match.offer.receipt), now=now)
    if match.initiative_yes_at is None:
        _ask_again(match, now)


def _ask_again(match: Match, now: datetime) -> None:
    if speaker := matches.initiative_addressee(match.role.initiative):
        notify(match, ("again", speaker), now=now)


def _overdue(now: datetime) -> QuerySet[Match]:
    """Proposals past their day without a yes of the volunteer, who otherwise is owed an answer."""
    return Match.objects.filter(
        past_due("answer_before", timezone.localdate(now)), state=MatchState.PROPOSED, volunteer_yes_at=None
    )


def _expire(match: Match, now: datetime) -> None:
    match.move(MatchState.EXPIRED, now=now)
    next_step(match.offer, PROPOSE_ELSE, date_after_term("first_contact", now))


def _awaiting_initiative(now: datetime) -> QuerySet[Match]:
    """The volunteer said yes, and the initiative did not answer in time."""
    return Match.objects.filter(
        past_due("answer_before", timezone.localdate(now)),
        state=MatchState.PROPOSED,
        volunteer_yes_at__isnull=False,
        initiative_yes_at=None,
    )


def _call(match: Match, now: datetime) -> None:
    """Ask the initiative again, and let a colleague call today."""
    Match.objects.filter(pk=match.pk).update(
        answer_before=date_after_term("match_answer", now), reminded_on=None, round=F("round") + 1
    )
    refresh_or_gone(match)
    plan_match_step(match, MatchStep.CALL, timezone.localdate(now))
    _ask_again(match, now)


def _after_pause(now: datetime) -> QuerySet[Match]:
    """Both said yes, and the pause of the volunteer is over."""
    return Match.objects.both_yes().exclude(offer__state=OfferState.PAUSED)


def _introduce_after_pause(match: Match, now: datetime) -> None:
    matches.introduce_or_waitlist(match=match, now=now)


# --- waiting lists ----------------------------------------------------------------------------


def _on_waiting_list() -> QuerySet[Match]:
    return Match.objects.filter(state=MatchState.WAITLISTED).exclude(offer__state=OfferState.PAUSED)


def _waitlisted_with_room(now: datetime) -> QuerySet[Match]:
    """On a waiting list while there is room: a place came free during their pause."""
    taken = Count("matches", filter=Q(matches__state__in=BOUND_MATCHES))
    room = VolunteerRole.objects.order_by().filter(state=RoleState.OPEN).annotate(taken=taken)
    return _on_waiting_list().filter(role__in=room.filter(taken__lt=F("people")).values("pk"))


def _fill(match: Match, now: datetime) -> None:
    matches.fill(role=match.role, now=now)


def _waited_full_term(now: datetime) -> QuerySet[Match]:
    """On the waiting list for the full term. It ends with an answer: “no place came free”."""
    return _on_waiting_list().filter(state_at__lte=now - timedelta(days=matches.term("waiting_list_end")))


def _end_waiting(match: Match, now: datetime) -> None:
    match.move(MatchState.EXPIRED, now=now)
    soon = date_after_term("first_contact", now)
    if is_reachable(match.offer.receipt_id):
        next_step(match.offer, PROPOSE_ELSE, date_after_term("proposal", now))
        notify(match, ("no_place", match.offer.receipt), now=now)
    else:
        next_step(match.offer, matches.TELL_NO_PLACE, soon)


def _on_list(now: datetime) -> QuerySet[Match]:
    """Due to hear their position on the waiting list."""
    return _on_waiting_list().filter(step=MatchStep.LIST, step_on__lte=timezone.localdate(now))


def _notify_position(match: Match, now: datetime) -> None:
    """Mail the position. Without an address the step stays due until a colleague calls and plans the next one."""
    if not is_reachable(match.offer.receipt_id):
        return
    of = f"{match.step_on:%Y%m%d}"
    plan_match_step(match, MatchStep.LIST, date_after_term("waiting_list", now), gently=True)
    notify(match, ("place", match.offer.receipt), now=now, code=of)


# --- first meetings, and after ----------------------------------------------------------------


def _before_first(now: datetime) -> QuerySet[Match]:
    """First meeting soon, and told of it on an earlier day, by the introduction or when it moved."""
    return Match.objects.filter(
        state__in=TOGETHER_MATCHES,
        meeting__isnull=False,
        first_at__gt=now,
        first_at__lte=now + FIRST_MEETING_LEAD_TIME,
        first_told_on__lt=timezone.localdate(now),
    )


def _remind_first_meeting(match: Match, now: datetime) -> None:
    """Idempotent per meeting and move."""
    notify(match, ("first", match.offer.receipt), now=now, code=matches.code_of(match.meeting))


def _met_days_ago(now: datetime, days: int) -> QuerySet[Match]:
    """Met `days` ago and not asked yet; without those whose first meeting was called off and not replaced."""
    found: QuerySet[Match] = Match.objects.filter(state__in=TOGETHER_MATCHES, **{f"after_{days}": ""})
    found = found.exclude(first_at=None, first_told_on__isnull=False)
    found = found.annotate(met=Coalesce("first_at", "introduced_at"))
    return found.filter(met__lte=now - timedelta(days=days), met__gt=now - timedelta(days=days) - _MAX_DELAY)


def _ask_2(match: Match, now: datetime) -> None:
    notify(match, ("after_2", match.offer.receipt), now=now)


def _ask_30(match: Match, now: datetime) -> None:
    notify(match, ("after_30", match.offer.receipt), now=now)


# --- due steps --------------------------------------------------------------------------------


def _due(now: datetime) -> QuerySet[Match]:
    """The earliest due match of an offer that has a later next step: the coordinator's day shows only the offer."""
    first = Match.objects.standing().filter(offer=OuterRef("offer")).order_by("step_on", "pk")
    return (
        Match.objects.standing()
        .filter(
            pk=Subquery(first.values("pk")[:1]),
            step_on__lte=timezone.localdate(now),
            step_on__lt=F("offer__next_action_on"),
        )
        .exclude(offer__state__in=[OfferState.PAUSED, OfferState.CLOSED])
    )


def _bring_forward(match: Match, now: datetime) -> None:
    with override(match.offer.owner.language):
        words = matches.step_in_words(match.step)
    waits = Offer.objects.filter(pk=match.offer_id, next_action_on__gt=match.step_on)
    waits.exclude(state__in=[OfferState.PAUSED, OfferState.CLOSED]).update(
        next_action=words, next_action_on=match.step_on
    )
