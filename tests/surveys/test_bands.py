"""Numbers and days fall in bands: every value in exactly one, and never more rows than a page can hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaire.counting import (
    MAX_BANDS,
    MAX_SINGLE_VALUES,
    band_of,
    bands,
    bounds,
    day_key,
    days,
    months,
    number_key,
    years,
)

ends = st.tuples(st.integers(-100_000, 100_000), st.integers(-100_000, 100_000)).map(sorted)


@pytest.mark.parametrize(
    ("least", "most", "names"),
    [
        (0, 3, ["0", "1", "2", "3"]),
        (1, 12, [str(n) for n in range(1, 13)]),
        (0, 40, ["0-4", "5-9", "10-14", "15-19", "20-24", "25-29", "30-34", "35-39", "40"]),
        (16, 99, ["16-19", *(f"{n}0-{n}9" for n in range(2, 10))]),
        (0, 1_000, ["0-199", "200-399", "400-599", "600-799", "800-999", "1000"]),
    ],
)
def test_bands_begin_at_round_numbers(least, most, names):
    assert [band.name for band in bands(least, most)] == names


@given(ends, st.data())
def test_every_number_falls_in_exactly_one_band(ends, data):
    least, most = ends
    n = data.draw(st.integers(least, most))
    found = bands(least, most)

    assert [band for band in found if band.least <= n <= band.most] == [band_of(n, least, most)]
    assert len(found) <= max(MAX_BANDS, MAX_SINGLE_VALUES)
    assert (found[0].least, found[-1].most) == (least, most)


@given(st.tuples(st.dates(), st.dates()).map(sorted), st.dates())
def test_every_day_is_counted_under_a_key_that_results_know(ends, when):
    settings = {"earliest": ends[0].isoformat(), "latest": ends[1].isoformat()}
    known = {f"month:{month:%Y-%m}" for month in months(settings) or ()}
    known |= {f"year:{band.name}" for band in years(settings)}

    assert day_key(when, settings) in known


def test_days_within_two_years_are_counted_per_month():
    near = {"earliest": "2026-03-15", "latest": "2026-05-02"}
    far = {"earliest": "1930-01-01", "latest": "2026-12-31"}

    assert day_key(date(2026, 5, 1), near) == "month:2026-05"
    assert day_key(date(1987, 5, 1), far) == "year:1980-1989"


@pytest.mark.parametrize(
    "said", [{}, {"least": None, "most": "x"}, {"least": 7, "most": 3}, {"earliest": "never"}]
)
def test_bounds_are_there_whatever_stands_in_the_settings(said):
    least, most = bounds(said)
    first, last = days(said)
    assert least <= most
    assert first + timedelta(days=1) <= last
    assert number_key(5, said).startswith("n:")
