"""Exact counts, rounding, and which counts are too small to show."""

from collections.abc import Mapping
from dataclasses import dataclass

THRESHOLD = 10
ROUNDING_STEP = 5


@dataclass(frozen=True)
class Counts:
    """Exact counts of one question, over everybody or over one part of them.

    `options` must hold every option that could be chosen, including those nobody chose. `is_several`: one
    person may be in more than one cell.
    """

    shown: int
    answered: int
    options: Mapping[str, int]
    is_several: bool = False

    def is_few(self, option: str, threshold: int) -> bool:
        """Too few people chose it or, with several choices, did not: "all but two" points at two.

        Zero is also too few: "none of the twelve feels safe here" says something about each of the twelve.
        """
        n = self.options[option]
        return n < threshold or (self.is_several and self.answered - n < threshold)


def rounded(n: int) -> int:
    """The nearest multiple of 5."""
    return ROUNDING_STEP * ((n + ROUNDING_STEP // 2) // ROUNDING_STEP)


def reading(n: int, threshold: int = 0) -> tuple[int, int]:
    """Minimum and maximum of the count behind a rounded number, knowing that none below `threshold` is shown."""
    return max(n - ROUNDING_STEP // 2, threshold), n + ROUNDING_STEP // 2


def public_number(n: int, threshold: int = THRESHOLD) -> int | None:
    """A number of people as residents read it ("about 10 neighbours"); None if too small to show."""
    return rounded(n) if n >= threshold else None


def is_due(now: int, last: int | None, threshold: int = THRESHOLD) -> bool:
    """Whether tables over `now` people may follow those over `last` (None: there are none yet).

    Two tables that differ by one person would reveal that person's answers.
    """
    return now - (last or 0) >= threshold


def hidden(counts: Counts, threshold: int = THRESHOLD) -> frozenset[str]:
    """Options whose count is hidden on the desk: too small, or derivable from the total minus the others.

    Colleagues need numbers to work with, so only cells are hidden, never the table. With a single choice, one
    hidden cell would follow from the total, so the smallest other cells are hidden too, until together they
    reach the threshold.
    """
    few = {key for key, n in counts.options.items() if n < threshold}
    if counts.is_several or not few:
        return frozenset(few)
    rest = sorted((n, key) for key, n in counts.options.items() if key not in few)
    while rest and (len(few) < 2 or sum(counts.options[key] for key in few) < threshold):
        few.add(rest.pop(0)[1])
    return frozenset(few)
