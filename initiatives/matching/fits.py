"""The fit of a pair, as a sum of five topics with a maximum each, and the adjustments, which change the order only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from initiatives.matching.marks import Detail, FitTopic, Mark, Reason, SideKey, nothing
from initiatives.matching.sides import Vacancy, Volunteer, Where

Weigh = Callable[[Any, Any], int]
Tell = Callable[[Any, Any], tuple[Mark, Detail]]
MAX_POINTS_PER_TOPIC: Mapping[FitTopic, int] = {
    FitTopic.SKILLS: 35,
    FitTopic.AVAILABILITY: 25,
    FitTopic.DISTANCE: 15,
    FitTopic.ACCESS: 10,
    FitTopic.WISH: 15,
}
SKILLS, INTEREST = 25, 10
MOMENTS, RHYTHM = 17, 8
HERE, NEAR, IN_TOWN, SOMEWHERE = 15, 9, 3, 6
LANGUAGE, COMPANY = 6, 4
WISH = 15
WAITED, WAITED_DAYS = 15, 30
NOBODY_YET = 10
LOAD_EACH, LOAD_MOST = 6, 12
WEEK_EACH, WEEK_MOST = 3, 12
ADJUSTED_MOST = WAITED + NOBODY_YET


class ScorePart(NamedTuple):
    """A part of the score: the key read on each side, the points, and the mark that explains them.

    `topic` is None for adjustments.
    """

    topic: FitTopic | None
    mine: SideKey
    theirs: SideKey
    weigh: Weigh
    tell: Tell


def _share(most: int, overlap: int, wanted: int) -> int:
    """Half the points for the first of what is wanted, all points for everything."""
    return most * (wanted + overlap) // (2 * wanted) if overlap else 0


def _skills(mine: frozenset[str], theirs: frozenset[str]) -> int:
    return _share(SKILLS, len(mine & theirs), len(theirs)) if mine and theirs else SKILLS // 2


def _tell_skills(mine: frozenset[str], theirs: frozenset[str]) -> tuple[Mark, Detail]:
    if mine and theirs:
        return Mark.SKILLS, tuple(sorted(mine & theirs))
    return Mark.SKILLS_UNKNOWN, ("role" if mine else "",)


def _moments(mine: frozenset[str], theirs: frozenset[str]) -> int:
    return _share(MOMENTS, len(mine & theirs), len(theirs)) if mine and theirs else MOMENTS // 2


def _tell_moments(mine: frozenset[str], theirs: frozenset[str]) -> tuple[Mark, Detail]:
    if mine and theirs:
        return Mark.FREE, tuple(sorted(mine & theirs))
    return Mark.TIMES_UNKNOWN, ("role" if mine else "",)


def _rhythm(mine: tuple[str, str], is_regular: bool) -> int:
    way, time = mine
    if is_regular:
        return RHYTHM if way in ("often", "pull") or time in ("monthly", "weekly") else RHYTHM // 4
    return RHYTHM // 2 if way == "think" else RHYTHM


def _tell_rhythm(mine: tuple[str, str], is_regular: bool) -> tuple[Mark, Detail]:
    return (Mark.OFTEN if is_regular else Mark.ONCE), ()


_DISTANCE_POINTS: Mapping[int | None, tuple[int, Mark]] = {
    0: (HERE, Mark.SAME_AREA),
    1: (NEAR, Mark.NEAR),
    2: (IN_TOWN, Mark.SAME_TOWN),
    None: (SOMEWHERE, Mark.PLACE_UNKNOWN),
}


def _place(mine: Where, theirs: Where) -> int:
    return _DISTANCE_POINTS[mine.far(theirs)][0]


def _tell_place(mine: Where, theirs: Where) -> tuple[Mark, Detail]:
    return _DISTANCE_POINTS[mine.far(theirs)][1], ()


def _language(mine: frozenset[str], theirs: frozenset[str]) -> int:
    if not theirs or not mine:
        return LANGUAGE // 2
    return LANGUAGE if mine & theirs else 0


def _tell_language(mine: frozenset[str], theirs: frozenset[str]) -> tuple[Mark, Detail]:
    if not theirs:
        return Mark.NO_LANGUAGE_ASKED, ()
    return (Mark.SPEAKS, tuple(sorted(mine & theirs))) if mine else (Mark.LANGUAGE_UNKNOWN, ())


def _company(rather_together: bool | None, together: bool) -> int:
    if rather_together is None:
        return COMPANY // 2
    return COMPANY if rather_together == together else 0


def _tell_company(rather_together: bool | None, together: bool) -> tuple[Mark, Detail]:
    if rather_together is None:
        return Mark.EITHER, ()
    return (Mark.TOGETHER if rather_together else Mark.ALONE), ()


def _wish(mine: tuple[int | None, frozenset[str]], theirs: tuple[int, str]) -> int:
    return WISH if mine[0] == theirs[0] or theirs[1] in mine[1] else 0


def _tell_wish(mine: tuple[int | None, frozenset[str]], theirs: tuple[int, str]) -> tuple[Mark, Detail]:
    return (Mark.WISHED_ROLE if mine[0] == theirs[0] else Mark.WISHED_THEME), ()


def _interest(mine: str, theirs: str) -> int:
    return INTEREST if mine and mine == theirs else 0


FIT: tuple[ScorePart, ...] = (
    ScorePart(FitTopic.SKILLS, attrgetter("skills"), attrgetter("skills"), _skills, _tell_skills),
    ScorePart(
        FitTopic.SKILLS, attrgetter("theme"), attrgetter("theme"), _interest, lambda *_: (Mark.INTEREST, ())
    ),
    ScorePart(FitTopic.AVAILABILITY, attrgetter("moments"), attrgetter("moments"), _moments, _tell_moments),
    ScorePart(FitTopic.AVAILABILITY, attrgetter("way", "time"), attrgetter("is_regular"), _rhythm, _tell_rhythm),
    ScorePart(FitTopic.DISTANCE, attrgetter("where"), attrgetter("where"), _place, _tell_place),
    ScorePart(FitTopic.ACCESS, attrgetter("languages"), attrgetter("languages"), _language, _tell_language),
    ScorePart(FitTopic.ACCESS, attrgetter("rather_together"), attrgetter("together"), _company, _tell_company),
    ScorePart(FitTopic.WISH, attrgetter("wished_role", "wishes"), attrgetter("id", "theme"), _wish, _tell_wish),
)  # fmt: skip
ADJUSTMENTS: tuple[ScorePart, ...] = (
    ScorePart(
        None, attrgetter("waits_days"), nothing,
        lambda days, _: min(WAITED, days * WAITED // WAITED_DAYS), lambda days, _: (Mark.WAITS, (days,)),
    ),
    ScorePart(
        None, nothing, attrgetter("nobody_yet"),
        lambda _, nobody: NOBODY_YET if nobody else 0, lambda *_: (Mark.NOBODY_YET, ()),
    ),
    ScorePart(
        None, attrgetter("busy"), nothing,
        lambda busy, _: -min(LOAD_MOST, LOAD_EACH * busy), lambda busy, _: (Mark.LOAD, (busy,)),
    ),
    ScorePart(
        None, nothing, attrgetter("proposed_this_week"),
        lambda _, people: -min(WEEK_MOST, WEEK_EACH * people),
        lambda _, people: (Mark.PROPOSED_THIS_WEEK, (people,)),
    ),
)  # fmt: skip
TOPICS: Mapping[Mark, FitTopic] = {
    Mark.SKILLS: FitTopic.SKILLS,
    Mark.SKILLS_UNKNOWN: FitTopic.SKILLS,
    Mark.INTEREST: FitTopic.SKILLS,
    Mark.FREE: FitTopic.AVAILABILITY,
    Mark.TIMES_UNKNOWN: FitTopic.AVAILABILITY,
    Mark.OFTEN: FitTopic.AVAILABILITY,
    Mark.ONCE: FitTopic.AVAILABILITY,
    Mark.SAME_AREA: FitTopic.DISTANCE,
    Mark.NEAR: FitTopic.DISTANCE,
    Mark.SAME_TOWN: FitTopic.DISTANCE,
    Mark.PLACE_UNKNOWN: FitTopic.DISTANCE,
    Mark.SPEAKS: FitTopic.ACCESS,
    Mark.NO_LANGUAGE_ASKED: FitTopic.ACCESS,
    Mark.LANGUAGE_UNKNOWN: FitTopic.ACCESS,
    Mark.TOGETHER: FitTopic.ACCESS,
    Mark.ALONE: FitTopic.ACCESS,
    Mark.EITHER: FitTopic.ACCESS,
    Mark.WISHED_ROLE: FitTopic.WISH,
    Mark.WISHED_THEME: FitTopic.WISH,
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
    return tuple(_told(FIT, volunteer, vacancy))


def adjustments(volunteer: Volunteer, vacancy: Vacancy) -> tuple[Reason, ...]:
    """Reasons that change the order, apart from the fit."""
    return tuple(_told(ADJUSTMENTS, volunteer, vacancy))


def _told(parts: Iterable[ScorePart], volunteer: Volunteer, vacancy: Vacancy) -> Iterator[Reason]:
    for part in parts:
        mine, theirs = part.mine(volunteer), part.theirs(vacancy)
        if points := part.weigh(mine, theirs):
            mark, detail = part.tell(mine, theirs)
            yield Reason(mark, points, detail)


def suggest(volunteer: Volunteer, vacancy: Vacancy) -> MatchSuggestion:
    return MatchSuggestion(volunteer.id, vacancy.id, fit(volunteer, vacancy), adjustments(volunteer, vacancy))
