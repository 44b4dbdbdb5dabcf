"""Both sides: who offers their hands, and for what somebody is looked for; and what a decline teaches."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from initiatives.matching.marks import Detail, Mark

NOBODY: frozenset[Any] = frozenset()
TOO_MUCH_DAYS = 90
"""So long nothing is proposed to who said it was too much, unless they said meanwhile that their offer stands."""


class Where(NamedTuple):
    """An area and the district around it; empty where somebody is of the whole municipality, or did not say."""

    area: int | None = None
    district: int | None = None

    def far(self, other: "Where") -> int | None:
        """0 in the same area, 1 in the same district, 2 elsewhere; None when that is not known."""
        if self.area is None or other.area is None:
            return None
        if self.area == other.area:
            return 0
        mine, theirs = self.district or self.area, other.district or other.area
        return 1 if mine == theirs else 2


UNKNOWN_PLACE = Where()


@dataclass(frozen=True, slots=True)
class Declined:
    """Somebody said no to this role, and why."""

    role: int
    initiative: int
    because: str
    on: date
    teaches: bool = False
    """The volunteer said it, and did not say since that what they offer stands."""
    where: Where = UNKNOWN_PLACE
    moments: frozenset[str] = NOBODY

    def keeps_from(self, vacancy: "Vacancy", lives: Where, on: date) -> tuple[Mark, Detail] | None:
        """What it teaches, of this role and of others.

        `found`, `over`: nothing, once there is room again. `no_click`: no other role of that initiative either. When
        the volunteer said it: `too_far`: nothing that is as far or farther; `time`: nothing that has no other moments;
        `too_much`: nothing at all for a while.
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
        """By area alone: in the area that was too far (or its district, when that is another one), or beyond."""
        declined, asked = lives.far(self.where), lives.far(vacancy.where)
        if not declined or asked is None:  # too far in their own area says nothing of other places
            return False
        if declined == asked:
            return self.where.far(vacancy.where) in ((0,) if declined == 1 else (0, 1))
        return asked > declined


@dataclass(slots=True)
class Volunteer:
    """Somebody who offers their hands. Nothing changes it; it is not frozen because making one that is takes nine
    times as long, and for one role thousands are made."""

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
    """Questions they did not answer yet."""
    may_take: int = 1
    """Places left on their side."""
    matched: frozenset[int] = NOBODY
    """Roles they were asked for, or are in."""
    declined: tuple[Declined, ...] = ()
    clearances: tuple[tuple[str, date], ...] = ()
    """Kind, and before when it is asked for anew."""
    is_paused: bool = False
    paused_until: date | None = None
    until: date | None = None
    has_consent: bool = True
    is_reachable: bool = True
    """By telephone, or at an address of which they said that it is theirs."""


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A volunteer role for which somebody is looked for."""

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
    """The kind that is needed."""
    together: bool = False
    """Somebody else does it as well."""
    room: int = 1
    """Places that nobody has yet."""
    asked: int = 0
    """People who were asked for one of them and did not answer yet."""
    nobody_yet: bool = False
    proposed_this_week: int = 0
    """People who were asked for the same initiative in the last seven days."""

    @property
    def to_ask(self) -> int:
        """How many a round may ask: no more than there would be room for if everybody said yes."""
        return max(0, self.room - self.asked)
