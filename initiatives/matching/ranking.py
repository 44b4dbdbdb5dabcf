"""Ranks many volunteers for one role, or many roles for one volunteer."""

import heapq
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from initiatives.matching.apart import BARRIERS, barriers
from initiatives.matching.fits import ADJUSTMENTS, FIT, MatchSuggestion, suggest
from initiatives.matching.marks import Reason
from initiatives.matching.sides import Vacancy, Volunteer


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
    volunteers: Sequence[Volunteer], vacancies: Sequence[Vacancy], on: date, *, most: int = 5, told: int = 8
) -> Ranking:
    """Rank all pairs; one of both sides has one member. At most `most` suggestions and `told` refused pairs.

    Pairs that are matched already are left out of both lists.
    """
    free: list[tuple[int, int, int, int]] = []
    kept: list[tuple[int, int, int, int]] = []
    pairs = [(volunteer, vacancy) for vacancy in vacancies for volunteer in volunteers]
    for number, vacancy in enumerate(vacancies):
        barred = [False] * len(volunteers)
        for one in BARRIERS:
            keeps = Seen(one.theirs(vacancy), one.asked(on))
            barred = [was or keeps[key] for was, key in zip(barred, map(one.mine, volunteers), strict=True)]
        adjusted = [0] * len(volunteers)
        for part in (*FIT, *ADJUSTMENTS):
            weighs = Seen(part.theirs(vacancy), part.weigh)
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
    best = [pairs[entry[3]] for entry in heapq.nsmallest(most, free)]
    refused = [pairs[entry[3]] for entry in heapq.nsmallest(told, kept)]
    return Ranking(
        best=tuple(suggest(*pair) for pair in best),
        more=len(free) - len(best),
        refused=tuple(
            RefusedPair(volunteer.id, vacancy.id, barriers(volunteer, vacancy, on))
            for volunteer, vacancy in refused
        ),
        more_refused=len(kept) - len(refused),
    )


class Seen(dict[Any, Any]):
    """Cache of the result per key of a volunteer, for one key of a role: many volunteers share a key."""

    def __init__(self, theirs: Hashable, work: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.theirs, self.work = theirs, work

    def __missing__(self, mine: Hashable) -> Any:
        return self.setdefault(mine, self.work(mine, self.theirs))
