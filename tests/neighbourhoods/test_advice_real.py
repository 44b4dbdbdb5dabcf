"""What the advice rests on, against the real health figures: load and capacity are one axis, load divides a town."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from statistics import correlation, fmean, pstdev

import pytest

from neighbourhoods.advice.advice import Degree, advise, load_degree
from neighbourhoods.rules import Thresholds
from tests.neighbourhoods.real import SHARED, real
from tests.neighbourhoods.test_advice_table import KNOWN

NAMES = {
    "struggling": "MoeiteMetRondkomen_38",
    "lonely": "ErnstigZeerErnstigEenzaam_29",
    "volunteers": "Vrijwilligerswerk_33",
    "grip": "MatigVeelRegieOverEigenLeven_27",
}

pytestmark = real


@pytest.fixture(scope="module")
def towns() -> dict[str, list[dict[str, float]]]:
    """Per municipality its neighbourhoods with all four figures, each as a deviation from that municipality."""
    found: dict[str, list[dict[str, float]]] = {}
    for town, row in neighbourhoods():
        found.setdefault(town, []).append(row)
    return {town: deviations(rows) for town, rows in found.items() if len(rows) > 9}


def neighbourhoods() -> Iterator[tuple[str, dict[str, float]]]:
    file = SHARED / "health" / "rivm_gezondheid_2020_18plus_utrecht_amsterdam.csv"
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            values = {name: row[column].strip() for name, column in NAMES.items()}
            if row["Codering_3"].startswith("BU") and all(
                value not in ("", ".") for value in values.values()
            ):
                yield row["Gemeentenaam_1"], {name: float(value) for name, value in values.items()}


def deviations(rows: list[dict[str, float]]) -> list[dict[str, float]]:
    spread = {name: (fmean(row[name] for row in rows), pstdev(row[name] for row in rows)) for name in NAMES}
    return [{name: (row[name] - spread[name][0]) / spread[name][1] for name in NAMES} for row in rows]


def burden(row: dict[str, float]) -> float:
    return fmean([row["struggling"], row["lonely"]])


def test_capacity_and_load_are_one_axis(towns):
    rows = [row for found in towns.values() for row in found]
    capacity = [fmean([row["volunteers"], row["grip"]]) for row in rows]
    assert len(rows) > 1_000
    assert correlation(capacity, [burden(row) for row in rows]) < -0.85
    both = [1 for row, can in zip(rows, capacity, strict=True) if can > 0.5 and burden(row) > 0.5]
    assert len(both) < 10  # nearly nowhere much capacity with a high load


def test_load_divides_every_town_in_three(towns):
    """National limits would put most of Amsterdam in one cell; those of the municipality do not."""
    for town, rows in towns.items():
        degrees = Counter(load_degree(replace(KNOWN, load=burden(row)), Thresholds()) for row in rows)
        assert max(degrees.values()) < 0.8 * len(rows), town
        assert set(degrees) == {Degree.LOW, Degree.MID, Degree.HIGH}, town


@pytest.mark.parametrize("wanting", [2, 10, 20])
def test_the_same_energy_is_another_advice_where_life_is_hard(towns, wanting):
    for rows in towns.values():
        found = {advise(replace(KNOWN, load=burden(row), wanting=wanting)).approach for row in rows}
        assert len(found) >= 2
