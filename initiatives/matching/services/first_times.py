"""First meetings of matches: what both sides were told, and mails when it changes.

A volunteer is told of their first meeting by the introduction, by a reminder, or by a separate mail when it
moves, is called off, or is planned at last. The dedupe key of each mail names the meeting and how often it
had moved. So each is sent once, a mail about an outdated day is not sent, and a day moved back before any
mail left causes none (services.match_mail).

The beginner or owner who speaks for the initiative gets one mail per change of a meeting, however many
volunteers it concerns.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Receipt
from feedback.delivery.services.outbox import new_message, queue_messages
from feedback.states import MessagePurpose
from initiatives.matching.services import locks, matches
from initiatives.models import Initiative, Match, Meeting, VolunteerRole
from initiatives.states import TOGETHER_MATCHES, MatchState, MatchStep

WAITS_FOR_ONE = timedelta(days=30)
"""A meeting planned within this time after an introduction counts as the first meeting."""


def lock_initiative(initiative: Initiative) -> Initiative:
    """Lock before its meetings change, so that no match is introduced, ended or erased meanwhile. Returns the
    fresh row.

    Lock order: receipts of its volunteers, the beginner's receipt, the initiative, its roles.
    """
    people = Match.objects.filter(role__initiative=initiative, state__in=TOGETHER_MATCHES)
    receipts = Receipt.objects.select_for_update(no_key=True).filter(pk__in=people.values("offer__receipt"))
    list(receipts.order_by("pk").values_list("pk"))
    held = locks.lock_initiative(initiative)
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
        Q(introduced_at__gt=now - WAITS_FOR_ONE) | Q(first_told_on__isnull=False)
    )
    return Match.objects.filter(changed | waits, state__in=TOGETHER_MATCHES)


def resync_meeting(match: Match, now: datetime) -> None:
    """Set the match's own meeting, else the next one, else none; plan the step and tell the volunteer. The
    caller holds the lock."""
    was = match.meeting
    meeting = was if was and was.cancelled_on is None else _next(match, now)
    today = timezone.localdate(now)
    if meeting:
        step, on = MatchStep.HOW, matches.ask_on(match, meeting.starts_at)
    else:
        step, on = MatchStep.NEW_DAY, matches.in_days("proposal", now)
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
        code = matches.code_of(meeting) or f"off.{was.pk if was else 0}"
        matches.notify(match, ("when", match.offer.receipt), now=now, of=code)


def _next(match: Match, now: datetime) -> Meeting | None:
    return Meeting.objects.shown().to_come(now).filter(initiative=match.role.initiative_id).first()


def is_awaited(meeting: Meeting, now: datetime) -> bool:
    """Whether a match has this as its coming first meeting. Ask before changing it."""
    return Match.objects.filter(meeting=meeting, first_at__gt=now, state__in=TOGETHER_MATCHES).exists()


def tell_initiative(meeting: Meeting, *, now: datetime) -> None:
    """Tell the beginner or owner, who has the meeting in their calendar since the introduction."""
    initiative = meeting.initiative
    receipt, user = initiative.receipt, None if initiative.receipt else initiative.owner
    if (receipt is None and user is None) or (receipt and not matches.is_reachable(receipt.pk)):
        return
    what = "off" if meeting.cancelled_on else str(meeting.moved)
    queue_messages(
        [
            new_message(
                purpose=MessagePurpose.MATCH,
                dedupe_key=f"meeting:{meeting.pk}:{what}",
                language=(receipt or user).language,  # type: ignore[union-attr]
                receipt=receipt,
                user=user,
                now=now,
            )
        ]
    )
