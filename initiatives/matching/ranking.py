"""Ranks many volunteers for one role or many roles for one volunteer, and plans a round of proposals."""

import heapq
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from initiatives.matching.marks import Reason, SideKey
from initiatives.matching.pairs import (
    ADJUSTMENT_PARTS,
    BARRIERS,
    FIT_PARTS,
    MatchSuggestion,
    Vacancy,
    Volunteer,
    barriers,
    suggest,
)


@dataclass(frozen=True, slots=True)
class RefusedPair:
    volunteer: int
    vacancy: int
    barriers: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best suggestions first, and the best of the pairs that a barrier excludes."""

    best: tuple[MatchSuggestion, ...] = ()
    more: int = 0
    """Number of further pairs without a barrier."""
    refused: tuple[RefusedPair, ...] = ()
    more_refused: int = 0


def rank(
    volunteers: Sequence[Volunteer],
    vacancies: Sequence[Vacancy],
    on: date,
    *,
    max_suggestions: int = 5,
    max_refused: int = 8,
) -> Ranking:
    """Rank all pairs; one of both sides has one member.

    Pairs that are matched already are left out of both lists.
    """
    free: list[tuple[int, int, int, int]] = []
    kept: list[tuple[int, int, int, int]] = []
    pairs = [(volunteer, vacancy) for vacancy in vacancies for volunteer in volunteers]
    for number, vacancy in enumerate(vacancies):
        barred = [False] * len(volunteers)
        for one in BARRIERS:
            keeps = ResultCache(one.theirs(vacancy), one.asked(on))
            barred = [was or keeps[key] for was, key in zip(barred, map(one.mine, volunteers), strict=True)]
        adjusted = [0] * len(volunteers)
        for part in (*FIT_PARTS, *ADJUSTMENT_PARTS):
            weighs = ResultCache(part.theirs(vacancy), part.weigh)
            adjusted = [n + weighs[key] for n, key in zip(adjusted, map(part.mine, volunteers), strict=True)]
        for index, volunteer in enumerate(volunteers):
            if vacancy.id not in volunteer.matched:
                entry = (
                    -adjusted[index],
                    -volunteer.waits_days,
                    volunteer.id,
                    number * len(volunteers) + index,
                )
                (kept if barred[index] else free).append(entry)
    best = [pairs[entry[3]] for entry in heapq.nsmallest(max_suggestions, free)]
    refused = [pairs[entry[3]] for entry in heapq.nsmallest(max_refused, kept)]
    return Ranking(
        best=tuple(suggest(*pair) for pair in best),
        more=len(free) - len(best),
        refused=tuple(
            RefusedPair(volunteer.id, vacancy.id, barriers(volunteer, vacancy, on))
            for volunteer, vacancy in refused
        ),
        more_refused=len(kept) - len(refused),
    )


class ResultCache(dict[Any, Any]):
    """Cache of the result per key of a volunteer, for one key of a role: many volunteers share a key."""

    def __init__(self, theirs: Hashable, work: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.theirs, self.work = theirs, work

    def __missing__(self, mine: Hashable) -> Any:
        return self.setdefault(mine, self.work(mine, self.theirs))


if TYPE_CHECKING:
    import numpy.typing as npt

MIN_ROUND_FIT = 40
"""Minimum fit of a pair in a round. A colleague may propose a pair with a lower fit by hand."""


@dataclass(frozen=True, slots=True)
class RoundDifference:
    """What a volunteer gets in the optimal round, and what they would get in the greedy one."""

    volunteer: int
    planned: MatchSuggestion | None
    otherwise: MatchSuggestion | None


@dataclass(frozen=True, slots=True)
class Round:
    """Proposals for many at once: at most one per volunteer, and per role at most `to_ask`."""

    pairs: tuple[MatchSuggestion, ...] = ()

    @property
    def total(self) -> int:
        return sum(one.adjusted for one in self.pairs)

    def differences_from(self, other: "Round") -> list[RoundDifference]:
        """Volunteers who get something else than in `other`, who get something only here, or only there."""
        planned = {one.volunteer: one for one in self.pairs}
        otherwise = {one.volunteer: one for one in other.pairs}
        return [
            RoundDifference(volunteer, planned.get(volunteer), otherwise.get(volunteer))
            for volunteer in sorted(planned.keys() | otherwise.keys())
            if _role(planned.get(volunteer)) != _role(otherwise.get(volunteer))
        ]


def _role(one: MatchSuggestion | None) -> int | None:
    return one.vacancy if one else None


class ScoreMatrix:
    """Adjusted score per pair, shape (volunteers, vacancies), int16; 0 where the pair can't or should not be
    proposed.

    Each part is computed once per distinct pair of keys and broadcast to all pairs: 300,000 pairs have few
    distinct keys. Both kinds of round read the same matrix.
    """

    def __init__(
        self,
        volunteers: Sequence[Volunteer],
        vacancies: Sequence[Vacancy],
        on: date,
        *,
        worth: int = MIN_ROUND_FIT,
    ) -> None:
        import numpy as np

        self.volunteers, self.vacancies = volunteers, vacancies
        shape = (len(volunteers), len(vacancies))
        free, fits = np.ones(shape, bool), np.zeros(shape, np.int16)
        for one in BARRIERS:
            free &= ~self._part_matrix(one.mine, one.theirs, one.asked(on), bool)
        for part in FIT_PARTS:
            fits += self._part_matrix(part.mine, part.theirs, part.weigh, np.int16)
        adjusted = fits.copy()
        for part in ADJUSTMENT_PARTS:
            adjusted += self._part_matrix(part.mine, part.theirs, part.weigh, np.int16)
        self.worth = np.where(free & (fits >= worth) & (adjusted > 0), adjusted, 0).astype(np.int16)

    def _part_matrix(
        self, mine: SideKey, theirs: SideKey, work: Callable[[Any, Any], Any], kind: Any
    ) -> "npt.NDArray[Any]":
        import numpy as np

        rows: dict[Hashable, int] = {}
        columns: dict[Hashable, int] = {}
        row = [rows.setdefault(mine(one), len(rows)) for one in self.volunteers]
        column = [columns.setdefault(theirs(one), len(columns)) for one in self.vacancies]
        table = np.array([[work(m, t) for t in columns] for m in rows], kind).reshape(len(rows), len(columns))
        if len(columns) == 1:
            return table[row]  # broadcast over all roles by the addition
        return table[:, column][row] if len(rows) > 1 else table[:, column]

    def round(self, pairs: Iterable[tuple[int, int]]) -> Round:
        """From (row, column) pairs, in the order of the volunteers."""
        return Round(
            tuple(suggest(self.volunteers[row], self.vacancies[column]) for row, column in sorted(pairs))
        )


def plan_round(sheet: ScoreMatrix) -> Round:
    """The round with the highest total: an assignment problem with one column per person a role may ask.

    A volunteer gets at most one proposal per round, even if `may_take` is higher: two in one mail get no answer.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    columns = [
        index
        for index, vacancy in enumerate(sheet.vacancies)
        for _place in range(min(vacancy.max_proposals, len(sheet.volunteers)))
    ]
    if not columns or not sheet.volunteers:
        return Round()
    worth = sheet.worth[:, np.array(columns)]
    rows, places = linear_sum_assignment(worth, maximize=True)
    return sheet.round(
        (int(row), columns[place]) for row, place in zip(rows, places, strict=True) if worth[row, place]
    )


def greedy_round(sheet: ScoreMatrix) -> Round:
    """Take the best remaining pair each time; ties go to the volunteer who waits longest."""
    import numpy as np

    rows, columns = np.nonzero(sheet.worth)
    waits = np.array([one.waits_days for one in sheet.volunteers], np.int32)
    order = np.lexsort((columns, rows, -waits[rows], -sheet.worth[rows, columns].astype(np.int32)))
    taken: set[int] = set()
    left = Counter({index: vacancy.max_proposals for index, vacancy in enumerate(sheet.vacancies)})
    places, pairs = sum(left.values()), []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if left[column] > 0 and row not in taken:
            taken.add(row)
            left[column] -= 1
            pairs.append((row, column))
            if len(pairs) == places:
                break
    return sheet.round(pairs)
