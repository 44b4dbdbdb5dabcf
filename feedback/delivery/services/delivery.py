"""Delivery events of a message, reported by a mailbox, a provider, or a person; and settling by hand."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, Suppression, User
from accounts.states import DeliveryChannel, SuppressionReason
from core.errors import DomainError, InvalidTransition
from core.rows import get_or_gone, refresh_or_gone
from feedback.delivery.services import outbox
from feedback.delivery.services.guards import HEARTBEAT_TIMEOUT, RELAY_SERVICE, TEXTS
from feedback.delivery.services.inbox import INBOX, INBOX_CIRCUIT
from feedback.delivery.services.outbox import EMPTIED_FIELDS, reference_of
from feedback.delivery.services.sms import STATUSES, SmsServiceUnanswered, open_sms_session
from feedback.models import DeliveryEvent, Heartbeat, Message, OutboxEpoch
from feedback.registries import carried
from feedback.states import NEEDS_PERSON_STATES, DeliveryKind, MessageState

log = logging.getLogger("nabij.outbox")

SUPPRESSION_REASONS = {
    DeliveryKind.BOUNCED: SuppressionReason.BOUNCED,
    DeliveryKind.COMPLAINT: SuppressionReason.COMPLAINT,
}
BOUNCE_KINDS = {DeliveryKind.BOUNCED, DeliveryKind.RETURNED}


@transaction.atomic
def record(
    *,
    message: Message,
    kind: str,
    provider_event: str,
    detail: str = "",
    by: User | None = None,
    now: datetime | None = None,
) -> bool:
    """Record one event, idempotent per `provider_event`. Returns True if it was new.

    A bounce here is hard: the address is suppressed, what it carried counts as not arrived, and
    the message becomes a task for a person. A mail returned for another reason becomes that task too, but its address
    is not suppressed; nor is it when a colleague noted the bounce (`by`), as a note is no proof. A click
    never counts as proof of delivery: scanners click.
    """
    moment = now or timezone.now()
    contact = Contact.objects.select_for_update().filter(receipt=message.receipt_id).first()
    message = get_or_gone(Message.objects.select_for_update(), pk=message.pk)
    _event, new = DeliveryEvent.objects.get_or_create(
        provider_event=provider_event,
        defaults={
            "message": message,
            "kind": kind,
            "detail": detail[:200],
            "at": moment,
            "noted_by": by,
            "state_before": message.state if by else "",
        },
    )
    if not new:
        return False
    if (
        kind in SUPPRESSION_REASONS
        and not by
        and contact
        and contact.address
        and was_sent_to_current_address(contact, message)
    ):
        suppress(contact.address, SUPPRESSION_REASONS[DeliveryKind(kind)])
    this = Message.objects.filter(pk=message.pk)
    if kind in BOUNCE_KINDS and this.move(MessageState.BOUNCED, settled_at=moment, resolved_by=None):
        for one in carried():
            one.came_back(message, at=moment)
    elif kind == DeliveryKind.DELIVERED and this.move(
        MessageState.DELIVERED, settled_at=moment, **EMPTIED_FIELDS
    ):
        _arrived(message, moment)
    Event.log(f"recorded {kind}", message, by=by, note=detail[:200])
    return True


def _arrived(message: Message, moment: datetime) -> None:
    for one in carried():
        one.arrived(message, at=moment)


def was_sent_to_current_address(contact: Contact, message: Message) -> bool:
    """Whether it was sent to the current address; a newer address is not to blame."""
    return message.handed_over_at is None or contact.created_at <= message.handed_over_at


def suppress(address: str, reason: str) -> None:
    Suppression.objects.suppress(address, reason)


@transaction.atomic
def mark_uncertain_sent(*, message: Message, now: datetime | None = None) -> bool:
    """An uncertain text that the service knows: mark it and what it carried as sent. False if already settled."""
    moment = now or timezone.now()
    lock = Contact.objects.select_for_update().filter(receipt=message.receipt_id)
    list(lock.values_list("pk", flat=True))
    this = Message.objects.filter(pk=message.pk, state=MessageState.UNCERTAIN, resolved_by=None)
    if not this.move(MessageState.SENT, settled_at=moment, resolution="", **EMPTIED_FIELDS):
        return False
    _arrived(message, moment)
    return True


LOOKUP_BATCH_SIZE = 20
"""Uncertain texts looked up per sweep."""


def look_up_texts(*, now: datetime | None = None) -> int:
    """Look up uncertain texts at the service, and mark those it knows as sent. Returns how many.

    An unknown one stays for a person, as with mail: it may still be in transit.
    """
    moment = now or timezone.now()
    since = moment - timedelta(hours=settings.UNCERTAIN_HOURS)
    uncertain = Message.objects.filter(
        state=MessageState.UNCERTAIN, carrier=DeliveryChannel.TEXT, resolved_by=None, settled_at__gte=since
    )
    found = 0
    # Random order, so that unknown ones don't starve the others.
    waiting = list(uncertain.order_by("?")[:LOOKUP_BATCH_SIZE])
    if not waiting:
        return 0
    with open_sms_session() as line:
        for message in waiting:
            try:
                status = line.look_up(reference_of(message))
            except SmsServiceUnanswered as error:
                log.warning("%s", error)
                break
            if status is not None:
                found += mark_uncertain_sent(message=message, now=now)
                record_sms_status(message, status, now=now)
    return found


def record_sms_status(message: Message, status: str, *, now: datetime | None = None) -> None:
    if kind := STATUSES.get(status):
        # The same key as the service's webhook, so that the event is recorded once.
        event = f"hook:text:{reference_of(message)}:{status}"
        record(message=message, kind=kind, provider_event=event, detail=status, now=now)


# --- a person settles what no machine may ------------------------------------------------------------


@transaction.atomic
def resend(*, message: Message, by: User, note: str = "", now: datetime | None = None) -> Message:
    """Send an uncertain or failed mail again with the same Message-ID: most mail programs then show it once."""
    moment = now or timezone.now()
    check_settling_allowed(message, moment)
    _settle_by_hand(
        message,
        {MessageState.UNCERTAIN, MessageState.FAILED},
        MessageState.PENDING,
        settled_at=None,
        attempts=0,
        next_attempt_at=moment,
        batch=None,  # a letter goes into the next batch
        resolved_by=None,
        resolution=note[:300],
    )
    transaction.on_commit(outbox.notify_workers, robust=True)
    Event.log("sent again", message, by=by, note=note)
    return message


@transaction.atomic
def mark_delivered(*, message: Message, by: User, note: str = "", now: datetime | None = None) -> Message:
    moment = now or timezone.now()
    check_settling_allowed(message, moment)
    _settle_by_hand(
        message,
        {MessageState.UNCERTAIN},
        MessageState.DELIVERED,
        settled_at=moment,
        resolved_by=by,
        resolution=note[:300],
        **EMPTIED_FIELDS,
    )
    _arrived(message, moment)
    Event.log("marked delivered", message, by=by, note=note)
    return message


@transaction.atomic
def note_told_in_person(*, message: Message, by: User, note: str, now: datetime | None = None) -> Message:
    """Record that a colleague told the resident by phone, in person or by letter, or could not.

    Removes the message from the task list. Does not change its state or the counts of the follow-up. Raises
    DomainError without a note.
    """
    if not note.strip():
        raise DomainError(_("Write in a few words how they were told, or why not."))
    if (
        not Message.objects.needing_person()
        .filter(pk=message.pk)
        .update(resolved_by=by, resolution=note.strip()[:300], **EMPTIED_FIELDS)
    ):
        raise InvalidTransition(_("Somebody took this up already."))
    refresh_or_gone(message)
    Event.log("took up", message, by=by, note=note)
    return message


def unconfirmed_bounce(message: Message) -> DeliveryEvent | None:
    """A colleague's note of a bounce that no mailbox or provider confirmed; None if there is none."""
    came_back = list(message.events.filter(kind__in=BOUNCE_KINDS).select_related("noted_by").order_by("-at"))
    told = [event for event in came_back if not event.state_before]
    return came_back[0] if came_back and not told and message.state == MessageState.BOUNCED else None


@transaction.atomic
def take_back_bounce(*, message: Message, by: User) -> Message:
    """Undo a bounce that a colleague noted by mistake: restores the message and what it carried."""
    message = Message.objects.select_for_update().get(pk=message.pk)
    event = unconfirmed_bounce(message)
    if event is None or message.resolved_by_id:
        raise InvalidTransition(
            _("There is nothing to take back: the mail did come back, or a colleague took this up.")
        )
    was, moment = event.state_before, timezone.now()
    Message.objects.filter(pk=message.pk, state=MessageState.BOUNCED).update(state=was, settled_at=moment)
    if was in (MessageState.SENT, MessageState.DELIVERED):
        for one in carried():
            one.took_back(message, came_back_at=event.at, at=moment)
    event.delete()
    message.refresh_from_db()
    Event.log("took the bounce back", message, by=by)
    return message


def may_see_contact(message: Message, user: User) -> bool:
    """Whether the address may be shown. For a bounce: only if reported, or noted by another colleague."""
    if message.state != MessageState.BOUNCED:
        return True
    on_record = list(message.events.filter(kind__in=BOUNCE_KINDS))
    return any(not event.state_before or event.noted_by_id != user.pk for event in on_record)


def show_contact(*, message: Message, by: User) -> Contact | None:
    """The contact of a resident whom mail does not reach. Logs who looked.

    Raises DomainError if the only bounce was noted by hand by `by`.
    """
    contact = Contact.objects.filter(receipt=message.receipt_id).first() if message.receipt_id else None
    if contact is None or message.state not in NEEDS_PERSON_STATES:
        return None
    if not may_see_contact(message, by):
        raise DomainError(
            _(
                "No returned mail is on record, or you noted it yourself. Ask a colleague to look how to reach them."
            )
        )
    Event.log("contact shown", message, by=by)
    return contact


def may_be_settled(message: Message, now: datetime | None = None) -> bool:
    """Whether a person may settle it. An uncertain message waits UNCERTAIN_HOURS first: a bounce may still
    arrive."""
    if message.state != MessageState.UNCERTAIN or message.settled_at is None:
        return True
    return message.settled_at + timedelta(hours=settings.UNCERTAIN_HOURS) <= (now or timezone.now())


def check_settling_allowed(message: Message, now: datetime) -> None:
    if not may_be_settled(message, now):
        raise DomainError(_("A bounce may still arrive. From 24 hours after it became uncertain you decide."))


def _settle_by_hand(message: Message, sources: set[MessageState], to: str, **fields: Any) -> None:
    if not Message.objects.filter(pk=message.pk, state__in=sources).move(to, **fields):
        raise InvalidTransition(_("Something happened to this message in the meantime. Have another look."))
    refresh_or_gone(message)


# --- health of sending ----------------------------------------------------------------------------
# Health of sending, for the desk, monitoring and `manage.py outbox`.


RELAY_LONG = timedelta(minutes=10)
"""How long mail may wait for an unreachable relay before a person has to look."""
_RECENT = timedelta(minutes=5)
INBOX_LONG = timedelta(minutes=30)


@dataclass(frozen=True)
class Health:
    jobs_seconds: int | None
    """Seconds since the last heartbeat of a job; None if there never was one."""
    hold: OutboxEpoch | None
    relay: str = ""
    """The error of the relay, if it delays mail for long."""
    relay_minutes: int = 0
    inbox: str = ""
    """The error of the mailbox, if it was not read for long."""
    texts: str = ""
    """The error of the SMS service, while texts wait for it."""

    @property
    def silent(self) -> bool:
        return self.jobs_seconds is None or self.jobs_seconds > HEARTBEAT_TIMEOUT.total_seconds()

    @property
    def is_well(self) -> bool:
        return not (self.silent or self.hold or self.relay or self.inbox or self.texts)


def health(*, now: datetime | None = None) -> Health:
    """Two queries if all is well, because every page of the desk calls this."""
    now = now or timezone.now()
    beats = {
        beat.name: beat
        for beat in Heartbeat.objects.filter(name__in=["jobs", RELAY_SERVICE, INBOX, INBOX_CIRCUIT, TEXTS])
    }
    relay = beats.get(RELAY_SERVICE)
    waits = due_seconds(now) if relay and now - relay.at < _RECENT else 0
    resting_long = waits > RELAY_LONG.total_seconds()
    return Health(
        jobs_seconds=_since(beats.get("jobs"), now),
        hold=OutboxEpoch.objects.filter(quarantined_at__isnull=False).first(),
        relay=relay.note if relay and resting_long else "",
        relay_minutes=waits // 60,
        texts=_texts(beats.get(TEXTS), now),
        inbox=_inbox(beats.get(INBOX), beats.get(INBOX_CIRCUIT), now),
    )


def _texts(rested: Heartbeat | None, now: datetime) -> str:
    """Queries messages only while the service refuses us."""
    if rested is None or now - rested.at > _RECENT:
        return ""
    waits = Message.objects.due(now - RELAY_LONG, DeliveryChannel.TEXT).exists()
    return rested.note if waits else ""


def _since(beat: Heartbeat | None, now: datetime) -> int | None:
    return None if beat is None else max(0, int((now - beat.at).total_seconds()))


def _inbox(read: Heartbeat | None, trouble: Heartbeat | None, now: datetime) -> str:
    if not settings.INBOX_URL or trouble is None or now - trouble.at > 2 * _RECENT:
        return ""
    return trouble.note if read is None or trouble.at - read.at > INBOX_LONG else ""


def due_seconds(now: datetime) -> int:
    """Seconds that the longest due mail waits. Two index lookups, whatever the number."""
    pending = Message.objects.filter(state=MessageState.PENDING, next_attempt_at__lte=now).order_by(
        "next_attempt_at"
    )
    pending = pending.filter(carrier=DeliveryChannel.MAIL)  # texts wait for the morning, letters for printing
    found = [pending.filter(rank=rank).values_list("next_attempt_at", flat=True).first() for rank in (0, 1)]
    return max((int((now - at).total_seconds()) for at in found if at), default=0)
