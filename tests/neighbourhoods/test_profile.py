"""The figures of an area beside those of others, and what its page says when little is known."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from neighbourhoods.models import Area, Succession
from neighbourhoods.profile.services.profile import read_profile
from neighbourhoods.states import Gap, Nature, PartyKind
from tests.neighbourhoods.factories import (
    make_figure,
    make_indicator,
    make_key_person,
    make_party,
    make_people,
    make_place,
    make_source,
)
from tests.people import make_area, make_border, make_root, signed_in

pytestmark = pytest.mark.django_db


def lines(area: Area) -> dict:
    found = Area.objects.select_related("parent__parent").get(pk=area.pk)
    return {line.indicator.slug: line for line in read_profile(found).lines}


def page_of(area: Area, user) -> str:
    return signed_in(user).get(area.get_absolute_url()).content.decode()


# --- beside the municipality ------------------------------------------------------------------


def test_own_figure_of_the_municipality_comes_first(area, next_area):
    poor = make_indicator("poor")
    make_figure(area, poor, 31)
    make_figure(next_area, poor, 3)
    make_figure(make_root(), poor, 24)
    line = lines(area)["poor"]
    assert (line.here.value, line.municipality, line.municipality_partial_total) == (31, 24, None)


def test_without_one_shares_are_weighted_and_counts_added(area, next_area):
    people, poor = make_people(), make_indicator("poor")
    for one, residents, share in ((area, 900, 10), (next_area, 100, 50)):
        make_figure(one, people, residents)
        make_figure(one, poor, share)
    found = lines(area)
    assert found["residents"].municipality == 1000
    assert found["poor"].municipality == 14 and found["poor"].municipality_partial_total.is_complete


def test_made_up_figure_says_so_and_what_it_leaves_out(area, next_area, editor):
    people, poor = make_people(), make_indicator("poor")
    make_figure(area, people, 900)
    make_figure(area, poor, 10)
    make_figure(next_area, poor, None)
    page = page_of(area, editor)
    assert "Waterdam heeft hier zelf geen cijfer" in page
    assert "Eén buurt heeft geen cijfer en telt niet mee." in page


def test_district_without_figures_is_made_of_what_lies_in_it(area, next_area, district, other_area):
    people, poor = make_people(), make_indicator("poor")
    for one, residents, share in ((area, 300, 10), (next_area, 100, 50), (other_area, 5000, 90)):
        make_figure(one, people, residents)
        make_figure(one, poor, share)
    found = lines(district)
    assert (found["residents"].here.value, found["poor"].here.value) == (400, 20)
    assert lines(make_root())["residents"].here.value == 5400


# --- gaps, few people, years ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (Gap.SECRET, "geheim, te weinig mensen"),
        (Gap.LATER, "nog niet bekend"),
        (Gap.ENDED, "wordt niet meer gepubliceerd"),
        (Gap.MISSING, "staat niet in het bestand"),
    ],
)
def test_gap_is_said_in_words_and_never_zero(area, editor, gap, said):
    make_figure(area, make_indicator("poor"), None, gap=gap)
    page = page_of(area, editor)
    assert str(Gap(gap).label) in page or said in page
    assert "0%" not in page


def test_newer_year_without_a_value_stands_beside_the_last_that_has_one(area):
    poor = make_indicator("poor")
    make_figure(area, poor, 12, year=2023)
    make_figure(area, poor, None, gap=Gap.LATER, year=2024)
    line = lines(area)["poor"]
    assert (line.here.year, line.here.value, line.newer.year, line.newer.gap) == (2023, 12, 2024, Gap.LATER)


def test_share_of_few_people_is_warned_of(area, editor):
    people, poor = make_people(), make_indicator("poor")
    make_figure(area, people, 85)
    make_figure(area, poor, 36)
    assert lines(area)["poor"].few_people == 85 and lines(area)["residents"].few_people is None
    assert "kijk naar aantallen, niet naar procenten" in page_of(area, editor)


def test_estimate_is_called_one_and_has_no_course(area, editor):
    lonely = make_indicator("lonely", nature=Nature.ESTIMATE)
    for year in (2016, 2020, 2022):
        make_figure(area, lonely, 12, year=year)
    assert lines(area)["lonely"].trend == []
    assert "schatting" in page_of(area, editor)


def test_course_stops_where_the_border_or_the_source_changed(area):
    old = make_indicator("old")
    for year in range(2018, 2025):
        make_figure(area, old, year - 2000, year=year)
    assert [point.year for point in lines(area)["old"].trend] == list(range(2018, 2025))
    make_border(area, year=2018)
    make_border(area, year=2021, size=0.02)
    assert [point.year for point in lines(area)["old"].trend] == [2021, 2022, 2023, 2024]
    Succession.objects.create(before=make_area(), after=area, year=2022, share=1)
    assert [point.year for point in lines(area)["old"].trend] == [2022, 2023, 2024]


def test_border_that_was_only_redrawn_breaks_nothing(area):
    old = make_indicator("old")
    for year in (2022, 2023, 2024):
        make_figure(area, old, 20, year=year)
    make_border(area, year=2022)
    make_border(area, year=2024, size=0.010001)
    assert len(lines(area)["old"].trend) == 3


# --- similar ----------------------------------------------------------------------------------


def test_similar_are_named_and_averaged(area, next_area, other_area, editor):
    indicators = [make_indicator(f"indicator_{n}") for n in range(3)]
    for one, values in ((area, (30, 16, 19)), (next_area, (28, 15, 20)), (other_area, (5, 3, 40))):
        for indicator, value in zip(indicators, values, strict=True):
            make_figure(one, indicator, value)
    profile = read_profile(area)
    assert [one.name for one, _how in profile.similar] == ["Mill", "Meadow"]
    assert profile.lines[0].alike == 16.5 and profile.compared_indicator_count == 3
    page = page_of(area, editor)
    assert "Mill" in page and other_area.get_absolute_url() not in page, "named, but no link out of reach"


def test_too_little_known_says_so(area, editor):
    make_figure(area, make_indicator("poor"), 10)
    assert "te weinig cijfers om te zeggen" in page_of(area, editor)


# --- the page ---------------------------------------------------------------------------------


def test_empty_area_names_what_is_missing_everywhere(area, coordinator):
    page = page_of(area, coordinator)
    for said in (
        "Nog geen cijfers.",
        "Hier is nog niemand iets gevraagd.",
        "Er staat hier nog geen initiatief.",
        "Er staat hier nog geen plek.",
        "Er staat hier nog geen partij.",
        "Nog niemand gesproken.",
        "Hier is nog niets beloofd.",
    ):
        assert said in page, said
    assert reverse("key_person_new", args=[area.slug]) in page


def test_viewer_reads_and_is_offered_nothing_to_do(area, viewer):
    page = page_of(area, viewer)
    for name in ("party_new", "place_new", "key_person_new"):
        assert reverse(name, args=[area.slug]) not in page
    assert reverse("initiative_new") not in page and reverse("survey_new") not in page


def test_blocks_say_how_fresh_they_are(area, editor):
    day = timezone.localdate() - timedelta(days=5)
    make_party(areas=[area], checked_on=day, kind=PartyKind.ENTREPRENEUR, name="Bakkerij")
    make_place(area=area, checked_on=day, name="Het Sluishuis", free="vrij op dinsdag")
    page = page_of(area, editor)
    assert page.count("5 dagen oud") == 2
    assert "Bakkerij" in page and "vrij op dinsdag" in page
    assert "Nog niemand van: bewoners samen, organisatie, gemeente." in page


def test_key_persons_are_roles_and_who_is_missing_is_named(area, administrator):
    make_key_person(area=area, name="Somebody Secret", phone="0612345678")
    page = page_of(area, administrator)
    assert "a hairdresser" in page and "school en opvang" in page
    assert "Secret" not in page and "0612345678" not in page


def test_page_asks_flat(area, district, administrator, django_assert_max_num_queries):
    indicators = [make_indicator(f"indicator_{n}") for n in range(5)]
    source = make_source()
    for number in range(20):
        one = make_area(parent=district)
        make_border(one, west=4.9 + number / 500)
        for indicator in indicators:
            make_figure(one, indicator, number, source=source)
    make_border(area)
    client = signed_in(administrator)
    client.get(area.get_absolute_url())
    with django_assert_max_num_queries(60):
        client.get(area.get_absolute_url())
