"""Send what is due. Every job here is a look at the database: run twice, or by two, it does no harm."""

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

from feedback.models import Message
from feedback.services import lease, quarantine
from feedback.services.fan_out import fan_out_released
from feedback.services.hand_over import claim, give_back, hand_over_group
from feedback.services.recover import keep_showing_life, show_life
from feedback.services.release import end_holds
from feedback.services.transport import Line, RelayUnreachable, Verdict, open_line
from neighbourhoods.jobs import stopping

log = logging.getLogger("nabij.outbox")

CONNECTIONS = 2
"""To the relay at once, over all processes of this installation."""

GROUPS_PER_CLAIM = 5
TURN_SECONDS = 20
"""A job stays short: what is left is for the next look."""

RELAY = "relay"
LOST_LINES = 3
"""So many lost lines after each other without one mail accepted: the relay is down, not one mail at fault."""


def look_around(now: datetime | None = None) -> int:
    """End holds, fan out, send. Returns how many mails the relay took."""
    keep_showing_life("jobs")
    end_holds(now=now)
    ends = time.monotonic() + TURN_SECONDS
    fan_out_released(now=now, enough=lambda: stopping.is_set() or time.monotonic() > ends)
    return send_due(now=now)


def send_due(*, now: datetime | None = None) -> int:
    """Send until nothing is due, the turn is over, or this process stops. Returns how many were accepted."""
    if not quarantine.is_clear(now=now) or is_resting(now=now) or not has_due(now):
        return 0
    with a_connection() as connection:
        return run_turn(connection, now=now) if connection else 0


def has_due(now: datetime | None) -> bool:
    return Message.objects.due(now or timezone.now()).exists()


def run_turn(connection: "Connection", *, now: datetime | None = None) -> int:
    accepted, lost, ends = 0, 0, time.monotonic() + TURN_SECONDS
    while lost < LOST_LINES and time.monotonic() < ends and not stopping.is_set() and has_due(now):
        try:
            with open_line() as line:
                taken = use_line(line, connection, ends, now=now)
        except RelayUnreachable as error:
            rest(str(error), now=now)
            return accepted
        except quarantine.Quarantined:
            quarantine.is_clear(now=now)
            return accepted
        accepted += taken
        lost = 0 if taken or line.is_open else lost + 1
    if lost == LOST_LINES:
        rest("The mail relay keeps dropping the line.", now=now)
    return accepted


def use_line(line: Line, connection: "Connection", ends: float, *, now: datetime | None) -> int:
    """Send over one connection, claim by claim. Returns how many mails were accepted."""
    accepted = 0
    while line.is_open and time.monotonic() < ends and not stopping.is_set():
        token, ids = claim(most=GROUPS_PER_CLAIM * settings.OUTBOX_GROUP, now=now or timezone.now())
        if not ids:
            break
        try:
            for start in range(0, len(ids), settings.OUTBOX_GROUP):
                if not line.is_open or stopping.is_set():
                    break
                connection.keep()
                answers = hand_over_group(line, ids[start : start + settings.OUTBOX_GROUP], token)
                accepted += sum(answer.verdict == Verdict.ACCEPTED for answer in answers)
        finally:
            give_back(token)
        keep_showing_life("jobs")
    return accepted


# --- the relay, and how many of us speak to it ----------------------------------------------------


def rest(why: str, *, now: datetime | None = None) -> None:
    """The breaker: no message is to blame and none uses up an attempt. All processes leave the relay alone."""
    log.warning("%s Next try in %s seconds.", why, settings.RELAY_REST_SECONDS)
    lease.take(RELAY, "resting", seconds=settings.RELAY_REST_SECONDS, now=now)
    show_life(RELAY, note=why, now=now)


def is_resting(*, now: datetime | None = None) -> bool:
    return lease.is_taken(RELAY, now=now)


class Connection:
    """The right to one of the few connections. Kept while it is used; free a minute after a crash."""

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
        return lease.take(name, self._holder, seconds=seconds)

    def keep(self) -> None:
        """Renew the right before it ends; not for every group."""
        if time.monotonic() > self._renew_at:
            self._take(self._name)

    def close(self) -> None:
        lease.give_back(self._name, self._holder)


@contextmanager
def a_connection() -> Iterator[Connection | None]:
    """One of the few connections, for this turn; None when others have them all."""
    connection = Connection()
    if not connection.open():
        yield None
        return
    try:
        yield connection
    finally:
        connection.close()
