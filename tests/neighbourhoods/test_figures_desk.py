"""The desk: a file with figures, what its columns mean, and what the municipality makes of them."""

from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Event
from neighbourhoods.models import Area, AreaVersion, Figure, Import, Indicator, Postcode, Source
from neighbourhoods.states import FileState
from tests.neighbourhoods.test_figures import CBS, OWN, coded, town  # noqa: F401
from tests.neighbourhoods.test_postcodes import FILE
from tests.people import make_municipality, make_root, make_user, signed_in

NEW = reverse("import_new", args=["figures"])


@pytest.fixture
def client(town):  # noqa: F811
    return signed_in(make_user("administrator"))


def upload(client, content: bytes, name: str = "a.csv", kind: str = "figures", **data):
    return client.post(
        reverse("import_new", args=[kind]), {"file": SimpleUploadedFile(name, content)} | data, follow=True
    )


def form_of(page) -> dict:
    """What the form of the page sends when nothing is changed."""
    form = page.context["form"]
    sent = {field.html_name: field.value() for field in form or () if field.value() not in (None, False)}
    return sent | {"seen": page.context["one"].report["seen"]}


def look(client, one: Import):
    return client.get(reverse("import_one", args=[one.pk]))


def choose(client, one: Import, **data):
    sent = form_of(look(client, one)) | {"choose": "1"} | data
    page = client.post(reverse("import_one", args=[one.pk]), sent)
    one.refresh_from_db()
    return page


def write(client, one: Import) -> None:
    client.post(reverse("import_one", args=[one.pk]), form_of(look(client, one)) | {"write": "1"})
    one.refresh_from_db()
    assert one.state == FileState.APPLIED


def test_a_file_of_cbs_in_three_steps(client, town):  # noqa: F811
    page = upload(client, CBS, "kwb-2020.csv")
    one = Import.objects.get()
    assert one.options["year"] == 2020
    assert "Inwoners" in page.content.decode()
    write(client, one)
    assert Figure.objects.count() == 8
    client.post(reverse("import_undo", args=[one.pk]))
    assert not Figure.objects.exists()


def test_the_year_is_asked(client):
    page = upload(client, CBS)
    one = Import.objects.get()
    assert one.report["asks"] == ["year"]
    assert 'name="year"' in page.content.decode()
    page = choose(client, one, year="")
    assert page.status_code == 422 and "year" in page.context["form"].errors
    choose(client, one, year="2020")
    assert one.report["asks"] == [] and one.report["counts"]["new"] == 8


def test_an_unknown_column_becomes_an_indicator(client, town):  # noqa: F811
    upload(client, OWN, "2020.csv")
    one = Import.objects.get()
    chosen = {"column_2": "new", "source": "new", "remember": "Enquête"}
    page = choose(client, one, **chosen, name_2="", source_name="")
    assert set(page.context["form"].errors) == {"name_2", "source_name"}
    choose(client, one, **chosen, name_2="Rapportcijfer", nature_2="average", source_name="Enquête 2020")
    assert one.report["asks"] == []
    write(client, one)
    figure = Figure.objects.get(area=town["haven"])
    assert (figure.value, figure.indicator.name, figure.source.name) == (
        7.5,
        {"nl": "Rapportcijfer"},
        "Enquête 2020",
    )


def test_two_columns_with_one_meaning(client):
    upload(client, b"code;aantal_inwoners;iets\nBU99990000;1;2\nBU99990001;3;4\n", "2020.csv")
    page = choose(client, Import.objects.get(), column_2="residents")
    assert "column_2" in page.context["form"].errors


def test_rows_without_a_place_are_told_by_name(client, town):  # noqa: F811
    coded("Dam", "BU99990002")
    content = b"code;naam;aantal_inwoners\nBU99990100;Kade;710\nBU99990101;Iets;870\nBU99990102;Weg;5\n"
    page = upload(client, content, "2018.csv")
    one = Import.objects.get()
    assert form_of(page)["row_0"] == "Kade" and one.report["counts"]["new"] == 1, (
        "the very same name is that place"
    )
    page = choose(client, one, row_1="nowhere")
    assert "row_1" in page.context["form"].errors
    # What is chosen otherwise is not written unseen; then nothing is asked again.
    client.post(
        reverse("import_one", args=[one.pk]), form_of(look(client, one)) | {"write": "1", "row_1": "dam"}
    )
    one.refresh_from_db()
    assert one.state == FileState.PREVIEWED
    assert one.report["counts"]["new"] == 2 and one.report["counts"]["unmatched"] == 0
    rows = look(client, one).context["form"].unmatched()
    assert [len(rows[part]) for part in ("asked", "placed", "unknown")] == [0, 2, 1]
    write(client, one)
    assert set(AreaVersion.objects.filter(year=2018).values_list("area__name", "code")) == {
        ("Kade", "BU99990100"),
        ("Dam", "BU99990101"),
    }


def test_areas_are_made_when_that_is_chosen(client):
    content = b"code;naam;aantal_inwoners\nBU99990100;Nieuw;710\nBU99990101;Nieuwer;870\n"
    upload(client, content, "2020.csv")
    one = Import.objects.get()
    choose(client, one, make_areas="on")
    assert one.report["counts"]["new"] == 2
    write(client, one)


def test_a_new_town_without_any_area(db):
    """There is nothing to choose from, so making the areas is proposed, and read before it is written."""
    make_root(name="Waterdam")
    make_municipality()
    client = signed_in(make_user("administrator"))
    upload(client, CBS, "2020.csv")
    one = Import.objects.get()
    page = look(client, one)
    assert "Er zijn nog geen buurten." in page.content.decode()
    sent = form_of(page)
    assert sent["make_areas"] is True and "row_0" not in sent
    client.post(reverse("import_one", args=[one.pk]), sent | {"write": "1"})
    one.refresh_from_db()
    assert one.state == FileState.PREVIEWED and one.report["counts"]["unmatched"] == 0
    write(client, one)
    assert Figure.objects.count() == 8


def test_no_yes_is_asked_when_nothing_would_be_written(client, town):  # noqa: F811
    upload(client, CBS, "2020.csv")
    write(client, Import.objects.get())
    upload(client, CBS, "2020.csv")
    page = look(client, Import.objects.first()).content.decode()
    assert "Alles uit dit bestand staat er al." in page and 'name="write"' not in page


def test_postcodes(client, town):  # noqa: F811
    page = upload(client, FILE, kind="postcodes", year="")
    assert "year" in page.context["form"].errors
    upload(client, FILE, kind="postcodes", year="2019")
    write(client, Import.objects.get())
    assert Postcode.objects.count() == 4


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"\x81\x8d;\x90", b"a;b\n1;\0\n", b"%PDF"])
def test_a_file_that_is_none_gets_a_sentence(client, content):
    page = upload(client, content)
    assert page.context["form"].errors["file"]
    assert not Import.objects.exists()


# --- what is measured -------------------------------------------------------------------------


@pytest.fixture
def measured(client):
    upload(client, CBS, "2020.csv")
    write(client, Import.objects.get())
    return client


def test_list_and_order(measured):
    page = measured.get(reverse("indicators")).content.decode()
    assert "Inwoners" in page and "CC BY 4.0" in page
    measured.post(reverse("indicator_move", args=["residents"]), {"direction": "down"})
    assert list(Indicator.objects.values_list("slug", flat=True)) == ["men", "residents"]
    measured.post(reverse("indicator_move", args=["residents"]), {"direction": "down"})
    assert list(Indicator.objects.values_list("slug", flat=True)) == ["men", "residents"]


def test_change_an_indicator(measured):
    sent = {"name_nl": "Bewoners", "explanation_nl": "Wie er woont.", "unit": "", "decimals": "0"}
    measured.post(reverse("indicator", args=["residents"]), sent)
    one = Indicator.objects.get(slug="residents")
    assert (one.name, one.is_key) == ({"nl": "Bewoners"}, False)
    assert Event.objects.filter(verb="changed indicator").exists()
    assert measured.post(reverse("indicator", args=["residents"]), sent | {"name_nl": ""}).status_code == 422


def test_change_a_source(measured):
    one = Source.objects.get()
    Source.objects.create(name="Another")
    address = reverse("source", args=[one.pk])
    assert "name" in measured.post(address, {"name": "Another"}).context["form"].errors
    measured.post(address, {"name": "CBS", "licence": "CC BY 4.0", "url": "https://www.cbs.nl"})
    one.refresh_from_db()
    assert one.name == "CBS"


# --- from the shell ---------------------------------------------------------------------------


def run(name: str, file, *words: str) -> str:
    call_command(name, str(file), *words, "--yes", stdout=(told := StringIO()), stderr=StringIO())
    return told.getvalue()


def test_commands(town, tmp_path):  # noqa: F811
    (figures := tmp_path / "a.csv").write_bytes(CBS)
    (codes := tmp_path / "p.csv").write_bytes(FILE)
    assert "8 nieuw" in run("import_figures", figures, "--year", "2020", "--source", "CBS 2020")
    assert Source.objects.get().name == "CBS 2020"
    assert "3 nieuw" in run("import_postcodes", codes, "--year", "2019")
    assert Postcode.objects.count() == 4


def test_codes_of_another_year_are_named_as_the_likely_reason(client, town):  # noqa: F811
    """Of a file without names nothing is found until postcodes or borders of its year were brought in."""
    upload(client, b"code;aantal_inwoners\nBU99998888;710\nBU99997777;87\n", "2011.csv")
    page = look(client, Import.objects.get()).content.decode()
    assert "misschien van een ander jaar" in page and 'name="write"' not in page


def test_command_tells_what_it_leaves_out(town, tmp_path):  # noqa: F811
    rows = "".join(f"BU999901{number:02};{number + 500};{number};0\n" for number in range(20))
    (figures := tmp_path / "a.csv").write_text(f"code;aantal_inwoners;parkeren;leeg\n{rows}")
    said = run("import_figures", figures, "--year", "2020")
    assert "want niemand zei nog wat het betekent: parkeren" in said and "in elke rij staat 0: leeg" in said
    Area.objects.leaves().delete()
    assert run("import_figures", figures, "--year", "2020").endswith("Er is niets bewaard.\n")


def test_command_that_lacks_something_writes_nothing(town, tmp_path):  # noqa: F811
    (figures := tmp_path / "a.csv").write_bytes(CBS)
    with pytest.raises(CommandError, match="year"):
        run("import_figures", figures)
    figures.write_bytes(b"just text")
    with pytest.raises(CommandError):
        run("import_figures", figures, "--year", "2020")
    assert not Figure.objects.exists()
