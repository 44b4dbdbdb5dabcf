"""Number of residents by age, with which a survey compares its respondents. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from neighbourhoods.advice.services.advice import AGES, RESIDENTS
from neighbourhoods.models import Area, Figure

SHARES = {"15-24": "share_15_24", "25-44": "share_25_44", "45-64": "share_45_64", "65+": "share_65_up"}
"""Many files give ages only as a share of the residents."""

Living = Mapping[str, int]
"""Band of AGES, or RESIDENTS -> people. Unknown values are absent."""


def living_in(areas: Collection[int]) -> dict[int, Living]:
    """The area's own figures of the last year; if it has none, the sum of the areas inside it.

    A sum that lacks one of its parts would be too low, so then there is none.
    """
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent in Area.objects.existing().order_by().values_list("pk", "parent"):
        children[parent].append(pk)
    slugs = (RESIDENTS, *AGES.values(), *SHARES.values())
    figures: dict[int, dict[str, float]] = defaultdict(dict)
    rows = Figure.objects.of_last_year().filter(indicator__slug__in=slugs, value__isnull=False).order_by()
    for area, slug, value in rows.values_list("area", "indicator__slug", "value"):
        if value is not None:
            figures[area][slug] = value

    def of(area: int, what: str) -> float | None:
        own = _own(figures[area], what)
        if own is not None or not children[area]:
            return own
        inside = [of(child, what) for child in children[area]]
        known = [n for n in inside if n is not None]
        return sum(known) if len(known) == len(inside) else None

    found: dict[int, Living] = {}
    for area in areas:
        told = {what: of(area, what) for what in (RESIDENTS, *AGES)}
        found[area] = {what: round(n) for what, n in told.items() if n is not None}
    return found


def _own(figures: Mapping[str, float], what: str) -> float | None:
    if what == RESIDENTS or AGES[what] in figures:
        return figures.get(AGES.get(what, what))
    share, people = figures.get(SHARES[what]), figures.get(RESIDENTS)
    return None if share is None or people is None else share * people / 100
