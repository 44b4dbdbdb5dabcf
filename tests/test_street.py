"""The street never lights one window too many, and one more light never moves the others."""

import pytest

from core.drawings import capacity_of, lights_for, street


def count(path: str) -> int:
    return path.count("M")


@pytest.mark.parametrize("lit", [0, 1, 13, 40])
def test_lights_exactly_as_many_windows_as_asked(lit):
    drawn = street(lit)
    assert count(drawn.lit) == lit
    assert count(drawn.lit) + count(drawn.dark) == drawn.panes


def test_lights_no_more_than_there_are():
    assert count(street(9999).lit) == capacity_of()


def test_one_more_light_leaves_the_others_burning():
    before, after = street(13).lit, street(14).lit
    assert set(before.split("M")) < set(after.split("M"))


def test_own_window_is_one_of_the_lit_ones():
    drawn = street(13, own=True)
    assert drawn.own is not None
    assert count(drawn.lit) == 12


def test_own_window_is_the_first_when_nobody_came_before():
    assert street(0, own=True).own is not None


def test_ten_is_the_smallest_light():
    assert lights_for(9, 50).lit == 0
    assert lights_for(134, 50) == type(lights_for(0, 50))(lit=13, each=10)


def test_scale_grows_until_everybody_fits():
    lights = lights_for(1940, 50)
    assert (lights.lit, lights.each) == (38, 50)
