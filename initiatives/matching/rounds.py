"""Rounds: proposals for all waiting volunteers at once.

Greedy matching is near the optimum (bench/matching.py) and easier to explain; the optimal round adds the last
few per cent and shows who gains by it. numpy and scipy are imported when a round is made: they take 60 MB,
which other processes need not load.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from initiatives.matching import (
    ADJUSTMENTS,
    BARRIERS,
    FIT,
    MatchSuggestion,
    SideKey,
    Vacancy,
    Volunteer,
    suggest,
)

if TYPE_CHECKING:
    import numpy.typing as npt

WORTH = 40
"""Minimum fit for a round: a mail about a poor fit costs goodwill. A colleague may still propose such a pair."""


@dataclass(frozen=True, slots=True)
class Change:
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

    def beside(self, other: "Round") -> list[Change]:
        """Volunteers who get something else than in `other`, who get something only here, or only there."""
        planned = {one.volunteer: one for one in self.pairs}
        otherwise = {one.volunteer: one for one in other.pairs}
        return [
            Change(volunteer, planned.get(volunteer), otherwise.get(volunteer))
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
        self, volunteers: Sequence[Volunteer], vacancies: Sequence[Vacancy], on: date, *, worth: int = WORTH
    ) -> None:
        import numpy as np

        self.volunteers, self.vacancies = volunteers, vacancies
        shape = (len(volunteers), len(vacancies))
        free, fits = np.ones(shape, bool), np.zeros(shape, np.int16)
        for one in BARRIERS:
            free &= ~self._laid_out(one.mine, one.theirs, one.asked(on), bool)
        for part in FIT:
            fits += self._laid_out(part.mine, part.theirs, part.weigh, np.int16)
        adjusted = fits.copy()
        for part in ADJUSTMENTS:
            adjusted += self._laid_out(part.mine, part.theirs, part.weigh, np.int16)
        self.worth = np.where(free & (fits >= worth) & (adjusted > 0), adjusted, 0).astype(np.int16)

    def _laid_out(
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

    A volunteer gets one proposal per round, however much they may take: two questions in one mail get no answer.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    columns = [
        index
        for index, vacancy in enumerate(sheet.vacancies)
        for _place in range(min(vacancy.to_ask, len(sheet.volunteers)))
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
    left = Counter({index: vacancy.to_ask for index, vacancy in enumerate(sheet.vacancies)})
    places, pairs = sum(left.values()), []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if left[column] > 0 and row not in taken:
            taken.add(row)
            left[column] -= 1
            pairs.append((row, column))
            if len(pairs) == places:
                break
    return sheet.round(pairs)
