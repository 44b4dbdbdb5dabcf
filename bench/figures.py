"""What a section found out: a figure, what it should be, and whether it is."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line. `holds` is None for what has no target, or could not be measured."""

    section: str
    name: str
    value: str
    target: str = ""
    holds: bool | None = None

    def __str__(self) -> str:
        said = {True: "holds", False: "MISSED", None: ""}[self.holds]
        return f"{self.section:10} {self.name:58} {self.value:>30}   {self.target:>10} {said}".rstrip()


def at_most(section: str, name: str, value: float, limit: float, *, unit: str = "", more: str = "") -> Figure:
    said = f"{value:.2f}" if isinstance(value, float) and value < 100 else f"{value:,.0f}"
    return Figure(section, name, f"{more}{said}{unit}", f"<= {limit:g}{unit}", value <= limit)


def at_least(
    section: str, name: str, value: float, limit: float, *, unit: str = "", more: str = ""
) -> Figure:
    return Figure(section, name, f"{more}{value:.2f}{unit}", f">= {limit:g}{unit}", value >= limit)


@dataclass(frozen=True)
class Pair:
    """Medians of rounds measured in turn, in the same unit."""

    ours: float
    other: float

    @property
    def ratio(self) -> float:
        return self.ours / self.other

    def __str__(self) -> str:
        return f"{self.ours * 1000:.2f} ms / {self.other * 1000:.2f} ms = "


def side_by_side(ours: Callable[[], float], other: Callable[[], float], *, rounds: int = 5) -> Pair:
    """Measure in turn, so that whatever else the machine does weighs on both; the first round warms up."""
    ours(), other()
    found = [(ours(), other()) for _round in range(rounds)]
    return Pair(statistics.median(o for o, _b in found), statistics.median(b for _o, b in found))


def show(figures: Iterable[Figure]) -> None:
    for figure in figures:
        print(figure, flush=True)
