"""How far two readers agree: the share of equal decisions and Cohen's kappa. Pure: the bench measures with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Counts of yes-or-no decisions by two readers on the same things."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def observed(self) -> float:
        """Share of equal decisions; 0 without decisions."""
        return (self.both + self.neither) / self.n if self.n else 0.0

    @property
    def kappa(self) -> float | None:
        """1 is full agreement, 0 is chance level, below 0 is worse than chance.

        None if undefined: no decisions, or both readers gave one and the same answer throughout.
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
    """Agreement over all decisions (each text times each label that was used), and per label."""
    readings = list(readings)
    labels = sorted({label for first, second in readings for label in first | second})
    found = {
        label: agree((label in first, label in second) for first, second in readings) for label in labels
    }
    whole = agree((label in first, label in second) for first, second in readings for label in labels)
    return whole, found
