"""Both sides of a pair, volunteer and vacancy, and what a decline excludes."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from initiatives.matching.marks import Detail, Mark

NOBODY: frozenset[Any] = frozenset()
TOO_MUCH_DAYS = 90
"""Days without proposals after “too much”, unless they confirmed their offer since."""


class Where(NamedTuple):
    """An area and its district; empty for the whole municipality or when unknown."""

    area: int | None = None
    district: int | None = None

    def far(self, other: "Where") -> int | None:
        """0 in the same area, 1 in the same district, 2 elsewhere; None if unknown."""
        if self.area is None or other.area is None:
            return None
        if self.area == other.area:
            return 0
        mine, theirs = self.district or self.area, other.district or other.area
        return 1 if mine == theirs else 2


UNKNOWN_PLACE = Where()


@dataclass(frozen=True, slots=True)
class Declined:
    """A role that was declined, and why."""

    role: int
    initiative: int
    because: str
    on: date
    teaches: bool = False
    """Whether the volunteer declined, and did not confirm their offer since."""
    where: Where = UNKNOWN_PLACE
    moments: frozenset[str] = NOBODY

    def keeps_from(self, vacancy: "Vacancy", lives: Where, on: date) -> tuple[Mark, Detail] | None:
        """The barrier that this decline makes for a vacancy, or None.

        `found`, `over`: none, once there is room again. `no_click`: all roles of that initiative. If the
        volunteer declined: `too_far`: all as far or farther; `time`: all without other moments; `too_much`:
        everything for TOO_MUCH_DAYS.
        """
        if self.because in ("found", "over"):
            return None
        if self.role == vacancy.id or (self.because == "no_click" and self.initiative == vacancy.initiative):
            return Mark.SAID_NO, (self.because,)
        if not self.teaches:
            return None
        if self.because == "too_much" and on < self.on + timedelta(days=TOO_MUCH_DAYS):
            return Mark.TOO_MUCH, ((self.on + timedelta(days=TOO_MUCH_DAYS)).isoformat(),)
        if self.because == "too_far" and self._is_as_far(vacancy, lives):
            return Mark.TOO_FAR, ()
        if self.because == "time" and vacancy.moments and vacancy.moments <= self.moments:
            return Mark.OTHER_MOMENTS, tuple(sorted(vacancy.moments))
        return None

    def _is_as_far(self, vacancy: "Vacancy", lives: Where) -> bool:
        """By area alone: in the area that was too far (or its district, if another one), or beyond."""
        declined, asked = lives.far(self.where), lives.far(vacancy.where)
        if not declined or asked is None:  # too far in their own area says nothing about other places
            return False
        if declined == asked:
            return self.where.far(vacancy.where) in ((0,) if declined == 1 else (0, 1))
        return asked > declined


@dataclass(slots=True)
class Volunteer:
    """An offer of hands. Never changed after creation, but not frozen: creating a frozen one takes nine times
    as long, and one role needs thousands."""

    id: int
    where: Where = UNKNOWN_PLACE
    skills: frozenset[str] = NOBODY
    languages: frozenset[str] = NOBODY
    moments: frozenset[str] = NOBODY
    time: str = ""
    way: str = ""
    theme: str = ""
    rather_together: bool | None = None
    is_adult: bool = False
    wishes: frozenset[str] = NOBODY
    wished_role: int | None = None
    waits_days: int = 0
    busy: int = 0
    asked: int = 0
    """Open proposals."""
    may_take: int = 1
    """How many more matches or proposals they may take."""
    matched: frozenset[int] = NOBODY
    """Ids of roles they were asked for or are matched with."""
    declined: tuple[Declined, ...] = ()
    clearances: tuple[tuple[str, date], ...] = ()
    """(kind, renew before)."""
    is_paused: bool = False
    paused_until: date | None = None
    until: date | None = None
    has_consent: bool = True
    is_reachable: bool = True
    """By phone, or at a confirmed address."""


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A volunteer role that looks for volunteers."""

    id: int
    initiative: int
    where: Where = UNKNOWN_PLACE
    theme: str = ""
    skills: frozenset[str] = NOBODY
    languages: frozenset[str] = NOBODY
    moments: frozenset[str] = NOBODY
    is_regular: bool = True
    starts_on: date | None = None
    adults_only: bool = False
    clearance: str = ""
    """The kind required."""
    together: bool = False
    """Whether others do it too."""
    room: int = 1
    """Places not taken."""
    asked: int = 0
    """People asked for one of them who did not answer yet."""
    nobody_yet: bool = False
    proposed_this_week: int = 0
    """Proposals for the same initiative in the last seven days."""

    @property
    def to_ask(self) -> int:
        """How many a round may ask: no more than there is room for if everybody said yes."""
        return max(0, self.room - self.asked)
