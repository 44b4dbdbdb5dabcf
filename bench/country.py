"""A made-up country: areas that fill it without gaps, with crooked borders that neighbours share."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from neighbourhoods.imports.columns import indicator_dictionary

WEST, SOUTH, EAST, NORTH = 4.0, 51.2, 7.0, 53.2
STEPS = 24  # of one side: a border of Statistics Netherlands has some hundred points
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Points = np.ndarray[Any, np.dtype[np.float64]]


def write(path: Path, areas: int, *, seed: int = 7) -> None:
    """So many neighbourhoods of one municipality, a hundred in each district, as GeoJSON."""
    with path.open("w") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        for number, (code, name, ring) in enumerate(neighbourhoods(areas, seed=seed)):
            properties = {"buurtcode": code, "buurtnaam": name, "gemeentecode": "GM0099", "water": "NEE"}
            geometry = {"type": "Polygon", "coordinates": [ring.tolist()]}
            one = {"type": "Feature", "properties": properties, "geometry": geometry}
            file.write(f"{',' if number else ''}\n{json.dumps(one)}")
        file.write("\n]}")


def write_figures(path: Path, areas: int, columns: int, *, seed: int = 7) -> None:
    """So many columns of figures about those neighbourhoods, under names that are known; some are secret."""
    numbers = Random(seed)
    heads = [one.columns[0] for one in indicator_dictionary().values()][:columns]
    with path.open("w") as file:
        file.write(f"code;{';'.join(heads)}\n")
        for number in range(areas):
            cells = (
                "-99997" if numbers.random() < 0.05 else f"{numbers.random() * 100:.1f}".replace(".", ",")
                for _one in range(columns)
            )
            file.write(f"{code_of(number)};{';'.join(cells)}\n")


def write_postcodes(path: Path, areas: int, each: int) -> None:
    """So many postcodes in each of those neighbourhoods."""
    with path.open("w") as file:
        file.write("postcode;buurtcode\n")
        for number in range(areas * each):
            file.write(f"{postcode(number)};{code_of(number // each)}\n")


def postcode(number: int) -> str:
    digits, letters = divmod(number, 26 * 26)
    return f"{1000 + digits}{chr(65 + letters // 26)}{chr(65 + letters % 26)}"


def code_of(number: int) -> str:
    district, place = divmod(number, 100)
    return f"BU0099{ALPHABET[district // 36 % 36]}{ALPHABET[district % 36]}{place:02}"


def neighbourhoods(areas: int, *, seed: int = 7) -> Iterator[tuple[str, str, Points]]:
    columns = round(areas**0.5)
    rows = -(-areas // columns)
    noise = np.random.default_rng(seed)
    corners = _corners(columns, rows, noise)
    across = {
        (x, y): _crooked(corners[x, y], corners[x + 1, y], noise)
        for x in range(columns)
        for y in range(rows + 1)
    }
    along = {
        (x, y): _crooked(corners[x, y], corners[x, y + 1], noise)
        for x in range(columns + 1)
        for y in range(rows)
    }
    names = Random(seed)
    for number in range(areas):
        x, y = number % columns, number // columns
        sides = (across[x, y], along[x + 1, y], across[x, y + 1][::-1], along[x, y][::-1])
        ring = np.concatenate([side[:-1] for side in sides])
        yield (
            code_of(number),
            f"{names.choice(('Kade', 'Molen', 'Haven', 'Linde'))} {number}",
            np.vstack((ring, ring[:1])),
        )


def _corners(columns: int, rows: int, noise: np.random.Generator) -> Points:
    x, y = np.meshgrid(
        np.linspace(WEST, EAST, columns + 1), np.linspace(SOUTH, NORTH, rows + 1), indexing="ij"
    )
    cell = ((EAST - WEST) / columns, (NORTH - SOUTH) / rows)
    off = noise.uniform(-0.2, 0.2, (columns + 1, rows + 1, 2)) * cell
    return np.round(np.stack((x, y), axis=-1) + off, 6)


def _crooked(start: Points, end: Points, noise: np.random.Generator) -> Points:
    """From one corner to the other, ends included, off the straight line by a twentieth at most."""
    way = np.linspace(0, 1, STEPS + 1)[:, None]
    aside = np.array([start[1] - end[1], end[0] - start[0]])
    off = np.convolve(noise.uniform(-0.05, 0.05, STEPS + 1), np.ones(3) / 3, "same")[:, None]
    off *= np.sin(np.pi * way)  # calm near the corners, so that sides do not cross
    return np.round(start + way * (end - start) + off * aside, 6)
