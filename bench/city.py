"""A city of neighbourhoods that does not exist, for measuring: borders with many points, figures of several years."""

from random import Random
from typing import Any

DISTRICT = 20  # neighbourhoods in each
POINTS = 15  # on each side of a neighbourhood
YEARS = (2019, 2020, 2021, 2022, 2023, 2024)
WEST, SOUTH, STEP = 4.70, 52.28, 0.006
Point = tuple[float, float]


def build(neighbourhoods: int = 500) -> None:
    """Beside what is there already. Borders are shared, as real ones are."""
    from neighbourhoods.imports.columns import indicator_dictionary
    from neighbourhoods.models import Area, AreaVersion, Figure, Indicator, Source
    from neighbourhoods.states import AreaKind, Gap

    chance = Random(2026)
    root = Area.root()
    wide = 25
    sides = _Sides(chance)
    areas = []
    for number in range(neighbourhoods):
        if number % DISTRICT == 0:
            name = f"District {number // DISTRICT + 1}"
            district = Area.objects.create(
                kind=AreaKind.DISTRICT, name=name, slug=f"city-d{number // DISTRICT}", parent=root
            )
        areas.append(
            Area(
                kind=AreaKind.NEIGHBOURHOOD, name=f"Neighbourhood {number + 1}", slug=f"city-{number}",
                parent=district,
            )
        )  # fmt: skip
    areas = Area.objects.bulk_create(areas)
    versions = []
    for number, area in enumerate(areas):
        ring = sides.around(number % wide, number // wide)
        longitudes, latitudes = [point[0] for point in ring], [point[1] for point in ring]
        border = {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}
        versions.append(
            AreaVersion(
                area=area, year=2024, code=f"BU88{number:06}", name=area.name, boundary=border, outline=border,
                west=min(longitudes), east=max(longitudes), south=min(latitudes), north=max(latitudes),
            )
        )  # fmt: skip
    AreaVersion.objects.bulk_create(versions)
    source = Source.objects.get_or_create(name="a city that does not exist")[0]
    known = [one for one in indicator_dictionary().values() if one.is_key]
    for order, one in enumerate(known):
        fields: dict[str, Any] = {
            "name": dict(one.name), "unit": one.unit, "nature": one.nature, "decimals": one.decimals,
            "order": order, "is_key": True,
        }  # fmt: skip
        indicator = Indicator.objects.update_or_create(slug=one.slug, defaults=fields)[0]
        scale = 3000 if one.nature == "count" else 40
        Figure.objects.bulk_create(
            Figure(area=area, indicator=indicator, year=year, value=None, gap=Gap.SECRET, source=source)
            if chance.random() < 0.05
            else Figure(
                area=area,
                indicator=indicator,
                year=year,
                value=round(scale * chance.random(), 1),
                source=source,
            )
            for area in areas
            for year in YEARS
        )


class _Sides:
    """The sides of the squares of a grid, each with a course of its own that both neighbours share."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.known: dict[tuple[int, int, str], list[Point]] = {}

    def around(self, x: int, y: int) -> list[Point]:
        south, north = self._side(x, y, "east"), self._side(x, y + 1, "east")
        west, east = self._side(x, y, "north"), self._side(x + 1, y, "north")
        return [*south, *east[1:], *north[::-1][1:], *west[::-1][1:]]

    def _side(self, x: int, y: int, to: str) -> list[Point]:
        key = (x, y, to)
        if key not in self.known:
            end = (x + 1, y) if to == "east" else (x, y + 1)
            course = []
            for step in range(POINTS + 1):
                part = step / POINTS
                bend = 0 if step in (0, POINTS) else self.chance.uniform(-0.12, 0.12)
                here = (x + (end[0] - x) * part, y + (end[1] - y) * part)
                moved = (here[0], here[1] + bend) if to == "east" else (here[0] + bend, here[1])
                course.append((round(WEST + STEP * moved[0], 6), round(SOUTH + STEP * 0.62 * moved[1], 6)))
            self.known[key] = course
        return self.known[key]
