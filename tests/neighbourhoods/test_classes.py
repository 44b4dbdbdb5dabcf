"""Classes of a map: honest with ties, with few values and with gaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.classes import classes


def sizes(values) -> list[int]:
    return [one.count for one in classes(values).all]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([None, None], []),
        ([5], [1]),
        ([5, 5, 5], [3]),
        ([1, 2], [1, 1]),
        ([0] * 9 + [1, 2, 3], [9, 1, 1, 1]),
        (range(8), [2, 2, 2, 2]),
        (range(500), [125] * 4),
        ([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [2, 2, 4, 2]),
    ],
)
def test_as_equal_as_ties_allow(values, expected):
    assert sizes(values) == expected


def test_what_reads_the_same_is_the_same():
    made = classes([0, 22.6, 23.4, 31.0], decimals=0)
    assert [(one.low, one.high) for one in made.all] == [(0, 0), (23, 23), (31, 31)]
    assert made.of(22.6) == made.of(23.4)


def test_gaps_are_counted_and_in_no_class():
    made = classes([1, None, 2, None])
    assert made.without == 2 and made.of(None) is None


@pytest.mark.parametrize(
    ("different", "shades"), [(1, [1]), (2, [0, 3]), (3, [0, 2, 3]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])]
)
def test_few_classes_are_drawn_far_apart(different, shades):
    assert [one.shade for one in classes(range(different)).all] == shades


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 5)))
def test_every_value_is_in_exactly_one_class(values):
    made = classes(values)
    known = [value for value in values if value is not None]
    assert sum(one.count for one in made.all) == len(known) and len(made.all) <= 4
    assert all(one.count for one in made.all)
    for value in known:
        holding = [one for one in made.all if one.low <= value <= one.high]
        assert holding == [made.of(value)]
    assert all(before.high < after.low for before, after in zip(made.all, made.all[1:], strict=False))
