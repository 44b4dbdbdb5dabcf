"""Reads a file with borders: the areas of our municipality in degrees, or what is wrong with them.

Pure: no database, no Django. The messages for problems are in neighbourhoods.imports.services.borders.
"""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from neighbourhoods.areas import coverage, geopackage
from neighbourhoods.areas.features import (
    BorderFileError,
    BorderProblem,
    Feature,
    GeoJsonDocument,
    InvalidFeature,
    decode,
)

ProgressCallback = Callable[[int, int], None]
Box = tuple[float, float, float, float]  # west, south, east, north
Border = tuple[dict[str, Any], Box]

MAX_UNPACKED = 400 * 1024 * 1024
SUFFIXES = (".geojson", ".json", ".gpkg")


class BorderCorrection(StrEnum):
    """A correction made to a file, to be reported to the user."""

    CONVERTED = "converted"  # from the Dutch grid
    LIED_RD = "lied rd"  # declared as degrees, but in metres of the Dutch grid (RD)
    LIED_DEGREES = "lied degrees"  # declared as metres, but in degrees
    SWAPPED = "swapped"
    MENDED = "mended"  # borders that touched themselves


@dataclass(frozen=True)
class AreaInFile:
    """One area of our municipality, with its border in degrees."""

    number: int
    name: str
    code: str
    kind: str
    municipality: str
    parent: str
    shape: BaseGeometry = field(repr=False)

    @cached_property
    def box(self) -> Box:
        west, south, east, north = shapely.bounds(self.shape)
        return float(west), float(south), float(east), float(north)


@dataclass
class BorderReading:
    areas: list[AreaInFile] = field(default_factory=list)
    wrong: list[InvalidFeature] = field(default_factory=list)
    water: int = 0
    elsewhere: int = 0
    ours: str = ""  # code of the municipality that was taken as ours
    # The choices: layers with their number of areas, municipalities with name and number of areas.
    layers: dict[str, int] = field(default_factory=dict)
    chosen: list[str] = field(default_factory=list)
    municipalities: dict[str, tuple[str, int]] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)
    notes: list[tuple[BorderCorrection, str]] = field(default_factory=list)


def read_borders(
    content: bytes,
    *,
    layers: Sequence[str] = (),
    ours: str = "",
    progress: ProgressCallback = lambda *_: None,
) -> BorderReading:
    """Every area of our municipality in a file. Raises BorderFileError if the file as a whole can't be used.

    If the layers or the municipality must be chosen first, `asks` says so and there are no areas yet.
    """
    reading = BorderReading()
    with _open_border_file(content) as file:
        if isinstance(file, geopackage.GeoPackage):
            reading.layers = {layer.name: layer.count for layer in file.layers}
            chosen = _choose_layers(file.layers, layers)
            if not chosen:
                reading.asks.append("layers")
                return reading
            reading.chosen = [layer.name for layer in chosen]
            declared, features = chosen[0].srs, file.features(chosen)
        else:
            declared, features = file.crs, file.features()
        mine = _features_of_municipality(reading, features, ours)
        if reading.asks:
            return reading
        if not mine and not reading.wrong:
            raise BorderFileError(BorderProblem.ONLY_WATER if reading.water else BorderProblem.NO_FEATURES)
        shapes = _shapes(reading, mine, progress)
    _check_shapes(reading, shapes)
    _convert_to_degrees(reading, shapes, declared)
    reading.areas = [_area_in_file(feature, shape) for feature, shape in shapes.values()]
    _check_doubles(reading)
    _check_overlaps(reading)
    reading.wrong.sort(key=lambda one: one.number)
    return reading


def parse_single_border(text: str) -> Border:
    """The single border that was pasted: a geometry, a feature, or a collection of one feature."""
    document = GeoJsonDocument(text)
    if len(document) > 1:
        raise BorderFileError(BorderProblem.MORE_THAN_ONE, str(len(document)))
    reading = BorderReading()
    feature = Feature(1, "", "", "", "", "", "", False, "", lambda: document.geometry(0))
    shapes = _shapes(reading, [feature], lambda *_: None)
    _check_shapes(reading, shapes)
    _convert_to_degrees(reading, shapes, document.crs)
    for wrong in reading.wrong:
        raise BorderFileError(wrong.problem, wrong.detail)
    found = _area_in_file(*shapes[1])
    return to_geojson(found.shape), found.box


def to_geojson(shape: BaseGeometry) -> dict[str, Any]:
    """GeoJSON with lists instead of tuples, as it comes back from the database."""
    made = mapping(shape)
    return {"type": made["type"], "coordinates": _lists(made["coordinates"])}


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, (tuple, list)) else value


# --- kind of file -----------------------------------------------------------------------------


@contextmanager
def _open_border_file(content: bytes) -> Iterator[geopackage.GeoPackage | GeoJsonDocument]:
    if content.startswith(b"PK"):
        content = unzip_border_file(content)
    if geopackage.is_geopackage(content):
        with geopackage.open_geopackage(content) as package:
            yield package
    else:
        yield GeoJsonDocument(decode(content))


def unzip_border_file(content: bytes, *, most: int = MAX_UNPACKED) -> bytes:
    """The only file with borders in a ZIP. Reads at most `most` bytes, because the size in the ZIP header may be
    false.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [info for info in archive.infolist() if info.filename.lower().endswith(SUFFIXES)]
            names = [info for info in names if not info.filename.startswith("__MACOSX")]
            if len(names) != 1:
                raise BorderFileError(BorderProblem.NOTHING_IN_ZIP, str(len(names)))
            with archive.open(names[0]) as member:
                found = member.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError) as error:
        raise BorderFileError(BorderProblem.BROKEN_ZIP) from error
    if len(found) > most:
        raise BorderFileError(BorderProblem.TOO_BIG, str(most // 1024**2))
    return found


def _choose_layers(
    layers: list[geopackage.GeoPackageLayer], wanted: Sequence[str]
) -> list[geopackage.GeoPackageLayer]:
    """The requested layers; else the only one of each level. Empty if that is ambiguous."""
    if wanted:
        return [layer for layer in layers if layer.name in wanted]
    levels = Counter(layer.kind for layer in layers if layer.kind)
    if levels and max(levels.values()) == 1:
        return [layer for layer in layers if layer.kind]
    return layers if len(layers) == 1 else []


# --- features of our municipality -------------------------------------------------------------


def _features_of_municipality(
    reading: BorderReading, features: Iterator[Feature | InvalidFeature], ours: str
) -> list[Feature]:
    land: list[Feature] = []
    for feature in features:
        if isinstance(feature, InvalidFeature):
            reading.wrong.append(feature)
        elif feature.is_water:
            reading.water += 1
        else:
            land.append(feature)
    counts = Counter(feature.municipality for feature in land if feature.municipality)
    names = {feature.municipality: feature.municipality_name for feature in land if feature.municipality_name}
    names |= {feature.municipality: feature.name for feature in land if feature.code.startswith("GM")}
    reading.municipalities = {code: (names.get(code, ""), counts[code]) for code in sorted(counts)}
    if not counts:
        return land
    if ours not in counts:
        if ours or len(counts) > 1:
            reading.asks.append("municipality")
            return []
        (ours,) = counts
    reading.ours = ours
    # In a file with several municipalities, a feature without one is of another kind: a province, a police region.
    mine = [one for one in land if one.municipality == ours or (not one.municipality and len(counts) == 1)]
    reading.elsewhere = len(land) - len(mine)
    if reading.elsewhere:
        reading.wrong.clear()  # their municipality is unknown
    return mine


# --- borders of features ----------------------------------------------------------------------

FeatureShapes = dict[int, tuple[Feature, BaseGeometry]]
"""By the number of the feature in the file."""


def _shapes(reading: BorderReading, features: list[Feature], progress: ProgressCallback) -> FeatureShapes:
    found: FeatureShapes = {}
    for done, feature in enumerate(features, start=1):
        progress(done, len(features))
        try:
            found[feature.number] = feature, feature.read()
        except BorderFileError as refused:
            reading.wrong.append(
                InvalidFeature(feature.number, feature.name, refused.problem, refused.detail)
            )
    return found


def _add_invalid_feature(
    reading: BorderReading, shapes: FeatureShapes, number: int, problem: BorderProblem, detail: str = ""
) -> None:
    feature, _shape = shapes.pop(number)
    reading.wrong.append(InvalidFeature(number, feature.name, problem, detail))


def _check_shapes(reading: BorderReading, shapes: FeatureShapes) -> None:
    """Checks the coordinates of the file, so that a reported point can be found in it."""
    mended = 0
    for number, (feature, shape) in list(shapes.items()):
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            _add_invalid_feature(reading, shapes, number, BorderProblem.NOT_NUMBERS)
        elif shapely.area(shapely.convex_hull(shape)) == 0:
            _add_invalid_feature(reading, shapes, number, BorderProblem.EMPTY)
        elif not shapely.is_valid(shape):
            reason = explain_validity(shape)
            if whole := _repair_ring(shape, reason):
                shapes[number] = feature, whole
                mended += 1
            else:
                place = reason[reason.find("[") + 1 : reason.find("]")] if "[" in reason else ""
                _add_invalid_feature(
                    reading, shapes, number, BorderProblem.SELF_CROSSING, place.replace(" ", ", ")
                )
    if mended:
        reading.notes.append((BorderCorrection.MENDED, str(mended)))


def _repair_ring(shape: BaseGeometry, reason: str) -> BaseGeometry | None:
    """A border that only touches itself, rewritten as a valid one with the same surface; None for other defects."""
    if not reason.startswith("Ring Self-intersection"):
        return None
    made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if made.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    return made if abs(shapely.area(made) / shapely.area(shape) - 1) < 1e-6 else None


class GuessedCrs(StrEnum):
    """The coordinate system, guessed from the size of the coordinates."""

    DEGREES = "degrees"
    SWAPPED_DEGREES = "swapped degrees"
    RD = "rd"
    SWAPPED_RD = "swapped rd"
    NOWHERE = "nowhere"


def _guess_crs(box: Any) -> GuessedCrs:
    west, south, east, north = box
    if _is_box_within(
        box, geopackage.RD_MIN_X, geopackage.RD_MIN_Y, geopackage.RD_MAX_X, geopackage.RD_MAX_Y
    ):
        return GuessedCrs.RD
    if _is_box_within(
        (south, west, north, east),
        geopackage.RD_MIN_X,
        geopackage.RD_MIN_Y,
        geopackage.RD_MAX_X,
        geopackage.RD_MAX_Y,
    ):
        return GuessedCrs.SWAPPED_RD
    # The Netherlands lie at longitude 3 to 8 and latitude 50 to 54; swapping the two is a common mistake.
    if _is_box_within((south, west, north, east), 2.5, 50, 8, 54.5):
        return GuessedCrs.SWAPPED_DEGREES
    return GuessedCrs.DEGREES if _is_box_within(box, -180, -90, 180, 90) else GuessedCrs.NOWHERE


def _is_box_within(box: Any, west: float, south: float, east: float, north: float) -> bool:
    return bool(west <= box[0] and south <= box[1] and box[2] <= east and box[3] <= north)


def _convert_to_degrees(reading: BorderReading, shapes: FeatureShapes, declared: str) -> None:
    """Convert by the size of the coordinates, whatever the file declares; all areas of a file must use one system."""
    if not shapes:
        return
    places = {number: _guess_crs(shapely.bounds(shape)) for number, (_feature, shape) in shapes.items()}
    most = Counter(places.values()).most_common(1)[0][0]
    says_degrees = not declared or any(name in declared for name in ("CRS84", "4326", "4258", "4979"))
    says_rd = any(name in declared for name in ("28992", "7415", "28991"))
    if most == GuessedCrs.NOWHERE and not (says_degrees or says_rd):
        raise BorderFileError(BorderProblem.OTHER_CRS, declared[:80])
    for number, place in places.items():
        if place == GuessedCrs.NOWHERE or place != most:
            x, y = shapely.get_coordinates(shapes[number][1])[0]
            problem = BorderProblem.NOT_ON_EARTH if place == GuessedCrs.NOWHERE else BorderProblem.ANOTHER_CRS
            _add_invalid_feature(reading, shapes, number, problem, f"{x:g}, {y:g}")
    if most in (GuessedCrs.RD, GuessedCrs.SWAPPED_RD):
        reading.notes.append((BorderCorrection.CONVERTED if says_rd else BorderCorrection.LIED_RD, ""))
    elif says_rd:
        reading.notes.append((BorderCorrection.LIED_DEGREES, ""))
    if most in (GuessedCrs.SWAPPED_DEGREES, GuessedCrs.SWAPPED_RD):
        reading.notes.append((BorderCorrection.SWAPPED, ""))
    if most == GuessedCrs.DEGREES or not shapes:
        return
    made = coverage.as_array([shape for _feature, shape in shapes.values()])
    if most in (GuessedCrs.SWAPPED_DEGREES, GuessedCrs.SWAPPED_RD):
        made = shapely.transform(made, lambda points: points[:, ::-1])
    if most in (GuessedCrs.RD, GuessedCrs.SWAPPED_RD):
        made = shapely.transform(made, lambda points: np.round(geopackage.to_degrees(points), 8))
    for (number, (feature, _shape)), shape in zip(list(shapes.items()), made, strict=True):
        shapes[number] = feature, shape


def _area_in_file(feature: Feature, shape: BaseGeometry) -> AreaInFile:
    return AreaInFile(
        feature.number, feature.name, feature.code, feature.kind, feature.municipality, feature.parent, shape
    )


# --- all borders together ---------------------------------------------------------------------


def _check_doubles(reading: BorderReading) -> None:
    """Report areas that can't be told apart: the same code, or the same name without a code."""
    first: dict[str, int] = {}
    kept = []
    for area in reading.areas:
        key = area.code or f"{area.kind}:{area.name.casefold()}"
        if key in first:
            problem = BorderProblem.DOUBLE_CODE if area.code else BorderProblem.DOUBLE_NAME
            reading.wrong.append(InvalidFeature(area.number, area.name, problem, str(first[key])))
        else:
            first[key] = area.number
            kept.append(area)
    reading.areas = kept


def _check_overlaps(reading: BorderReading) -> None:
    for kind in {area.kind for area in reading.areas}:
        level = [area for area in reading.areas if area.kind == kind]
        for found in coverage.overlaps(coverage.as_array([area.shape for area in level])):
            one, other = level[found.one], level[found.other]
            detail = f"{one.name}|{found.metres:.0f}|{found.part * 100:.0f}"
            reading.wrong.append(InvalidFeature(other.number, other.name, BorderProblem.OVERLAP, detail))
