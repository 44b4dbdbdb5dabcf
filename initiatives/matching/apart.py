"""Barriers: hard filters. A pair with a barrier is never suggested, and the mark says why."""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from initiatives.matching.marks import Detail, Mark, Reason, SideKey, nothing
from initiatives.matching.sides import Declined, Vacancy, Volunteer, Where

Filter = Callable[[Any, Any, date], tuple[Mark, Detail] | None]


class Barrier(NamedTuple):
    """A hard filter: the key read on each side, and the function from (mine, theirs, day) to a mark or None."""

    mine: SideKey
    theirs: SideKey
    keeps: Filter

    def asked(self, on: date) -> Callable[[Any, Any], bool]:
        """A predicate (mine, theirs) that tells whether the barrier holds on a day."""
        return lambda mine, theirs: self.keeps(mine, theirs, on) is not None


def _consent(mine: bool, _theirs: None, _on: date) -> tuple[Mark, Detail] | None:
    return None if mine else (Mark.NO_CONSENT, ())


def _reach(mine: bool, _theirs: None, _on: date) -> tuple[Mark, Detail] | None:
    return None if mine else (Mark.UNREACHABLE, ())


def _age(is_adult: bool, adults_only: bool, _on: date) -> tuple[Mark, Detail] | None:
    return (Mark.TOO_YOUNG, ()) if adults_only and not is_adult else None


def _clearance(
    mine: tuple[tuple[str, date], ...], theirs: tuple[str, date | None], on: date
) -> tuple[Mark, Detail] | None:
    kind, starts_on = theirs
    needed_on = max(on, starts_on or on)
    if not kind or any(one == kind and renew_before >= needed_on for one, renew_before in mine):
        return None
    return Mark.NO_CLEARANCE, (kind, needed_on.isoformat())


def _room(_mine: None, room: int, _on: date) -> tuple[Mark, Detail] | None:
    return None if room > 0 else (Mark.NO_ROOM, ())


def _busy(mine: tuple[int, int, int], _theirs: None, _on: date) -> tuple[Mark, Detail] | None:
    may_take, busy, asked = mine
    return None if may_take > 0 else (Mark.BUSY, (busy, asked))


def _clash(mine: frozenset[str], theirs: frozenset[str], _on: date) -> tuple[Mark, Detail] | None:
    if not mine or not theirs or not mine.isdisjoint(theirs):
        return None
    return Mark.CLASH, tuple(sorted(theirs))


def _ends_before(mine: date | None, starts_on: date | None, on: date) -> tuple[Mark, Detail] | None:
    if mine is None or mine >= max(on, starts_on or on):
        return None
    return Mark.ENDS_BEFORE, (mine.isoformat(),)


def _paused(mine: tuple[bool, date | None], _theirs: None, _on: date) -> tuple[Mark, Detail] | None:
    """Paused until a colleague asked whether they go on, so also on the day it ends."""
    is_paused, until = mine
    if not is_paused:
        return None
    return Mark.PAUSED, (until.isoformat(),) if until else ()


def _declined(
    mine: tuple[tuple[Declined, ...], Where], vacancy: Vacancy, on: date
) -> tuple[Mark, Detail] | None:
    declined, lives = mine
    found = [kept for one in declined if (kept := one.keeps_from(vacancy, lives, on))]
    # A decline of this very role takes precedence over what follows from another role.
    return min(found, key=lambda kept: kept[0] != Mark.SAID_NO, default=None)


def _already(mine: frozenset[int], role: int, _on: date) -> tuple[Mark, Detail] | None:
    return (Mark.ALREADY, ()) if role in mine else None


def _declines_of(one: Volunteer) -> tuple[tuple[Declined, ...], Where | None]:
    return one.declined, one.where if one.declined else None


BARRIERS: tuple[Barrier, ...] = (
    Barrier(attrgetter("has_consent"), nothing, _consent),
    Barrier(attrgetter("is_reachable"), nothing, _reach),
    Barrier(attrgetter("is_adult"), attrgetter("adults_only"), _age),
    Barrier(attrgetter("clearances"), attrgetter("clearance", "starts_on"), _clearance),
    Barrier(nothing, attrgetter("room"), _room),
    Barrier(attrgetter("may_take", "busy", "asked"), nothing, _busy),
    Barrier(attrgetter("moments"), attrgetter("moments"), _clash),
    Barrier(attrgetter("until"), attrgetter("starts_on"), _ends_before),
    Barrier(attrgetter("is_paused", "paused_until"), nothing, _paused),
    Barrier(_declines_of, lambda vacancy: vacancy, _declined),
    Barrier(attrgetter("matched"), attrgetter("id"), _already),
)


def barriers(volunteer: Volunteer, vacancy: Vacancy, on: date) -> tuple[Reason, ...]:
    """The barriers between the two; empty when the role can be suggested."""
    return tuple(
        Reason(kept[0], 0, kept[1])
        for one in BARRIERS
        if (kept := one.keeps(one.mine(volunteer), one.theirs(vacancy), on))
    )
