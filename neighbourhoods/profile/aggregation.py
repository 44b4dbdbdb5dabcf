"""The figure of a larger area made of those inside it. Pure.

Counts add up. Shares and averages are weighted by how many people live in each part. What is missing is counted:
a whole that leaves parts out says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class WeightedValue:
    """One area inside: its figure and its people, None where that is not known."""

    value: float | None
    people: float | None = None


@dataclass(frozen=True)
class Whole:
    """`of` parts, of which `missing` had no figure (or, where it matters, no number of people)."""

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
