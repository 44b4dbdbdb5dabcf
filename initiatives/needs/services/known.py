"""Input for the advice: which initiatives run in an area, and on which themes."""

from collections import Counter, defaultdict
from typing import Any

from initiatives.models import Initiative
from initiatives.states import InitiativeState
from neighbourhoods.models import Area


def known_initiatives(areas: list[int]) -> dict[int, dict[str, Any]]:
    """Running initiatives per area, including the areas inside it.

    An area is left out (unknown) unless an inventory was begun in its parent area; then no rows means none.
    """
    parents = dict(Area.objects.order_by().values_list("pk", "parent"))
    noted: set[int] = set()
    running: Counter[int] = Counter()
    themes: dict[int, set[str]] = defaultdict(set)
    for area, theme, state in Initiative.objects.values_list("area", "theme__slug", "state").order_by():
        here: int | None = area
        while here is not None:
            noted.add(here)
            if state == InitiativeState.RUNNING:
                running[here] += 1
                themes[here].add(theme)
            here = parents.get(here)
    return {
        area: {"running": running[area], "themes": frozenset(themes[area])}
        for area in areas
        if (parents.get(area) or area) in noted
    }
