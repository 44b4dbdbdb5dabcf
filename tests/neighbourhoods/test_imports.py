"""A file with borders: previewed, then written all at once or not at all."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Event
from neighbourhoods.errors import DomainError, InvalidTransition
from neighbourhoods.geojson import Problem
from neighbourhoods.models import Area, AreaImport, AreaVersion
from neighbourhoods.services import imports as services
from neighbourhoods.states import ImportState, Role
from tests.neighbourhoods.test_geojson import SQUARE, collection, feature
from tests.people import make_area, make_border, make_root, make_user, signed_in

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


def bring(text: str, year: int = 2024):
    return services.import_areas(content=text.encode(), file_name="a.geojson", year=year)


def counts(plan) -> tuple[int, int, int, int]:
    return len(plan.new), len(plan.changed), len(plan.unchanged), len(plan.wrong)


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
    assert counts(bring(collection(feature(moved(2), naam="Havenkom")), year=2025)) == (0, 1, 0, 0)
    area = Area.objects.get(slug="haven")
    assert [version.year for version in area.versions.all()] == [2025, 2024]
    assert area.name == "Havenkom"


def test_earlier_year_leaves_the_name(municipality):
    bring(TWO)
    bring(collection(feature(moved(2), naam="Oude haven")), year=2020)
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
    plan = bring(collection(feature(), feature([SQUARE[:-1]], code="BU2", naam="Kade")))
    assert counts(plan)[3] == 1
    assert plan.wrong[0].name == "Kade" and plan.wrong[0].number == 2
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
    with django_assert_max_num_queries(13):
        page = client.get(reverse("areas")).content.decode()
    assert page.count("<path") >= 69
    assert len(page) < 150_000


# --- the command ------------------------------------------------------------------------------


def test_command(municipality, tmp_path):
    file = tmp_path / "areas.geojson"
    file.write_text(TWO)
    call_command("import_areas", str(file), "--year", "2024", stdout=(told := StringIO()))
    assert "2 new" in told.getvalue()


def test_command_says_what_is_wrong(municipality, tmp_path):
    file = tmp_path / "areas.geojson"
    file.write_text(collection(feature([SQUARE[:-1]])))
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_areas", str(file), "--year", "2024", stderr=(told := StringIO()))
    assert told.getvalue().startswith("1 Haven: ")


def test_command_without_a_file_or_municipality(db, tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_areas", str(tmp_path / "none"))
    (tmp_path / "areas.geojson").write_text(TWO)
    with pytest.raises(CommandError, match="start_municipality"):
        call_command("import_areas", str(tmp_path / "areas.geojson"), "--year", "2024")


# --- on the desk ------------------------------------------------------------------------------


def upload(client, text: str | bytes = TWO, **data):
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("areas.geojson", content)
    return client.post(reverse("areas_import"), {"file": file, "year": "2024", "source": "CBS"} | data)


def test_preview_writes_no_area(administrator):
    client = signed_in(administrator)
    response = upload(client)
    assert response.status_code == 302
    page = client.get(response.url).content.decode()
    assert "Haven" in page and 'value="2-0-0-0"' in page and "<path" in page
    assert not Area.objects.leaves().exists()


def test_carry_out(administrator):
    client = signed_in(administrator)
    url = upload(client).url
    assert client.post(url, {"seen": "2-0-0-0"}).status_code == 302
    assert Area.objects.leaves().count() == 2
    assert client.post(url, {"seen": "2-0-0-0"}).status_code == 404, "twice"
    done = AreaImport.objects.get()
    assert (done.state, done.content) == (ImportState.APPLIED, "")
    assert Event.objects.get(verb="imported areas").actor == administrator


def test_carry_out_when_something_changed_meanwhile(administrator):
    client = signed_in(administrator)
    url = upload(client).url
    make_border(make_area("Haven"), code="BU1")
    assert client.post(url, {"seen": "2-0-0-0"}, follow=True).redirect_chain[-1][0] == url
    assert Area.objects.leaves().count() == 1


def test_carry_out_twice_at_once(administrator):
    kept = services.preview_import(
        content=TWO.encode(), file_name="a", year=2024, source="", by=administrator
    )
    services.carry_out(area_import=kept, by=administrator, seen="2-0-0-0")
    with pytest.raises(InvalidTransition):
        services.carry_out(area_import=kept, by=administrator, seen="2-0-0-0")


def test_drop(administrator):
    client = signed_in(administrator)
    url = upload(client).url
    client.post(url, {"drop": "1", "seen": "2-0-0-0"})
    assert not Area.objects.leaves().exists()
    assert not AreaImport.objects.waiting().exists()


def test_wrong_file_shows_feature_and_reason_and_no_button(administrator):
    client = signed_in(administrator)
    url = upload(client, collection(feature(), feature([SQUARE[:-1]], naam="Kade", code="2"))).url
    page = client.get(url).content.decode()
    assert ">2</td>" in page and "Kade" in page
    assert client.post(url, {"seen": "1-0-0-1"}, follow=True).status_code == 200
    assert not Area.objects.leaves().exists()


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
        (b" " * (20 * 1024 * 1024 + 1), {}),
        (b" " * (21 * 1024 * 1024), {}),
        (b" " * (40 * 1024 * 1024), {}),
    ],
    ids=range(11),
)
def test_upload_with_something_wrong(content, data, administrator):
    response = upload(signed_in(administrator), content, **data)
    assert response.status_code == 200
    page = response.content.decode()
    assert "nabij-error-summary" in page
    assert (services.say(Problem.TOO_BIG) in page) == (len(content) > 20 * 1024 * 1024)
    assert not AreaImport.objects.exists()


def test_import_of_somebody_else(administrator):
    url = upload(signed_in(administrator)).url
    assert signed_in(make_user(Role.ADMINISTRATOR)).get(url).status_code == 404


def test_administrator_of_an_area_imports_nothing(area, administrator):
    chief = make_user(Role.ADMINISTRATOR, area)
    assert upload(signed_in(chief)).status_code == 403


def test_second_upload_drops_the_first(administrator):
    client = signed_in(administrator)
    first = upload(client).url
    upload(client)
    assert client.get(first).status_code == 404
    assert AreaImport.objects.get(state=ImportState.DROPPED).content == ""
    assert make_root()
