"""The map of Waterdam: drawn for the demo in the middle of a lake, so that it matches no real place."""

from typing import Any

from shapely import Polygon, unary_union
from shapely.geometry import mapping

from neighbourhoods.areas.services import outlines
from neighbourhoods.models import Area, AreaVersion, Theme
from neighbourhoods.states import AreaKind

YEAR = 2026
ORIGIN = (5.3010, 52.5600)
STEP = (0.00030, 0.00018)  # degrees per unit of the drawing: some 20 m each way

# Corners on a drawing of 120 by 80 units; neighbours share them, so borders meet.
CORNERS = {
    "a": (0, 6), "b": (30, 0), "c": (62, 4), "d": (92, 0), "e": (120, 10),
    "f": (2, 40), "g": (18, 44), "h": (34, 38), "i": (50, 46), "j": (64, 40), "k": (80, 46), "l": (96, 38),
    "m": (118, 44), "n": (6, 76), "o": (36, 80), "p": (60, 72), "q": (66, 80), "r": (94, 74), "s": (112, 78),
}  # fmt: skip

DISTRICTS: dict[str, dict[str, str]] = {
    "Oosterhaven": {
        "Havenkom": "c d l k j",
        "Sluisbuurt": "d e m l",
        "De Linde": "j k l m s r q p",
    },
    "Westpolder": {
        "Molenhoek": "a b c j i h g f",
        "Veldzicht": "f g h o n",
        "Kadekwartier": "h i j p q o",
    },
}

THEMES = {
    "meeting": ("Ontmoeten", "Meeting"),
    "green": ("Groen", "Green"),
    "traffic": ("Bus en verkeer", "Bus and traffic"),
    "youth": ("Jongeren", "Young people"),
    "help": ("Hulp en zorg", "Help and care"),
    "safety": ("Veiligheid", "Safety"),
    "housing": ("Wonen", "Housing"),
}


def make_places() -> dict[str, Area]:
    root = Area.objects.create(kind=AreaKind.MUNICIPALITY, name="Waterdam", slug="waterdam")
    areas = {root.name: root}
    everything = []
    for number, (name, neighbourhoods) in enumerate(DISTRICTS.items(), start=1):
        district = Area.objects.create(kind=AreaKind.DISTRICT, name=name, slug=name.lower(), parent=root)
        areas[name] = district
        shapes = []
        for order, (own_name, corners) in enumerate(neighbourhoods.items(), start=1):
            area = Area.objects.create(
                kind=AreaKind.NEIGHBOURHOOD,
                name=own_name,
                slug=own_name.lower().replace(" ", "-"),
                parent=district,
            )
            areas[own_name] = area
            shape = Polygon([_degrees(*CORNERS[corner]) for corner in corners.split()])
            shapes.append(shape)
            _draw(area, shape, f"BU9999{number:02}{order:02}")
        _draw(district, unary_union(shapes), f"WK9999{number:02}")
        everything += shapes
    _draw(root, unary_union(everything), "GM9999")
    for kind in AreaKind:
        outlines.redraw(kind, YEAR)
    return areas


def make_themes() -> dict[str, Theme]:
    return {
        slug: Theme.objects.create(slug=slug, name={"nl": nl, "en": en}, order=order)
        for order, (slug, (nl, en)) in enumerate(THEMES.items())
    }


def _degrees(x: float, y: float) -> tuple[float, float]:
    return ORIGIN[0] + x * STEP[0], ORIGIN[1] - y * STEP[1]


def _draw(area: Area, shape: Any, code: str) -> None:
    west, south, east, north = shape.bounds
    AreaVersion.objects.create(
        area=area, year=YEAR, code=code, name=area.name, boundary=mapping(shape),
        west=west, south=south, east=east, north=north, source="Waterdam",
    )  # fmt: skip
