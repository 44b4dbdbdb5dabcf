"""Small files with borders, shaped like real ones: GeoJSON as text, GeoPackages made with sqlite3."""

import json
import sqlite3
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely

SQUARE = [[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.4], [4.9, 52.3]]
HEADER = b"GP\0\1"


def feature(coordinates=None, kind="Polygon", **properties) -> dict:
    properties = {"naam": "Haven", "code": "BU1"} | properties
    geometry = {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features, **more) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more)


def box(west: float, south: float, east: float, north: float) -> list:
    """The coordinates of a polygon."""
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def area(code: str, name: str, *sides: float, **properties) -> dict:
    """A feature with a rectangle; sides in hundredths of a degree from (4.9, 52.3)."""
    west, south, east, north = sides
    degrees = (4.9 + west / 100, 52.3 + south / 100, 4.9 + east / 100, 52.3 + north / 100)
    return feature(box(*degrees), code=code, naam=name, **properties)


def blob(shape: Any, srs: int = 28992) -> bytes:
    """A geometry as a GeoPackage keeps it."""
    wkb = shape if isinstance(shape, bytes) else shapely.to_wkb(shape, flavor="iso")
    return HEADER + struct.pack("<i", srs) + wkb


Table = list[tuple[dict[str, Any], Any]]


def geopackage(*, srs: int = 28992, kind: str = "MULTIPOLYGON", sql: str = "", **tables: Table) -> bytes:
    """A file with these tables, each a list of (columns, shape or blob)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        made = sqlite3.connect(path)
        made.executescript(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);"
            "CREATE TABLE gpkg_geometry_columns"
            " (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER);"
        )
        for name, rows in tables.items():
            columns = list(rows[0][0]) if rows else []
            names = ", ".join(f'"{column}"' for column in columns)
            made.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, geom BLOB, {names})')
            made.execute("INSERT INTO gpkg_contents VALUES (?, 'features', ?)", (name, srs))
            made.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?)", (name, kind, srs))
            for number, (values, shape) in enumerate(rows, start=1):
                kept = blob(shape, srs) if not isinstance(shape, bytes | None) else shape
                marks = ", ".join("?" * (len(columns) + 2))
                made.execute(f'INSERT INTO "{name}" VALUES ({marks})', (number, kept, *values.values()))
        made.executescript(sql)
        made.commit()
        made.close()
        return path.read_bytes()
