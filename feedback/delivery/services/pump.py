"""Sends what is due. Every job here reads the database for work and may run twice or concurrently.

| step | in a transaction           | what a crash after it means         |
|------|----------------------------|-------------------------------------|
| T3   | claimed                    | the lease ends, it is pending again |
| T4   | handing over               | uncertain: never resent automatically |
| T5   | sent, with what it carried | nothing                             |

T4 and T5 commit a group of messages of one connection at once, which makes it fast; a crash leaves at most
one group uncertain. Lock order everywhere: contacts, messages, debts.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache, partial
from uuid import UUID

from django.conf import settings
from django.core.mail.message import sanitize_address
from django.db import OperationalError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, absolute, private_url, sign_short
from accounts.models import Contact, Receipt, Suppression, User
from accounts.states import DeliveryChannel, SuppressionScope
from core.jobs import stopping
from core.keyed import address_hashes
from core.phone_numbers import is_in_sms_country
from feedback.delivery.emails import (
    DeliveryResult,
    MailHeaders,
    RelayUnreachable,
    RenderedMail,
    Sender,
    SmtpSession,
    Verdict,
    encode_mail,
    fill_in_links,
    open_smtp_session,
)
from feedback.delivery.services import guards, outbox
from feedback.delivery.services.guards import (
    TEXTS,
    HeldLease,
    backoff,
    circuit_is_open,
    claim,
    lease_end,
    lock_contacts,
    open_circuit,
    renew_heartbeat,
    return_claimed_messages,
)
from feedback.delivery.services.outbox import EMPTIED_FIELDS, reference_of, short_name
from feedback.delivery.services.sms import (
    SmsSession,
    Text,
    can_text,
    in_quiet_hours,
    morning_after,
    open_sms_session,
)
from feedback.models import DeliveryAttempt, Message
from feedback.registries import MessageRenderer, carried, message_hooks
from feedback.states import REQUESTED_PURPOSES, SHORT_LIVED_PURPOSES, MessagePurpose, MessageState
from neighbourhoods.models import Municipality

log = logging.getLogger("nabij.outbox")

CONNECTIONS = ("connection-1", "connection-2")
"""A lease per concurrent connection to the relay, over all processes of this installation."""

GROUPS_PER_CLAIM = 5
TURN_SECONDS = 20
"""Keeps a job short; the next run does the rest."""
TEXTS_SECONDS = 5
"""Shorter: texts mostly wait for each other, and in single-process mode there are few threads."""

SMS_LEASE = "texting"
LOST_LINES = 3
"""Lost connections in a row without an accepted mail: then the relay is down, not one mail at fault."""


def dispatch_due(now: datetime | None = None) -> int:
    """Create the messages that became due, and send. Returns how many mails the relay accepted."""
    renew_heartbeat("jobs")
    for one in carried():
        one.create_messages(now=now)
    return send_due(now=now)


def send_due(*, now: datetime | None = None) -> int:
    """Send until nothing is due, the turn is over, or this process stops. Returns how many were accepted."""
    if not guards.outbox_may_send(now=now) or circuit_is_open(now=now) or not has_due(now):
        return 0
    with relay_slot() as slot:
        return run_turn(slot, now=now) if slot else 0


def relay_slot() -> AbstractContextManager[HeldLease | None]:
    """One of the few connections for this turn; None if all are taken. Free within a minute after a crash."""
    return guards.hold_lease(*CONNECTIONS, seconds=min(60, settings.LEASE_SECONDS))


def has_due(now: datetime | None, carrier: str = DeliveryChannel.MAIL) -> bool:
    due = Message.objects.due(now or timezone.now(), carrier)
    return (due.filter(rank=0) if fan_out_is_running(now) else due).exists()


def fan_out_is_running(now: datetime | None) -> bool:
    """Whether a fan-out runs. During a fan-out only mail that a reader waits for on screen is sent."""
    return guards.lease_is_taken(guards.FAN_OUT_LEASE, now=now)


def run_turn(slot: HeldLease, *, now: datetime | None = None) -> int:
    accepted, lost, ends = 0, 0, time.monotonic() + TURN_SECONDS
    while lost < LOST_LINES and time.monotonic() < ends and not stopping.is_set() and has_due(now):
        try:
            with open_smtp_session() as line:
                taken = send_batch(line, slot, ends, now=now)
        except RelayUnreachable as error:
            open_circuit(str(error), now=now)
            return accepted
        except guards.OutboxQuarantined:
            guards.outbox_may_send(now=now)
            return accepted
        accepted += taken
        lost = 0 if taken or line.is_open else lost + 1
    if lost == LOST_LINES:
        open_circuit("The mail relay keeps dropping the line.", now=now)
    return accepted


def send_batch(line: SmtpSession, slot: HeldLease, ends: float, *, now: datetime | None) -> int:
    """Send over one connection, claim by claim. Returns how many mails were accepted."""
    accepted = 0
    while line.is_open and time.monotonic() < ends and not stopping.is_set():
        token, ids = claim(
            most=GROUPS_PER_CLAIM * settings.OUTBOX_GROUP,
            now=now or timezone.now(),
            hurries=fan_out_is_running(now),
        )
        if not ids:
            break
        try:
            for start in range(0, len(ids), settings.OUTBOX_GROUP):
                if not line.is_open or stopping.is_set():
                    break
                slot.renew()
                answers = send_group(line, ids[start : start + settings.OUTBOX_GROUP], token)
                accepted += sum(answer.verdict == Verdict.ACCEPTED for answer in answers)
        finally:
            return_claimed_messages(token)
        renew_heartbeat("jobs")
    return accepted


# --- texts ----------------------------------------------------------------------------------------


def send_sms(*, now: datetime | None = None) -> int:
    """Send the due texts one by one, within the rate limit of the service. Returns how many it accepted."""
    if not settings.SMS_URL or not has_due(now, DeliveryChannel.TEXT):
        return 0
    if in_quiet_hours(now):
        postpone_night_sms(now)
        return 0
    if not guards.outbox_may_send(now=now) or circuit_is_open(TEXTS, now=now):
        return 0
    with guards.hold_lease(SMS_LEASE, seconds=settings.LEASE_SECONDS) as lease:
        if lease is None:
            return 0  # another process sends: two would exceed the rate limit
        try:
            with open_sms_session() as line:
                accepted = send_sms_one_by_one(line, lease, now=now)
        except guards.OutboxQuarantined:
            guards.outbox_may_send(now=now)
            return 0
    if not line.is_open:
        open_circuit(line.why, name=TEXTS, now=now)
    return accepted


def send_sms_one_by_one(line: SmsSession, lease: HeldLease, *, now: datetime | None) -> int:
    accepted, ends = 0, time.monotonic() + TEXTS_SECONDS
    while line.is_open and time.monotonic() < ends and not stopping.is_set() and not in_quiet_hours(now):
        lease.renew()
        token, ids = claim(
            most=1, now=now or timezone.now(), carrier=DeliveryChannel.TEXT, hurries=fan_out_is_running(now)
        )
        if not ids:
            break
        try:
            answers = send_group(line, ids, token)
        finally:
            return_claimed_messages(token)
        accepted += sum(answer.verdict == Verdict.ACCEPTED for answer in answers)
        renew_heartbeat("jobs")
        if answers:
            stopping.wait(60 / settings.SMS_PER_MINUTE)
    return accepted


def postpone_night_sms(now: datetime | None) -> int:
    """Move texts that are due at night to the morning. Returns how many."""
    moment = now or timezone.now()
    morning = morning_after(timezone.localtime(moment), since=settings.SMS_FROM)
    return Message.objects.due(moment, DeliveryChannel.TEXT).order_by().update(next_attempt_at=morning)


# --- whether it may still leave, and who renders it: in T4, with the contact locked ------------------

SHORT_LIVED_TIMEOUT = timedelta(minutes=15)


def _nothing() -> RenderedMail:
    raise LookupError("There is nothing to write.")


@dataclass
class PreparedMessage:
    """One message, whether it goes, and how to render it after the transaction."""

    message: Message
    municipality: Municipality
    state: str = MessageState.HANDING_OVER
    why_not: str = ""
    address: str = ""
    write: Callable[[], RenderedMail] = _nothing
    # What the registry gave for it; None if the message holds its own text.
    renderer: MessageRenderer | None = None
    unsubscribe_url: str = ""
    # For a text or letter: the short link to what this message is about.
    short_url: str = ""

    @property
    def goes(self) -> bool:
        return self.state == MessageState.HANDING_OVER

    def skip(self, state: str, why: str) -> "PreparedMessage":
        self.state, self.why_not = state, why
        return self


def prepare_messages(
    messages: list[Message], contacts: dict[UUID, Contact], *, now: datetime
) -> list[PreparedMessage]:
    """Requires `messages` with user loaded; `contacts` by receipt, locked by the caller."""
    blocked, municipality = suppressed_addresses(contacts.values()), Municipality.current()
    parcels = [
        check_recipient(PreparedMessage(message, municipality), contacts, blocked, now)
        for message in messages
    ]
    find_renderers([parcel for parcel in parcels if parcel.goes])
    return parcels


def check_recipient(
    parcel: PreparedMessage, contacts: dict[UUID, Contact], blocked: set[str], now: datetime
) -> PreparedMessage:
    message = parcel.message
    if message.purpose in SHORT_LIVED_PURPOSES and now - message.created_at > SHORT_LIVED_TIMEOUT:
        return parcel.skip(MessageState.CANCELLED, "nobody waits for it any more")
    if message.user:
        return address_to_colleague(parcel, message.user)
    contact = contacts.get(message.receipt_id) if message.receipt_id else None
    if contact is None or not contact.carrier:
        return parcel.skip(MessageState.CANCELLED, "there is no address any more")
    if contact.carrier != message.carrier:
        return parcel.skip(
            MessageState.CANCELLED, f"the address is now for another carrier: {contact.carrier}"
        )
    message.receipt, parcel.address = contact.receipt, contact.address
    if message.carrier == DeliveryChannel.TEXT and not can_text(message.purpose):
        return parcel.skip(MessageState.CANCELLED, "no template for it was made")
    if message.carrier == DeliveryChannel.TEXT and not is_in_sms_country(contact.mobile):
        return parcel.skip(MessageState.CANCELLED, "no texts go to the country of this number")
    if message.carrier != DeliveryChannel.MAIL:
        parcel.short_url = short_url(message, contact.receipt)
    if message.purpose not in REQUESTED_PURPOSES:
        if contact.unsubscribed_at:
            return parcel.skip(MessageState.SUPPRESSED, "unsubscribed")
        if contact.address in blocked:
            return parcel.skip(MessageState.SUPPRESSED, "no mail at all to this address")
        if not contact.confirmed_at:
            return parcel.skip(MessageState.CANCELLED, "the address is not confirmed")
        parcel.unsubscribe_url = private_url("private_unsubscribe", contact.receipt, LinkPurpose.UNSUBSCRIBE)
    return parcel


def address_to_colleague(parcel: PreparedMessage, user: User) -> PreparedMessage:
    if not user.is_active and parcel.message.purpose != MessagePurpose.INVITATION:
        return parcel.skip(MessageState.CANCELLED, "the colleague left")
    parcel.address = parcel.message.to_address or user.email
    return parcel


def suppressed_addresses(contacts: Iterable[Contact]) -> set[str]:
    address_of = {
        one: contact.address
        for contact in contacts
        if contact.address
        for one in address_hashes(contact.address)
    }
    if not address_of:
        return set()
    suppressed = Suppression.objects.filter(address_hash__in=address_of, scope=SuppressionScope.EVERYTHING)
    return {address_of[one] for one in suppressed.values_list("address_hash", flat=True)}


def find_renderers(parcels: list[PreparedMessage]) -> None:
    """Ask those who registered for a purpose how its messages are rendered, or why one must not leave: answered
    since, or closed. A message of another purpose holds its own text."""
    registered: dict[int, MessageRenderer | str] = {}
    for hooks in message_hooks:
        if mine := [parcel.message for parcel in parcels if parcel.message.purpose == hooks.purpose]:
            registered |= dict.fromkeys((message.pk for message in mine), "there is nothing to say any more")
            registered |= hooks.renderers(mine)
    for parcel in parcels:
        message = parcel.message
        if message.pk in registered:
            set_renderer(parcel, registered[message.pk])
        elif message.user or message.text:
            own = RenderedMail(message.subject, message.text, message.html)
            parcel.write = partial(fill_in_links, own, parcel.unsubscribe_url)
        else:
            parcel.skip(MessageState.CANCELLED, "there is nothing to say")


def set_renderer(parcel: PreparedMessage, renderer: MessageRenderer | str) -> None:
    if isinstance(renderer, str):
        parcel.skip(MessageState.CANCELLED, renderer)
    else:
        parcel.renderer, parcel.write = renderer, partial(renderer, parcel.unsubscribe_url)


def short_url(message: Message, receipt: Receipt) -> str:
    """Shortest link to what one message is about."""
    return absolute(reverse("private_short", args=[sign_short(short_name(message.pk), receipt)]))


# --- one group: commit (T4), send, settle (T5) -------------------------------------------------------

NOT_TRIED_RESULT = DeliveryResult(Verdict.LINE_LOST, None, "")

SendResults = list[tuple[PreparedMessage, DeliveryResult]]


def send_group(line: SmtpSession | SmsSession, ids: list[int], token: UUID) -> list[DeliveryResult]:
    """T4, sending, T5. Returns the results of the messages that were tried."""
    # Start none in the second half of the lease, so that a slow last mail ends before the lease does.
    last_start = time.monotonic() + settings.LEASE_SECONDS / 2
    parcels = begin_handing_over(ids, token, now=timezone.now())
    handled: SendResults = []
    waiting = list(parcels)
    try:
        while waiting and line.is_open and time.monotonic() < last_start:
            parcel = waiting.pop(0)
            handled.append((parcel, send(line, parcel)))
    finally:
        # Whatever failed, these were certainly not started.
        settle(handled + [(parcel, NOT_TRIED_RESULT) for parcel in waiting], token)
    return [answer for _parcel, answer in handled]


def begin_handing_over(ids: list[int], token: UUID, *, now: datetime) -> list[PreparedMessage]:
    """T4. Check again who may get it, and commit that before the first DATA."""
    with transaction.atomic():
        contacts = lock_contacts(Contact.objects.filter(receipt__messages__in=ids))
        messages = list(
            Message.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk__in=ids, state=MessageState.CLAIMED, lease_token=token, lease_until__gt=now)
            .order_by("rank", "next_attempt_at", "pk")
        )
        parcels = prepare_messages(messages, contacts, now=now)
        for state in (MessageState.SUPPRESSED, MessageState.CANCELLED):
            left_out = [parcel for parcel in parcels if parcel.state == state]
            for why in {parcel.why_not for parcel in left_out}:
                Message.objects.filter(pk__in=[p.message.pk for p in left_out if p.why_not == why]).move(
                    state, settled_at=now, resolution=why, **EMPTIED_FIELDS
                )
        going = [parcel for parcel in parcels if parcel.goes]
        if not going:
            return []
        Message.objects.filter(pk__in=[parcel.message.pk for parcel in going], lease_token=token).move(
            MessageState.HANDING_OVER, handed_over_at=now, lease_until=lease_end(now)
        )
        epoch = guards.advance_epoch()
    guards.write_epoch_file(epoch)
    return going


def send(line: SmtpSession | SmsSession, parcel: PreparedMessage) -> DeliveryResult:
    """Render one message and hand it over. One that can't be rendered is refused, for a person to look at."""
    if isinstance(line, SmsSession):
        return line.send(render_sms(parcel))
    try:
        plain = parcel.address.isascii()
        recipient = parcel.address if plain else sanitize_address(parcel.address, "utf-8")
        sender, content = render_mail(parcel, recipient)
    except Exception as error:  # our bug in one mail must not block the others
        log.exception("Message %s can't be written.", parcel.message.pk)
        return DeliveryResult(Verdict.REFUSED, None, f"It can't be written: {type(error).__name__}")
    return line.hand_over(sender, recipient, content)


def render_sms(parcel: PreparedMessage) -> Text:
    message = parcel.message
    return Text(
        reference=reference_of(message),
        number=parcel.address,
        purpose=message.purpose,
        language=message.language,
        link=parcel.short_url,
        municipality=parcel.municipality.name,
        # The value from before this T4: if set, an earlier request may have reached the service.
        tried=message.handed_over_at is not None,
    )


def render_mail(parcel: PreparedMessage, recipient: str) -> tuple[str, bytes]:
    """(envelope sender, mail as bytes)."""
    name, address = _parse_sender(settings.DEFAULT_FROM_EMAIL)
    sender = Sender(name or parcel.municipality.name, address, parcel.municipality.email)
    reply_to = outbox.reply_to(parcel.message)
    head = MailHeaders(recipient, parcel.message.message_id, parcel.unsubscribe_url, reply_to)
    return outbox.return_path(parcel.message) or address, encode_mail(parcel.write(), sender, head)


_parse_sender = lru_cache(maxsize=8)(parseaddr)


def settle(handled: SendResults, token: UUID) -> None:
    """T5. Retried after a deadlock or lock timeout, because these mails are out already."""
    for last_try in (False, False, True):
        try:
            _settle(handled, token, now=timezone.now())
            break
        except OperationalError:
            if last_try:
                raise
            time.sleep(0.2)


@transaction.atomic
def _settle(handled: SendResults, token: UUID, *, now: datetime) -> None:
    ids = [parcel.message.pk for parcel, _answer in handled]
    locked = Contact.objects.select_for_update(of=("self",)).filter(receipt__messages__in=ids)
    list(locked.order_by("pk").values_list("pk"))
    # Erased in the meantime: nothing to record.
    there = set(Message.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True))
    handled = [(parcel, answer) for parcel, answer in handled if parcel.message.pk in there]
    settle_accepted([parcel for parcel, answer in handled if answer.verdict == Verdict.ACCEPTED], now)
    for parcel, answer in handled:
        if answer.verdict != Verdict.ACCEPTED:
            settle_other(parcel, answer, token, now)
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(message=parcel.message, at=now, code=answer.code, said=answer.reply)
        for parcel, answer in handled
        if answer is not NOT_TRIED_RESULT
    )


def settle_accepted(parcels: list[PreparedMessage], now: datetime) -> None:
    """Mark as sent, with what they carried. Overrides uncertain: a slow process that got the reply knows better
    than the sweep."""
    if not parcels:
        return
    ids = [parcel.message.pk for parcel in parcels]
    Message.objects.filter(
        pk__in=ids, state__in=[MessageState.HANDING_OVER, MessageState.UNCERTAIN], resolved_by=None
    ).move(MessageState.SENT, settled_at=now, attempts=F("attempts") + 1, resolution="", **EMPTIED_FIELDS)
    rendered = [parcel.renderer for parcel in parcels if parcel.renderer]
    for one in carried():
        one.accepted(rendered, at=now)


def settle_other(parcel: PreparedMessage, answer: DeliveryResult, token: UUID, now: datetime) -> None:
    mine = Message.objects.filter(pk=parcel.message.pk, lease_token=token, state=MessageState.HANDING_OVER)
    tries = parcel.message.attempts + 1
    if answer is NOT_TRIED_RESULT:
        mine.move(MessageState.PENDING)
    elif answer.verdict == Verdict.LINE_LOST:
        # Uses no attempt; delayed, so that one mail that breaks connections can't block the others.
        mine.move(MessageState.PENDING, next_attempt_at=now + backoff(1))
    elif answer.verdict == Verdict.UNKNOWN:
        mine.move(MessageState.UNCERTAIN, settled_at=now, attempts=tries, resolution="")
    elif answer.verdict == Verdict.LATER and tries <= len(settings.BACKOFF_SECONDS):
        mine.move(MessageState.PENDING, attempts=tries, next_attempt_at=now + backoff(tries))
    else:
        mine.move(MessageState.FAILED, settled_at=now, attempts=tries, resolution="")
