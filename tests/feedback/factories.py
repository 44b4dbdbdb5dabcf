"""Plain factory functions: what was said, what is owed for it, and what is told.

Keyword arguments that are not given are the most ordinary ones, and whatever a thing hangs on is made with it:
`make_debt()` alone is one resident who waits for one answer.
"""

from datetime import date, datetime, timedelta
from itertools import count

from django.utils import timezone

from accounts.models import Contact, Receipt, User
from accounts.states import ReceiptPurpose
from feedback.models import AnswerOwed, Contribution, FollowUp, Incoming, Message, Promise, Topic
from feedback.screening import names_danger
from feedback.states import (
    ContributionKind,
    FollowUpState,
    IncomingState,
    MessagePurpose,
    MessageState,
    Outcome,
    Owed,
    Reading,
    WhyByHand,
)
from neighbourhoods.models import Area
from tests.people import make_area, make_user

SOURCE = "survey:1"
UNSETTLED = {MessageState.PENDING, MessageState.CLAIMED, MessageState.HANDING_OVER}
_number = count(1)


def today(days: int = 0) -> date:
    return timezone.localdate() + timedelta(days=days)


# --- residents --------------------------------------------------------------------------------


def make_receipt(**fields) -> Receipt:
    fields = {"purpose": ReceiptPurpose.PARTICIPATION, "language": "nl"} | fields
    return Receipt.objects.create(code_hash=f"{next(_number):064d}", **fields)


def make_contact(receipt: Receipt | None = None, *, confirmed: bool = True, **fields) -> Contact:
    """An e-mail address that was confirmed, unless told otherwise."""
    fields = {
        "email": f"resident-{next(_number)}@example.nl",
        "is_16_or_older": True,
        "consent": "Yes, the municipality may mail me about what happens with my answer.",
        "confirmed_at": timezone.now() if confirmed else None,
    } | fields
    return Contact.objects.create(receipt=receipt or make_receipt(), **fields)


# --- what was said, and what is owed for it ---------------------------------------------------


def make_topic(
    key: str = "", *, source: str = SOURCE, area: Area | None = None, title: str = "", **fields
) -> Topic:
    key = key or f"option:{next(_number)}"
    title = title or f"topic {key}"
    fields = {
        "title": {"nl": title, "en": title},
        "question": {"nl": "Wat moet er als eerste komen?", "en": "What should come first?"},
    } | fields
    return Topic.objects.create(source=source, key=key, area=area or make_area(), **fields)


def make_contribution(
    topic: Topic | None = None, *, receipt: Receipt | None = None, text: str = "", **fields
) -> Contribution:
    """A choice; with `text` a text that nobody read yet."""
    topic = topic or make_topic()
    receipt = receipt or make_receipt()
    fields = {
        "slot": topic.key.partition(":")[2] or topic.key,
        "kind": ContributionKind.TEXT if text else ContributionKind.CHOICE,
        "text": text,
        "masked_text": text,
        "may_be_danger": names_danger(text),
        "language": receipt.language,
        "reading": Reading.UNREAD,
    } | fields
    return Contribution.objects.create(receipt=receipt, topic=topic, **fields)


def make_debt(
    topic: Topic | None = None,
    *,
    contribution: Contribution | None = None,
    receipt: Receipt | None = None,
    owner: User | None = None,
    due: int = 30,
    waited: int = 0,
    state: str = Owed.OPEN,
    **fields,
) -> AnswerOwed:
    """One answer owed, due in `due` days (negative: late), for something said `waited` days ago."""
    if contribution is None:
        contribution = make_contribution(topic, receipt=receipt)
    fields = {
        "since": today(-waited),
        "due_on": today(due),
        "settled_at": None if state == Owed.OPEN else timezone.now(),
        "reason": "It was asked by mistake." if state == Owed.WAIVED else "",
    } | fields
    return AnswerOwed.objects.create(
        receipt=contribution.receipt,
        contribution=contribution,
        topic=topic or contribution.topic,
        owner=owner or make_user(),
        state=state,
        **fields,
    )


def make_promise(source: str = SOURCE, *, owner: User | None = None, due: int = 30, **fields) -> Promise:
    """What the people of `source` were promised, before a date `due` days from now."""
    fields = {
        "title": {"nl": "Wat heeft Oosterhaven nodig?", "en": "What does Oosterhaven need?"},
        "text": {
            "nl": "U hoort wat wij met de antwoorden doen.",
            "en": "You hear what we do with the answers.",
        },
        "due_on": today(due),
        "first_due_on": today(due),
    } | fields
    return Promise.objects.create(subject=source, owner=owner or make_user(), **fields)


# --- what is told -----------------------------------------------------------------------------


def make_follow_up(
    *,
    source: str = SOURCE,
    key: str = "",
    theme: int | None = None,
    areas: list[Area] = (),
    owner: User | None = None,
    state: str = FollowUpState.DRAFT,
    now: datetime | None = None,
    **fields,
) -> FollowUp:
    """An answer that is written out in Dutch and English."""
    now = now or timezone.now()
    fields = {
        "title": {"nl": "ontmoeten", "en": "meeting"},
        "outcome": Outcome.ADOPTED,
        "decided": {"nl": "Dit gaat door.", "en": "This goes ahead."},
        "why": {"nl": "95 buren noemden dit.", "en": "95 neighbours named this."},
        "next_step": {"nl": "Op 20 mei bent u welkom.", "en": "You are welcome on 20 May."},
        "signed_as": {"nl": "uw wijkmanager", "en": "your neighbourhood manager"},
        "hold_until": None if state == FollowUpState.DRAFT else now,
        "released_at": None if state in (FollowUpState.DRAFT, FollowUpState.HOLD) else now,
    } | fields
    follow_up = FollowUp.objects.create(
        audience={"source": source, "key": key, "theme": theme, "areas": [area.pk for area in areas]},
        owner=owner or make_user(),
        state=state,
        **fields,
    )
    follow_up.areas.set(areas)
    return follow_up


def make_message(receipt: Receipt | None = None, *, state: str = MessageState.PENDING, **fields) -> Message:
    """A mail about an answer to a receipt, or with `user=` to a colleague."""
    number = next(_number)
    if "user" not in fields:
        fields["receipt"] = receipt or make_contact().receipt
    fields = {
        "purpose": MessagePurpose.FOLLOW_UP,
        "dedupe_key": f"message:{number}",
        "language": "nl",
        "message_id": f"<{number}@nabij.example>",
        "settled_at": None if state in UNSETTLED else timezone.now(),
    } | fields
    return Message.objects.create(state=state, **fields)


def make_incoming(receipt: Receipt | None = None, *, text: str = "Wanneer dan?", **fields) -> Incoming:
    """A mail that waits for a colleague; without `receipt` nobody knows whose it is."""
    fields = {
        "state": IncomingState.WAITING,
        "why": WhyByHand.OTHER_ADDRESS if receipt else WhyByHand.UNKNOWN,
        "from_address": "partner@example.nl",
        "subject": "Re: Uw antwoord",
        **Incoming.words(text),
    } | fields
    return Incoming.objects.create(receipt=receipt, key=f"{next(_number):064d}", **fields)
