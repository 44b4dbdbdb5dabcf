"""All areas side by side: what is shown to whom, in which order, and what a file of it holds."""

import csv
import io

import openpyxl
import pytest
from django.urls import reverse

from neighbourhoods.advice.services import AreaSource, area_sources
from neighbourhoods.models import Area
from neighbourhoods.profile.services.compare import areas_to_compare, compare_area_figures
from neighbourhoods.registries import AreaCount, Measure
from neighbourhoods.states import AreaKind, Gap, Nature, Role
from tests.feedback.factories import make_debt, make_topic
from tests.initiatives.factories import make_initiative
from tests.markup import squeezed
from tests.neighbourhoods.factories import make_figure, make_indicator, make_people, make_source
from tests.people import make_area, make_border, make_membership, signed_in

pytestmark = pytest.mark.django_db
URL = "areas_compare"


@pytest.fixture
def figures(area, next_area, other_area):
    """Two indicators over three neighbourhoods; one figure is kept secret."""
    people, poor = make_people(), make_indicator("poor")
    for one, residents, share in ((area, 900, 31), (next_area, 100, 4), (other_area, 500, None)):
        make_figure(one, people, residents)
        make_figure(one, poor, share)
    return people, poor


def look(user, **asked):
    return signed_in(user).get(reverse(URL), asked)


def names(page) -> list[str]:
    return [row.area.name for row in page.context["rows"]]


# --- what is shown ----------------------------------------------------------------------------


def test_key_figures_of_everything_one_may_see(figures, administrator, editor):
    page = look(administrator)
    assert names(page) == ["Harbour", "Meadow", "Mill"]
    assert [one.key for one in page.context["comparison"].headings] == ["residents", "poor"]
    assert names(look(editor)) == ["Harbour"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["Harbour", "Meadow", "Mill"]),
        ("-", ["Mill", "Meadow", "Harbour"]),
        ("poor", ["Mill", "Harbour", "Meadow"]),
        ("-poor", ["Harbour", "Mill", "Meadow"]),
        ("nonsense", ["Harbour", "Meadow", "Mill"]),
    ],
)
def test_sorted_with_gaps_last_either_way(figures, administrator, sort, order):
    assert names(look(administrator, sort=sort)) == order


def test_gap_is_a_word_and_explained(figures, administrator):
    page = squeezed(look(administrator).content.decode())
    assert (
        "geheim</span>" in page and "Geheim: te weinig mensen om het te tonen" in page and ">0%<" not in page
    )


def test_last_year_with_any_value_is_compared(area, next_area, administrator):
    poor = make_indicator("poor")
    make_figure(area, poor, 10, year=2022)
    make_figure(area, poor, 12, year=2023)
    make_figure(next_area, poor, 20, year=2022)
    make_figure(area, poor, None, gap=Gap.LATER, year=2024)
    comparison = look(administrator).context["comparison"]
    assert comparison.headings[0].year == 2023
    assert comparison.values("poor") == [12, None]


def test_columns_are_chosen_and_stay_in_the_address(figures, administrator):
    page = look(administrator, c=["poor", "our:waiting"], choose="1")
    assert [one.key for one in page.context["comparison"].headings] == ["poor", "our:waiting"]
    assert {one["heading"].key for one in page.context["choices"]} >= {
        "residents", "poor", "our:answers", "our:answered", "our:waiting", "our:initiatives",
    }  # fmt: skip
    assert all("c=poor&c=our%3Awaiting" in view["url"] for view in page.context["views"])


def test_without_figures_the_columns_of_other_apps(area, administrator):
    headings = look(administrator).context["comparison"].headings
    assert {one.key for one in headings} == {
        "our:answers", "our:answered", "our:page-only", "our:waived",
        "our:waiting", "our:initiatives", "our:needs", "our:needs-without",
    }  # fmt: skip


def test_districts_are_made_of_their_neighbourhoods(figures, district, administrator):
    page = look(administrator, level="district")
    east = page.context["rows"][0]
    assert (east.area, east.cells["residents"].value) == (district, 1000)
    assert east.cells["poor"].value == pytest.approx(28.3)
    west = page.context["rows"][1]
    assert west.cells["poor"].value is None


def test_made_of_a_part_says_so(figures, district, administrator):
    make_area("New", parent=district)
    page = look(administrator, level="district").content.decode()
    assert "1.000 *" in page and "Niet van alle is een cijfer bekend." in page


@pytest.mark.parametrize("view", ["table", "map", "small"])
def test_nothing_there_yet(municipality, administrator, view):
    assert "Nog geen buurten." in look(administrator, view=view).content.decode()


# --- maps -------------------------------------------------------------------------------------


def test_map_has_classes_and_the_same_links_in_a_list(figures, area, next_area, other_area, administrator):
    for number, one in enumerate((area, next_area, other_area)):
        make_border(one, west=4.9 + number / 100)
    page = look(administrator, view="map", on="poor")
    assert [(one.low, one.shade) for one in page.context["classes"].all] == [(0, 0), (20, 3)]
    text = page.content.decode()
    assert text.count(f'href="{area.get_absolute_url()}"') == 2
    assert 'fill="url(#shade4)"' in text and "geen cijfer" in text


def test_small_maps_one_per_column(figures, area, administrator):
    make_border(area)
    text = look(administrator, view="small").content.decode()
    assert text.count("nabij-map--small") == 2 and "Kaart van Poor; de cijfers staan in de tabel" in text


def test_area_without_a_border_is_in_the_list(figures, administrator):
    text = look(administrator, view="map").content.decode()
    assert "Geen van deze gebieden heeft al een grens." in text and "Harbour" in text


# --- what other apps count --------------------------------------------------------------------


def values(user, *keys, level=AreaKind.NEIGHBOURHOOD) -> dict[str, list]:
    areas = areas_to_compare(user, level, drawn=False)
    comparison = compare_area_figures(areas, level, keys)
    return {row.area.name: [row.cells[key].value for key in keys] for row in comparison.rows}


def test_waiting_answered_and_initiatives(area, next_area, district, administrator):
    make_figure(area, make_people(), 2000)
    for n in range(3):
        make_initiative(area)
        make_debt(make_topic(f"option:{n}", area=area))
    make_initiative(area, state="ended")
    found = values(administrator, "our:waiting", "our:answered", "our:initiatives")
    assert found["Harbour"] == [3, 0, 1.5]
    assert found["Mill"] == [0, None, None]
    east = values(administrator, "our:waiting", "our:initiatives", level=AreaKind.DISTRICT)["East"]
    assert east == [3, 1.5]


def test_number_too_small_to_show_is_no_number(area, administrator, monkeypatch):
    column = AreaCount("few", "Few", Measure.COUNT, lambda: {area.pk: (3, 0)}, least=10)
    monkeypatch.setattr(area_sources, "_entries", {"test": AreaSource(figures=lambda areas: [column])})
    comparison = look(administrator, c=["our:few"]).context["comparison"]
    assert comparison.rows[0].cells["our:few"].value is None
    assert comparison.rows[0].cells["our:few"].why_not == "te weinig"


def test_column_nobody_chose_is_not_counted(figures, administrator, monkeypatch):
    def read():
        raise AssertionError("counted for nobody")

    column = AreaCount("dear", "Dear", Measure.COUNT, read)
    monkeypatch.setattr(area_sources, "_entries", {"test": AreaSource(figures=lambda areas: [column])})
    assert look(administrator, c=["poor"], choose="1").status_code == 200


# --- anything in the address ------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["\0", "our:", "our:nonsense", "x" * 5000, "'; DROP TABLE", "²", "-"])
def test_takes_anything(figures, administrator, typed):
    client = signed_in(administrator)
    for name in (URL, "areas_compare_csv", "areas_compare_xlsx"):
        asked = {"c": [typed, typed], "sort": typed, "on": typed, "view": typed, "level": typed}
        assert client.get(reverse(name), asked).status_code == 200
    assert client.get(reverse(URL), {"view": "map", "on": typed}).status_code == 200


def test_at_most_twelve_columns(administrator, area):
    keys = [make_indicator(f"indicator_{n}").slug for n in range(20)]
    for slug in keys:
        make_figure(area, make_indicator(f"{slug}_copy"), 1)
    assert len(look(administrator, c=keys).context["comparison"].headings) <= 12


# --- to take along ----------------------------------------------------------------------------


def table(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_csv_holds_what_the_page_shows(figures, area, administrator):
    make_figure(area, make_indicator("old", decimals=1), 26.5)
    client = signed_in(administrator)
    rows = table(client.get(reverse("areas_compare_csv"), {"sort": "-poor", "c": ["poor", "old"]}))
    assert rows[0] == ["Naam", "Ligt in", "Poor (%, 2024, CBS)", "Old (%, 2024, CBS)"]
    assert rows[1] == ["Harbour", "East", "31", "26,5"]
    assert rows[3] == ["Meadow", "West", "geheim, te weinig mensen", "geen cijfer"]


def test_xlsx_has_numbers_and_no_formula(area, district, administrator):
    Area.objects.filter(pk=area.pk).update(name="=1+1")
    make_figure(area, make_indicator("poor"), 31, source=make_source("@SUM(A1)"))
    response = signed_in(administrator).get(reverse("areas_compare_xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cells = [[(cell.value, cell.data_type) for cell in row] for row in sheet]
    assert cells[1][0] == ("'=1+1", "s") and cells[1][2] == (31, "n")
    assert not any(kind == "f" for row in cells for _value, kind in row)


def test_csv_defuses_formulas(area, administrator):
    Area.objects.filter(pk=area.pk).update(name='=HYPERLINK("x")')
    rows = table(signed_in(administrator).get(reverse("areas_compare_csv")))
    assert rows[1][0].startswith("'=")


def test_file_has_own_areas_alone(figures, other_area, viewer):
    client = signed_in(viewer)
    assert [row[0] for row in table(client.get(reverse("areas_compare_csv")))[1:]] == ["Harbour"]
    make_membership(viewer, Role.VIEWER, other_area)
    assert len(table(client.get(reverse("areas_compare_csv")))) == 3


# --- cost -------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["table", "map", "small"])
def test_eight_queries_however_many_areas(district, administrator, django_assert_max_num_queries, view):
    indicators = [make_indicator(f"indicator_{n}", nature=Nature.PERCENTAGE) for n in range(6)]
    source = make_source()
    for number in range(40):
        one = make_area(parent=district)
        make_border(one, west=4 + number / 50)
        for indicator in indicators:
            make_figure(one, indicator, number % 7, source=source)
    client = signed_in(administrator)
    client.get(reverse("me"))  # the numbers of the rail, kept for a minute on every page
    with django_assert_max_num_queries(8):
        assert client.get(reverse(URL), {"view": view}).status_code == 200
