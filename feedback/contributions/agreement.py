"""How far two readers agree beyond chance: Cohen's kappa."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Yes-or-no decisions of two readers on the same things, counted."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def observed(self) -> float:
        """Share of the decisions that were the same. 0 without any."""
        return (self.both + self.neither) / self.n if self.n else 0.0

    @property
    def kappa(self) -> float | None:
        """1 is always the same, 0 is what chance would give, below 0 is worse than chance.

        None when nothing can be said: no decisions, or both readers gave one and the same answer throughout.
        """
        if not self.n:
            return None
        first, second = self.both + self.only_first, self.both + self.only_second
        expected = (first * second + (self.n - first) * (self.n - second)) / self.n**2
        return None if expected == 1 else (self.observed - expected) / (1 - expected)


def agree(decisions: Iterable[tuple[bool, bool]]) -> Agreement:
    counts = Counter((bool(first), bool(second)) for first, second in decisions)
    return Agreement(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def per_label(
    readings: Iterable[tuple[frozenset[str], frozenset[str]]],
) -> tuple[Agreement, dict[str, Agreement]]:
    """Over all decisions (each text with each label that somebody used), and for each label."""
    readings = list(readings)
    labels = sorted({label for first, second in readings for label in first | second})
    found = {
        label: agree((label in first, label in second) for first, second in readings) for label in labels
    }
    whole = agree((label in first, label in second) for first, second in readings for label in labels)
    return whole, found
