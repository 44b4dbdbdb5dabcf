"""Who has been heard and who has not, compared with who lives there. Pure.

A group is behind if it took part for less than half of its share (the municipality can set another part), as
in the advice. Nothing of the kind is said about fewer than thirty people.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

_ENOUGH = 30


class ReachStatus(StrEnum):
    """What is known about the groups of one breakdown together."""

    NOT_ASKED = "not asked"
    NO_FIGURES = "no figures"
    SOME_FIGURES = "some figures"
    FEW = "few"
    BEHIND = "behind"
    HEARD = "heard"


@dataclass(frozen=True)
class Group:
    """A group of people, and how many of them live there.

    `took` is None if hidden; `few`: because of its own number. Percentages are None among fewer than thirty
    people, and where it is unknown who lives there.
    """

    key: str
    took: int | None
    few: bool = False
    living: int | None = None
    took_percent: int | None = None
    living_percent: int | None = None
    is_behind: bool = False


def hidden_counts(counts: Mapping[str, int], threshold: int) -> frozenset[str]:
    """Keys of the counts too small to show, and of those from which they could be derived.

    A zero is shown, because it concerns no person and the page is about groups that were not heard. The
    hidden counts together reach the threshold, since a reader may know the total.
    """
    hidden = {key for key, n in counts.items() if 0 < n < threshold}
    rest = sorted((n, key) for key, n in counts.items() if n >= threshold)
    while hidden and rest and (len(hidden) < 2 or sum(counts[key] for key in hidden) < threshold):
        hidden.add(rest.pop(0)[1])
    return frozenset(hidden)


def groups(
    took: Mapping[str, int],
    living: Mapping[str, int],
    *,
    threshold: int,
    least: float = 50,
    whole: bool = True,
) -> tuple[Group, ...]:
    """Every group of `took`, in its order. `least` is the part of its share, in percent, below which a group
    is behind.

    Without `whole` these are not all the people, so shares mean nothing (areas, some of them unknown).
    """
    everybody, heard = sum(living.get(key, 0) for key in took), sum(took.values())
    compared = whole and everybody > 0 and all(key in living for key in took)
    enough = heard >= _ENOUGH
    hidden = hidden_counts(took, threshold)

    def one(key: str, n: int) -> Group:
        here = living.get(key)
        return Group(
            key=key,
            took=None if key in hidden else n,
            few=0 < n < threshold,
            living=here,
            took_percent=round(100 * n / heard) if enough and key not in hidden else None,
            living_percent=round(100 * here / everybody) if compared and here is not None else None,
            is_behind=bool(compared and enough and here and n * everybody * 100 < here * heard * least),
        )

    return tuple(one(key, n) for key, n in took.items())


def reach_status(found: Collection[Group], heard: int) -> ReachStatus:
    """HEARD only if no group is behind, every group has a figure, and enough people took part."""
    lacking = sum(1 for group in found if group.living is None)
    if lacking == len(found) or (not lacking and not any(group.living for group in found)):
        return ReachStatus.NO_FIGURES
    if lacking:
        return ReachStatus.SOME_FIGURES
    if heard < _ENOUGH:
        return ReachStatus.FEW
    return ReachStatus.BEHIND if behind(found) else ReachStatus.HEARD


def behind(found: Collection[Group]) -> tuple[Group, ...]:
    return tuple(group for group in found if group.is_behind)
