"""A file with borders: previewed, then written all at once or not at all."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from accounts.models import Event
from core import files
from core.errors import DomainError
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Area, AreaVersion, Import
from neighbourhoods.states import ImportKind
from tests.neighbourhoods.files import SQUARE, area, collection, feature
from tests.people import make_area, make_border, signed_in

DATA = Path(__file__).parent.parent / "data"
# The municipality's own file lies beside the repository on machines that have it.
REAL = next(
    (
        file
        for folder in Path(__file__).resolve().parents
        if (file := folder / "shared/data/geo/amsterdam_noord_buurten.geojson").exists()
    ),
    None,
)


def moved(by: float) -> list:
    return [[[x + by, y] for x, y in SQUARE]]


TWO = collection(feature(), feature(moved(1), code="BU2", naam="Kade"))


def look(text: str, year: int = 2024, **options) -> Import:
    return imports.stage_import(
        kind=ImportKind.BORDERS, content=text.encode(), file_name="a.geojson", by=None,
        options={"year": year} | options,
    )  # fmt: skip


def bring(text: str, year: int = 2024, **options) -> Import:
    one = look(text, year, **options)
    if not one.report["counts"]["wrong"]:
        imports.apply_import(one=one, by=None, seen=one.report["seen"])
    return one


def counts(one: Import) -> tuple[int, int, int, int]:
    found = one.report["counts"]
    return found["new"], found["changed"], found["unchanged"], found["wrong"]


# --- the service ------------------------------------------------------------------------------


def test_new_then_unchanged(municipality):
    assert counts(bring(TWO)) == (2, 0, 0, 0)
    assert counts(bring(TWO)) == (0, 0, 2, 0)
    assert set(Area.objects.leaves().values_list("slug", flat=True)) == {"haven", "kade"}


def test_changed_border_and_name(municipality):
    bring(TWO)
    plan = bring(collection(feature(moved(2), naam="Havenkom")))
    assert counts(plan) == (0, 1, 0, 0)
    area = Area.objects.get(slug="haven")
    assert area.name == "Havenkom"
    assert area.versions.get().west == 4.9 + 2


def test_next_year_is_another_version_of_the_same_area(municipality):
    bring(TWO)
    assert counts(bring(collection(feature(moved(0.05), naam="Havenkom")), year=2025)) == (0, 1, 0, 0)
    area = Area.objects.get(slug="haven")
    assert [version.year for version in area.versions.all()] == [2025, 2024]
    assert area.name == "Havenkom"


def test_earlier_year_leaves_the_name(municipality):
    bring(TWO)
    bring(collection(feature(moved(0.05), naam="Oude haven")), year=2020)
    assert Area.objects.get(slug="haven").name == "Haven"


def test_area_made_by_hand_is_found_by_name(municipality):
    make_area("haven", slug="by-hand")
    bring(TWO)
    assert Area.objects.get(slug="by-hand").versions.get().code == "BU1"


def test_file_without_codes_keeps_those_there_are(municipality):
    bring(TWO)
    assert counts(bring(collection(feature(moved(3), code="")))) == (0, 1, 0, 0)
    assert AreaVersion.objects.get(area__slug="haven").code == "BU1"


def test_two_features_that_mean_one_area(municipality):
    make_area("Haven", slug="by-hand")
    plan = bring(collection(feature(), feature(moved(1), code="")))
    assert counts(plan)[3] == 1


def test_code_of_a_district(municipality, district):
    make_border(district, code="BU1", year=2024)
    assert counts(bring(TWO))[3] == 1


def test_code_given_to_another_place_later(municipality):
    bring(TWO, year=2022)
    other = make_area("Nieuw")
    AreaVersion.objects.filter(code="BU1").update(code="")
    make_border(other, code="BU1", year=2024)
    assert counts(bring(TWO, year=2024)) == (0, 2, 0, 0)
    assert AreaVersion.objects.get(code="BU1").area == other


def test_all_or_nothing(municipality):
    one = bring(collection(feature(), feature([SQUARE[:-1]], code="BU2", naam="Kade")))
    (wrong,) = one.report["lines"]["wrong"]
    assert (wrong["row"], wrong["name"]) == (2, "Kade")
    assert not Area.objects.leaves().exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("year", [1800, 2500])
def test_year_out_of_reach(year, municipality):
    with pytest.raises(DomainError):
        bring(TWO, year=year)


def test_cut_of_a_real_file(municipality):
    plan = bring((DATA / "three_areas.geojson").read_text(), year=2022)
    assert counts(plan) == (3, 0, 0, 0)


@pytest.mark.skipif(REAL is None, reason="the real file of Amsterdam-Noord lies in ../shared")
def test_the_real_file(administrator, django_assert_max_num_queries):
    assert counts(bring(REAL.read_text(), year=2022)) == (69, 0, 0, 0)
    assert AreaVersion.objects.filter(year=2022, code__startswith="BU0363").count() == 69
    assert counts(bring(REAL.read_text(), year=2022)) == (0, 0, 69, 0)
    client = signed_in(administrator)
    with django_assert_max_num_queries(15):
        page = client.get(reverse("areas")).content.decode()
    assert page.count("<path") >= 69
    assert len(page) < 150_000


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def test_command(english, municipality, tmp_path):
    file = tmp_path / "areas.geojson"
    file.write_text(TWO)
    call_command("import_borders", str(file), "--year", "2024", yes=True, stdout=(told := StringIO()))
    assert "2 new" in told.getvalue()


def test_command_says_what_is_wrong(english, municipality, tmp_path):
    file = tmp_path / "areas.geojson"
    file.write_text(collection(feature([SQUARE[:-1]])))
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_borders", str(file), "--year", "2024", stderr=(told := StringIO()))
    assert "1 Haven: " in told.getvalue()


def test_command_without_a_file_or_municipality(english, db, tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_borders", str(tmp_path / "none"))
    (tmp_path / "areas.geojson").write_text(TWO)
    with pytest.raises(CommandError, match="start_municipality"):
        call_command("import_borders", str(tmp_path / "areas.geojson"), "--year", "2024", "--yes")


def test_command_asks_which_municipality_and_which_table(english, municipality, tmp_path):
    file = tmp_path / "towns.geojson"
    file.write_text(
        collection(area("BU03630001", "Kade", 0, 0, 1, 1), area("BU05990001", "Blaak", 2, 0, 3, 1))
    )
    with pytest.raises(CommandError, match="GM0363, GM0599"):
        call_command("import_borders", str(file), "--year", "2024", "--yes", stdout=StringIO())
    assert not Import.objects.under_way().exists()
    call_command("import_borders", str(file), "--municipality", "GM0599", "--yes", stdout=StringIO())
    assert Area.objects.leaves().get().name == "Blaak"


def test_command_that_is_not_told_to_write(english, municipality, tmp_path, monkeypatch):
    file = tmp_path / "areas.geojson"
    file.write_text(TWO)
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    call_command("import_borders", str(file), "--year", "2024", stdout=(told := StringIO()))
    assert "Nothing was written." in told.getvalue() and not Area.objects.leaves().exists()


# --- on the desk ------------------------------------------------------------------------------


def upload(client, text: str | bytes = TWO, **data):
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("areas.geojson", content)
    url = reverse("import_new", args=["borders"])
    return client.post(url, {"file": file, "year": "2024", "source": "CBS"} | data)


def test_journey(administrator):
    client = signed_in(administrator)
    url = upload(client).url
    page = client.get(url).content.decode()
    one = Import.objects.get()
    assert "Haven" in page and one.report["seen"] in page
    assert not Area.objects.leaves().exists(), "a preview writes no area"
    assert client.post(url, {"write": "1", "seen": one.report["seen"]}).status_code == 302
    assert Area.objects.leaves().count() == 2
    assert Event.objects.get(verb="imported file").actor == administrator


def test_drop(administrator):
    client = signed_in(administrator)
    url = upload(client).url
    client.post(url, {"drop": "1"})
    assert not Area.objects.leaves().exists()
    assert not Import.objects.under_way().exists()


def test_wrong_file_shows_feature_and_reason_and_no_button(administrator):
    client = signed_in(administrator)
    url = upload(client, collection(feature(), feature([SQUARE[:-1]], naam="Kade", code="2"))).url
    page = client.get(url).content.decode()
    assert ">2</td>" in page and "Kade" in page and "Ja, bewaar dit" not in page
    seen = Import.objects.get().report["seen"]
    assert client.post(url, {"write": "1", "seen": seen}, follow=True).status_code == 200
    assert not Area.objects.leaves().exists()


@pytest.fixture
def small_uploads(monkeypatch):
    monkeypatch.setattr(files, "MAX_UPLOAD_BYTES", 2 * 1024 * 1024 + 1)
    monkeypatch.setattr(imports, "MAX_IMPORT_BYTES", 2 * 1024 * 1024)


@pytest.mark.parametrize(
    ("content", "data"),
    [
        (b"", {}),
        (b"{", {}),
        (b"\xff\xfe\x00", {}),
        (b"[]", {}),
        (TWO.encode(), {"year": ""}),
        (TWO.encode(), {"year": "1800"}),
        (TWO.encode(), {"year": "2099"}),
        (TWO.encode(), {"source": "x" * 201}),
        (b" " * (2 * 1024 * 1024 + 1), {}),
        (b" " * (3 * 1024 * 1024), {}),
    ],
    ids=range(10),
)
def test_upload_with_something_wrong(content, data, administrator, small_uploads):
    response = upload(signed_in(administrator), content, **data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "nabij-error-summary" in page
    assert (str(imports.too_big_message()) in page) == (len(content) > 2 * 1024 * 1024)
    assert not Import.objects.exists()
