"""Areas through the years: renamed, renumbered, merged, split; and a file that is undone."""

import json

import pytest
import shapely
from django.urls import reverse

from core.errors import DomainError
from neighbourhoods.areas import services as areas
from neighbourhoods.areas import services as by_hand
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Area, AreaVersion, Import, Municipality, Succession
from neighbourhoods.states import FileState, ImportKind
from tests.neighbourhoods.files import area, box, collection, geopackage
from tests.people import make_area, make_membership, make_root, signed_in

KADE, HAVEN = area("BU03630001", "Kade", 0, 0, 1, 1), area("BU03630002", "Haven", 1, 0, 2, 1)
MOLEN = area("BU03630003", "Molen", 2, 0, 3, 1)
BEFORE = collection(KADE, HAVEN, MOLEN)


def look(*features, year: int = 2025, **options) -> Import:
    content = features[0] if isinstance(features[0], bytes) else collection(*features).encode()
    return imports.stage_import(
        kind=ImportKind.BORDERS, content=content, file_name="a", options={"year": year} | options, by=None
    )


def write(one: Import) -> Import:
    return imports.apply_import(one=one, by=None, seen=one.report["seen"])


def bring(*features, year: int = 2025, **options) -> Import:
    return write(look(*features, year=year, **options))


def named(name: str) -> Area:
    return Area.objects.get(name=name)


def lines(one: Import, group: str) -> dict[str, str]:
    return {line["name"]: line["what"] for line in one.report["lines"][group]}


def everything() -> str:
    """All that an import can touch, to compare."""
    rows = [
        *Area.objects.order_by("pk").values("pk", "kind", "name", "slug", "parent", "ended_on"),
        *AreaVersion.objects.order_by("pk").values(),
        *Succession.objects.order_by("pk").values(),
        *Municipality.objects.values("code"),
    ]
    return json.dumps(rows, default=str)


@pytest.fixture
def before(municipality) -> Import:
    return bring(KADE, HAVEN, MOLEN, year=2023)


# --- levels -----------------------------------------------------------------------------------

LEVELS = [
    area("GM0363", "Amsterdam", 0, 0, 3, 1),
    area("WK036300", "Oost", 0, 0, 3, 1),
    KADE,
    HAVEN,
]


def test_three_levels_find_their_places(municipality):
    one = bring(*LEVELS)
    assert one.report["counts"]["new"] == 3
    assert named("Kade").parent == named("Oost") and named("Oost").parent == make_root()
    assert make_root().name == "Waterdam", "the municipality keeps the name residents know"
    assert make_root().versions.get().code == "GM0363"
    assert Municipality.objects.get().code == "GM0363", "remembered"


def test_districts_that_come_later_take_their_neighbourhoods(municipality):
    bring(KADE, HAVEN)
    assert named("Kade").parent == make_root()
    one = bring(*LEVELS)
    assert "Oost" in lines(one, "changed")["Kade"]
    assert named("Kade").parent == named("Oost")


def test_neighbourhood_put_in_a_district_by_hand_stays_there(municipality):
    district = make_area("Noord", kind="district")
    make_area("Kade", parent=district)
    bring(KADE)
    assert named("Kade").parent == district


def test_municipality_that_was_chosen_is_remembered(
    municipality, administrator, django_capture_on_commit_callbacks
):
    other = area("BU05990001", "Coolsingel", 4, 0, 5, 1, gemeentenaam="Rotterdam")
    one = look(KADE, other)
    assert one.report["asks"] == ["municipality"]
    with pytest.raises(DomainError):
        write(one)
    with django_capture_on_commit_callbacks(execute=True):
        write(imports.change_import_options(one=one, options={"municipality": "GM0363"}, by=administrator))
    assert set(Area.objects.leaves().values_list("name", flat=True)) == {"Kade"}
    again = look(KADE, other)
    assert not again.report["asks"] and "1" in again.report["notes"][0]


def test_geopackage_with_three_tables(municipality):
    here, there = (
        shapely.box(121_000, 487_000, 122_000, 488_000),
        shapely.box(122_000, 487_000, 123_000, 488_000),
    )
    gm, both = {"gemeentecode": "GM0363"}, shapely.box(121_000, 487_000, 123_000, 488_000)
    content = geopackage(
        buurten=[
            (gm | {"buurtcode": "BU03630001", "buurtnaam": "Kade", "water": "NEE"}, here),
            (gm | {"buurtcode": "BU03630002", "buurtnaam": "Haven", "water": "NEE"}, there),
            (gm | {"buurtcode": "BU03639997", "buurtnaam": "IJ", "water": "JA"}, here),
        ],
        gemeenten=[(gm | {"gemeentenaam": "Amsterdam"}, both)],
        wijken=[(gm | {"wijkcode": "WK036300", "wijknaam": "Oost"}, both)],
    )
    one = bring(content)
    assert one.report["counts"]["new"] == 3 and len(one.report["notes"]) == 2
    assert named("Haven").parent == named("Oost")
    assert shapely.from_geojson(json.dumps(named("Kade").versions.get().boundary)).is_valid


# --- what became of an area -------------------------------------------------------------------


def test_merged(before):
    one = look(area("BU03630009", "Waterkant", 0, 0, 2, 1), MOLEN)
    assert set(lines(one, "unmatched")) == {"Kade", "Haven"}
    write(one)
    found = {(s.before.name, s.after.name, round(s.share, 2)) for s in Succession.objects.all()}
    assert found == {("Kade", "Waterkant", 1.0), ("Haven", "Waterkant", 1.0)}
    assert str(named("Kade").ended_on) == "2025-01-01" and named("Molen").ended_on is None
    assert named("Kade").versions.count() == 1, "it keeps its history"


def test_split(before):
    left, right = area("BU03630011", "West", 0, 0, 0.3, 1), area("BU03630012", "Oost", 0.3, 0, 1, 1)
    bring(left, right, HAVEN, MOLEN)
    shares = {s.after.name: round(s.share, 2) for s in Succession.objects.all()}
    assert shares == {"West": 0.3, "Oost": 0.7}


def test_new_name_and_number_on_the_same_ground(before):
    kade = named("Kade")
    one = look(area("BU0363AA01", "Kadebuurt", 0, 0, 1, 1), HAVEN, MOLEN)
    assert one.report["counts"]["new"] == 0
    (gone,) = one.report["extra"]["gone"]
    assert (gone["chosen"], gone["may_be"]) == ("same", "Kadebuurt")
    write(one)
    kade.refresh_from_db()
    assert kade.name == "Kadebuurt" and [v.code for v in kade.versions.all()] == ["BU0363AA01", "BU03630001"]
    assert not Succession.objects.exists()


def test_code_that_was_given_to_another_place(before):
    """Kade got another number, and a new place far away got that of Kade."""
    one = look(
        area("BU0363AA01", "Kade", 0, 0, 1, 1), HAVEN, MOLEN, area("BU03630001", "Verweg", 9, 9, 10, 10)
    )
    assert set(lines(one, "new")) == {"Verweg"}
    write(one)
    codes = {v.area.name: v.code for v in AreaVersion.objects.filter(year=2025).select_related("area")}
    assert codes["Kade"] == "BU0363AA01" and codes["Verweg"] == "BU03630001"


@pytest.mark.parametrize(
    ("choice", "ended", "successions", "new"),
    [("ended", True, 1, 1), ("leave", False, 0, 1), ("same", False, 0, 0)],
)
def test_administrator_chooses_what_became_of_it(choice, ended, successions, new, before, administrator):
    one = look(area("BU0363AA01", "Kadebuurt", 0, 0, 1, 1), HAVEN, MOLEN)
    pk = Area.objects.get(slug="kade").pk
    one = imports.change_import_options(one=one, options={"choices": {str(pk): choice}}, by=administrator)
    assert one.report["counts"]["new"] == new
    write(one)
    assert Area.objects.get(slug="kade").is_ended is ended
    assert Succession.objects.count() == successions


def test_part_of_the_town_says_nothing_of_the_rest(before):
    one = bring(KADE)
    assert set(lines(one, "unmatched")) == {"Haven", "Molen"}
    assert not Area.objects.filter(ended_on__isnull=False).exists()


def test_file_of_an_earlier_year(before):
    """What is new in it was there before: it ended, and says what it became."""
    one = bring(area("BU03630099", "Oud", 0, 0, 2, 1), area("BU03630088", "Molentje", 2, 0, 3, 1), year=2019)
    assert one.report["counts"] == {"new": 1, "changed": 1, "unchanged": 0, "unmatched": 0, "wrong": 0}
    oud = named("Oud")
    assert str(oud.ended_on) == "2020-01-01"
    assert {s.after.name: round(s.share, 1) for s in oud.successions.all()} == {"Kade": 0.5, "Haven": 0.5}
    assert [v.code for v in named("Molen").versions.all()] == ["BU03630003", "BU03630088"]
    assert not Area.objects.filter(name__in=["Kade", "Haven"], ended_on__isnull=False).exists()


def test_what_an_area_was_before_and_became(before):
    bring(area("BU03630009", "Waterkant", 0, 0, 2, 1), MOLEN)
    assert sorted(s.before.name for s in named("Waterkant").origins.all()) == ["Haven", "Kade"]
    assert [s.after.name for s in Succession.objects.successors_of(named("Kade"))] == ["Waterkant"]


# --- undone -----------------------------------------------------------------------------------

LATER = [area("GM0363", "Amsterdam", 0, 0, 3, 1), area("WK036300", "Oost", 0, 0, 3, 1)]


@pytest.mark.parametrize(
    ("features", "year"),
    [
        ([KADE, HAVEN, MOLEN, *LATER], 2023),
        ([area("BU03630001", "Kade aan zee", 0, 0, 1.5, 1), area("BU03630009", "Rest", 1.5, 0, 3, 1)], 2023),
        ([area("BU03630009", "Waterkant", 0, 0, 2, 1), MOLEN], 2025),
        ([area("BU03630099", "Oud", 0, 0, 2, 1)], 2019),
        ([KADE, HAVEN, MOLEN], 2024),
    ],
    ids=["levels", "changed", "merged", "earlier", "another year"],
)
def test_undone_is_as_it_was(features, year, before, administrator):
    was = everything()
    one = bring(*features, year=year)
    assert everything() != was
    imports.undo_import(one=one, by=administrator)
    assert everything() == was
    assert Import.objects.get(pk=one.pk).state == FileState.UNDONE
    bring(*features, year=year)


def test_undoing_the_first_file_leaves_nothing(before, administrator):
    imports.undo_import(one=before, by=administrator)
    assert not Area.objects.leaves().exists() and Municipality.objects.get().code == ""


def test_undo_gives_a_version_of_figures_alone_back_without_a_border(before, administrator):
    """A file with figures brings a code and a year; a border that came to it goes again."""
    kade = named("Kade")
    AreaVersion.objects.create(area=kade, year=2024, code="BU03630001", name="Kade")
    one = bring(area("BU03630001", "Kade", 0, 0, 1, 1), year=2024)
    assert AreaVersion.objects.get(area=kade, year=2024).box
    imports.undo_import(one=one, by=administrator)
    version = AreaVersion.objects.get(area=kade, year=2024, boundary__isnull=True, outline__isnull=True)
    assert version.box == (None, None, None, None)


def test_undo_is_refused_when_something_came_after(before, administrator):
    bring(area("BU03630001", "Kade aan zee", 0, 0, 1, 1), HAVEN, MOLEN, year=2024)
    was = everything()
    with pytest.raises(DomainError):
        imports.undo_import(one=before, by=administrator)
    assert everything() == was


def test_undo_is_refused_when_somebody_works_there(before, administrator):
    make_membership(administrator, "viewer", named("Kade"))
    client = signed_in(administrator)
    page = client.post(reverse("import_undo", args=[before.pk]), follow=True).content.decode()
    assert "Maak dat eerst ongedaan" in page
    assert named("Kade")


def test_undo_is_refused_after_a_change_by_hand(before, administrator):
    kade = named("Kade")
    border = ({"type": "Polygon", "coordinates": box(4.9, 52.3, 4.91, 52.305)}, (4.9, 52.3, 4.91, 52.305))
    by_hand.change_area(
        area=kade, name="Kade", parent=kade.parent, ended_on=None, by=administrator, year=2023, border=border
    )
    with pytest.raises(DomainError):
        imports.undo_import(one=before, by=administrator)


# --- outlines, and where a point lies ---------------------------------------------------------


def test_every_border_gets_an_outline_also_beside_the_file(before, administrator):
    assert all(version.outline for version in AreaVersion.objects.all())
    kade = named("Kade")
    border = ({"type": "Polygon", "coordinates": box(4.9, 52.3, 4.91, 52.31)}, (4.9, 52.3, 4.91, 52.31))
    AreaVersion.objects.filter(area=kade).update(outline=None)
    by_hand.set_border(area=kade, year=2023, border=border)
    assert AreaVersion.objects.get(area=kade).drawing == AreaVersion.objects.get(area=kade).outline
    AreaVersion.objects.update(outline=None)
    areas.recompute_outlines("neighbourhood", 2023)
    assert AreaVersion.objects.filter(outline__isnull=True).count() == 0


# --- on the desk ------------------------------------------------------------------------------


def test_choices_on_the_page(before, administrator):
    client = signed_in(administrator)
    one = look(area("BU0363AA01", "Kadebuurt", 0, 0, 1, 1), HAVEN, MOLEN)
    Import.objects.filter(pk=one.pk).update(created_by=administrator)
    url, key = reverse("import_one", args=[one.pk]), f"area_{named('Kade').pk}"
    assert f'name="{key}"' in client.get(url).content.decode()
    posted = {key: "ended", "seen": one.report["seen"], "write": "1"}
    client.post(url, posted)
    assert Area.objects.filter(name="Kade", ended_on=None).exists(), "another choice is looked at first"
    one.refresh_from_db()
    client.post(url, posted | {"seen": one.report["seen"]})
    assert named("Kade").is_ended
    assert client.post(url, {key: "nonsense", "choose": "1"}).status_code in (302, 404)


def test_nonsense_as_a_choice(before, administrator):
    client = signed_in(administrator)
    one = look(area("BU0363AA01", "Kadebuurt", 0, 0, 1, 1), HAVEN, MOLEN)
    Import.objects.filter(pk=one.pk).update(created_by=administrator)
    url = reverse("import_one", args=[one.pk])
    assert client.post(url, {f"area_{named('Kade').pk}": "x", "choose": "1"}).status_code == 422
