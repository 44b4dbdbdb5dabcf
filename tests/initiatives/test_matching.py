"""Who fits what: every filter and every reason by example, and what must hold of all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initiatives.matching import (
    MAX_ADJUSTMENT_POINTS,
    MAX_LOAD_POINTS,
    MAX_POINTS_PER_TOPIC,
    MAX_WEEK_POINTS,
    TOO_MUCH_DAYS,
    TOPIC_BY_REASON,
    DeclinedRole,
    FitTopic,
    Location,
    ReasonCode,
    Vacancy,
    Volunteer,
    adjustments,
    barriers,
    fit,
    rank,
    suggest,
)

TODAY = date(2026, 5, 4)
HARBOUR, LINDEN, MILL = Location(11, 1), Location(12, 1), Location(21, 2)
POLDER = Location(22, 2)

someone = Volunteer(id=1, where=HARBOUR)
role = Vacancy(id=7, initiative=3, where=HARBOUR)


def days(n: int) -> date:
    return TODAY + timedelta(days=n)


def marks(volunteer: Volunteer, vacancy: Vacancy) -> list[tuple]:
    return [(one.mark, *one.detail) for one in barriers(volunteer, vacancy, TODAY)]


def declined(because: str, **fields) -> DeclinedRole:
    fields = {
        "role": 7,
        "initiative": 3,
        "on": days(-10),
        "limits_other_roles": True,
        "where": HARBOUR,
    } | fields
    return DeclinedRole(because=because, **fields)


# --- why not ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        ({}, {}, []),
        ({"has_consent": False}, {}, [(ReasonCode.NO_CONSENT,)]),
        ({"is_reachable": False}, {}, [(ReasonCode.UNREACHABLE,)]),
        ({"is_adult": False}, {"adults_only": True}, [(ReasonCode.TOO_YOUNG,)]),
        ({"is_adult": True}, {"adults_only": True}, []),
        ({}, {"clearance": "vog"}, [(ReasonCode.NO_CLEARANCE, "vog", "2026-05-04")]),
        ({}, {"clearance": "vog", "starts_on": days(28)}, [(ReasonCode.NO_CLEARANCE, "vog", "2026-06-01")]),
        ({"clearances": (("vog", days(28)),)}, {"clearance": "vog", "starts_on": days(28)}, []),
        # It ends before the role begins, and it was over before today.
        ({"clearances": (("vog", days(27)),)}, {"clearance": "vog", "starts_on": days(28)},
         [(ReasonCode.NO_CLEARANCE, "vog", "2026-06-01")]),
        ({"clearances": (("vog", days(-1)),)}, {"clearance": "vog", "starts_on": days(-30)},
         [(ReasonCode.NO_CLEARANCE, "vog", "2026-05-04")]),
        ({}, {"room": 0}, [(ReasonCode.NO_ROOM,)]),
        ({"may_take": 0, "busy": 2}, {}, [(ReasonCode.BUSY, 2, 0)]),
        ({"may_take": 0, "asked": 1}, {}, [(ReasonCode.BUSY, 0, 1)]),
        ({"moments": {"4m"}}, {"moments": {"6a"}}, [(ReasonCode.CLASH, "6a")]),
        ({"moments": {"4m", "6a"}}, {"moments": {"6a"}}, []),
        ({"moments": {"4m"}}, {}, []),
        ({}, {"moments": {"6a"}}, []),
        ({"until": days(10)}, {"starts_on": days(11)}, [(ReasonCode.ENDS_BEFORE, "2026-05-14")]),
        ({"until": days(10)}, {"starts_on": days(10)}, []),
        ({"until": days(10)}, {}, []),
        ({"is_paused": True}, {}, [(ReasonCode.PAUSED,)]),
        ({"is_paused": True, "paused_until": days(120)}, {}, [(ReasonCode.PAUSED, "2026-09-01")]),
        # Also on the day it ends: somebody asks first whether they go on.
        ({"is_paused": True, "paused_until": TODAY}, {}, [(ReasonCode.PAUSED, "2026-05-04")]),
        ({"matched": {7}}, {}, [(ReasonCode.ALREADY,)]),
        ({"matched": {8}}, {}, []),
        # All that is in the way is told, not the first thing alone.
        ({"has_consent": False, "may_take": 0}, {"room": 0},
         [(ReasonCode.NO_CONSENT,), (ReasonCode.NO_ROOM,), (ReasonCode.BUSY, 0, 0)]),
    ],
)  # fmt: skip
def test_what_is_in_the_way(mine, theirs, told):
    mine = {key: frozenset(value) if isinstance(value, set) else value for key, value in mine.items()}
    theirs = {key: frozenset(value) if isinstance(value, set) else value for key, value in theirs.items()}
    assert marks(replace(someone, **mine), replace(role, **theirs)) == told


@pytest.mark.parametrize(
    ("no", "asked", "told"),
    [
        # this role
        (declined("not_for_me"), {}, [(ReasonCode.SAID_NO, "not_for_me")]),
        (declined("too_far"), {}, [(ReasonCode.SAID_NO, "too_far")]),
        (declined("time", limits_other_roles=False), {}, [(ReasonCode.SAID_NO, "time")]),
        (declined("found"), {}, []),  # there is room again
        # another role
        (declined("not_for_me", role=8), {}, []),
        (declined("no_click", role=8), {}, [(ReasonCode.SAID_NO, "no_click")]),
        (declined("no_click", role=8, initiative=9), {}, []),
        # too far: what is as far, or farther
        (declined("too_far", role=8, where=LINDEN), {"where": HARBOUR}, []),
        (declined("too_far", role=8, where=LINDEN), {"where": LINDEN}, [(ReasonCode.TOO_FAR,)]),
        (declined("too_far", role=8, where=LINDEN), {"where": Location(13, 1)}, []),
        (declined("too_far", role=8, where=LINDEN), {"where": MILL}, [(ReasonCode.TOO_FAR,)]),
        (declined("too_far", role=8, where=MILL), {"where": LINDEN}, []),
        (declined("too_far", role=8, where=MILL), {"where": POLDER}, [(ReasonCode.TOO_FAR,)]),
        (declined("too_far", role=8, where=MILL), {"where": Location(31, 3)}, []),
        (declined("too_far", role=8, where=HARBOUR), {"where": MILL}, []),
        (declined("too_far", role=8, where=MILL), {"where": Location()}, []),
        (declined("too_far", role=8, where=MILL, limits_other_roles=False), {"where": MILL}, []),
        # time: what has no other moments
        (declined("time", role=8, moments=frozenset({"4m", "4a"})), {"moments": {"4a"}},
         [(ReasonCode.OTHER_MOMENTS, "4a")]),
        (declined("time", role=8, moments=frozenset({"4m"})), {"moments": {"4m", "6a"}}, []),
        (declined("time", role=8, moments=frozenset({"4m"})), {}, []),
        (declined("time", role=8), {"moments": {"4m"}}, []),
        # too much: nothing for a while
        (declined("too_much", role=8), {}, [(ReasonCode.TOO_MUCH, days(TOO_MUCH_DAYS - 10).isoformat())]),
        (declined("too_much", role=8, on=days(-TOO_MUCH_DAYS)), {}, []),
        (declined("too_much", role=8, limits_other_roles=False), {}, []),
    ],
)  # fmt: skip
def test_what_a_decline_teaches(no, asked, told):
    asked = {key: frozenset(value) if isinstance(value, set) else value for key, value in asked.items()}
    assert marks(replace(someone, declined=(no,)), replace(role, **asked)) == told


def test_a_no_to_this_role_comes_before_what_another_no_teaches():
    both = (declined("too_much", role=8), declined("not_for_me"))
    assert marks(replace(someone, declined=both), role) == [(ReasonCode.SAID_NO, "not_for_me")]


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        (HARBOUR, HARBOUR, 0),
        (HARBOUR, LINDEN, 1),
        (HARBOUR, Location(1), 1),  # the district around it
        (Location(1), Location(1), 0),
        (HARBOUR, MILL, 2),
        (Location(5), Location(6), 2),  # neighbourhoods of no district
        (HARBOUR, Location(), None),
        (Location(), Location(), None),
    ],
)
def test_how_far(one, other, far):
    assert one.distance_to(other) == far and other.distance_to(one) == far


# --- why --------------------------------------------------------------------------------------


def told(parts) -> dict[str, tuple]:
    return {one.mark: (one.points, *one.detail) for one in parts}


@pytest.mark.parametrize(
    ("mine", "theirs", "mark", "points"),
    [
        ({"skills": {"cook"}}, {"skills": {"cook"}}, ReasonCode.SKILLS, (25, "cook")),
        ({"skills": {"cook", "green"}}, {"skills": {"cook", "care"}}, ReasonCode.SKILLS, (18, "cook")),
        ({"skills": {"green"}}, {"skills": {"cook"}}, ReasonCode.SKILLS, None),
        ({}, {"skills": {"cook"}}, ReasonCode.SKILLS_UNKNOWN, (12, "")),
        ({"skills": {"cook"}}, {}, ReasonCode.SKILLS_UNKNOWN, (12, "role")),
        ({"theme": "green"}, {"theme": "green"}, ReasonCode.INTEREST, (10,)),
        ({"theme": "green"}, {"theme": "youth"}, ReasonCode.INTEREST, None),
        ({}, {}, ReasonCode.INTEREST, None),
        ({"moments": {"4m", "4a"}}, {"moments": {"4a"}}, ReasonCode.FREE, (17, "4a")),
        ({"moments": {"4a"}}, {"moments": {"4a", "6m"}}, ReasonCode.FREE, (12, "4a")),
        ({}, {"moments": {"4a"}}, ReasonCode.TIMES_UNKNOWN, (8, "")),
        ({"moments": {"4a"}}, {}, ReasonCode.TIMES_UNKNOWN, (8, "role")),
        ({"way": "often"}, {"is_regular": True}, ReasonCode.OFTEN, (8,)),
        ({"way": "once"}, {"is_regular": True}, ReasonCode.OFTEN, (2,)),
        ({"way": "once", "time": "weekly"}, {"is_regular": True}, ReasonCode.OFTEN, (8,)),
        ({"way": "once"}, {"is_regular": False}, ReasonCode.ONCE, (8,)),
        ({"way": "think"}, {"is_regular": False}, ReasonCode.ONCE, (4,)),
        ({"where": HARBOUR}, {"where": HARBOUR}, ReasonCode.SAME_AREA, (15,)),
        ({"where": HARBOUR}, {"where": LINDEN}, ReasonCode.NEAR, (9,)),
        ({"where": HARBOUR}, {"where": MILL}, ReasonCode.SAME_TOWN, (3,)),
        ({"where": Location()}, {"where": MILL}, ReasonCode.PLACE_UNKNOWN, (6,)),
        ({"languages": {"nl", "tr"}}, {"languages": {"tr"}}, ReasonCode.SPEAKS, (6, "tr")),
        ({"languages": {"nl"}}, {"languages": {"tr"}}, ReasonCode.SPEAKS, None),
        ({}, {"languages": {"tr"}}, ReasonCode.LANGUAGE_UNKNOWN, (3,)),
        ({"languages": {"tr"}}, {}, ReasonCode.NO_LANGUAGE_ASKED, (3,)),
        ({"rather_together": True}, {"together": True}, ReasonCode.TOGETHER, (4,)),
        ({"rather_together": True}, {"together": False}, ReasonCode.TOGETHER, None),
        ({"rather_together": False}, {"together": False}, ReasonCode.ALONE, (4,)),
        ({}, {"together": True}, ReasonCode.EITHER, (2,)),
        ({"wished_role": 7}, {}, ReasonCode.WISHED_ROLE, (15,)),
        ({"wishes": {"green"}}, {"theme": "green"}, ReasonCode.WISHED_THEME, (15,)),
        ({"wishes": {"green"}}, {"theme": "youth"}, ReasonCode.WISHED_THEME, None),
    ],
)
def test_what_a_reason_is_worth(mine, theirs, mark, points):
    mine = {key: frozenset(value) if isinstance(value, set) else value for key, value in mine.items()}
    theirs = {key: frozenset(value) if isinstance(value, set) else value for key, value in theirs.items()}
    assert told(fit(replace(someone, **mine), replace(role, **theirs))).get(mark) == points


@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        ({}, {}, {}),
        ({"waits_days": 1}, {}, {}),
        ({"waits_days": 6}, {}, {ReasonCode.WAITS: (3, 6)}),
        ({"waits_days": 300}, {}, {ReasonCode.WAITS: (15, 300)}),
        ({}, {"nobody_yet": True}, {ReasonCode.NOBODY_YET: (10,)}),
        ({"busy": 1}, {}, {ReasonCode.LOAD: (-6, 1)}),
        ({"busy": 9}, {}, {ReasonCode.LOAD: (-12, 9)}),
        ({}, {"proposed_this_week": 3}, {ReasonCode.PROPOSED_THIS_WEEK: (-9, 3)}),
        ({}, {"proposed_this_week": 30}, {ReasonCode.PROPOSED_THIS_WEEK: (-12, 30)}),
    ],
)
def test_what_is_weighed_beside_the_fit(mine, theirs, found):
    assert told(adjustments(replace(someone, **mine), replace(role, **theirs))) == found


def test_whoever_fits_in_everything_has_a_hundred():
    volunteer = Volunteer(
        id=1, where=HARBOUR, skills=frozenset({"cook"}), languages=frozenset({"tr"}),
        moments=frozenset({"4a"}), way="often", theme="meeting", rather_together=True,
        wishes=frozenset({"meeting"}),
    )  # fmt: skip
    vacancy = Vacancy(
        id=7, initiative=3, where=HARBOUR, theme="meeting", skills=frozenset({"cook"}),
        languages=frozenset({"tr"}), moments=frozenset({"4a"}), together=True,
    )  # fmt: skip
    assert suggest(volunteer, vacancy).score == 100


def test_of_whom_nothing_is_known_has_about_a_third():
    """Neither shut out nor put first."""
    score = suggest(Volunteer(id=1), replace(role, theme="green")).score
    assert 25 <= score <= 40


# --- what always holds ------------------------------------------------------------------------

SKILLS = st.frozensets(st.sampled_from(["cook", "green", "care", "drive"]), max_size=3)
MOMENTS = st.frozensets(st.sampled_from(["1m", "4a", "4n", "6m", "6a"]), max_size=4)
LANGUAGES = st.frozensets(st.sampled_from(["nl", "tr", "ar"]), max_size=2)
PLACES = st.sampled_from([HARBOUR, LINDEN, MILL, POLDER, Location(1), Location()])
DATES = st.none() | st.integers(-40, 60).map(days)
THEMES = st.sampled_from(["", "green", "meeting"])
declines = st.builds(
    DeclinedRole,
    role=st.integers(1, 6),
    initiative=st.integers(1, 4),
    because=st.sampled_from(["too_far", "time", "too_much", "not_for_me", "found", "no_click"]),
    on=st.integers(-120, 0).map(days),
    limits_other_roles=st.booleans(),
    where=PLACES,
    moments=MOMENTS,
)


def volunteer_like(pk: int) -> st.SearchStrategy[Volunteer]:
    return st.builds(
        Volunteer,
        id=st.just(pk),
        where=PLACES,
        skills=SKILLS,
        languages=LANGUAGES,
        moments=MOMENTS,
        way=st.sampled_from(["think", "once", "often", "pull"]),
        time=st.sampled_from(["", "hour", "weekly"]),
        theme=THEMES,
        rather_together=st.none() | st.booleans(),
        is_adult=st.booleans(),
        wishes=st.frozensets(st.sampled_from(["green", "meeting"]), max_size=2),
        wished_role=st.none() | st.integers(1, 6),
        waits_days=st.integers(0, 60),
        busy=st.integers(0, 3),
        may_take=st.integers(0, 2),
        matched=st.frozensets(st.integers(1, 6), max_size=2),
        declined=st.lists(declines, max_size=2).map(tuple),
        clearances=st.sampled_from([(), (("vog", days(10)),), (("vog", days(100)),)]),
        is_paused=st.booleans(),
        paused_until=DATES,
        until=DATES,
        has_consent=st.booleans(),
        is_reachable=st.sampled_from([True, True, True, False]),
    )


def vacancy_like(pk: int) -> st.SearchStrategy[Vacancy]:
    return st.builds(
        Vacancy,
        id=st.just(pk),
        initiative=st.integers(1, 4),
        where=PLACES,
        theme=THEMES,
        skills=SKILLS,
        languages=LANGUAGES,
        moments=MOMENTS,
        is_regular=st.booleans(),
        starts_on=DATES,
        adults_only=st.booleans(),
        clearance=st.sampled_from(["", "", "vog"]),
        together=st.booleans(),
        room=st.integers(0, 3),
        asked=st.integers(0, 2),
        nobody_yet=st.booleans(),
        proposed_this_week=st.integers(0, 6),
    )


def several(like: Callable[[int], st.SearchStrategy], most: int) -> st.SearchStrategy[list]:
    """None to so many, numbered from 1."""
    numbers = st.integers(0, most).map(lambda n: range(1, n + 1))
    return numbers.flatmap(lambda all_: st.tuples(*map(like, all_))).map(list)


def crowd(most: int) -> st.SearchStrategy[list[Volunteer]]:
    return several(volunteer_like, most)


def roles(most: int) -> st.SearchStrategy[list[Vacancy]]:
    return several(vacancy_like, most)


def is_free(volunteer: Volunteer, vacancy: Vacancy) -> bool:
    """The filters once more, written down apart from what is tested."""
    starts_on = max(TODAY, vacancy.starts_on or TODAY)
    said_no = [
        one
        for one in volunteer.declined
        if one.because != "found"
        and (one.role == vacancy.id or (one.because == "no_click" and one.initiative == vacancy.initiative))
    ]
    too_much = any(
        one.because == "too_much" and one.limits_other_roles and (TODAY - one.on).days < TOO_MUCH_DAYS
        for one in volunteer.declined
    )
    same_times = any(
        one.because == "time"
        and one.limits_other_roles
        and vacancy.moments
        and not vacancy.moments - one.moments
        for one in volunteer.declined
    )
    return (
        volunteer.has_consent
        and volunteer.is_reachable
        and (volunteer.is_adult or not vacancy.adults_only)
        and (not vacancy.clearance or any(before >= starts_on for _kind, before in volunteer.clearances))
        and vacancy.room > 0
        and volunteer.may_take > 0
        and (not volunteer.moments or not vacancy.moments or bool(volunteer.moments & vacancy.moments))
        and (volunteer.until is None or volunteer.until >= starts_on)
        and not volunteer.is_paused
        and vacancy.id not in volunteer.matched
        and not (said_no or too_much or same_times)
    )


@given(volunteer_like(1), vacancy_like(1))
def test_parts_stay_within_their_bounds_and_add_up(volunteer, vacancy):
    found = suggest(volunteer, vacancy)
    per_topic = dict.fromkeys(FitTopic, 0)
    for reason in found.reasons:
        assert reason.points > 0
        per_topic[TOPIC_BY_REASON[reason.mark]] += reason.points
    assert all(points <= MAX_POINTS_PER_TOPIC[topic] for topic, points in per_topic.items())
    assert found.score == sum(per_topic.values()) and 0 <= found.score <= 100
    beside = [one.points for one in found.adjustments]
    assert found.adjusted == found.score + sum(beside)
    assert -MAX_LOAD_POINTS - MAX_WEEK_POINTS <= sum(beside) <= MAX_ADJUSTMENT_POINTS


def test_the_parts_make_a_hundred():
    assert sum(MAX_POINTS_PER_TOPIC.values()) == 100 and set(MAX_POINTS_PER_TOPIC) == set(FitTopic)


@given(crowd(6), vacancy_like(2))
def test_ranking_breaks_no_filter_and_loses_nobody(volunteers, vacancy):
    found = rank(volunteers, [vacancy], TODAY, max_suggestions=3, max_refused=2)
    by_id = {one.id: one for one in volunteers}
    assert all(is_free(by_id[one.volunteer], vacancy) for one in found.best)
    assert all(
        one.barriers and not barriers_are_empty(by_id[one.volunteer], vacancy) for one in found.refused
    )
    adjusted = [one.adjusted for one in found.best]
    assert adjusted == sorted(adjusted, reverse=True)
    new = [one for one in volunteers if vacancy.id not in one.matched]
    assert len(new) == len(found.best) + found.more + len(found.refused) + found.more_refused


def barriers_are_empty(volunteer: Volunteer, vacancy: Vacancy) -> bool:
    return barriers(volunteer, vacancy, TODAY) == ()


@given(volunteer_like(1), roles(6))
def test_the_best_roles_for_one_volunteer(volunteer, vacancies):
    found = rank([volunteer], vacancies, TODAY, max_suggestions=10)
    by_id = {one.id: one for one in vacancies}
    assert all(is_free(volunteer, by_id[one.vacancy]) for one in found.best)
    assert {one.vacancy for one in found.best} == {
        one.id for one in vacancies if barriers_are_empty(volunteer, one)
    }


@given(volunteer_like(1), vacancy_like(1))
def test_nothing_in_the_way_is_as_it_was_written_down(volunteer, vacancy):
    """Too far is told by example above: here nobody said it."""
    volunteer = replace(
        volunteer, declined=tuple(one for one in volunteer.declined if one.because != "too_far")
    )
    assert barriers_are_empty(volunteer, vacancy) == is_free(volunteer, vacancy)


def test_who_waits_longest_comes_first_among_equals():
    """Waiting beyond a month adds no points any more, and still decides."""
    volunteers = [Volunteer(id=1, waits_days=40), Volunteer(id=2, waits_days=50)]
    assert [one.volunteer for one in rank(volunteers, [role], TODAY).best] == [2, 1]
