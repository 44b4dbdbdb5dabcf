"""A volunteer and a vacancy: what keeps them apart, and how well they fit.

The fit is a sum of five topics with a maximum each; adjustments change the order only. A pair with a barrier is never
suggested, and the mark says why.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from initiatives.matching.marks import Detail, FitTopic, Reason, ReasonCode, SideKey


def no_key(_one: Any) -> None:
    return None


EMPTY_SET: frozenset[Any] = frozenset()
TOO_MUCH_DAYS = 90
"""Days without proposals after “too much”, unless they confirmed their offer since."""


class Location(NamedTuple):
    """An area and its district; empty for the whole municipality or when unknown."""

    area: int | None = None
    district: int | None = None

    def distance_to(self, other: "Location") -> int | None:
        """0 in the same area, 1 in the same district, 2 elsewhere; None if unknown."""
        if self.area is None or other.area is None:
            return None
        if self.area == other.area:
            return 0
        mine, theirs = self.district or self.area, other.district or other.area
        return 1 if mine == theirs else 2


UNKNOWN_PLACE = Location()


@dataclass(frozen=True, slots=True)
class DeclinedRole:
    """A role that was declined, and why."""

    role: int
    initiative: int
    because: str
    on: date
    limits_other_roles: bool = False
    """Whether the volunteer declined, and did not confirm their offer since."""
    where: Location = UNKNOWN_PLACE
    moments: frozenset[str] = EMPTY_SET

    def keeps_from(self, vacancy: "Vacancy", lives: Location, on: date) -> tuple[ReasonCode, Detail] | None:
        """The barrier that this decline makes for a vacancy, or None.

        `found`, `over`: none, once there is room again. `no_click`: all roles of that initiative. If the
        volunteer declined: `too_far`: all as far or farther; `time`: all without other moments; `too_much`:
        everything for TOO_MUCH_DAYS.
        """
        if self.because in ("found", "over"):
            return None
        if self.role == vacancy.id or (self.because == "no_click" and self.initiative == vacancy.initiative):
            return ReasonCode.SAID_NO, (self.because,)
        if not self.limits_other_roles:
            return None
        if self.because == "too_much" and on < self.on + timedelta(days=TOO_MUCH_DAYS):
            return ReasonCode.TOO_MUCH, ((self.on + timedelta(days=TOO_MUCH_DAYS)).isoformat(),)
        if self.because == "too_far" and self._is_as_far(vacancy, lives):
            return ReasonCode.TOO_FAR, ()
        if self.because == "time" and vacancy.moments and vacancy.moments <= self.moments:
            return ReasonCode.OTHER_MOMENTS, tuple(sorted(vacancy.moments))
        return None

    def _is_as_far(self, vacancy: "Vacancy", lives: Location) -> bool:
        """By area alone: in the area that was too far (or its district, if another one), or beyond."""
        declined, asked = lives.distance_to(self.where), lives.distance_to(vacancy.where)
        if not declined or asked is None:  # a decline in their own area tells nothing about distance
            return False
        if declined == asked:
            return self.where.distance_to(vacancy.where) in ((0,) if declined == 1 else (0, 1))
        return asked > declined


@dataclass(slots=True)
class Volunteer:
    """An offer of hands. Never changed after creation, but not frozen: creating a frozen one takes nine times
    as long, and one role needs thousands."""

    id: int
    where: Location = UNKNOWN_PLACE
    skills: frozenset[str] = EMPTY_SET
    languages: frozenset[str] = EMPTY_SET
    moments: frozenset[str] = EMPTY_SET
    time: str = ""
    way: str = ""
    theme: str = ""
    rather_together: bool | None = None
    is_adult: bool = False
    wishes: frozenset[str] = EMPTY_SET
    wished_role: int | None = None
    waits_days: int = 0
    busy: int = 0
    asked: int = 0
    """Open proposals."""
    may_take: int = 1
    """How many more matches or proposals they may take."""
    matched: frozenset[int] = EMPTY_SET
    """Ids of roles they were asked for or are matched with."""
    declined: tuple[DeclinedRole, ...] = ()
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
    where: Location = UNKNOWN_PLACE
    theme: str = ""
    skills: frozenset[str] = EMPTY_SET
    languages: frozenset[str] = EMPTY_SET
    moments: frozenset[str] = EMPTY_SET
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
    def max_proposals(self) -> int:
        """How many a round may ask: no more than there is room for if everybody said yes."""
        return max(0, self.room - self.asked)


Filter = Callable[[Any, Any, date], tuple[ReasonCode, Detail] | None]


class Barrier(NamedTuple):
    """A hard filter: the key read on each side, and the function from (mine, theirs, day) to a mark or None."""

    mine: SideKey
    theirs: SideKey
    check: Filter

    def asked(self, on: date) -> Callable[[Any, Any], bool]:
        """A predicate (mine, theirs) that tells whether the barrier holds on a day."""
        return lambda mine, theirs: self.check(mine, theirs, on) is not None


def _consent(mine: bool, _theirs: None, _on: date) -> tuple[ReasonCode, Detail] | None:
    return None if mine else (ReasonCode.NO_CONSENT, ())


def _reach(mine: bool, _theirs: None, _on: date) -> tuple[ReasonCode, Detail] | None:
    return None if mine else (ReasonCode.UNREACHABLE, ())


def _age(is_adult: bool, adults_only: bool, _on: date) -> tuple[ReasonCode, Detail] | None:
    return (ReasonCode.TOO_YOUNG, ()) if adults_only and not is_adult else None


def _clearance(
    mine: tuple[tuple[str, date], ...], theirs: tuple[str, date | None], on: date
) -> tuple[ReasonCode, Detail] | None:
    kind, starts_on = theirs
    needed_on = max(on, starts_on or on)
    if not kind or any(one == kind and renew_before >= needed_on for one, renew_before in mine):
        return None
    return ReasonCode.NO_CLEARANCE, (kind, needed_on.isoformat())


def _room(_mine: None, room: int, _on: date) -> tuple[ReasonCode, Detail] | None:
    return None if room > 0 else (ReasonCode.NO_ROOM, ())


def _busy(mine: tuple[int, int, int], _theirs: None, _on: date) -> tuple[ReasonCode, Detail] | None:
    may_take, busy, asked = mine
    return None if may_take > 0 else (ReasonCode.BUSY, (busy, asked))


def _clash(mine: frozenset[str], theirs: frozenset[str], _on: date) -> tuple[ReasonCode, Detail] | None:
    if not mine or not theirs or not mine.isdisjoint(theirs):
        return None
    return ReasonCode.CLASH, tuple(sorted(theirs))


def _ends_before(mine: date | None, starts_on: date | None, on: date) -> tuple[ReasonCode, Detail] | None:
    if mine is None or mine >= max(on, starts_on or on):
        return None
    return ReasonCode.ENDS_BEFORE, (mine.isoformat(),)


def _paused(mine: tuple[bool, date | None], _theirs: None, _on: date) -> tuple[ReasonCode, Detail] | None:
    """Paused until a colleague asked whether they go on, so also on the day it ends."""
    is_paused, until = mine
    if not is_paused:
        return None
    return ReasonCode.PAUSED, (until.isoformat(),) if until else ()


def _declined(
    mine: tuple[tuple[DeclinedRole, ...], Location], vacancy: Vacancy, on: date
) -> tuple[ReasonCode, Detail] | None:
    declined, lives = mine
    found = [kept for one in declined if (kept := one.keeps_from(vacancy, lives, on))]
    # A decline of this very role takes precedence over what follows from another role.
    return min(found, key=lambda kept: kept[0] != ReasonCode.SAID_NO, default=None)


def _matched_barrier(mine: frozenset[int], role: int, _on: date) -> tuple[ReasonCode, Detail] | None:
    return (ReasonCode.ALREADY, ()) if role in mine else None


def _declines_of(one: Volunteer) -> tuple[tuple[DeclinedRole, ...], Location | None]:
    return one.declined, one.where if one.declined else None


BARRIERS: tuple[Barrier, ...] = (
    Barrier(attrgetter("has_consent"), no_key, _consent),
    Barrier(attrgetter("is_reachable"), no_key, _reach),
    Barrier(attrgetter("is_adult"), attrgetter("adults_only"), _age),
    Barrier(attrgetter("clearances"), attrgetter("clearance", "starts_on"), _clearance),
    Barrier(no_key, attrgetter("room"), _room),
    Barrier(attrgetter("may_take", "busy", "asked"), no_key, _busy),
    Barrier(attrgetter("moments"), attrgetter("moments"), _clash),
    Barrier(attrgetter("until"), attrgetter("starts_on"), _ends_before),
    Barrier(attrgetter("is_paused", "paused_until"), no_key, _paused),
    Barrier(_declines_of, lambda vacancy: vacancy, _declined),
    Barrier(attrgetter("matched"), attrgetter("id"), _matched_barrier),
)


def barriers(volunteer: Volunteer, vacancy: Vacancy, on: date) -> tuple[Reason, ...]:
    """The barriers between the two; empty when the role can be suggested."""
    return tuple(
        Reason(kept[0], 0, kept[1])
        for one in BARRIERS
        if (kept := one.check(one.mine(volunteer), one.theirs(vacancy), on))
    )


Weigh = Callable[[Any, Any], int]
ExplainFunction = Callable[[Any, Any], tuple[ReasonCode, Detail]]
MAX_POINTS_PER_TOPIC: Mapping[FitTopic, int] = {
    FitTopic.SKILLS: 35,
    FitTopic.AVAILABILITY: 25,
    FitTopic.DISTANCE: 15,
    FitTopic.ACCESS: 10,
    FitTopic.WISH: 15,
}
SKILLS, INTEREST = 25, 10
MOMENTS_POINTS, RHYTHM = 17, 8
SAME_AREA_POINTS, SAME_DISTRICT_POINTS, SAME_MUNICIPALITY_POINTS, UNKNOWN_PLACE_POINTS = 15, 9, 3, 6
LANGUAGE, COMPANY = 6, 4
WISH = 15
MAX_WAIT_POINTS, FULL_WAIT_DAYS = 15, 30
FIRST_VOLUNTEER_POINTS = 10
LOAD_POINTS_EACH, MAX_LOAD_POINTS = 6, 12
WEEK_POINTS_EACH, MAX_WEEK_POINTS = 3, 12
MAX_ADJUSTMENT_POINTS = MAX_WAIT_POINTS + FIRST_VOLUNTEER_POINTS


class ScorePart(NamedTuple):
    """A part of the score: the key read on each side, the points, and the mark that explains them.

    `topic` is None for adjustments.
    """

    topic: FitTopic | None
    mine: SideKey
    theirs: SideKey
    weigh: Weigh
    tell: ExplainFunction


def _share(most: int, overlap: int, wanted: int) -> int:
    """Half the points for the first of what is wanted, all points for everything."""
    return most * (wanted + overlap) // (2 * wanted) if overlap else 0


def _skills(mine: frozenset[str], theirs: frozenset[str]) -> int:
    return _share(SKILLS, len(mine & theirs), len(theirs)) if mine and theirs else SKILLS // 2


def _explain_skills(mine: frozenset[str], theirs: frozenset[str]) -> tuple[ReasonCode, Detail]:
    if mine and theirs:
        return ReasonCode.SKILLS, tuple(sorted(mine & theirs))
    return ReasonCode.SKILLS_UNKNOWN, ("role" if mine else "",)


def _moments(mine: frozenset[str], theirs: frozenset[str]) -> int:
    return _share(MOMENTS_POINTS, len(mine & theirs), len(theirs)) if mine and theirs else MOMENTS_POINTS // 2


def _explain_moments(mine: frozenset[str], theirs: frozenset[str]) -> tuple[ReasonCode, Detail]:
    if mine and theirs:
        return ReasonCode.FREE, tuple(sorted(mine & theirs))
    return ReasonCode.TIMES_UNKNOWN, ("role" if mine else "",)


def _rhythm(mine: tuple[str, str], is_regular: bool) -> int:
    way, time = mine
    if is_regular:
        return RHYTHM if way in ("often", "pull") or time in ("monthly", "weekly") else RHYTHM // 4
    return RHYTHM // 2 if way == "think" else RHYTHM


def _explain_rhythm(mine: tuple[str, str], is_regular: bool) -> tuple[ReasonCode, Detail]:
    return (ReasonCode.OFTEN if is_regular else ReasonCode.ONCE), ()


_DISTANCE_POINTS: Mapping[int | None, tuple[int, ReasonCode]] = {
    0: (SAME_AREA_POINTS, ReasonCode.SAME_AREA),
    1: (SAME_DISTRICT_POINTS, ReasonCode.NEAR),
    2: (SAME_MUNICIPALITY_POINTS, ReasonCode.SAME_TOWN),
    None: (UNKNOWN_PLACE_POINTS, ReasonCode.PLACE_UNKNOWN),
}


def _place(mine: Location, theirs: Location) -> int:
    return _DISTANCE_POINTS[mine.distance_to(theirs)][0]


def _explain_distance(mine: Location, theirs: Location) -> tuple[ReasonCode, Detail]:
    return _DISTANCE_POINTS[mine.distance_to(theirs)][1], ()


def _language(mine: frozenset[str], theirs: frozenset[str]) -> int:
    if not theirs or not mine:
        return LANGUAGE // 2
    return LANGUAGE if mine & theirs else 0


def _explain_language(mine: frozenset[str], theirs: frozenset[str]) -> tuple[ReasonCode, Detail]:
    if not theirs:
        return ReasonCode.NO_LANGUAGE_ASKED, ()
    return (ReasonCode.SPEAKS, tuple(sorted(mine & theirs))) if mine else (ReasonCode.LANGUAGE_UNKNOWN, ())


def _company(rather_together: bool | None, together: bool) -> int:
    if rather_together is None:
        return COMPANY // 2
    return COMPANY if rather_together == together else 0


def _explain_company(rather_together: bool | None, together: bool) -> tuple[ReasonCode, Detail]:
    if rather_together is None:
        return ReasonCode.EITHER, ()
    return (ReasonCode.TOGETHER if rather_together else ReasonCode.ALONE), ()


def _wish(mine: tuple[int | None, frozenset[str]], theirs: tuple[int, str]) -> int:
    return WISH if mine[0] == theirs[0] or theirs[1] in mine[1] else 0


def _explain_wish(
    mine: tuple[int | None, frozenset[str]], theirs: tuple[int, str]
) -> tuple[ReasonCode, Detail]:
    return (ReasonCode.WISHED_ROLE if mine[0] == theirs[0] else ReasonCode.WISHED_THEME), ()


def _interest(mine: str, theirs: str) -> int:
    return INTEREST if mine and mine == theirs else 0


FIT_PARTS: tuple[ScorePart, ...] = (
    ScorePart(FitTopic.SKILLS, attrgetter("skills"), attrgetter("skills"), _skills, _explain_skills),
    ScorePart(
        FitTopic.SKILLS, attrgetter("theme"), attrgetter("theme"), _interest, lambda *_: (ReasonCode.INTEREST, ())
    ),
    ScorePart(FitTopic.AVAILABILITY, attrgetter("moments"), attrgetter("moments"), _moments, _explain_moments),
    ScorePart(FitTopic.AVAILABILITY, attrgetter("way", "time"), attrgetter("is_regular"), _rhythm, _explain_rhythm),
    ScorePart(FitTopic.DISTANCE, attrgetter("where"), attrgetter("where"), _place, _explain_distance),
    ScorePart(FitTopic.ACCESS, attrgetter("languages"), attrgetter("languages"), _language, _explain_language),
    ScorePart(FitTopic.ACCESS, attrgetter("rather_together"), attrgetter("together"), _company, _explain_company),
    ScorePart(FitTopic.WISH, attrgetter("wished_role", "wishes"), attrgetter("id", "theme"), _wish, _explain_wish),
)  # fmt: skip
ADJUSTMENT_PARTS: tuple[ScorePart, ...] = (
    ScorePart(
        None, attrgetter("waits_days"), no_key,
        lambda days, _: min(MAX_WAIT_POINTS, days * MAX_WAIT_POINTS // FULL_WAIT_DAYS),
        lambda days, _: (ReasonCode.WAITS, (days,)),
    ),
    ScorePart(
        None, no_key, attrgetter("nobody_yet"),
        lambda _, nobody: FIRST_VOLUNTEER_POINTS if nobody else 0, lambda *_: (ReasonCode.NOBODY_YET, ()),
    ),
    ScorePart(
        None, attrgetter("busy"), no_key,
        lambda busy, _: -min(MAX_LOAD_POINTS, LOAD_POINTS_EACH * busy), lambda busy, _: (ReasonCode.LOAD, (busy,)),
    ),
    ScorePart(
        None, no_key, attrgetter("proposed_this_week"),
        lambda _, people: -min(MAX_WEEK_POINTS, WEEK_POINTS_EACH * people),
        lambda _, people: (ReasonCode.PROPOSED_THIS_WEEK, (people,)),
    ),
)  # fmt: skip
TOPIC_BY_REASON: Mapping[ReasonCode, FitTopic] = {
    ReasonCode.SKILLS: FitTopic.SKILLS,
    ReasonCode.SKILLS_UNKNOWN: FitTopic.SKILLS,
    ReasonCode.INTEREST: FitTopic.SKILLS,
    ReasonCode.FREE: FitTopic.AVAILABILITY,
    ReasonCode.TIMES_UNKNOWN: FitTopic.AVAILABILITY,
    ReasonCode.OFTEN: FitTopic.AVAILABILITY,
    ReasonCode.ONCE: FitTopic.AVAILABILITY,
    ReasonCode.SAME_AREA: FitTopic.DISTANCE,
    ReasonCode.NEAR: FitTopic.DISTANCE,
    ReasonCode.SAME_TOWN: FitTopic.DISTANCE,
    ReasonCode.PLACE_UNKNOWN: FitTopic.DISTANCE,
    ReasonCode.SPEAKS: FitTopic.ACCESS,
    ReasonCode.NO_LANGUAGE_ASKED: FitTopic.ACCESS,
    ReasonCode.LANGUAGE_UNKNOWN: FitTopic.ACCESS,
    ReasonCode.TOGETHER: FitTopic.ACCESS,
    ReasonCode.ALONE: FitTopic.ACCESS,
    ReasonCode.EITHER: FitTopic.ACCESS,
    ReasonCode.WISHED_ROLE: FitTopic.WISH,
    ReasonCode.WISHED_THEME: FitTopic.WISH,
}
"""The topic of the fit to which a mark belongs."""


@dataclass(frozen=True, slots=True)
class MatchSuggestion:
    volunteer: int
    vacancy: int
    reasons: tuple[Reason, ...]
    adjustments: tuple[Reason, ...] = ()

    @property
    def score(self) -> int:
        """The fit, 0 to 100."""
        return sum(reason.points for reason in self.reasons)

    @property
    def adjusted(self) -> int:
        return self.score + sum(reason.points for reason in self.adjustments)


def fit(volunteer: Volunteer, vacancy: Vacancy) -> tuple[Reason, ...]:
    """Reasons of the fit; the points add up to 0 to 100."""
    return tuple(_reasons_of(FIT_PARTS, volunteer, vacancy))


def adjustments(volunteer: Volunteer, vacancy: Vacancy) -> tuple[Reason, ...]:
    """Reasons that change the order, apart from the fit."""
    return tuple(_reasons_of(ADJUSTMENT_PARTS, volunteer, vacancy))


def _reasons_of(parts: Iterable[ScorePart], volunteer: Volunteer, vacancy: Vacancy) -> Iterator[Reason]:
    for part in parts:
        mine, theirs = part.mine(volunteer), part.theirs(vacancy)
        if points := part.weigh(mine, theirs):
            mark, detail = part.tell(mine, theirs)
            yield Reason(mark, points, detail)


def suggest(volunteer: Volunteer, vacancy: Vacancy) -> MatchSuggestion:
    return MatchSuggestion(volunteer.id, vacancy.id, fit(volunteer, vacancy), adjustments(volunteer, vacancy))


def as_values(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Reasons as stored in Match.reasons."""
    return [{"mark": one.mark.value, "points": one.points, "detail": list(one.detail)} for one in reasons]


def from_values(values: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Reasons from stored values; marks that no longer exist are dropped."""
    known = {mark.value for mark in ReasonCode}
    return tuple(
        Reason(ReasonCode(one["mark"]), int(one["points"]), tuple(one.get("detail", ())))
        for one in values
        if one.get("mark") in known
    )
