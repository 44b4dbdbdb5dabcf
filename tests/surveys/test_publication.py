"""Public tables: no small number shows, and nobody can work one out."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.publication import (
    INVITED_GROUP,
    OPEN_GROUP,
    ExactCounts,
    QuestionCounts,
    SnapshotTables,
    is_due,
    next_snapshot_tables,
    public_number,
    publishable_table,
    rounded,
)
from surveys.publication.tables import Network, bounds_of_rounded
from tests.surveys.attack import Attacker


def one_choice(*options, skipped=0):
    answered = sum(options)
    cells = dict(zip("abcdefgh", options, strict=False))
    return QuestionCounts(shown=answered + skipped, answered=answered, options=cells)


@pytest.mark.parametrize(("n", "expected"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_rounded_goes_to_the_nearest_five(n, expected):
    assert rounded(n) == expected


def test_public_number_is_silent_under_ten():
    assert public_number(9) is None
    assert public_number(10) == 10
    assert public_number(23) == 25


def test_is_due_after_ten_more():
    assert not is_due(9, None)
    assert is_due(10, None)
    assert not is_due(109, 100)
    assert is_due(110, 100)
    assert not is_due(90, 100)


# --- the tables of one question -------------------------------------------------------------------


def test_numbers_are_rounded_and_those_of_one_choice_add_up():
    table = publishable_table(one_choice(12, 13, 41, skipped=13))

    assert table.options == {"a": 10, "b": 15, "c": 40}
    assert (table.answered, table.shown) == (65, 80)


def test_one_small_cell_is_hidden_and_the_others_stay():
    table = publishable_table(one_choice(50, 40, 3, skipped=5))

    assert table.options == {"a": 50, "b": 40, "c": None}
    assert table.answered == 95


def test_nobody_is_too_few_as_well():
    assert publishable_table(one_choice(50, 40, 0)).options["c"] is None


def test_total_that_leaves_a_small_cell_no_room_is_not_told():
    """10 to 12 people of which 10 to 12 chose the first: two at most are left for the second."""
    assert publishable_table(one_choice(11, 1)) is None
    assert publishable_table(one_choice(13, 13, 1)) is not None
    assert publishable_table(one_choice(13, 13, 1)).answered is None


def test_several_choices_hide_what_nearly_everybody_chose():
    few = QuestionCounts(40, 40, {"a": 20, "b": 38, "c": 15}, is_several=True)
    assert publishable_table(few).options == {"a": 20, "b": None, "c": 15}


def test_total_of_several_choices_gives_no_cell_away():
    """Sixty people who chose one thing each: a total of 60 beside cells of 10 would say that all are 12."""
    table = publishable_table(QuestionCounts(60, 60, dict.fromkeys("abcde", 12), is_several=True))

    assert (table.answered, set(table.options.values())) == (None, {10})


def test_nothing_is_said_of_fewer_than_ten():
    assert publishable_table(one_choice(9)) is None
    assert publishable_table(one_choice(3, 3, 3, 3)) is None


def test_small_part_is_covered_by_another():
    """Of the ten who chose c, eight are residents: the two others must not follow."""
    parts = {"kind": {"resident": one_choice(50, 40, 10), "organisation": one_choice(4, 3, 1)}}
    table = publishable_table(one_choice(54, 43, 11), parts)

    assert table.options == {"a": 55, "b": 45, "c": 10}
    assert table.parts["kind"]["resident"] == {"a": 50, "b": 40, "c": None}
    assert set(table.parts["kind"]["organisation"].values()) == {None}


def test_option_that_is_hidden_of_everybody_is_hidden_of_every_part():
    parts = {"area": {"3": one_choice(20, 5), "4": one_choice(30, 4)}}
    assert [row["b"] for row in publishable_table(one_choice(50, 9), parts).parts["area"].values()] == [
        None,
        None,
    ]


def test_network_tells_how_far_a_count_can_go():
    network = Network()
    hidden = network.add("people", "hidden", 3)
    network.add("people", "shown", 22, 18, 22)
    network.add("hidden", "all", 3)
    network.add("shown", "all", 22)
    network.add("all", "people", 25, 23, 27)
    # From 27 - 18 = 9 down to 23 - 22 = 1.
    assert network.room(hidden, 100) == 8
    assert network.room(hidden, 4) == 4
    assert hidden.flow == 3


# --- one snapshot after another -----------------------------------------------------------------


def heard(*options, parts=None, deeper=()):
    counts = one_choice(*options)
    questions = {"1": (counts, parts or {})} | ({"2": (one_choice(*deeper), {})} if deeper else {})
    return ExactCounts(counts.answered, {"5": counts.answered}, questions)


def test_snapshot_waits_for_ten_more():
    first = next_snapshot_tables({OPEN_GROUP: heard(20, 15)}, SnapshotTables(), 10, "2027-03-01")

    assert first.tables["responses"] == 35
    assert next_snapshot_tables({OPEN_GROUP: heard(25, 19)}, first, 10, "2027-03-02") is None
    assert next_snapshot_tables({OPEN_GROUP: heard(25, 20)}, first, 10, "2027-03-02").tables["options"] == {
        "a": 25,
        "b": 20,
    }


def test_table_with_fewer_than_ten_more_in_it_stays_as_it_was():
    """Forty people came, and one of them went into the deeper layer: a new table would tell what that one said."""
    first = next_snapshot_tables(
        {OPEN_GROUP: heard(20, 15, deeper=(12, 12))}, SnapshotTables(), 10, "2027-03-01"
    )
    second = next_snapshot_tables({OPEN_GROUP: heard(50, 25, deeper=(13, 12))}, first, 10, "2027-03-02")

    questions = second.tables["ways"][OPEN_GROUP]["questions"]
    assert [(table["on"], table["options"]["a"]) for table in questions.values()] == [
        ("2027-03-02", 50),
        ("2027-03-01", 10),
    ]


def test_ways_in_are_renewed_apart():
    first = next_snapshot_tables(
        {OPEN_GROUP: heard(20, 15), INVITED_GROUP: heard(12, 12)}, SnapshotTables(), 10, "2027-03-01"
    )
    second = next_snapshot_tables(
        {OPEN_GROUP: heard(20, 15), INVITED_GROUP: heard(30, 12)}, first, 10, "2027-03-02"
    )

    assert [way["on"] for way in second.tables["ways"].values()] == ["2027-03-01", "2027-03-02"]
    assert second.tables["options"] == {"a": 50, "b": 25}
    assert second.tables["responses"] == 75


# --- an attacker who holds every table and every snapshot ---------------------------------------

PEOPLE = {"area": ["3", "4", "9"], "kind": ["resident", "organisation"]}
GROUPS = list(product(*PEOPLE.values()))
ASKED = {"1": (["a", "b", "c"], False), "2": (["d", "e", "f"], True)}
SEVERAL = ("d", "e", "f", "de", "df", "ef", "def")


@st.composite
def polls(draw):
    """How many came in each group, and how many of those chose what: {group: {"1": {...}, "2": {...}}}."""
    found = {}
    weights = {option: draw(st.sampled_from([0, 1, 4, 15])) for option in ("a", "b", "c", *SEVERAL)}
    for group in GROUPS:
        size = draw(st.sampled_from([0, 1, 3] if group[1] == "organisation" else [0, 1, 2, 4]))
        chosen = {
            option: (weight * size * draw(st.integers(6, 10))) // 10 for option, weight in weights.items()
        }
        one = {option: chosen[option] for option in "abc"}
        several = {option: chosen[option] for option in SEVERAL}
        skipped = draw(st.sampled_from([0, 0, 1, 8]))
        found[group] = (max(sum(one.values()), sum(several.values())) + skipped, one, several)
    return found


def counted(poll, groups):
    people = sum(poll[group][0] for group in groups)
    one = {option: sum(poll[group][1][option] for group in groups) for option in "abc"}
    several = {
        option: sum(n for group in groups for chosen, n in poll[group][2].items() if option in chosen)
        for option in "def"
    }
    answered = sum(sum(poll[group][2].values()) for group in groups)
    return {
        "1": QuestionCounts(people, sum(one.values()), one),
        "2": QuestionCounts(people, answered, several, True),
    }


def heard_in(poll):
    everybody = counted(poll, GROUPS)
    parts = {
        name: {part: counted(poll, [g for g in GROUPS if g[at] == part]) for part in names}
        for at, (name, names) in enumerate(PEOPLE.items())
    }
    questions = {
        question: (
            counts,
            {name: {part: c[question] for part, c in rows.items()} for name, rows in parts.items()},
        )
        for question, counts in everybody.items()
    }
    return ExactCounts(sum(people for people, _one, _several in poll.values()), {}, questions)


def together(first, second):
    """Everybody who came in the first time, and those who came after."""
    return {
        group: (
            first[group][0] + second[group][0],
            {option: n + second[group][1][option] for option, n in first[group][1].items()},
            {option: n + second[group][2][option] for option, n in first[group][2].items()},
        )
        for group in GROUPS
    }


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(polls(), polls())
def test_who_holds_everything_knows_a_hidden_number_no_better_than_a_rounded_one(first, later):
    attacker, before, last = Attacker(10), SnapshotTables(), 0
    snapshots = []
    for time, poll in enumerate((first, together(first, later))):
        if kept := next_snapshot_tables({OPEN_GROUP: heard_in(poll)}, before, 10, str(time)):
            snapshots.append((time, poll, kept))
            before = kept
    for time, _poll, kept in snapshots:
        way = kept.tables["ways"][OPEN_GROUP]
        last = time == snapshots[-1][0]
        fresh = {question: table for question, table in way["questions"].items() if table["on"] == str(time)}
        parts = {question: kept.parts[OPEN_GROUP][question] if last else {} for question in fresh}
        attacker.learn(time, way["responses"], fresh, parts, ASKED, PEOPLE)
        attacker.waited(time)
    for time, poll, kept in snapshots:
        for question, table in kept.tables["ways"][OPEN_GROUP]["questions"].items():
            if table["on"] != str(time):
                continue
            parts = kept.parts[OPEN_GROUP][question] if time == snapshots[-1][0] else {}
            for cell in attacker.cells(time, question, table, parts, PEOPLE):
                check(attacker, cell, poll)


def check(attacker, cell, poll):
    terms, _answered, published = cell
    least, most = attacker.bounds(terms)
    truth = sum(
        sum(n for chosen, n in poll[group][1 if question == "1" else 2].items() if option in chosen)
        for _n, _time, question, group, option in terms
    )
    assert least - 0.01 <= truth <= most + 0.01
    low, high = (0, 4) if published is None else bounds_of_rounded(published, 10)
    assert most - least >= high - low - 0.01, f"{terms[0]} is between {least} and {most}"
