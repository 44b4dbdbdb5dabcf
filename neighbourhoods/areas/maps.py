"""Draws areas as SVG paths: from GeoJSON in degrees to whole units of a view box.

Pure: values in, values out. Points are snapped to a grid of one unit, so that adjacent areas keep a common border,
and duplicate points are dropped: a border of 3,000 points becomes one of some 100.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import cos, radians
from typing import Any

from shapely.geometry import shape

WIDTH = 1000  # units of the view box; shown at some 640 pixels, so a unit is smaller than a pixel
MARGIN = 12
MAX_HEIGHT_RATIO = 1.15  # maximum height as a multiple of the width; a taller place is drawn narrower
FONT_SIZE = 21  # height of a name in units: 13 pixels at a map width of 640
SMALL_FONT_SIZE = 14  # for a map that takes the whole width of the desk
LETTER_WIDTH = 0.54  # of its height, on average

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True)
class MapArea:
    """An area to draw. `key` comes back on the drawn shape; `geometry` is a GeoJSON Polygon or MultiPolygon."""

    key: str
    name: str
    geometry: dict[str, Any] = field(repr=False)
    box: Box


@dataclass(frozen=True)
class MapShape:
    """A drawn area. `name` is placed at (x, y) and is "" if it does not fit; `title` is always set."""

    key: str
    title: str
    path: str
    x: int
    y: int
    name: str


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    letter: int
    shapes: list[MapShape]
    # Coordinates of the upper left corner, and degrees per unit to the right and down.
    west: float = 0.0
    north: float = 0.0
    across: float = 0.0
    down: float = 0.0

    def at(self, longitude: float, latitude: float) -> tuple[int, int]:
        """The point in units of the map."""
        return round((longitude - self.west) / self.across), round((self.north - latitude) / self.down)

    def holds(self, longitude: float, latitude: float) -> bool:
        x, y = self.at(longitude, latitude)
        return 0 <= x <= self.width and 0 <= y <= self.height


def draw(places: Iterable[MapArea], *, around: Box | None = None, letter: int = FONT_SIZE) -> Map | None:
    """All areas on one map, largest first so that smaller ones lie on top; None if there are none.

    With `around` the map shows that box only. `letter` is the height of names, 0 for none.
    """
    places = list(places)
    if not places:
        return None
    frame = _Frame.around([around] if around else [place.box for place in places])
    drawn = [(place, _rings(place.geometry, frame)) for place in places]
    drawn.sort(key=lambda pair: -_size(pair[0].box, frame))
    names = _LabelPlacer(frame, letter)
    labels = {place.key: names.place_label(place) for place, _points in drawn}
    shapes = [
        MapShape(place.key, place.name, _path(rings), *labels[place.key]) for place, rings in drawn if rings
    ]
    across, down = 1 / (frame.longitude_scale * frame.scale), 1 / frame.scale
    west, north = frame.west - MARGIN * across, frame.north + MARGIN * down
    return Map(frame.width, frame.height, letter, shapes, west, north, across, down)


@lru_cache(maxsize=32)
def draw_texts(
    places: tuple[tuple[str, str, str], ...], *, around: Box | None = None, letter: int = FONT_SIZE
) -> Map | None:
    """The same for (key, name, GeoJSON text). Cached by the text itself, so that the map is never outdated."""
    read = ((key, name, json.loads(text)) for key, name, text in places)
    found = [MapArea(key, name, geometry, box_of(geometry)) for key, name, geometry in read]
    return draw(found, around=around, letter=letter)


def box_of(geometry: dict[str, Any]) -> Box:
    points = [point for polygon in _polygons(geometry) for point in polygon[0]]
    longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def expand_box(box: Box, by: float) -> Box:
    """The box with `by` times its size added on every side."""
    broad, tall = (box[2] - box[0]) * by, (box[3] - box[1]) * by
    return box[0] - broad, box[1] - tall, box[2] + broad, box[3] + tall


@dataclass(frozen=True)
class _Frame:
    """Turns degrees into units. A degree of longitude is cos(latitude) times a degree of latitude."""

    west: float
    north: float
    scale: float
    longitude_scale: float
    width: int
    height: int

    @classmethod
    def around(cls, boxes: list[Box]) -> "_Frame":
        west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
        east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
        squeeze = cos(radians((south + north) / 2))
        broad, tall = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
        inner = WIDTH - 2 * MARGIN
        scale = min(inner / broad, inner * MAX_HEIGHT_RATIO / tall)
        return cls(
            west, north, scale, squeeze, round(broad * scale) + 2 * MARGIN, round(tall * scale) + 2 * MARGIN
        )

    def project_points(self, points: Iterable[Sequence[float]]) -> list[tuple[int, int]]:
        """All points of a ring in one call, because a city has tens of thousands."""
        west, north, wide, high = self.west, self.north, self.longitude_scale * self.scale, self.scale
        return [
            (round((point[0] - west) * wide) + MARGIN, round((north - point[1]) * high) + MARGIN)
            for point in points
        ]


def _polygons(geometry: dict[str, Any]) -> list[Any]:
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def _rings(geometry: dict[str, Any], frame: _Frame) -> list[list[tuple[int, int]]]:
    rings = (frame.project_points(ring) for polygon in _polygons(geometry) for ring in polygon)
    return [thinned for ring in rings if len(thinned := _thin(ring)) > 2]


def _thin(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without consecutive duplicates and without the last point, which repeats the first."""
    return [points[0]] + [point for before, point in pairwise(points[:-1]) if point != before]


def _path(rings: list[list[tuple[int, int]]]) -> str:
    """An absolute first point, then relative steps, which are shorter."""
    parts = []
    for ring in rings:
        steps = (f"{x - before_x} {y - before_y}" for (before_x, before_y), (x, y) in pairwise(ring))
        parts.append(f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z")
    return "".join(parts)


def _size(box: Box, frame: _Frame) -> float:
    return (box[2] - box[0]) * frame.longitude_scale * (box[3] - box[1])


class _LabelPlacer:
    """Places each name inside its area, unless it is too wide or would overlap another name."""

    def __init__(self, frame: _Frame, letter: int) -> None:
        self.frame, self.letter = frame, letter
        self._taken: list[tuple[float, float, float, float]] = []

    def place_label(self, place: MapArea) -> tuple[int, int, str]:
        half = len(place.name) * self.letter * LETTER_WIDTH / 2
        broad = (place.box[2] - place.box[0]) * self.frame.longitude_scale * self.frame.scale
        if not self.letter or half * 2 > broad * 1.25:
            return 0, 0, ""
        inside = shape(place.geometry).representative_point()
        x, y = self.frame.project_points([(inside.x, inside.y)])[0]
        mine = (x - half, y - self.letter * 0.8, x + half, y + self.letter * 0.4)
        if self._is_outside(mine) or any(_overlap(mine, one) for one in self._taken):
            return x, y, ""
        self._taken.append(mine)
        return x, y, place.name

    def _is_outside(self, mine: tuple[float, float, float, float]) -> bool:
        return mine[0] < 0 or mine[2] > self.frame.width or mine[1] < 0 or mine[3] > self.frame.height


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# The years that a border or figure can have. Pure.


FIRST_YEAR = 1990


def last_allowed_year(today: date) -> int:
    """One year ahead, because the borders of next year are published before it begins."""
    return today.year + 1


def is_allowed_year(year: int, today: date) -> bool:
    return FIRST_YEAR <= year <= last_allowed_year(today)
