"""Public tables: no small number shows, and nobody can work one out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.small_cells import Counts, is_due, public, public_breakdown, public_number, rounded
from tests.surveys.documents import examples


def one_choice(*options, skipped=0):
    answered = sum(options)
    cells = {str(i): n for i, n in enumerate(options)}
    return Counts(shown=answered + skipped, answered=answered, options=cells)


@pytest.mark.parametrize(("n", "expected"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_rounded_goes_to_the_nearest_five(n, expected):
    assert rounded(n) == expected


def test_public_number_is_silent_under_ten():
    assert public_number(9) is None
    assert public_number(10) == 10
    assert public_number(23) == 25


def test_public_rounds_cells_and_adds_them_up():
    table = public(one_choice(12, 13, 41, skipped=3))

    assert table.options == {"0": 10, "1": 15, "2": 40}
    assert (table.answered, table.shown) == (65, 70)


@pytest.mark.parametrize("small", [0, 1, 9])
def test_public_leaves_out_a_table_with_one_small_cell(small):
    assert public(one_choice(100, 100, small)) is None
    assert public(one_choice(100, 100, small), threshold=small or 1) is not None or small == 0


def test_public_counts_not_choosing_as_a_cell_with_several_choices():
    assert public(Counts(40, 40, {"a": 20, "b": 30}, is_several=True)) is not None
    assert public(Counts(40, 40, {"a": 20, "b": 38}, is_several=True)) is None


def test_public_total_of_several_choices_gives_no_cell_away():
    """Sixty people who chose one thing each: a total of 60 beside cells of 10 would say that all are 12."""
    table = public(Counts(60, 60, dict.fromkeys("abcde", 12), is_several=True))

    assert table.answered == sum(table.options.values()) == 50


def test_public_of_a_text_tells_how_many_answered():
    table = public(Counts(shown=43, answered=21, options={}))

    assert (table.shown, table.answered, table.options) == (45, 20, {})
    assert public(Counts(shown=43, answered=9, options={})) is None


def test_breakdown_falls_whole_when_one_part_is_small():
    parts = {"3": one_choice(20, 30), "4": one_choice(12, 18)}

    whole, tables = public_breakdown(parts)

    assert whole.options == {"0": 30, "1": 50}
    assert whole.answered == tables["3"].answered + tables["4"].answered
    assert public_breakdown(parts | {"5": one_choice(40, 9)}) is None
    assert public_breakdown({}) is None


def test_is_due_after_ten_new_responses():
    assert not is_due(9, None)
    assert is_due(10, None)
    assert not is_due(109, 100)
    assert is_due(110, 100)
    assert not is_due(90, 100)


# --- an attacker who holds the table ------------------------------------------------------------

CELLS = st.lists(st.integers(8, 60), min_size=1, max_size=6)


def least_and_most(n):
    """What a rounded number may have been, also for somebody who knows the threshold."""
    return max(n - 2, 10), n + 2


@examples
@given(CELLS, st.integers(0, 30))
def test_one_choice_cells_are_known_only_to_within_the_rounding(cells, skipped):
    """Each cell keeps its full range, whatever the other cells and the totals say."""
    table = public(one_choice(*cells, skipped=skipped))
    if table is None:
        assert min(cells) < 10
        return
    assert min(cells) >= 10
    ranges = {key: least_and_most(n) for key, n in table.options.items()}
    most_shown = table.shown + 2
    for key, (least, most) in ranges.items():
        others = sum(ranges[other][0] for other in ranges if other != key)
        # The extremes can be filled up to people that fit the totals: so they can't be ruled out.
        assert most - least >= 2
        assert others + most <= most_shown
        assert table.options[key] - 2 <= cells[int(key)] <= table.options[key] + 2
    assert table.answered == sum(table.options.values())


@st.composite
def several(draw):
    """People who chose among three, by how many chose what; and some who saw it and went on."""
    people = {chosen: draw(st.integers(0, 25)) for chosen in ("a", "b", "c", "ab", "ac", "bc", "abc")}
    options = {key: sum(n for chosen, n in people.items() if key in chosen) for key in "abc"}
    answered = sum(people.values())
    return Counts(answered + draw(st.integers(0, 20)), answered, options, is_several=True)


@examples
@given(several())
def test_several_choice_cells_are_known_only_to_within_the_rounding(counts):
    table = public(counts)
    if table is None:
        return
    ranges = {key: least_and_most(n) for key, n in table.options.items()}
    for key, (least, most) in ranges.items():
        others_most = sum(ranges[other][1] for other in ranges if other != key)
        # `most` fits in who answered; `least`, with the others high, still gives everybody a choice.
        assert most <= table.answered + 2
        assert least + others_most >= table.answered - 2
        assert counts.answered - counts.options[key] >= 10
    assert table.answered <= table.shown


@examples
@given(st.lists(st.integers(0, 40), max_size=20))
def test_snapshots_are_never_around_fewer_than_ten_responses(arrivals):
    now, last, taken = 0, None, []
    for new in arrivals:
        now += new
        if is_due(now, last):
            last = now
            taken.append(now)
    assert all(later - earlier >= 10 for earlier, later in zip([0, *taken], taken, strict=False))
