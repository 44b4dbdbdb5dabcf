"""Classes of a map: round limits, honest with ties, with few values and with gaps."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.profile.statistics import MAX_MAP_CLASSES, make_map_classes

ROUND = {1, 2, 5} | {lead * 10**power for power in range(12) for lead in (10, 20, 25, 50)}
"""Widths, in units of what is read."""


def limits(values, **more) -> list[tuple[float, float]]:
    return [(one.low, one.high) for one in make_map_classes(values, **more).all]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([None, None], []),
        ([5], [(5, 5)]),
        ([5, 5, 5], [(5, 5)]),
        ([0, 1, 2, 3], [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ([8, 9, 14, 15, 16, 17], [(5, 9), (10, 14), (15, 19)]),
        (range(500), [(0, 199), (200, 399), (400, 599)]),
        ([8, 14, 16, 17], [(5, 9), (10, 14), (15, 19)]),
        ([85, 540, 645, 680, 720, 860], [(0, 199), (400, 599), (600, 799), (800, 999)]),
        ([-3, 2, 8], [(-5, -1), (0, 4), (5, 9)]),
        ([0, 4], [(0, 1), (4, 5)]),
    ],
)
def test_limits_are_round(values, expected):
    assert limits(values) == expected


def test_hundred_percent_closes_the_class_below_it():
    assert limits([0, 25, 50, 75, 100], unit="%") == [(0, 24), (25, 49), (50, 74), (75, 100)]


def test_what_reads_the_same_is_the_same():
    made = make_map_classes([0, 22.6, 23.4, 31.0])
    assert made.of(22.6) == made.of(23.4) and made.of(31.0) != made.of(0)


def test_decimals_are_kept():
    assert limits([0.2, 1.4, 2.6], decimals=1) == [(0.0, 0.9), (1.0, 1.9), (2.0, 2.9)]


def test_gaps_are_counted_and_in_no_class():
    made = make_map_classes([1, None, 2, None])
    assert made.without == 2 and made.of(None) is None


@pytest.mark.parametrize(("different", "shades"), [(1, [1]), (2, [0, 3]), (3, [0, 2, 3]), (4, [0, 1, 2, 3])])
def test_few_classes_are_drawn_far_apart(different, shades):
    assert [one.shade for one in make_map_classes(range(different)).all] == shades


@given(
    st.lists(st.none() | st.floats(-1e6, 1e9) | st.integers(0, 100), max_size=60),
    st.integers(0, 2),
    st.sampled_from(["", "%"]),
)
def test_limits_are_round_and_hold_each_value_once(values, decimals, unit):
    made, units = make_map_classes(values, decimals=decimals, unit=unit), 10**decimals
    known = [round(value, decimals) for value in values if value is not None]
    assert sum(one.count for one in made.all) == len(known) and len(made.all) <= MAX_MAP_CLASSES
    assert all(one.count for one in made.all)
    for value in known:
        assert [one for one in made.all if one.low <= value <= one.high] == [made.of(value)]
    assert all(before.high < after.low for before, after in pairwise(made.all))
    shapes = {(round(one.low * units), round((one.high - one.low) * units) + 1) for one in made.all}
    wide = {width - (unit == "%" and low + width - 1 == 100 * units) for low, width in shapes}
    assert len(wide) <= 1 and wide <= ROUND
    assert all(low % width == 0 for low, _width in shapes for width in wide)


@given(st.lists(st.integers(0, 100), min_size=2, max_size=60).filter(lambda found: len(set(found)) > 1))
def test_different_values_are_never_all_in_one_class(values):
    assert len(make_map_classes(values, unit="%").all) > 1
