"""What was told of a first time, and by which mail: read from the keys of what is in the outbox, or left it.

A key is match:<pk>:<round>:<what>:<v or i>, and of what tells a time :<pk of the meeting>.<how often it had moved>;
“off.<pk of the meeting>” tells that there is none any more. See services.first_times.
"""

from typing import NamedTuple

from django.db.models import Q

from accounts.links import absolute
from feedback.models import Message
from feedback.states import MessagePurpose, MessageState
from initiatives.matching.calendars import event
from initiatives.models import Match, Meeting
from initiatives.models.initiative import WhenAndWhere
from initiatives.states import Side

LEFT = frozenset(
    {MessageState.HANDING_OVER, MessageState.SENT, MessageState.DELIVERED, MessageState.UNCERTAIN}
)
TO_LEAVE = frozenset({MessageState.PENDING, MessageState.CLAIMED})


class MatchMessageKey(NamedTuple):
    match: int
    round: int
    what: str
    side: Side
    code: str = ""


def key_of(message: Message) -> MatchMessageKey:
    _match, pk, round_, what, side, *code = message.dedupe_key.split(":")
    return MatchMessageKey(
        int(pk), int(round_), what, Side.VOLUNTEER if side == "v" else Side.INITIATIVE, *code
    )


class MeetingRevision(NamedTuple):
    """A meeting, as it was after it had moved so often."""

    meeting: Meeting
    moved: int

    @property
    def code(self) -> str:
        return f"{self.meeting.pk}.{self.moved}"

    @property
    def when(self) -> WhenAndWhere:
        return self.meeting.as_it_was(self.moved)


def now(match: Match, *, also_off: bool = False) -> MeetingRevision | None:
    """The first time as it stands."""
    meeting = match.meeting
    if meeting is None or (meeting.cancelled_on and not also_off):
        return None
    return MeetingRevision(meeting, match.first_moved)


def is_off(code: str) -> bool:
    return code.startswith("off.")


def of(code: str) -> MeetingRevision | None:
    """What a mail with this in its key tells."""
    if not code or is_off(code):
        return None
    pk, _dot, moved = code.partition(".")
    meeting = Meeting.objects.filter(pk=pk).first()
    return MeetingRevision(meeting, int(moved)) if meeting else None


def of_off(code: str) -> MeetingRevision | None:
    """The meeting of which a mail tells that it is off, where what they knew is not known any more."""
    if not is_off(code):
        return None
    meeting = Meeting.objects.filter(pk=code.partition(".")[2]).first()
    return MeetingRevision(meeting, meeting.moved) if meeting else None


def is_same(one: MeetingRevision | None, other: MeetingRevision | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.meeting.pk == other.meeting.pk and one.when == other.when


def last_told(message: Message, now: MeetingRevision | None) -> tuple[bool, MeetingRevision | None]:
    """What the reader of this mail heard last of their first time, or is about to hear from an earlier mail; (False,
    _) where that is not certain, so that it is rather told twice than never."""
    key = key_of(message)
    start = f"match:{key.match}:{key.round}:"
    mine = Message.objects.filter(
        Q(dedupe_key__startswith=f"{start}introduced:v")
        | Q(dedupe_key__startswith=f"{start}first:v")
        | Q(dedupe_key__startswith=f"{start}when:v"),
        receipt=message.receipt_id,
        purpose=MessagePurpose.MATCH,
        pk__lte=message.pk,
    ).order_by("pk")
    found = [(one, key_of(one)) for one in mine]
    return _last(message, [(one, key.what, of(key.code)) for one, key in found], now)


def last_of_meeting(message: Message, meeting: Meeting) -> tuple[bool, MeetingRevision | None]:
    """The same for who speaks for an initiative, of one meeting."""
    mine = Message.objects.filter(
        Q(dedupe_key__startswith=f"meeting:{meeting.pk}:")
        | Q(dedupe_key__contains=f":introduced:i:{meeting.pk}."),
        receipt=message.receipt_id,
        user=message.user_id,
        purpose=MessagePurpose.MATCH,
        pk__lte=message.pk,
    ).order_by("pk")
    found = []
    for one in mine:
        what = "when" if one.dedupe_key.startswith("meeting:") else "introduced"
        said = one.dedupe_key.rpartition(":")[2].rpartition(".")[2]
        found.append((one, what, MeetingRevision(meeting, int(said)) if said.isdecimal() else None))
    return _last(message, found, MeetingRevision(meeting, meeting.moved))


def _last(
    message: Message, found: list[tuple[Message, str, MeetingRevision | None]], now: MeetingRevision | None
) -> tuple[bool, MeetingRevision | None]:
    """Of (mail, which, what it tells) in the order in which they were queued."""
    first_change = min(one.created_at for one, what, _tells in found if what == "when")
    is_known, knew = False, None
    for one, what, tells in found:
        if one.pk == message.pk:
            continue
        if one.state in TO_LEAVE and what != "when" and tells and is_same(tells, now):
            is_known, knew = True, tells
        elif one.state in LEFT:
            # An introduction that left after the first change may have left the time out.
            left_before = one.handed_over_at is not None and one.handed_over_at < first_change
            is_known, knew = what != "introduced" or left_before, tells
    return is_known, knew


def uid_of(meeting: Meeting) -> str:
    """The same in every mail and in the calendar that everybody can follow."""
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
