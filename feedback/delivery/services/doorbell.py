"""Tells the workers that something is due. Best effort: the sweep finds it anyway.

A request never waits for the broker and never fails because of it. One thread per process notifies, at
most a few times a second however much is queued; if Redis is down or hangs, it pauses for a minute. In
embedded mode there is no notification: over memory:// no other process would get it.
"""

import logging
import threading
import time

from celery import current_app
from django.conf import settings

log = logging.getLogger("nabij.doorbell")

_BROKER_RETRY_SECONDS = 60
GATHER_SECONDS = 0.1
IMPATIENT = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
LOOK = "feedback.tasks.send_due_messages"


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

    def press(self) -> None:
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
            time.sleep(GATHER_SECONDS)
            self._pressed.clear()
            if not self.ring_once():
                self._resting_until = time.monotonic() + _BROKER_RETRY_SECONDS

    def ring_once(self) -> bool:
        """Notify once. Returns whether the broker accepted it."""
        try:
            with current_app.connection_for_write(
                self._broker or None, transport_options=IMPATIENT
            ) as broker:
                current_app.send_task(LOOK, connection=broker, retry=False, expires=_BROKER_RETRY_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever the broker's driver raises, the sweep will do
            log.warning("The broker does not answer (%s); the sweep will find it.", type(error).__name__)
            return False
        return True


_bell = WorkerNotifier()


def notify_workers() -> None:
    if settings.REDIS_URL:
        _bell.press()
