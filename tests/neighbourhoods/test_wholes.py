"""A figure of a larger area made of its parts, and years that can be laid side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.profile.statistics import (
    TrendPoint,
    WeightedValue,
    add_parts,
    comparable_run,
    weighted_mean,
)


def test_counts_add_up_and_say_what_is_missing():
    whole = add_parts([WeightedValue(100), WeightedValue(None), WeightedValue(50)])
    assert (whole.value, whole.of, whole.missing, whole.is_complete) == (150, 3, 1, False)


def test_nothing_known_is_nothing_and_not_zero():
    assert add_parts([WeightedValue(None)]).value is None
    assert (
        weighted_mean([WeightedValue(None, 100), WeightedValue(20, None), WeightedValue(20, 0)]).value is None
    )
    assert add_parts([]).value is None


def test_percentages_are_weighted_by_people():
    assert weighted_mean([WeightedValue(10, 900), WeightedValue(50, 100)]).value == 14
    assert weighted_mean([WeightedValue(10, 900), WeightedValue(50, None)]).missing == 1


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 10_000)), min_size=1))
def test_weighted_lies_between_its_parts(parts):
    whole = weighted_mean(WeightedValue(value, people) for value, people in parts)
    values = [value for value, _people in parts]
    assert min(values) - 1e-6 <= whole.value <= max(values) + 1e-6


# --- years ------------------------------------------------------------------------------------


def years(points, breaks=()) -> list[int]:
    return [point.year for point in comparable_run([TrendPoint(*point) for point in points], breaks)]


@pytest.mark.parametrize(
    ("points", "breaks", "expected"),
    [
        ([(2020, 1), (2021, 2), (2022, 3)], (), [2020, 2021, 2022]),
        ([(2022, 3), (2020, 1), (2021, 2)], (), [2020, 2021, 2022]),
        ([(2020, 1), (2021, 2)], (), []),
        ([(2018, 1), (2019, 1), (2020, 1), (2021, 2), (2022, 3)], (2020,), [2020, 2021, 2022]),
        ([(2020, 1), (2021, 2), (2022, 3)], (2022,), []),
        ([(2019, 1), (2022, 1), (2023, 2), (2024, 3)], (2020,), [2022, 2023, 2024]),
        ([(2019, 1, "a"), (2020, 1, "b"), (2021, 2, "b"), (2022, 3, "b")], (), [2020, 2021, 2022]),
    ],
)
def test_trend_stops_at_another_border_or_source(points, breaks, expected):
    assert years(points, breaks) == expected
