"""Areas that lie over each other: each pair once, and no file keeps us busy with all of them."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.areas import coverage

# Squares of a hundredth of a degree on a grid of half that: any two are apart, touch, or overlap by a quarter or more.
places = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=14, unique=True)


def squares(corners) -> np.ndarray:
    return np.array(
        [shapely.box(5 + x / 200, 52 + y / 200, 5.01 + x / 200, 52.01 + y / 200) for x, y in corners]
    )


@given(places)
def test_each_pair_that_overlaps_is_found_once(corners):
    found = {(one.one, one.other) for one in coverage.overlaps(squares(corners))}
    expected = {
        (a, b)
        for a in range(len(corners))
        for b in range(a + 1, len(corners))
        if abs(corners[a][0] - corners[b][0]) < 2 and abs(corners[a][1] - corners[b][1]) < 2
    }
    assert found == expected


def test_thousands_of_times_the_same_area_is_told_of_a_few_times():
    """Eight million overlaps, in a file of half a megabyte."""
    assert len(coverage.overlaps(squares([(0, 0)] * 10_000))) == coverage.MAX_OVERLAPS_FOUND
