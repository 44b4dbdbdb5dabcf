"""Computes the figure of a larger area from those inside it. Pure.

Counts are added. Shares and averages are weighted by population. Missing parts are counted, so that an incomplete
total can say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class WeightedValue:
    """The figure and population of one area inside; None where unknown."""

    value: float | None
    people: float | None = None


@dataclass(frozen=True)
class Whole:
    """A total of `of` parts, of which `missing` had no figure (or no population, where that matters)."""

    value: float | None
    of: int
    missing: int

    @property
    def is_complete(self) -> bool:
        return not self.missing


def added(parts: Iterable[WeightedValue]) -> Whole:
    found = list(parts)
    known = [part.value for part in found if part.value is not None]
    return Whole(sum(known) if known else None, len(found), len(found) - len(known))


def weighted(parts: Iterable[WeightedValue]) -> Whole:
    found = list(parts)
    known = [(part.value, part.people) for part in found if part.value is not None and part.people]
    people = sum(weight for _value, weight in known)
    value = sum(value * weight for value, weight in known) / people if people else None
    return Whole(value, len(found), len(found) - len(known))
