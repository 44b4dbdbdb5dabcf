"""One area in a file with borders: what its columns say, and what can be wrong with it.

Pure: no database, no Django. The messages for problems are in neighbourhoods.imports.services.borders.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any, NoReturn

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

MUNICIPALITY, DISTRICT, NEIGHBOURHOOD = "municipality", "district", "neighbourhood"
_CBS_CODE = re.compile(r"GM\d{4}|WK\d{4}[0-9A-Z]{2}|BU\d{4}[0-9A-Z]{4}")
"""Codes of Statistics Netherlands. Officially digits, but Amsterdam uses letters: BU0363NA01."""

_KINDS_BY_CODE_PREFIX = {"GM": MUNICIPALITY, "WK": DISTRICT, "BU": NEIGHBOURHOOD}
PREFIXES = {MUNICIPALITY: ("GM", 4), DISTRICT: ("WK", 6), NEIGHBOURHOOD: ("BU", 8)}

# Column names in files of CBS, PDOK, Amsterdam and others; compared without case, spaces, _ and -.
CODES = {
    NEIGHBOURHOOD: ("buurtcode", "bucode", "cbsbuurtcode", "buurtnummer", "buurtnr"),
    DISTRICT: ("wijkcode", "wkcode", "cbswijkcode", "wijknummer", "wijknr"),
    MUNICIPALITY: ("gemeentecode", "gmcode", "gemcode"),
}
_NAME_COLUMNS = {
    NEIGHBOURHOOD: ("buurtnaam", "bunaam", "buurt"),
    DISTRICT: ("wijknaam", "wknaam", "wijk"),
    MUNICIPALITY: ("gemeentenaam", "gmnaam", "gemeente"),
}
ANY_CODE = ("statcode", "cbscode", "code")
ANY_NAME = ("statnaam", "naam", "name", "officielenaam", "omschrijving")
IDENTIFIER_COLUMNS = (
    "identificatie",
    "identificatiecode",
    "id",
)  # only if the value is a code of Statistics Netherlands
WATER_COLUMNS = ("water", "h2o", "iswater")
RECOGNISED_COLUMNS = frozenset(
    (*chain.from_iterable(CODES.values()), *chain.from_iterable(_NAME_COLUMNS.values()), *ANY_CODE, *ANY_NAME)
) | {*IDENTIFIER_COLUMNS, *WATER_COLUMNS}  # fmt: skip
# B is the part of a municipality that lies abroad or at sea.
TRUE_VALUES = frozenset({"ja", "j", "yes", "y", "true", "1", "b", "water"})

LONGEST_NAME, LONGEST_CODE = 120, 12


class BorderProblem(StrEnum):
    """Problems of a file (the first ones) or of one feature."""

    TOO_BIG = "too big"
    NOT_TEXT = "not text"
    NOT_JSON = "not json"
    NOT_A_COLLECTION = "not a collection"
    NO_FEATURES = "no features"
    TOO_MANY_FEATURES = "too many features"
    OTHER_CRS = "other crs"
    MORE_THAN_ONE = "more than one"
    NOT_A_GEOPACKAGE = "not a geopackage"
    NO_LAYER = "no layer"
    NOTHING_IN_ZIP = "nothing in zip"
    BROKEN_ZIP = "broken zip"
    ONLY_WATER = "only water"

    NOT_A_FEATURE = "not a feature"
    NO_NAME = "no name"
    NAME_TOO_LONG = "name too long"
    CODE_TOO_LONG = "code too long"
    DOUBLE_CODE = "double code"
    DOUBLE_NAME = "double name"
    EMPTY = "empty"
    NOT_AN_AREA = "not an area"
    NOT_NUMBERS = "not numbers"
    BROKEN_BORDER = "broken border"
    NOT_ON_EARTH = "not on earth"
    ANOTHER_CRS = "another crs"
    TOO_MANY_POINTS = "too many points"
    TOO_FEW_POINTS = "too few points"
    NOT_CLOSED = "not closed"
    SELF_CROSSING = "self crossing"
    OVERLAP = "overlap"


class BorderFileError(Exception):
    """The file, or one border in it, can't be used."""

    def __init__(self, problem: BorderProblem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem, self.detail = problem, detail


@dataclass(frozen=True)
class Feature:
    """One area in a file. `number` counts from 1; `read` builds the geometry, or raises BorderFileError."""

    number: int
    name: str
    code: str
    kind: str
    municipality: str  # code, "" if the file does not say
    municipality_name: str
    parent: str  # code of the district it lies in, or ""
    is_water: bool
    layer: str
    read: Callable[[], BaseGeometry] = field(repr=False)


@dataclass(frozen=True)
class InvalidFeature:
    number: int
    name: str
    problem: BorderProblem
    detail: str = ""


def make_feature(
    number: int,
    properties: Mapping[str, Any],
    read: Callable[[], BaseGeometry],
    *,
    identity: Any = None,
    layer: str = "",
    kind: str = "",
) -> Feature:
    """Recognise a feature by its columns. Raises BorderFileError if it can't be told which area it is."""
    words = FeatureProperties({"id": identity} | dict(properties))
    found = words.kind() or kind or NEIGHBOURHOOD
    code = words.code(found)
    name = words.first((*_NAME_COLUMNS[found], *ANY_NAME)) or code
    if len(name) > LONGEST_NAME:
        raise BorderFileError(BorderProblem.NAME_TOO_LONG)
    if len(code) > LONGEST_CODE:
        raise BorderFileError(BorderProblem.CODE_TOO_LONG, code[:40])
    if not name:
        raise BorderFileError(BorderProblem.NO_NAME)
    known = bool(_CBS_CODE.fullmatch(code))
    municipality = f"GM{code[2:6]}" if known else words.code_of(MUNICIPALITY)
    parent = ""
    if found == NEIGHBOURHOOD:
        parent = words.code_of(DISTRICT) or (f"WK{code[2:8]}" if known else "")
    return Feature(
        number=number,
        name=name,
        code=code,
        kind=found,
        municipality=municipality,
        municipality_name=words.first(_NAME_COLUMNS[MUNICIPALITY] if found != MUNICIPALITY else ()) or "",
        parent=parent,
        is_water=words.first(WATER_COLUMNS).casefold() in TRUE_VALUES
        or (known and code[-4:] in ("9997", "9998")),
        layer=layer,
        read=read,
    )


def feature_label(properties: Any) -> str:
    """A name for an invalid feature, for the message about it."""
    if not isinstance(properties, Mapping):
        return ""
    words = FeatureProperties(properties)
    names = (*_NAME_COLUMNS[NEIGHBOURHOOD], *ANY_NAME, *_NAME_COLUMNS[DISTRICT], *_NAME_COLUMNS[MUNICIPALITY])
    codes = (*CODES[NEIGHBOURHOOD], *ANY_CODE, *CODES[DISTRICT], *CODES[MUNICIPALITY])
    return words.first((*names, *codes))[:LONGEST_NAME]


class FeatureProperties:
    """The properties of one feature, by normalised column name."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        names = ((normalise_column_name(key), value) for key, value in properties.items())
        self._values = {name: value for name, value in names if name in RECOGNISED_COLUMNS}

    def first(self, wanted: Iterable[str]) -> str:
        return next((words for name in wanted if (words := _words(self._values.get(name)))), "")

    def kind(self) -> str:
        """The most specific level that the columns name; "" if they name none.

        A neighbourhood often names its district and municipality too, so those count only without another name or
        code.
        """
        if self.first(CODES[NEIGHBOURHOOD]):
            return NEIGHBOURHOOD
        if code := self._any_known_code():
            return _KINDS_BY_CODE_PREFIX[code[:2]]
        is_plain = bool(self.first((*ANY_CODE, *ANY_NAME)))
        if self.first(_NAME_COLUMNS[NEIGHBOURHOOD]):
            return NEIGHBOURHOOD
        for kind in () if is_plain else (DISTRICT, MUNICIPALITY):
            if self.first((*CODES[kind], *_NAME_COLUMNS[kind])):
                return kind
        return ""

    def code(self, kind: str) -> str:
        return self.code_of(kind) or self._any_known_code() or self.first((*CODES[kind], *ANY_CODE))

    def code_of(self, kind: str) -> str:
        """The code of Statistics Netherlands for this level, with its prefix and zeros added if the file left them
        out.
        """
        prefix, width = PREFIXES[kind]
        code = self.first(CODES[kind]).upper()
        if code.isdecimal() and len(code) in (width, width - 1):
            code = prefix + code.zfill(width)
        return code if _CBS_CODE.fullmatch(code) and code.startswith(prefix) else ""

    def _any_known_code(self) -> str:
        codes = (_words(self._values.get(name)).upper() for name in (*ANY_CODE, *IDENTIFIER_COLUMNS))
        return next((code for code in codes if _CBS_CODE.fullmatch(code)), "")


@lru_cache(maxsize=5_000)
def normalise_column_name(column: str) -> str:
    """Lower case, without spaces and punctuation."""
    return re.sub(r"[\W_]+", "", str(column).lower())


def _words(value: Any) -> str:
    """One line of printable characters; PostgreSQL refuses NUL."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (int, bool)):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


# Reads GeoJSON one feature at a time, so that a file of the whole country fits in memory.
#
# Pure: no database, no Django.


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
                yield InvalidFeature(index + 1, feature_label(properties), refused.problem, refused.detail)

    def geometry(self, index: int) -> BaseGeometry:
        feature = self._feature(index)
        return parse_geojson_geometry(feature.get("geometry") if isinstance(feature, dict) else None)

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


def parse_geojson_geometry(value: Any) -> BaseGeometry:
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
