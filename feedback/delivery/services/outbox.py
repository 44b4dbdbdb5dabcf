"""Queues mail as rows, in the transaction of the action that asks for it."""

import base64
import logging
import re
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from hmac import compare_digest
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import Receipt, User
from accounts.states import DeliveryChannel, HowOften
from core.keyed import keyed_hash, keyed_hashes
from feedback.models import Message
from feedback.states import ON_SCREEN_PURPOSES, MessagePurpose

_BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

EMPTIED_FIELDS: dict[str, Any] = {"subject": "", "text": "", "html": "", "to_address": ""}
"""Field values that empty a message once it was handed over: nothing is kept longer than needed."""


def message_id(dedupe_key: str) -> str:
    """The Message-ID, a function of the key: mail programs then show a duplicate mail once."""
    return f"<{keyed_hash(dedupe_key, purpose='message-id')[:32]}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


def reference_of(message: Message) -> str:
    """The reference of a text at the SMS service: a keyed hash without personal data."""
    return message.message_id.strip("<>").partition("@")[0]


def message_id_of_reference(reference: str) -> str:
    return f"<{reference}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


@lru_cache(maxsize=8)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def rank(purpose: str) -> int:
    return 0 if purpose in ON_SCREEN_PURPOSES else 1


@transaction.atomic
def queue_message(
    *,
    purpose: str,
    dedupe_key: str,
    language: str,
    receipt: Receipt | None = None,
    user: User | None = None,
    subject: str = "",
    text: str = "",
    html: str = "",
    to_address: str = "",
    carrier: str = DeliveryChannel.MAIL,
    now: datetime | None = None,
) -> Message:
    """Queue a mail or text to one receipt or one colleague; idempotent per `dedupe_key`.

    Follow-ups have no text: they are rendered when they are sent. Other mail carries its text until it is
    handed over, and is emptied then. `to_address` only if it is not the contact's or the colleague's own.
    """
    moment = now or timezone.now()
    message, made = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "purpose": purpose,
            "carrier": carrier,
            "language": language,
            "receipt": receipt,
            "user": user,
            "subject": subject,
            "text": text,
            "html": html,
            "to_address": to_address,
            "message_id": message_id(dedupe_key),
            "rank": rank(purpose),
            "created_at": moment,
            "next_attempt_at": moment,
        },
    )
    if made:
        transaction.on_commit(notify_workers, robust=True)
    return message


def queue_notice(user: User, *, key: str, subject: str, text: str, now: datetime | None = None) -> Message:
    """Queue a notice to one colleague, already in their language; idempotent per `key`."""
    return queue_message(
        purpose=MessagePurpose.NOTICE,
        dedupe_key=key,
        language=user.language,
        user=user,
        subject=subject,
        text=text,
        now=now,
    )


def new_message(
    *,
    purpose: str,
    dedupe_key: str,
    language: str,
    receipt: Receipt | None = None,
    user: User | None = None,
    carrier: str = DeliveryChannel.MAIL,
    now: datetime,
) -> Message:
    """An unsaved message that is rendered when it is sent; save several with `queue_messages`."""
    return Message(
        purpose=purpose,
        carrier=carrier,
        dedupe_key=dedupe_key,
        language=language,
        receipt=receipt,
        user=user,
        message_id=message_id(dedupe_key),
        rank=rank(purpose),
        created_at=now,
        next_attempt_at=now,
    )


@transaction.atomic
def queue_messages(messages: list[Message]) -> None:
    """Queue several at once; those with an existing `dedupe_key` are ignored."""
    if messages:
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        transaction.on_commit(notify_workers, robust=True)


def short_name(number: int) -> str:
    """In base 36, as Python's `int(name, 36)` reads it."""
    name = ""
    while number:
        number, sign = divmod(number, len(_BASE36_DIGITS))
        name = _BASE36_DIGITS[sign] + name
    return name


def number_of(name: str) -> int | None:
    """Inverse of `short_name`; None for anything else."""
    if not 0 < len(name) <= 12 or set(name) - set(_BASE36_DIGITS):
        return None
    number = int(name, len(_BASE36_DIGITS))
    return number if number < 2**63 else None


# --- return address ------------------------------------------------------------------------------
# A unique address per mail, so that a reply or bounce identifies the message.
#
# `answer+r.2f.k3…@waterdam.example`: the number of the message and a keyed hash of it, no personal data.
# Lower-case letters and digits, because mail servers may change the case, and within 64 characters before
# the @ (RFC 5321). Without INBOX_ADDRESS there are no such addresses, and a person reads replies.


REPLY_LETTER, RETURN_LETTER = "r", "b"
_TOKEN = re.compile(r"([rb])\.([0-9a-z]{1,13})\.([2-7a-z]{21})$")


def reply_to(message: Message) -> str:
    """The reply address of this mail; "" if that is the address of the municipality."""
    return _address(message, REPLY_LETTER) if message.receipt_id else ""


def return_path(message: Message) -> str:
    """The envelope sender (RFC 5321), to which mail servers report that delivery failed."""
    return _address(message, RETURN_LETTER)


def _address(message: Message, letter: str) -> str:
    inbox = settings.INBOX_ADDRESS
    if not inbox or not settings.INBOX_SEPARATOR:
        return inbox
    local, _at, domain = inbox.rpartition("@")
    number = short_name(message.pk)
    proof = _proofs(letter, number, message)[0]
    return f"{local}{settings.INBOX_SEPARATOR}{letter}.{number}.{proof}@{domain}"


def _proofs(letter: str, number: str, message: Message) -> list[str]:
    """By every key that still verifies, newest first."""
    # Includes the Message-ID: after a restored backup the same number may belong to another mail.
    hashes = keyed_hashes(f"{letter}.{number}.{message.message_id}", purpose="return-address")
    return [base64.b32encode(bytes.fromhex(one)[:13]).decode().rstrip("=").lower() for one in hashes]


def find_original_message(addresses: Iterable[str], message_ids: Iterable[str]) -> Message | None:
    """The mail of ours that is meant: by return address, else by Message-ID, which only its receiver knows."""
    tokens = [token for address in addresses if (token := _TOKEN.search(address.lower().partition("@")[0]))]
    for token in tokens[:20]:
        letter, number, proof = token.groups()
        message = _messages().filter(pk=int(number, 36)).first() if int(number, 36) < 2**63 else None
        if message and any(compare_digest(proof, one) for one in _proofs(letter, number, message)):
            return message
    asked = list(message_ids)[:50]
    found = {message.message_id: message for message in _messages().filter(message_id__in=asked)}
    return next((found[one] for one in asked if one in found), None)


def _messages() -> "models.QuerySet[Message]":
    return Message.objects.select_related("receipt", "user")


def is_ours(address: str) -> bool:
    """Whether it is an address that Nabij itself sends from or reads."""
    local, _at, domain = settings.INBOX_ADDRESS.lower().rpartition("@")
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    given, _at, there = address.lower().rpartition("@")
    plain = given.partition(settings.INBOX_SEPARATOR)[0] if settings.INBOX_SEPARATOR else given
    return address.lower() == ours or (bool(local) and (plain, there) == (local, domain))


# --- when mail with answers leaves ---------------------------------------------------------------


THURSDAY, HOUR = 3, 10
"""Mails that gather answers leave on Thursdays at ten, as the colleague who wrote them can be called then."""


def next_delivery_at(how_often: str, now: datetime) -> datetime | None:
    """The next moment for readers who chose `how_often`; None if they wait until everything is answered.

    `now` is an aware datetime in local time, so that it is ten o'clock in summer as well.
    """
    match how_often:
        case HowOften.WEEKLY:
            return _next_thursday(now)
        case HowOften.MONTHLY:
            found = _next_thursday(now)
            while found.day > 7:
                found = _next_thursday(found)
            return found
        case HowOften.AT_THE_END:
            return None
    return now


def _next_thursday(after: datetime) -> datetime:
    """The first Thursday at ten after `after`; wall-clock arithmetic in one time zone."""
    day = after + timedelta(days=(THURSDAY - after.weekday()) % 7)
    found = day.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return found if found > after else found + timedelta(days=7)


# --- waking the workers ------------------------------------------------------------------------------------
# Tells the workers that something is due. Best effort: the sweep finds it anyway.
#
# A request never waits for the broker and never fails because of it. One thread per process notifies, at
# most a few times a second however much is queued; if Redis is down or hangs, it pauses for a minute. In
# embedded mode there is no notification: over memory:// no other process would get it.


log = logging.getLogger("nabij.doorbell")

_BROKER_RETRY_SECONDS = 60
NOTIFY_DELAY_SECONDS = 0.1
BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
DISPATCH_TASK_NAME = "feedback.tasks.send_due_messages"


class WorkerNotifier:
    """Sends the notifications from a thread. `broker` overrides the setting; tests pass one that hangs."""

    def __init__(self, broker: str = "") -> None:
        self._broker = broker
        self._pressed = threading.Event()
        self._lock = threading.Lock()
        self._ringer: threading.Thread | None = None
        self._resting_until = 0.0

    @property
    def circuit_is_open(self) -> bool:
        return time.monotonic() < self._resting_until

    def request(self) -> None:
        """Request a notification; returns at once."""
        if self.circuit_is_open:
            return
        with self._lock:
            # A thread does not survive a fork: check that this process has one.
            if self._ringer is None or not self._ringer.is_alive():
                self._ringer = threading.Thread(target=self._serve, name="doorbell", daemon=True)
                self._ringer.start()
        self._pressed.set()

    def _serve(self) -> None:
        while True:
            self._pressed.wait()
            time.sleep(NOTIFY_DELAY_SECONDS)
            self._pressed.clear()
            if not self.notify_once():
                self._resting_until = time.monotonic() + _BROKER_RETRY_SECONDS

    def notify_once(self) -> bool:
        """Notify once. Returns whether the broker accepted it."""
        try:
            with current_app.connection_for_write(
                self._broker or None, transport_options=BROKER_TRANSPORT_OPTIONS
            ) as broker:
                current_app.send_task(
                    DISPATCH_TASK_NAME, connection=broker, retry=False, expires=_BROKER_RETRY_SECONDS
                )
        except Exception as error:  # noqa: BLE001 - whatever the broker's driver raises, the sweep will do
            log.warning("The broker does not answer (%s); the sweep will find it.", type(error).__name__)
            return False
        return True


_bell = WorkerNotifier()


def notify_workers() -> None:
    if settings.REDIS_URL:
        _bell.request()
