"""Two people at the same moment, on PostgreSQL: every place where one can come between the statements of the other.

`meet(first, second)` lets `first` run up to its nth statement, then starts `second` and waits until it is done or
waits for a lock, then lets `first` go on. Raise n until `first` has no more statements and every order of the two
has been seen.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import Receipt
from core.errors import DomainError
from surveys.models import Response

LONGEST = 20
"""Seconds after which somebody is taken to wait for ever."""

Action = Callable[[], Any]


@dataclass
class Met:
    """What came of one meeting: results or refusals of both, by "first" and "second"."""

    pause: int
    results: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)


class _Pause:
    """Holds a thread after its nth statement, the last moment before it goes on or commits."""

    def __init__(self, after: int) -> None:
        self.left, self.reached, self.go_on = after, threading.Event(), threading.Event()

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        try:
            return execute(sql, params, many, context)
        finally:
            self.left -= 1
            if self.left == 0:
                self.reached.set()
                self.go_on.wait(LONGEST)


class Pair:
    """The connections of both. PostgreSQL learns the tables anew on each, so one test opens them once."""

    def __init__(self) -> None:
        self.of = {name: connections.create_connection(connection.alias) for name in ("first", "second")}
        for one in self.of.values():
            one.inc_thread_sharing()

    def enter(self, name: str) -> BaseDatabaseWrapper:
        """In the thread that is called so: its connection, open and with nothing of the meeting before."""
        connections[connection.alias] = one = self.of[name]
        one.close_if_unusable_or_obsolete()
        one.ensure_connection()
        return one

    def close(self) -> None:
        for one in self.of.values():
            one.close()


def meet(first: Action, second: Action, pair: Pair, *, pause: int) -> tuple[Met, bool]:
    """One meeting; False when `first` was done before it came to the pause."""
    met, held, backends = Met(pause), _Pause(pause), {}

    def run(name: str, action: Action, wrapper: Callable | None = None) -> None:
        connection = pair.enter(name)
        backends[name] = connection.connection.get_backend_pid()
        try:
            if wrapper:
                with connection.execute_wrapper(wrapper):
                    met.results[name] = action()
            else:
                met.results[name] = action()
        except BaseException as error:  # noqa: BLE001  the test decides what may be refused
            met.errors[name] = error
        finally:
            held.reached.set()

    one = threading.Thread(target=run, args=["first", first, held], daemon=True)
    other = threading.Thread(target=run, args=["second", second], daemon=True)
    one.start()
    held.reached.wait(LONGEST)
    was_held = held.left <= 0
    other.start()
    while other.is_alive() and not _waits(backends.get("second")):
        time.sleep(0.005)
    held.go_on.set()
    for thread in (one, other):
        thread.join(LONGEST)
        assert not thread.is_alive(), f"Somebody waits for ever (pause after statement {pause})."
    return met, was_held


def _waits(backend: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend or 0])
        return cursor.fetchone()[0]


def every_meeting(make: Callable[[], tuple[Action, Action]], *, most: int = 200) -> Iterator[Met]:
    """All orders in which two actions meet, each in a world of its own that `make` sets up."""
    pair = Pair()
    try:
        for pause in range(1, most):
            first, second = make()
            met, was_held = meet(first, second, pair, pause=pause)
            yield met
            if not was_held:
                return
    finally:
        pair.close()
    raise AssertionError(f"More than {most} statements: raise `most`.")


# --- with what may be refused ----------------------------------------------------------------

BOTH_WAYS = pytest.mark.parametrize("turned", [False, True], ids=["first", "second"])
REFUSALS = (DomainError, Receipt.DoesNotExist, Response.DoesNotExist)


def let_meet(
    make: Callable[[], tuple[Action, Action]], check: Callable[[], Any], *, turned: bool = False
) -> None:
    """Every order; whoever is refused is told so in a sentence, never by an error of the database."""
    for met in every_meeting(lambda: make()[::-1] if turned else make()):
        for error in met.errors.values():
            assert isinstance(error, REFUSALS), f"After statement {met.pause}: {error!r}"
        check()
