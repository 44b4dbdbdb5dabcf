"""What was told of a first meeting and by which mail, read from the dedupe keys in the outbox.

The text of these mails is made when they are sent and then emptied: the key is the only record of what a mail told.
"""

from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Contact
from feedback.models import Message, build_key, parse_key
from feedback.states import MessagePurpose, MessageState
from initiatives.matching.calendars import event
from initiatives.matching.services.owners import owner_for_area
from initiatives.models import Match, Meeting, Offer, VolunteerRole
from initiatives.models.initiatives import MeetingPlan
from initiatives.states import (
    BOUND_MATCHES,
    PUBLIC_INITIATIVES,
    MatchState,
    OfferState,
    RoleState,
    Side,
)

POSSIBLY_SENT_STATES = frozenset(
    {MessageState.HANDING_OVER, MessageState.SENT, MessageState.DELIVERED, MessageState.UNCERTAIN}
)
QUEUED_STATES = frozenset({MessageState.PENDING, MessageState.CLAIMED})


class MatchMessageKey(NamedTuple):
    match: int
    round: int
    kind: str
    side: Side
    code: str = ""


def build_match_key(match: Match, kind: str, side: Side, code: str = "") -> str:
    """match:<pk>:<round>:<kind>:<v or i>[:<code>]

    `code` tells mails of one kind apart: a day, or the meeting that is told: <meeting pk>.<times moved>, or
    off.<meeting pk> when there is no meeting any more.
    """
    letter = "v" if side == Side.VOLUNTEER else "i"
    return build_key("match", match.pk, match.round, kind, letter, *([code] if code else []))


def parse_match_key(dedupe_key: str) -> MatchMessageKey:
    _kind, match, (round_, what, letter, *code) = parse_key(dedupe_key)
    return MatchMessageKey(
        match, int(round_), what, Side.VOLUNTEER if letter == "v" else Side.INITIATIVE, *code
    )


def build_meeting_key(meeting: Meeting) -> str:
    """meeting:<pk>:<times moved, or off>, of a mail to the beginner or owner."""
    return build_key("meeting", meeting.pk, "off" if meeting.cancelled_on else meeting.moved)


class MeetingRevision(NamedTuple):
    """A meeting, as it was after `moved` moves."""

    meeting: Meeting
    moved: int

    @property
    def code(self) -> str:
        return f"{self.meeting.pk}.{self.moved}"

    @property
    def when(self) -> MeetingPlan:
        return self.meeting.plan_after_moves(self.moved)


def current_meeting(match: Match, *, also_off: bool = False) -> MeetingRevision | None:
    """The first meeting as it stands."""
    meeting = match.meeting
    if meeting is None or (meeting.cancelled_on and not also_off):
        return None
    return MeetingRevision(meeting, match.first_moved)


def cancellation_code(meeting: Meeting | None) -> str:
    return f"off.{meeting.pk if meeting else 0}"


def is_cancellation_code(code: str) -> bool:
    return code.startswith("off.")


def meeting_of_code(code: str) -> MeetingRevision | None:
    """What a mail with this code in its key tells."""
    if not code or is_cancellation_code(code):
        return None
    pk, _dot, moved = code.partition(".")
    meeting = Meeting.objects.filter(pk=pk).first()
    return MeetingRevision(meeting, int(moved)) if meeting else None


def cancelled_meeting(code: str) -> MeetingRevision | None:
    """The meeting that a mail calls off, when it is unknown what they knew."""
    if not is_cancellation_code(code):
        return None
    meeting = Meeting.objects.filter(pk=code.partition(".")[2]).first()
    return MeetingRevision(meeting, meeting.moved) if meeting else None


def is_same_revision(one: MeetingRevision | None, other: MeetingRevision | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.meeting.pk == other.meeting.pk and one.when == other.when


def last_told_of_match(message: Message, now: MeetingRevision | None) -> tuple[bool, MeetingRevision | None]:
    """Return (is_known, revision): the first meeting that the latest earlier mail told or will tell the volunteer.
    `is_known` is False if that mail may not have told it; the caller then sends the mail again."""
    key = parse_match_key(message.dedupe_key)
    of_match = Message.objects.with_key("match", key.match, key.round)
    mine = of_match.filter(receipt=message.receipt_id, pk__lte=message.pk).order_by("pk")
    found = [(one, parse_match_key(one.dedupe_key)) for one in mine]
    tells_time = [
        (one, key.kind, meeting_of_code(key.code))
        for one, key in found
        if key.side == Side.VOLUNTEER and key.kind in ("introduced", "first", "when")
    ]
    return _last(message, tells_time, now)


def last_told_of_meeting(message: Message, meeting: Meeting) -> tuple[bool, MeetingRevision | None]:
    """The same for the beginner or owner, of one meeting."""
    introductions = Message.objects.filter(dedupe_key__contains=f":introduced:i:{meeting.pk}.")
    mine = (Message.objects.with_key("meeting", meeting.pk) | introductions).filter(
        receipt=message.receipt_id,
        user=message.user_id,
        purpose=MessagePurpose.MATCH,
        pk__lte=message.pk,
    )
    found = []
    for one in mine.order_by("pk"):
        key = parse_key(one.dedupe_key)
        what = "when" if key.kind == "meeting" else "introduced"
        moved = key.details[-1].rpartition(".")[2]
        found.append((one, what, MeetingRevision(meeting, int(moved)) if moved.isdecimal() else None))
    return _last(message, found, MeetingRevision(meeting, meeting.moved))


def _last(
    message: Message, found: list[tuple[Message, str, MeetingRevision | None]], now: MeetingRevision | None
) -> tuple[bool, MeetingRevision | None]:
    """`found` is (message, kind, what it tells), in the order of queueing."""
    first_change = min(one.created_at for one, what, _tells in found if what == "when")
    is_known, knew = False, None
    for one, what, tells in found:
        if one.pk == message.pk:
            continue
        if one.state in QUEUED_STATES and what != "when" and tells and is_same_revision(tells, now):
            is_known, knew = True, tells
        elif one.state in POSSIBLY_SENT_STATES:
            # An introduction that left after the first change may have omitted the time.
            left_before = one.handed_over_at is not None and one.handed_over_at < first_change
            is_known, knew = what != "introduced" or left_before, tells
    return is_known, knew


def uid_of(meeting: Meeting) -> str:
    """The same in every mail and in the public calendar feed."""
    return f"meeting-{meeting.pk}@{absolute('').partition('://')[2].rstrip('/')}"


def appointment(
    one: MeetingRevision | None, summary: str, url: str, *, cancelled: bool = False, language: str = "nl"
) -> bytes:
    if one is None:
        return b""
    return event(
        uid=uid_of(one.meeting),
        starts_at=one.when.starts_at,
        ends_at=one.when.ends_at,
        summary=summary,
        where=one.when.where,
        url=url,
        cancelled=cancelled,
        changed=one.meeting.changed,
        language=language,
    )


# The state of a match in sentences that are true for each reader; for mails and the page of a match.


def waiting_list_position(match: Match) -> int:
    """Position on the waiting list, from 1. Paused offers are skipped."""
    waiting = Match.objects.filter(role=match.role_id, state=MatchState.WAITLISTED)
    first = Q(state_at__lt=match.state_at) | Q(state_at=match.state_at, pk__lt=match.pk)
    return waiting.exclude(offer__state=OfferState.PAUSED).filter(first).count() + 1


def next_place_text(match: Match) -> str:
    """For a volunteer on the waiting list: who gets the next place."""
    if waiting_list_position(match) == 1:
        return _("When somebody stops, the place is yours and you hear it at once.")
    return _(
        "When somebody stops, the place goes to who waits longest. You hear it at once when it is yours."
    )


def replacement_text(role: VolunteerRole, *, to_colleague: bool = False) -> str:
    """For an initiative: what happens after a volunteer stops."""
    if role.state != RoleState.OPEN or role.initiative.state not in PUBLIC_INITIATIVES:
        return _("Nobody is looked for here any more.")
    if role.matches.filter(state__in=BOUND_MATCHES).count() >= role.people:
        return _("All places are taken.")
    if to_colleague:
        return _("There is a place free. On the page of this role stands who fits.")
    if owner_for_area(role.initiative.area) is None:
        return _("There is a place free.")
    return _("There is a place free. We look for somebody else.")


def after_cancellation_text(offer: Offer) -> tuple[str, ...]:
    """For a volunteer whose match is off; empty if their offer is closed."""
    if offer.state == OfferState.CLOSED:
        return ()
    if offer.state == OfferState.PAUSED:
        return (_("After your break we look with you for something else."),)
    return (_("We look with you for something else. You need not do anything for that."),)


def did_meet(match: Match) -> bool:
    """Whether they are known to have met: their first meeting is past, or one of them said so."""
    return match.state == MatchState.ACTIVE or (
        match.first_at is not None and match.first_at <= timezone.now()
    )


def shared_contact_text(match: Match, side: str) -> str:
    """For the reader on `side`: which of their contact details the other side got."""
    receipt = match.offer.receipt_id if side == Side.VOLUNTEER else match.role.initiative.receipt_id
    contact = Contact.objects.filter(receipt=receipt).first() if receipt else None
    if contact is None:
        return _("They can reach you through the municipality. Who calls first does not matter.")
    if contact.phone and contact.email:
        return _("They got your number and address too. Who calls first does not matter.")
    if contact.phone:
        return _("They got your number too. Who calls first does not matter.")
    return _("They got your e-mail address too. Who writes first does not matter.")
