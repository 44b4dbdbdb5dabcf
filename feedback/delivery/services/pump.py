"""Sends what is due. Every job here reads the database for work and may run twice or concurrently."""

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from accounts.states import DeliveryChannel
from core.jobs import stopping
from feedback.delivery.rhythm import morning_after
from feedback.delivery.services import lease, quarantine
from feedback.delivery.services.claims import claim, return_claimed_messages
from feedback.delivery.services.hand_over import send_group
from feedback.delivery.services.recover import heartbeat, renew_heartbeat
from feedback.delivery.services.sms import SmsSession, open_sms_session, sleeps
from feedback.delivery.services.transport import RelayUnreachable, SmtpSession, Verdict, open_line
from feedback.models import Message
from feedback.registries import carried

log = logging.getLogger("nabij.outbox")

CONNECTIONS = 2
"""Concurrent connections to the relay, over all processes of this installation."""

GROUPS_PER_CLAIM = 5
TURN_SECONDS = 20
"""Keeps a job short; the next run does the rest."""
TEXTS_SECONDS = 5
"""Shorter: texts mostly wait for each other, and in single-process mode there are few threads."""

RELAY = "relay"
TEXTS, TEXTING = "texts", "texting"
LOST_LINES = 3
"""Lost connections in a row without an accepted mail: then the relay is down, not one mail at fault."""


def dispatch_due(now: datetime | None = None) -> int:
    """Create the messages that became due, and send. Returns how many mails the relay accepted."""
    renew_heartbeat("jobs")
    for one in carried:
        one.create_messages(now=now)
    return send_due(now=now)


def send_due(*, now: datetime | None = None) -> int:
    """Send until nothing is due, the turn is over, or this process stops. Returns how many were accepted."""
    if not quarantine.is_clear(now=now) or circuit_is_open(now=now) or not has_due(now):
        return 0
    with relay_slot() as connection:
        return run_turn(connection, now=now) if connection else 0


def has_due(now: datetime | None, carrier: str = DeliveryChannel.MAIL) -> bool:
    due = Message.objects.due(now or timezone.now(), carrier)
    return (due.filter(rank=0) if is_handing_out(now) else due).exists()


def is_handing_out(now: datetime | None) -> bool:
    """Whether a fan-out runs. During a fan-out only mail that a reader waits for on screen is sent."""
    return lease.is_taken(lease.FAN_OUT, now=now)


def run_turn(connection: "RelaySlot", *, now: datetime | None = None) -> int:
    accepted, lost, ends = 0, 0, time.monotonic() + TURN_SECONDS
    while lost < LOST_LINES and time.monotonic() < ends and not stopping.is_set() and has_due(now):
        try:
            with open_line() as line:
                taken = send_batch(line, connection, ends, now=now)
        except RelayUnreachable as error:
            open_circuit(str(error), now=now)
            return accepted
        except quarantine.Quarantined:
            quarantine.is_clear(now=now)
            return accepted
        accepted += taken
        lost = 0 if taken or line.is_open else lost + 1
    if lost == LOST_LINES:
        open_circuit("The mail relay keeps dropping the line.", now=now)
    return accepted


def send_batch(line: SmtpSession, connection: "RelaySlot", ends: float, *, now: datetime | None) -> int:
    """Send over one connection, claim by claim. Returns how many mails were accepted."""
    accepted = 0
    while line.is_open and time.monotonic() < ends and not stopping.is_set():
        token, ids = claim(
            most=GROUPS_PER_CLAIM * settings.OUTBOX_GROUP,
            now=now or timezone.now(),
            hurries=is_handing_out(now),
        )
        if not ids:
            break
        try:
            for start in range(0, len(ids), settings.OUTBOX_GROUP):
                if not line.is_open or stopping.is_set():
                    break
                connection.keep()
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
    if sleeps(now):
        wait_for_morning(now)
        return 0
    if not quarantine.is_clear(now=now) or circuit_is_open(TEXTS, now=now):
        return 0
    holder = uuid4().hex
    if not lease.acquire_lease(TEXTING, holder, seconds=settings.LEASE_SECONDS):
        return 0  # another process sends: two would exceed the rate limit
    try:
        with open_sms_session() as line:
            accepted = text_one_by_one(line, holder, now=now)
    except quarantine.Quarantined:
        quarantine.is_clear(now=now)
        return 0
    finally:
        lease.release_lease(TEXTING, holder)
    if not line.is_open:
        open_circuit(line.why, name=TEXTS, now=now)
    return accepted


def text_one_by_one(line: SmsSession, holder: str, *, now: datetime | None) -> int:
    accepted, ends = 0, time.monotonic() + TEXTS_SECONDS
    while line.is_open and time.monotonic() < ends and not stopping.is_set() and not sleeps(now):
        lease.acquire_lease(TEXTING, holder, seconds=settings.LEASE_SECONDS)
        token, ids = claim(
            most=1, now=now or timezone.now(), carrier=DeliveryChannel.TEXT, hurries=is_handing_out(now)
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


def wait_for_morning(now: datetime | None) -> int:
    """Move texts that are due at night to the morning. Returns how many."""
    moment = now or timezone.now()
    morning = morning_after(timezone.localtime(moment), since=settings.SMS_FROM)
    return Message.objects.due(moment, DeliveryChannel.TEXT).order_by().update(next_attempt_at=morning)


# --- the relay, and how many of us speak to it ----------------------------------------------------


def open_circuit(why: str, *, name: str = RELAY, now: datetime | None = None) -> None:
    """Open the circuit breaker: no process contacts the relay for a while. No message is at fault, so none
    uses an attempt."""
    log.warning("%s Next try in %s seconds.", why, settings.RELAY_REST_SECONDS)
    lease.acquire_lease(name, "resting", seconds=settings.RELAY_REST_SECONDS, now=now)
    heartbeat(name, note=why, now=now)


def circuit_is_open(name: str = RELAY, *, now: datetime | None = None) -> bool:
    return lease.is_taken(name, now=now)


class RelaySlot:
    """A lease on one of the few connections. Renewed while it is used; free within a minute after a crash."""

    def __init__(self) -> None:
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._name, self._renew_at = "", 0.0

    def open(self) -> bool:
        names = (f"connection-{number}" for number in range(1, CONNECTIONS + 1))
        self._name = next((name for name in names if self._take(name)), "")
        return bool(self._name)

    def _take(self, name: str) -> bool:
        seconds = min(60, settings.LEASE_SECONDS)
        self._renew_at = time.monotonic() + seconds / 3
        return lease.acquire_lease(name, self._holder, seconds=seconds)

    def keep(self) -> None:
        """Renew the lease before it ends; not for every group."""
        if time.monotonic() > self._renew_at:
            self._take(self._name)

    def close(self) -> None:
        lease.release_lease(self._name, self._holder)


@contextmanager
def relay_slot() -> Iterator[RelaySlot | None]:
    """One of the few connections for this turn; None if all are taken."""
    connection = RelaySlot()
    if not connection.open():
        yield None
        return
    try:
        yield connection
    finally:
        connection.close()
