"""From the Dutch grid (Rijksdriehoeksstelsel, EPSG:28992) to degrees (WGS84, EPSG:4326).

Pure: arrays in, arrays out. The oblique stereographic projection of Amersfoort on the Bessel ellipsoid, then the
shift between the two ellipsoids. Without the correction grid of the Kadaster, as in most software: an error of at
most a quarter of a metre. See docs/adr for why this is no dependency.
"""

from math import cos, pi, radians, sin, sqrt, tan
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]

WEST, SOUTH, EAST, NORTH = -7_000.0, 289_000.0, 300_000.0, 629_000.0
"""The extent of the grid."""

# Bessel 1841, and the projection: its origin, false easting and northing, and scale.
A, INVERSE_FLATTENING = 6_377_397.155, 299.1528128
LATITUDE, LONGITUDE = radians(52.156160555555555), radians(5.387638888888889)
X, Y, SCALE = 155_000.0, 463_000.0, 0.9999079
# GRS80, and the shift between the ellipsoids in metres, radians and a scale difference (EPSG:4833).
A_GRS, INVERSE_FLATTENING_GRS = 6_378_137.0, 298.257222101
SHIFT = (565.4171, 50.3319, 465.5524)
TURN = tuple(radians(seconds / 3600) for seconds in (-0.398957388243, 0.343987817378, -1.87740163998))
GROWTH = 4.0725e-6


def _squared(inverse_flattening: float) -> float:
    return (2 - 1 / inverse_flattening) / inverse_flattening


E2, E2_GRS = _squared(INVERSE_FLATTENING), _squared(INVERSE_FLATTENING_GRS)
E = sqrt(E2)

# The sphere on which the ellipsoid is projected first.
_PHI = 1 - E2 * sin(LATITUDE) ** 2
_RADIUS = A * sqrt(1 - E2) / _PHI
_N = sqrt(1 + E2 * cos(LATITUDE) ** 4 / (1 - E2))
_SIN = sin(LATITUDE)


def _w(sine: float) -> float:
    return ((1 + sine) / (1 - sine) * ((1 - E * sine) / (1 + E * sine)) ** E) ** _N


_CHI_START = (_w(_SIN) - 1) / (_w(_SIN) + 1)
_C = (_N + _SIN) * (1 - _CHI_START) / ((_N - _SIN) * (1 + _CHI_START))
_CHI = np.arcsin((_C * _w(_SIN) - 1) / (_C * _w(_SIN) + 1))
_G = 2 * _RADIUS * SCALE * tan(pi / 4 - _CHI / 2)
_H = 4 * _RADIUS * SCALE * tan(_CHI) + _G


def to_degrees(points: Numbers) -> Numbers:
    """Rows of (x, y) in metres to rows of (longitude, latitude)."""
    latitude, longitude = _unprojected(points[:, 0] - X, points[:, 1] - Y)
    return _shifted(latitude, longitude)


def _unprojected(east: Numbers, north: Numbers) -> tuple[Numbers, Numbers]:
    """Latitude and longitude on the Bessel ellipsoid, in radians."""
    i = np.arctan(east / (_H + north))
    j = np.arctan(east / (_G - north)) - i
    chi = _CHI + 2 * np.arctan((north - east * np.tan(j / 2)) / (2 * _RADIUS * SCALE))
    longitude = (j + 2 * i) / _N + LONGITUDE
    isometric = np.log((1 + np.sin(chi)) / (_C * (1 - np.sin(chi)))) / (2 * _N)
    latitude = 2 * np.arctan(np.exp(isometric)) - pi / 2
    for _round in range(5):
        sine = E * np.sin(latitude)
        here = np.log(np.tan(latitude / 2 + pi / 4) * ((1 - sine) / (1 + sine)) ** (E / 2))
        latitude = latitude - (here - isometric) * np.cos(latitude) * (1 - sine**2) / (1 - E2)
    return latitude, longitude


def _shifted(latitude: Numbers, longitude: Numbers) -> Numbers:
    """From one ellipsoid to the other, via geocentric coordinates."""
    normal = A / np.sqrt(1 - E2 * np.sin(latitude) ** 2)
    x = normal * np.cos(latitude) * np.cos(longitude)
    y = normal * np.cos(latitude) * np.sin(longitude)
    z = normal * (1 - E2) * np.sin(latitude)
    (dx, dy, dz), (rx, ry, rz), grown = SHIFT, TURN, 1 + GROWTH
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
