"""The best for one: of many volunteers for a role, or of many roles for a volunteer."""

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
    """The best first; and of who is kept by a filter those who would have come first."""

    best: tuple[MatchSuggestion, ...] = ()
    more: int = 0
    """So many others would do."""
    refused: tuple[RefusedPair, ...] = ()
    more_refused: int = 0


def rank(
    volunteers: Sequence[Volunteer], vacancies: Sequence[Vacancy], on: date, *, most: int = 5, told: int = 8
) -> Ranking:
    """For one role the best volunteers, for one volunteer the best roles: one of both sides has one member.

    Who was asked for it already, or is in it, is left out on both sides.
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
    """What comes of each look of a volunteer at one look of a role, worked out once: many look alike."""

    def __init__(self, theirs: Hashable, work: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.theirs, self.work = theirs, work

    def __missing__(self, mine: Hashable) -> Any:
        return self.setdefault(mine, self.work(mine, self.theirs))
