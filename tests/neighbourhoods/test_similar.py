"""Which areas are like another: by measure, each on its own scale."""

from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.profile.statistics import nearest_areas

CITY = {
    "harbour": {"old": 26.0, "poor": 31.0, "help": 19.0, "worth": 210.0},
    "like": {"old": 25.0, "poor": 30.0, "help": 20.0, "worth": 220.0},
    "rich": {"old": 30.0, "poor": 4.0, "help": 35.0, "worth": 600.0},
    "young": {"old": 5.0, "poor": 28.0, "help": 22.0, "worth": 240.0},
}


def keys(own: str, city=CITY, **how) -> list[str]:
    return [one.key for one in nearest_areas(own, city, **how)]


def test_nearest_first_and_never_itself():
    assert keys("harbour") == ["like", "young", "rich"]
    assert keys("harbour", most=1) == ["like"]


def test_scale_of_a_measure_does_not_matter():
    in_euros = {area: measures | {"worth": measures["worth"] * 1000} for area, measures in CITY.items()}
    assert keys("harbour", in_euros) == keys("harbour")


def test_too_little_shared_says_nothing():
    assert keys("harbour", CITY | {"new": {"old": 26.0, "poor": 31.0}}) == keys("harbour")
    assert nearest_areas("new", CITY | {"new": {"old": 26.0}}) == []
    assert nearest_areas("unknown", CITY) == []


def test_measure_that_is_the_same_everywhere_tells_nothing():
    same = {area: measures | {"rain": 800.0} for area, measures in CITY.items()}
    assert [one.shared for one in nearest_areas("harbour", same)] == [4, 4, 4]


measures = st.dictionaries(st.sampled_from("abcdef"), st.floats(-1e6, 1e6), max_size=6)


@given(st.dictionaries(st.integers(0, 30), measures, min_size=1, max_size=30))
def test_any_city_gives_a_sorted_list_without_itself(city):
    own = min(city)
    found = nearest_areas(own, city)
    assert own not in {one.key for one in found}
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    assert all(one.shared >= 3 for one in found) and len(found) <= 5
