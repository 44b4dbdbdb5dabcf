"""From the Dutch grid (Rijksdriehoeksstelsel, EPSG:28992) to degrees (WGS84, EPSG:4326).

Pure: arrays in, arrays out. The oblique stereographic projection of Amersfoort on the Bessel ellipsoid, then the
shift between the two ellipsoids. Without the correction grid of the Kadaster, as in most software: an error of at
most a quarter of a metre. See docs/adr for why this is no dependency.
"""

import sqlite3
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt, tan
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from neighbourhoods.areas.features import (
    DISTRICT,
    MAX_FEATURES,
    MAX_POINTS,
    MUNICIPALITY,
    NEIGHBOURHOOD,
    RECOGNISED_COLUMNS,
    BorderFileError,
    BorderProblem,
    Feature,
    InvalidFeature,
    feature_label,
    make_feature,
    normalise_column_name,
)

FloatArray = np.ndarray[Any, np.dtype[np.float64]]

RD_MIN_X, RD_MIN_Y, RD_MAX_X, RD_MAX_Y = -7_000.0, 289_000.0, 300_000.0, 629_000.0
"""The extent of the grid."""

# Bessel 1841, and the projection: its origin, false easting and northing, and scale.
BESSEL_SEMI_MAJOR_AXIS, INVERSE_FLATTENING = 6_377_397.155, 299.1528128
LATITUDE, LONGITUDE = radians(52.156160555555555), radians(5.387638888888889)
FALSE_EASTING, FALSE_NORTHING, PROJECTION_SCALE = 155_000.0, 463_000.0, 0.9999079
# GRS80, and the shift between the ellipsoids in metres, radians and a scale difference (EPSG:4833).
A_GRS, INVERSE_FLATTENING_GRS = 6_378_137.0, 298.257222101
HELMERT_TRANSLATION = (565.4171, 50.3319, 465.5524)
HELMERT_ROTATION = tuple(
    radians(seconds / 3600) for seconds in (-0.398957388243, 0.343987817378, -1.87740163998)
)
HELMERT_SCALE = 4.0725e-6


def _squared(inverse_flattening: float) -> float:
    return (2 - 1 / inverse_flattening) / inverse_flattening


E2, E2_GRS = _squared(INVERSE_FLATTENING), _squared(INVERSE_FLATTENING_GRS)
BESSEL_ECCENTRICITY = sqrt(E2)

# The sphere on which the ellipsoid is projected first.
_PHI = 1 - E2 * sin(LATITUDE) ** 2
_RADIUS = BESSEL_SEMI_MAJOR_AXIS * sqrt(1 - E2) / _PHI
_N = sqrt(1 + E2 * cos(LATITUDE) ** 4 / (1 - E2))
_SIN = sin(LATITUDE)


def _conformal_ratio(sine: float) -> float:
    return (
        (1 + sine)
        / (1 - sine)
        * ((1 - BESSEL_ECCENTRICITY * sine) / (1 + BESSEL_ECCENTRICITY * sine)) ** BESSEL_ECCENTRICITY
    ) ** _N


_CHI_START = (_conformal_ratio(_SIN) - 1) / (_conformal_ratio(_SIN) + 1)
_C = (_N + _SIN) * (1 - _CHI_START) / ((_N - _SIN) * (1 + _CHI_START))
_CHI = np.arcsin((_C * _conformal_ratio(_SIN) - 1) / (_C * _conformal_ratio(_SIN) + 1))
_G = 2 * _RADIUS * PROJECTION_SCALE * tan(pi / 4 - _CHI / 2)
_H = 4 * _RADIUS * PROJECTION_SCALE * tan(_CHI) + _G


def to_degrees(points: FloatArray) -> FloatArray:
    """Rows of (x, y) in metres to rows of (longitude, latitude)."""
    latitude, longitude = _rd_to_bessel(points[:, 0] - FALSE_EASTING, points[:, 1] - FALSE_NORTHING)
    return _to_grs80(latitude, longitude)


def _rd_to_bessel(east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Latitude and longitude on the Bessel ellipsoid, in radians."""
    i = np.arctan(east / (_H + north))
    j = np.arctan(east / (_G - north)) - i
    chi = _CHI + 2 * np.arctan((north - east * np.tan(j / 2)) / (2 * _RADIUS * PROJECTION_SCALE))
    longitude = (j + 2 * i) / _N + LONGITUDE
    isometric = np.log((1 + np.sin(chi)) / (_C * (1 - np.sin(chi)))) / (2 * _N)
    latitude = 2 * np.arctan(np.exp(isometric)) - pi / 2
    for _round in range(5):
        sine = BESSEL_ECCENTRICITY * np.sin(latitude)
        here = np.log(np.tan(latitude / 2 + pi / 4) * ((1 - sine) / (1 + sine)) ** (BESSEL_ECCENTRICITY / 2))
        latitude = latitude - (here - isometric) * np.cos(latitude) * (1 - sine**2) / (1 - E2)
    return latitude, longitude


def _to_grs80(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """From one ellipsoid to the other, via geocentric coordinates."""
    normal = BESSEL_SEMI_MAJOR_AXIS / np.sqrt(1 - E2 * np.sin(latitude) ** 2)
    x = normal * np.cos(latitude) * np.cos(longitude)
    y = normal * np.cos(latitude) * np.sin(longitude)
    z = normal * (1 - E2) * np.sin(latitude)
    (dx, dy, dz), (rx, ry, rz), grown = HELMERT_TRANSLATION, HELMERT_ROTATION, 1 + HELMERT_SCALE
    x, y, z = (
        dx + grown * (x - rz * y + ry * z),
        dy + grown * (rz * x + y - rx * z),
        dz + grown * (-ry * x + rx * y + z),
    )
    flat = np.hypot(x, y)
    latitude = np.arctan2(z, flat * (1 - E2_GRS))
    for _round in range(4):
        normal = A_GRS / np.sqrt(1 - E2_GRS * np.sin(latitude) ** 2)
        latitude = np.arctan2(z + E2_GRS * normal * np.sin(latitude), flat)
    return np.column_stack((np.degrees(np.arctan2(y, x)), np.degrees(latitude)))


# Reads a GeoPackage: an SQLite file from an untrusted source.
#
# It is opened read-only, and nothing in it is executed: no views, triggers, functions or extensions. Pure: no Django,
# no database of ours.


_MAX_COLUMNS = 500
MAX_VALUE = 32 * 1024 * 1024  # bytes of one geometry or text
QUERY_TIMEOUT_SECONDS = 60.0
"""Per query: a table can be crafted so that reading it never ends."""

SURFACE_GEOMETRY_TYPES = frozenset(
    {"POLYGON", "MULTIPOLYGON", "GEOMETRY", "SURFACE", "MULTISURFACE", "CURVEPOLYGON"}
)
ENVELOPE_SIZES = (0, 32, 48, 48, 64)  # bytes, by the number in the flags
GEOMETRY_READ = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}


def is_geopackage(content: bytes) -> bool:
    """Whether it is an SQLite file; whether it is a GeoPackage is checked on opening."""
    return content.startswith(b"SQLite format 3\0")


@dataclass(frozen=True)
class GeoPackageLayer:
    """A table with areas. `kind` is the level in its name; "" if there is none or more than one."""

    name: str
    column: str  # with the geometry
    srs: str
    count: int
    columns: tuple[str, ...]

    @property
    def kind(self) -> str:
        name = normalise_column_name(self.name)
        said = [
            kind
            for word, kind in (("buurt", NEIGHBOURHOOD), ("wijk", DISTRICT), ("gemeente", MUNICIPALITY))
            if word in name
        ]
        return said[0] if len(said) == 1 else ""


class GeoPackage:
    """An open file. Every query has a time limit and reads a table only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.layers = self._layers()

    def _layers(self) -> list[GeoPackageLayer]:
        tables = {
            name
            for name, sql in self._ask("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            if not str(sql).upper().lstrip().startswith("CREATE VIRTUAL")
        }
        if not {"gpkg_contents", "gpkg_geometry_columns"} <= tables:
            raise BorderFileError(BorderProblem.NOT_A_GEOPACKAGE)
        found = []
        for table, column, kind, srs in self._ask(
            "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns"
        ):
            if table in tables and str(kind).upper() in SURFACE_GEOMETRY_TYPES:
                columns = self._columns(table)
                if column in columns:
                    count = next(iter(self._ask(f"SELECT count(*) FROM {_quoted(table)}")))[0]  # noqa: S608
                    found.append(GeoPackageLayer(table, column, str(srs), count, columns))
        if not found:
            raise BorderFileError(BorderProblem.NO_LAYER)
        return sorted(found, key=lambda layer: layer.name)

    def _columns(self, table: str) -> tuple[str, ...]:
        return tuple(row[1] for row in self._ask(f"PRAGMA table_info({_quoted(table)})"))[:_MAX_COLUMNS]

    def features(self, layers: list[GeoPackageLayer]) -> Iterator[Feature | InvalidFeature]:
        """The features of these layers, numbered consecutively."""
        if (count := sum(layer.count for layer in layers)) > MAX_FEATURES:
            raise BorderFileError(BorderProblem.TOO_MANY_FEATURES, str(count))
        number = 0
        for layer in layers:
            names = [name for name in layer.columns if normalise_column_name(name) in RECOGNISED_COLUMNS]
            chosen = ", ".join(_quoted(name) for name in ("rowid", *names))
            for row in self._ask(f"SELECT {chosen} FROM {_quoted(layer.name)}"):  # noqa: S608
                number += 1
                properties = dict(zip(names, row[1:], strict=True))
                read = self._reader(layer, row[0])
                try:
                    yield make_feature(number, properties, read, layer=layer.name, kind=layer.kind)
                except BorderFileError as refused:
                    yield InvalidFeature(number, feature_label(properties), refused.problem, refused.detail)

    def _reader(self, layer: GeoPackageLayer, row: int) -> Callable[[], BaseGeometry]:
        """Reads one border at a time, on demand: in a file of the whole country most areas are not ours."""
        question = f"SELECT {_quoted(layer.column)} FROM {_quoted(layer.name)} WHERE rowid = {row:d}"  # noqa: S608
        return lambda: parse_gpkg_geometry(next(self._ask(question))[0])

    def _ask(self, question: str) -> Iterator[tuple[Any, ...]]:
        ends = time.monotonic() + QUERY_TIMEOUT_SECONDS
        self._connection.set_progress_handler(lambda: time.monotonic() > ends, 100_000)
        try:
            yield from self._connection.execute(question)
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
            raise BorderFileError(BorderProblem.NOT_A_GEOPACKAGE, str(error)[:80]) from error


@contextmanager
def open_geopackage(content: bytes) -> Iterator[GeoPackage]:
    """Open a copy on disk, read-only and immutable: otherwise SQLite would look for journals and locks."""
    with tempfile.TemporaryDirectory(prefix="nabij-") as folder:
        path = Path(folder) / "borders.gpkg"
        path.write_bytes(content)
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        try:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            try:
                connection.execute("PRAGMA trusted_schema = OFF")
            except sqlite3.Error as error:
                raise BorderFileError(BorderProblem.NOT_A_GEOPACKAGE) from error
            connection.set_authorizer(_allow)
            yield GeoPackage(connection)
        finally:
            connection.close()


def _allow(action: int, one: str | None, other: str | None, *_more: Any) -> int:
    """SQLite authorizer: allows reading tables and counting rows. Views and generated columns can't call functions."""
    is_count = action == sqlite3.SQLITE_FUNCTION and other == "count"
    return sqlite3.SQLITE_OK if action in GEOMETRY_READ or is_count else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def parse_gpkg_geometry(blob: Any) -> BaseGeometry:
    """The polygons in a GeoPackage blob, without heights. Raises BorderFileError."""
    if blob is None:
        raise BorderFileError(BorderProblem.EMPTY)
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        raise BorderFileError(BorderProblem.BROKEN_BORDER)
    flags = blob[3]
    if flags & 0b10000:  # the "empty" flag
        raise BorderFileError(BorderProblem.EMPTY)
    envelope = flags >> 1 & 0b111
    if envelope >= len(ENVELOPE_SIZES):
        raise BorderFileError(BorderProblem.BROKEN_BORDER)
    wkb = blob[8 + ENVELOPE_SIZES[envelope] :]
    try:
        _check(wkb)
        with np.errstate(invalid="ignore"):  # NaN is refused later, with its own message
            made = shapely.from_wkb(wkb)
    except (shapely.errors.ShapelyError, struct.error, ValueError, KeyError) as error:
        raise BorderFileError(BorderProblem.BROKEN_BORDER) from error
    if made.is_empty:
        raise BorderFileError(BorderProblem.EMPTY)
    if (count := shapely.get_num_coordinates(made)) > MAX_POINTS:
        raise BorderFileError(BorderProblem.TOO_MANY_POINTS, str(count))
    return shapely.force_2d(made)


# --- checks of the WKB before shapely parses it --------------------------------------------------

POLYGON, MULTIPOLYGON = 3, 6
UNSUPPORTED_GEOMETRY_TYPES = {
    1: "Point",
    2: "LineString",
    4: "MultiPoint",
    5: "MultiLineString",
    7: "GeometryCollection",
}
CURVE_TYPE_CODES = range(8, 18)


def _check(wkb: bytes) -> None:
    """Raises BorderFileError unless it is a polygon or multipolygon whose rings end within the blob."""
    kind, size, at, order = _read_wkb_header(wkb, 0)
    if kind == MULTIPOLYGON:
        (count,) = struct.unpack_from(f"{order}I", wkb, at)
        at += 4
        for _number in range(count):
            kind, size, at, order = _read_wkb_header(wkb, at)
            if kind != POLYGON:
                raise BorderFileError(BorderProblem.BROKEN_BORDER)
            at = _skip_rings(wkb, at, order, size)
    elif kind == POLYGON:
        _skip_rings(wkb, at, order, size)
    else:
        raise BorderFileError(
            BorderProblem.NOT_AN_AREA,
            UNSUPPORTED_GEOMETRY_TYPES.get(kind, "Curve" if kind in CURVE_TYPE_CODES else f"type {kind}"),
        )


def _read_wkb_header(wkb: bytes, at: int) -> tuple[int, int, int, str]:
    """The type, the bytes per point, the offset of the rest, and the byte order."""
    order = {0: ">", 1: "<"}[wkb[at]] if at < len(wkb) else ""
    if not order:
        raise BorderFileError(BorderProblem.BROKEN_BORDER)
    (code,) = struct.unpack_from(f"{order}I", wkb, at + 1)
    at += 5
    flags, plain_code = code >> 28, code & 0x0FFFFFFF
    if flags & 0b0010:  # an SRID, as PostGIS writes it
        at += 4
    thousands, kind = divmod(plain_code, 1000)
    more = bool(flags & 0b1000) + bool(flags & 0b0100)  # height, measure
    more = max(more, {0: 0, 1: 1, 2: 1, 3: 2}.get(thousands, 0))
    return kind, 8 * (2 + more), at, order


def _skip_rings(wkb: bytes, at: int, order: str, size: int) -> int:
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    for _number in range(count):
        (points,) = struct.unpack_from(f"{order}I", wkb, at)
        at += 4 + points * size
        if at > len(wkb):
            raise BorderFileError(BorderProblem.BROKEN_BORDER)
    return at
