"""Reads GeoJSON one feature at a time, so that a file of the whole country fits in memory.

Pure: no database, no Django.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from neighbourhoods.areas.features import (
    BorderFileError,
    BorderProblem,
    Feature,
    InvalidFeature,
    make_feature,
    name_for_people,
)

MAX_FEATURES = 50_000
MAX_POINTS = 200_000  # of one feature; the longest border of a Dutch municipality has some 30,000

_SPACE = re.compile(r"[ \t\n\r]*")


def decode(content: bytes) -> str:
    """The text of a file. Raises BorderFileError if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BorderFileError(BorderProblem.NOT_TEXT) from error


class GeoJsonDocument:
    """A GeoJSON text. `crs` is the name in the "crs" member of older files, or ""."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []  # offset of each feature
        self._single: Any = None
        self._members: dict[str, Any] = {}
        try:
            self._scan()
        except json.JSONDecodeError as error:
            raise BorderFileError(BorderProblem.NOT_JSON, str(error.lineno)) from error
        except (ValueError, RecursionError) as error:
            raise BorderFileError(BorderProblem.NOT_JSON) from error
        self._check()

    @property
    def crs(self) -> str:
        crs = self._members.get("crs")
        properties = crs.get("properties") if isinstance(crs, dict) else None
        name = properties.get("name") if isinstance(properties, dict) else None
        return name if isinstance(name, str) else ""

    def __len__(self) -> int:
        return len(self._starts) or 1

    def features(self) -> Iterator[Feature | InvalidFeature]:
        """Each feature, or what is wrong with it; geometry is read on demand."""
        for index in range(len(self)):
            feature = self._feature(index)
            try:
                if not isinstance(feature, dict) or feature.get("type") != "Feature":
                    raise BorderFileError(BorderProblem.NOT_A_FEATURE)
                properties = feature.get("properties")
                properties = properties if isinstance(properties, dict) else {}
                yield make_feature(index + 1, properties, self._reader(index), identity=feature.get("id"))
            except BorderFileError as refused:
                properties = feature.get("properties") if isinstance(feature, dict) else None
                yield InvalidFeature(index + 1, name_for_people(properties), refused.problem, refused.detail)

    def geometry(self, index: int) -> BaseGeometry:
        feature = self._feature(index)
        return geometry(feature.get("geometry") if isinstance(feature, dict) else None)

    def _reader(self, index: int) -> Any:
        return lambda: self.geometry(index)

    def _feature(self, index: int) -> Any:
        return _decoder.raw_decode(self._text, self._starts[index])[0] if self._starts else self._single

    # --- finding the features -----------------------------------------------------------------

    def _scan(self) -> None:
        """Scan the members of the document; for `features` keep only the offsets, for other members the value."""
        at = self._skip(0)
        if not self._text.startswith("{", at):
            self._members = {"": _decoder.raw_decode(self._text, at)[0]}
            return
        at = self._skip(at + 1)
        while not self._text.startswith("}", at):
            name, at = _decoder.raw_decode(self._text, at)
            if not isinstance(name, str):
                raise json.JSONDecodeError("Expecting a name", self._text, at)
            at = self._skip(self._expect(":", self._skip(at)))
            if name == "features" and self._text.startswith("[", at):
                at = self._scan_features(at + 1)
                self._members[name] = None
            else:
                self._members[name], at = _decoder.raw_decode(self._text, at)
            at = self._next("}", at)
        if self._skip(at + 1) != len(self._text):
            raise json.JSONDecodeError("Extra data", self._text, at + 1)

    def _scan_features(self, at: int) -> int:
        at = self._skip(at)
        while not self._text.startswith("]", at):
            self._starts.append(at)
            _feature, at = _decoder.raw_decode(self._text, at)
            at = self._next("]", at)
        return at + 1

    def _next(self, end: str, at: int) -> int:
        """The offset of the next element after a comma, or of the end."""
        at = self._skip(at)
        if self._text.startswith(end, at):
            return at
        at = self._skip(self._expect(",", at))
        if self._text.startswith(end, at):
            raise json.JSONDecodeError("Nothing after a comma", self._text, at)
        return at

    def _expect(self, sign: str, at: int) -> int:
        if not self._text.startswith(sign, at):
            raise json.JSONDecodeError(f"Expecting {sign}", self._text, at)
        return at + 1

    def _skip(self, at: int) -> int:
        return _SPACE.match(self._text, at).end()  # type: ignore[union-attr]  # it matches always

    def _check(self) -> None:
        kind = self._members.get("type")
        if kind == "FeatureCollection":
            if "features" not in self._members or self._members["features"] is not None:
                raise BorderFileError(BorderProblem.NOT_A_COLLECTION)
            if not self._starts:
                raise BorderFileError(BorderProblem.NO_FEATURES)
            if len(self._starts) > MAX_FEATURES:
                raise BorderFileError(BorderProblem.TOO_MANY_FEATURES, str(len(self._starts)))
            return
        self._starts = []
        if kind == "Feature":
            self._single = self._members
        elif kind in ("Polygon", "MultiPolygon"):
            self._single = {"type": "Feature", "properties": {}, "geometry": self._members}
        else:
            raise BorderFileError(BorderProblem.NOT_A_COLLECTION)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


_decoder = json.JSONDecoder(parse_constant=_refuse)


# --- one border -------------------------------------------------------------------------------


def geometry(value: Any) -> BaseGeometry:
    """A Polygon or MultiPolygon of 2D points; heights are dropped. Raises BorderFileError."""
    if not isinstance(value, Mapping) or not value.get("coordinates"):
        raise BorderFileError(BorderProblem.EMPTY)
    kind, coordinates = value.get("type"), value["coordinates"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise BorderFileError(BorderProblem.NOT_AN_AREA, str(kind)[:40])
    polygons = [coordinates] if kind == "Polygon" else coordinates
    rings = [[_ring(ring) for ring in _list(polygon)] for polygon in _list(polygons)]
    count = sum(len(ring) for polygon in rings for ring in polygon)
    if not count or not all(rings):
        raise BorderFileError(BorderProblem.EMPTY)
    if count > MAX_POINTS:
        raise BorderFileError(BorderProblem.TOO_MANY_POINTS, str(count))
    for polygon in rings:
        for ring in polygon:
            _check_ring(ring)
    made = [shapely.Polygon(polygon[0], polygon[1:]) for polygon in rings]
    return made[0] if kind == "Polygon" else shapely.MultiPolygon(made)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BorderFileError(BorderProblem.NOT_NUMBERS)
    return value


_NUMBERS = {int, float}


def _ring(ring: Any) -> Any:
    pairs = [point[:2] for point in _list(ring) if isinstance(point, list)]
    if len(pairs) < len(ring) or not all(
        len(pair) == 2 and type(pair[0]) in _NUMBERS and type(pair[1]) in _NUMBERS for pair in pairs
    ):
        raise BorderFileError(BorderProblem.NOT_NUMBERS)
    try:
        array = np.array(pairs, dtype=float)
    except OverflowError as error:
        raise BorderFileError(BorderProblem.NOT_NUMBERS) from error
    if array.size and not (np.abs(array) < 1e9).all():
        raise BorderFileError(BorderProblem.NOT_NUMBERS)
    return array


def _check_ring(ring: Any) -> None:
    if len(ring) < 4:
        raise BorderFileError(BorderProblem.TOO_FEW_POINTS, str(len(ring)))
    if (ring[0] != ring[-1]).any():
        raise BorderFileError(BorderProblem.NOT_CLOSED)
