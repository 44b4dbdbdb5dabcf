"""Reads a file with borders and says of every feature what it is, or what is wrong with it.

Pure: no database, no Django. Words for what is wrong stand in neighbourhoods.services.imports.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from shapely.geometry import shape
from shapely.validation import explain_validity

MAX_BYTES = 20 * 1024 * 1024
MAX_FEATURES = 20_000
MAX_POINTS = 100_000  # of one feature; the longest border of a Dutch municipality has some 30,000

# Property names that files of CBS, Amsterdam, PDOK and others use; compared without case, _ and -.
CODES = ("buurtcode", "bucode", "cbscode", "wijkcode", "wkcode", "gemeentecode", "gmcode", "statcode", "code")
NAMES = ("buurtnaam", "bunaam", "wijknaam", "wknaam", "gemeentenaam", "gmnaam", "statnaam", "naam", "name")


Box = tuple[float, float, float, float]  # west, south, east, north
Border = tuple[dict[str, Any], Box]


class Problem(StrEnum):
    """What can be wrong with a file (the first ones) or with one feature."""

    TOO_BIG = "too big"
    NOT_TEXT = "not text"
    NOT_JSON = "not json"
    NOT_A_COLLECTION = "not a collection"
    NO_FEATURES = "no features"
    TOO_MANY_FEATURES = "too many features"
    OTHER_CRS = "other crs"
    MORE_THAN_ONE = "more than one"

    NOT_A_FEATURE = "not a feature"
    NO_NAME = "no name"
    NAME_TOO_LONG = "name too long"
    CODE_TOO_LONG = "code too long"
    DOUBLE_CODE = "double code"
    DOUBLE_NAME = "double name"
    EMPTY = "empty"
    NOT_AN_AREA = "not an area"
    NOT_NUMBERS = "not numbers"
    RD_METRES = "rd metres"
    NOT_ON_EARTH = "not on earth"
    SWAPPED = "swapped"
    TOO_MANY_POINTS = "too many points"
    TOO_FEW_POINTS = "too few points"
    NOT_CLOSED = "not closed"
    SELF_CROSSING = "self crossing"


class Refused(Exception):
    """The file, or one border in it, can't be used."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True)
class Found:
    """One area of the file. `number` counts from 1; `geometry` is GeoJSON with pairs (longitude, latitude)."""

    number: int
    name: str
    code: str
    geometry: dict[str, Any] = field(repr=False)
    box: Box


@dataclass(frozen=True)
class Wrong:
    number: int
    name: str
    problem: Problem
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    areas: list[Found]
    wrong: list[Wrong]


# --- the file ---------------------------------------------------------------------------------


def decode(content: bytes) -> str:
    """The text of a file. Raises Refused when it is too big or no UTF-8."""
    if len(content) > MAX_BYTES:
        raise Refused(Problem.TOO_BIG)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(Problem.NOT_TEXT) from error


def read(text: str) -> Reading:
    """Every feature of a FeatureCollection, good or wrong. Raises Refused for the file as a whole."""
    features = _features(_parse(text))
    areas: list[Found] = []
    wrong: list[Wrong] = []
    for number, feature in enumerate(features, start=1):
        try:
            areas.append(_area(number, feature))
        except Refused as refused:
            wrong.append(Wrong(number, _name_for_people(feature), refused.problem, refused.detail))
    doubles = list(_doubles(areas))
    double_numbers = {one.number for one in doubles}
    return Reading(
        areas=[area for area in areas if area.number not in double_numbers],
        wrong=sorted([*wrong, *doubles], key=lambda one: one.number),
    )


def _parse(text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no number")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise Refused(Problem.NOT_JSON, str(error.lineno)) from error
    except (ValueError, RecursionError) as error:
        raise Refused(Problem.NOT_JSON) from error


def _features(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        raise Refused(Problem.NOT_A_COLLECTION)
    crs = _crs_of(document)
    if crs and not any(known in crs for known in ("CRS84", "4326", "4258")):
        raise Refused(Problem.OTHER_CRS, crs[:80])
    kind = document.get("type")
    features: Any = None
    if kind == "FeatureCollection":
        features = document.get("features")
    elif kind == "Feature":
        features = [document]
    elif kind in ("Polygon", "MultiPolygon"):
        features = [{"type": "Feature", "properties": {}, "geometry": document}]
    if not isinstance(features, list):
        raise Refused(Problem.NOT_A_COLLECTION)
    if not features:
        raise Refused(Problem.NO_FEATURES)
    if len(features) > MAX_FEATURES:
        raise Refused(Problem.TOO_MANY_FEATURES, str(len(features)))
    return features


def _crs_of(document: Mapping[str, Any]) -> str:
    """The name in the `crs` member of older files; "" when there is none, which means WGS84."""
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else ""


# --- one feature ------------------------------------------------------------------------------


def _area(number: int, feature: Any) -> Found:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Refused(Problem.NOT_A_FEATURE)
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    name, code = _word(properties, NAMES), _word(properties, CODES)
    if len(name) > 120:
        raise Refused(Problem.NAME_TOO_LONG)
    if len(code) > 12:
        raise Refused(Problem.CODE_TOO_LONG, code[:40])
    if not name and not code:
        raise Refused(Problem.NO_NAME)
    geometry, box = border(feature.get("geometry"))
    return Found(number, name or code, code, geometry, box)


def _word(properties: Mapping[str, Any], wanted: Iterable[str]) -> str:
    by_name = {str(key).lower().replace("_", "").replace("-", ""): value for key, value in properties.items()}
    for key in wanted:
        value = by_name.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and (words := _clean(value)):
            return words
    return ""


def _clean(value: str) -> str:
    """One line of printable characters; PostgreSQL refuses a zero byte."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


def _name_for_people(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return ""
    return (_word(properties, NAMES) or _word(properties, CODES))[:120]


def _doubles(areas: list[Found]) -> Iterator[Wrong]:
    """Areas that can't be told apart: a second with the same code, or with the same name and no code."""
    first: dict[str, int] = {}
    for area in areas:
        key = area.code or f"name:{area.name.casefold()}"
        if key in first:
            problem = Problem.DOUBLE_CODE if area.code else Problem.DOUBLE_NAME
            yield Wrong(area.number, area.name, problem, str(first[key]))
        else:
            first[key] = area.number


# --- its border -------------------------------------------------------------------------------


def border(geometry: Any) -> Border:
    """A Polygon or MultiPolygon with pairs of floats, and its box (west, south, east, north)."""
    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        raise Refused(Problem.EMPTY)
    kind, coordinates = geometry.get("type"), geometry["coordinates"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise Refused(Problem.NOT_AN_AREA, str(kind)[:40])
    polygons = [coordinates] if kind == "Polygon" else coordinates
    cleaned = [[_ring(ring) for ring in _list(polygon)] for polygon in _list(polygons)]
    points = [point for polygon in cleaned for ring in polygon for point in ring]
    if not points or not all(cleaned):
        raise Refused(Problem.EMPTY)
    if len(points) > MAX_POINTS:
        raise Refused(Problem.TOO_MANY_POINTS, str(len(points)))
    _check_where(points)
    for polygon in cleaned:
        for ring in polygon:
            _check_ring(ring)
    plain = {"type": kind, "coordinates": cleaned[0] if kind == "Polygon" else cleaned}
    _check_shape(plain)
    longitudes, latitudes = [x for x, _y in points], [y for _x, y in points]
    return plain, (min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def one_border(text: str) -> Border:
    """The one border that was pasted: a geometry, a feature, or a collection of one feature."""
    features = _features(_parse(text))
    if len(features) > 1:
        raise Refused(Problem.MORE_THAN_ONE, str(len(features)))
    return border(features[0].get("geometry") if isinstance(features[0], dict) else None)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(Problem.NOT_NUMBERS)
    return value


def _ring(ring: Any) -> list[list[float]]:
    """Pairs; a third number, the height, is left out."""
    pairs = []
    for point in _list(ring):
        if not isinstance(point, list) or len(point) < 2 or not all(_is_number(part) for part in point[:2]):
            raise Refused(Problem.NOT_NUMBERS)
        pairs.append([float(point[0]), float(point[1])])
    return pairs


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9


def _check_where(points: list[list[float]]) -> None:
    x, y = points[0]
    if 0 <= x <= 300_000 and 300_000 <= y <= 640_000:
        raise Refused(Problem.RD_METRES, f"{x:.0f}, {y:.0f}")
    for x, y in points:
        if not (-180 <= x <= 180 and -90 <= y <= 90):
            raise Refused(Problem.NOT_ON_EARTH, f"{x:g}, {y:g}")
    # Dutch places lie at longitude 3 to 8 and latitude 50 to 54; the other way round is a common slip.
    if all(50 <= x <= 54 and 3 <= y <= 8 for x, y in points):
        raise Refused(Problem.SWAPPED)


def _check_ring(ring: list[list[float]]) -> None:
    if len(ring) < 4:
        raise Refused(Problem.TOO_FEW_POINTS, str(len(ring)))
    if ring[0] != ring[-1]:
        raise Refused(Problem.NOT_CLOSED)


def _check_shape(geometry: dict[str, Any]) -> None:
    made = shape(geometry)
    if made.convex_hull.area == 0:
        raise Refused(Problem.EMPTY)
    if not made.is_valid:
        reason = explain_validity(made)
        place = reason[reason.find("[") + 1 : reason.find("]")] if "[" in reason else ""
        raise Refused(Problem.SELF_CROSSING, place.replace(" ", ", "))
