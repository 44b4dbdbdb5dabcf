"""Borders, figures and postcodes of a whole country: how long they take to come in, how much memory they ask, and
how fast a postcode is found.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import country
from bench.figures import Figure, at_most
from bench.house import ROOT, House, house

SECTION = "places"
AREAS = 15_000
COLUMNS, POSTCODES = 100, 20  # of figures, and in each area
MINUTES, MEGABYTES, MILLISECONDS = 3, 500, 5


def measure() -> Iterator[Figure]:
    with house() as home:
        file = home.folder / "country.geojson"
        country.write(file, AREAS)
        size = file.stat().st_size / 1024**2
        yield from import_by_command(home, file, size)
        yield from bring_in_tables(home)
        found = json.loads(home.seed("postcodes", "2000", str(AREAS * POSTCODES)))
        name = f"one of {AREAS * POSTCODES:,} postcodes"
        yield at_most(SECTION, f"{name}, half of them", found["half"], MILLISECONDS, unit=" ms")
        yield at_most(SECTION, f"{name}, 99 of 100", found["slow"], MILLISECONDS, unit=" ms")


def bring_in_tables(home: House) -> Iterator[Figure]:
    figures, postcodes = home.folder / "figures.csv", home.folder / "postcodes.csv"
    country.write_figures(figures, AREAS, COLUMNS)
    country.write_postcodes(postcodes, AREAS, POSTCODES)
    for what, words in (
        (f"{AREAS * COLUMNS:,} figures", ("import_figures", str(figures), "--source", "CBS")),
        ("the same figures once more", ("import_figures", str(figures), "--source", "CBS")),
        (f"{AREAS * POSTCODES:,} postcodes", ("import_postcodes", str(postcodes))),
    ):
        seconds, megabytes = _run(home, *words, "--year", "2026", "--yes")
        yield at_most(SECTION, f"{what}, read and written", seconds, MINUTES * 60, unit=" s")
        yield at_most(SECTION, f"{what}, memory", megabytes, MEGABYTES, unit=" MB")


def import_by_command(home: House, file: Path, size: float) -> Iterator[Figure]:
    seconds, megabytes = _run(home, "import_borders", str(file), "--year", "2025", "--yes")
    what = f"{AREAS:,} new areas ({size:.0f} MB)"
    yield at_most(SECTION, f"{what}, written", seconds, MINUTES * 60, unit=" s")
    yield at_most(SECTION, f"{what}, memory", megabytes, MEGABYTES, unit=" MB")
    seconds, megabytes = _run(home, "import_borders", str(file), "--year", "2026", "--yes")
    yield at_most(SECTION, "the same areas a year later, written", seconds, MINUTES * 60, unit=" s")
    yield at_most(SECTION, "the same areas a year later, memory", megabytes, MEGABYTES, unit=" MB")


def _run(home: House, *words: str) -> tuple[float, float]:
    """Seconds, and the most megabytes it held."""
    begun = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=os.environ | home.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = running.stdout.read() if running.stdout else ""
    _pid, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"manage.py {' '.join(words)} failed:\n{said[-2000:]}")
    return time.monotonic() - begun, used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
