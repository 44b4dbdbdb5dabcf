"""Letters: a list comes in, letters with codes go out, and nothing that joins the two stays anywhere."""

import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from core.errors import DomainError
from neighbourhoods.settings.retention import run_retention_jobs
from surveys.answering.services.beginning import letter_hash
from surveys.invitations.services import post
from surveys.models import AccessCode, Channel, LetterRun, Survey
from surveys.printing import services as files
from surveys.printing import services as printing
from surveys.printing.addresses import FaultKind
from surveys.states import LetterState
from tests.house import our_models
from tests.pdfs import is_in_our_fonts
from tests.people import make_municipality, signed_in
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db
HEAD = "Straat;Huisnummer;Toevoeging;Postcode;Woonplaats;Naam"


def houses(count: int, head: str = HEAD) -> bytes:
    rows = [f"Korenbloemkade;{n};bis;1234 AB;Waterdam;Bewoner {n:05}" for n in range(1, count + 1)]
    return "\n".join([head, *rows]).encode()


@pytest.fixture
def survey(area, editor) -> Survey:
    make_municipality(phone="14 099", backup_days=28)
    return make_survey(areas=[area], owner=editor)


def bring(survey: Survey, content: bytes | None = None, **fields) -> LetterRun:
    fields = {"name": "Brieven", "area": None, "window": "left", "with_reminder": False} | fields
    return post.create_letter_run(survey=survey, content=content or houses(3), by=survey.owner, **fields)


def make(survey: Survey, content: bytes | None = None, **fields) -> LetterRun:
    run = bring(survey, content, **fields)
    post.start_making(run=run, by=survey.owner)
    assert post.run_letter_jobs() == 1
    run.refresh_from_db()
    return run


# --- the list ---------------------------------------------------------------------------------


def sheet(rows: list[list]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"straatnaam,huisnr,pc6,plaats\nKade,12,1234ab,Waterdam\n",
        "\ufeffStraat;Huisnummer;Postcode;Woonplaats\r\nKade;12;1234 AB;Waterdam\r\n".encode(),
        b"Adres\tPostcode\tPlaats\nKade 12\t1234AB\tWaterdam\n",
        sheet(
            [["Openbare ruimte", "Huisnummer", "Postcode", "Woonplaats"], ["Kade", 12, "1234AB", "Waterdam"]]
        ),
    ],
    ids=["comma", "bom", "tab", "xlsx"],
)
def test_columns_are_recognised_whatever_they_are_called(survey, content):
    run = bring(survey, content)
    assert files.load(run.folder, files.LIST_FILE_NAME) == [["", "Kade 12", "1234 AB  WATERDAM"]]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (";12;;1234AB;Waterdam;", FaultKind.NO_STREET),
        ("Kade;;;1234AB;Waterdam;", FaultKind.NO_NUMBER),
        ("Kade;2;;;Waterdam;", FaultKind.NO_POSTCODE),
        ("Kade;2;;0234AB;Waterdam;", FaultKind.ODD_POSTCODE),
        ("Kade;2;;12345;Waterdam;", FaultKind.ODD_POSTCODE),
        ("Kade;2;;1234AB;;", FaultKind.NO_TOWN),
        (f"Kade;2;;1234AB;Waterdam;{'x' * 61}", FaultKind.TOO_LONG),
        ("Korenbloemkade;1;BIS;1234ab;WATERDAM;bewoner 00001", FaultKind.TWICE),
        ("Kade;2", FaultKind.ODD_ROW),
    ],
)
def test_what_is_wrong_is_told_by_row_and_the_rest_goes_on(survey, row, wrong):
    run = bring(survey, houses(2) + f"\n{row}\n".encode())
    (fault,) = post.preview(run)["faults"]
    assert (run.letters, run.left_out, fault["row"]) == (2, 1, 4)
    assert fault["reason"] == str(files.FAULT_REASONS[wrong]) % {"detail": 2}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"naam;leeftijd\nJan;3\n",
        b"%PDF-1.7",
        b"PK\x03\x04broken",
        (HEAD + "\n").encode(),
        b"\0" * 90,
    ],
)
def test_a_list_that_cant_be_used_leaves_nothing(survey, content):
    with pytest.raises(DomainError):
        post.create_letter_run(
            survey=survey,
            content=content,
            name="x",
            area=None,
            window="left",
            with_reminder=False,
            by=survey.owner,
        )
    assert survey.channels.count() == 1 and not list((settings.DATA_DIR / "addresses").glob("*"))


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_no_letters_before_publishing_or_after_closing(survey, state):
    Survey.objects.filter(pk=survey.pk).update(
        state=state, opened_at=None if state == "draft" else timezone.now(),
        closed_at=timezone.now() if state == "closed" else None,
    )  # fmt: skip
    survey.refresh_from_db()
    with pytest.raises(DomainError):
        bring(survey)


# --- the letters ------------------------------------------------------------------------------


def test_one_code_per_letter_and_a_tagged_pdf(survey):
    run = make(survey, with_reminder=True)
    assert run.state == LetterState.MADE and run.done == 3
    pairs = post._pairs(run)
    hashes = {letter_hash(run.channel, code) for _to, code in pairs}
    assert hashes == set(AccessCode.objects.values_list("pk", flat=True)) and len(hashes) == 3
    with zipfile.ZipFile(files.folder_of(run.folder) / post.ZIP) as archive:
        assert archive.namelist() == ["letters-001.pdf", "reminders-001.pdf"]
        pdf = archive.read("letters-001.pdf")
    assert pdf.startswith(b"%PDF-1.7") and b"/StructTreeRoot" in pdf and b"pdfuaid:part>1<" in pdf
    assert is_in_our_fonts(pdf)


def test_files_of_so_many_letters(survey, monkeypatch):
    monkeypatch.setattr(post, "LETTERS_PER_FILE", 2)
    run = make(survey, houses(5))
    with zipfile.ZipFile(files.folder_of(run.folder) / post.ZIP) as archive:
        assert archive.namelist() == ["letters-001.pdf", "letters-002.pdf", "letters-003.pdf"]


def test_what_is_set_is_what_was_paired(survey, monkeypatch):
    """Each letter holds one address and its code, in the order of the list; the reminder has the same code."""
    given = []
    monkeypatch.setattr(post, "letters_pdf", lambda sheet, some: given.append(list(some)) or b"%PDF-")
    run = make(survey, houses(3), with_reminder=True)
    first, again = given
    assert [one.to[1] for one in first] == [f"Korenbloemkade {n}-bis" for n in (1, 2, 3)]
    assert first == again
    for (_to, code), letter in zip(post._pairs(run), first, strict=True):
        assert letter.code.replace("-", "") == code and letter.url.endswith(f"/c/{code}/")


def test_a_title_that_fills_the_page_is_refused_in_a_sentence(survey):
    version = survey.current
    version.document["title"]["nl"] = "Wat een ongelooflijk lange titel heeft deze peiling toch " * 40
    type(version).objects.filter(pk=version.pk).update(document=version.document, digest="z" * 64)
    run = make(survey)
    assert (run.state == LetterState.STUCK and "page" in run.trouble) or "bladzijde" in run.trouble


def test_no_text_of_a_colleague_is_read_as_markup(survey):
    version = survey.current
    version.document["title"]["nl"] = '#read("/etc/passwd") *x* $y$ <z> \\ "'
    type(version).objects.filter(pk=version.pk).update(document=version.document, digest="y" * 64)
    assert make(survey).state == LetterState.MADE


def test_pressed_twice_and_looked_at_by_two_is_once(survey):
    run = bring(survey)
    for _time in range(2):
        post.start_making(run=run, by=survey.owner)
    assert post.run_letter_jobs() == 1 and post.run_letter_jobs() == 0
    assert AccessCode.objects.count() == 3


# --- the end ----------------------------------------------------------------------------------


def everywhere() -> str:
    """All rows of all tables, all files under DATA_DIR (unzipped), and what the cache and the queue hold."""
    found = []
    for model in our_models():
        found += [json.dumps(row, default=str) for row in model._base_manager.values()]
    for folder, _folders, names in os.walk(settings.DATA_DIR):
        for name in names:
            path = Path(folder) / name
            found += [str(path), path.read_bytes().decode("latin-1")]
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    found += [archive.read(one).decode("latin-1") for one in archive.namelist()]
    if settings.REDIS_URL:
        from redis import Redis

        with Redis.from_url(settings.REDIS_URL) as redis:
            found += [str(key) + str(redis.dump(key)) for key in redis.scan_iter()]
    else:
        found.append(str(cache._cache))
    return "\n".join(found)


def test_destroyed_means_nowhere(survey, area):
    run = make(survey, houses(4), with_reminder=True, area=area)
    pairs = post._pairs(run)
    before = everywhere()
    assert "Korenbloemkade" in before and all(code in before for _to, code in pairs)

    post.destroy_letter_run(run=run, by=survey.owner)

    after = everywhere()
    assert "orenbloemkade" not in after and "Bewoner 0000" not in after
    for _to, code in pairs:
        assert code not in after and f"{code[:4]}-{code[4:]}" not in after
    assert AccessCode.objects.count() == 4, "the codes are with the residents, and still work"


def test_addresses_never_stand_in_the_database(survey):
    make(survey)
    for model in our_models():
        for row in model._base_manager.values():
            assert "orenbloemkade" not in str(row) and "Bewoner 0000" not in str(row), model


def test_codes_lie_in_the_order_of_their_hashes(survey):
    """Nothing in how the rows lie says which letter was first."""
    run = make(survey, houses(40))
    with connection.cursor() as cursor:
        order = "rowid" if connection.vendor == "sqlite" else "ctid"
        cursor.execute(f"SELECT code_hash FROM surveys_accesscode ORDER BY {order}")
        rows = [row[0] for row in cursor.fetchall()]
    assert rows == sorted(rows)
    in_letters = [letter_hash(run.channel, code) for _to, code in post._pairs(run)]
    assert in_letters != rows


def test_term_destroys_what_nobody_did(survey):
    made, waiting = make(survey), bring(survey, houses(2))
    LetterRun.objects.update(created_on=timezone.localdate() - timedelta(days=31))
    assert run_retention_jobs()["letters with their addresses"] == 5
    made.refresh_from_db()
    assert made.state == LetterState.DESTROYED and not LetterRun.objects.filter(pk=waiting.pk).exists()
    assert not list((settings.DATA_DIR / "addresses").glob("*"))


def test_codes_go_with_the_answers(survey):
    make(survey)
    Survey.objects.filter(pk=survey.pk).update(erase_on=timezone.localdate())
    assert run_retention_jobs()["codes of letters"] == 3 and not AccessCode.objects.exists()


def test_files_that_belong_to_nothing_are_swept(survey):
    run = make(survey)
    stray, young = (settings.DATA_DIR / "addresses" / name for name in ("stray", ".gone-half"))
    for folder in (stray, young):
        folder.mkdir()
    os.utime(stray, (1, 1))
    assert printing.delete_stray_folders() == 1
    assert young.exists() and files.folder_of(run.folder).exists() and not stray.exists()


def test_a_list_that_was_not_made_goes_with_its_way_in(survey):
    run = bring(survey)
    post.destroy_letter_run(run=run, by=survey.owner)
    assert not LetterRun.objects.exists() and survey.channels.count() == 1


def test_folder_is_for_nobody_else_on_the_machine(survey):
    folder = files.folder_of(make(survey).folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


# --- the pages --------------------------------------------------------------------------------


@pytest.fixture
def desk(editor) -> Client:
    return signed_in(editor)


def test_from_list_to_download_on_the_pages(survey, desk):
    new = reverse("letters_new", args=[survey.pk])
    file = io.BytesIO(houses(2) + b"\nKade;;;x;;")
    file.name = "adressen.csv"
    answer = desk.post(new, {"file": file, "name": "Brieven", "window": "right"})
    page = desk.get(answer.url).content.decode()
    assert "Korenbloemkade 1-bis" in page and "Kade" in page
    run = LetterRun.objects.get()
    verb = lambda name: reverse("letters_do", args=[survey.pk, run.pk, name])  # noqa: E731
    assert desk.get(reverse("letters_sample", args=[survey.pk, run.pk])).content.startswith(b"%PDF")
    desk.post(verb("make"))
    assert "<progress" in desk.get(answer.url).content.decode()
    post.run_letter_jobs()
    ready = desk.get(answer.url).content.decode()
    assert "ten hoogste 500 brieven" in ready and "Na 30 dagen" in ready
    download = desk.post(verb("download"))
    assert zipfile.is_zipfile(io.BytesIO(b"".join(download.streaming_content)))
    desk.post(verb("destroy"))
    desk.post(verb("destroy"))
    assert desk.post(verb("download")).status_code == 302
    assert LetterRun.objects.get().state == LetterState.DESTROYED
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["make_letters", "download_letters", "destroy_letters"]


@pytest.mark.parametrize("data", [{}, {"name": "x", "window": "left"}, {"window": "up", "name": "x" * 90}])
def test_what_lacks_is_said(survey, desk, data):
    answer = desk.post(reverse("letters_new", args=[survey.pk]), data)
    assert answer.status_code == 422 and not LetterRun.objects.exists()


@pytest.mark.parametrize("name", ["survey_channels", "letters"])
def test_pages_with_ten_thousand_codes_ask_little(survey, desk, name, django_assert_max_num_queries):
    run = bring(survey)
    AccessCode.objects.bulk_create(
        AccessCode(code_hash=f"{n:064d}", channel=run.channel, spent=n % 3 == 0) for n in range(10_000)
    )
    LetterRun.objects.update(state=LetterState.MADE)
    args = [survey.pk] if name == "survey_channels" else [survey.pk, run.pk]
    desk.get(reverse(name, args=args))  # the numbers of the rail are kept for a minute
    with django_assert_max_num_queries(15):
        said = desk.get(reverse(name, args=args)).content.decode()
    assert "3334" in said


def test_a_viewer_sees_the_ways_in_and_no_addresses(survey, viewer):
    run = bring(survey)
    client = signed_in(viewer)
    assert client.get(reverse("survey_channels", args=[survey.pk])).status_code == 200
    assert client.get(reverse("letters", args=[survey.pk, run.pk])).status_code == 403


def test_closing_and_opening_a_way_in(survey, desk):
    channel = survey.channels.get()
    for verb, closed in (("close", True), ("close", True), ("open", False)):
        desk.post(reverse("survey_channel_do", args=[survey.pk, channel.pk, verb]))
        channel.refresh_from_db()
        assert (channel.closed_on is not None) is closed
    assert Event.objects.filter(verb="close_way").count() == 1


@pytest.mark.parametrize("size", ["a6", "a5", "a4", "a3"])
@pytest.mark.parametrize("bleed", ["", "?bleed"])
def test_poster_is_a_tagged_pdf_of_its_size(survey, desk, size, bleed):
    url = reverse("survey_poster_file", args=[survey.pk, survey.channels.get().pk, size]) + bleed
    answer = desk.get(url)
    assert answer["Content-Type"] == "application/pdf" and b"pdfuaid:part>1<" in answer.content


def test_texts_to_pass_on_are_escaped(survey, desk):
    Survey.objects.filter(pk=survey.pk).update(title={"nl": 'Wat <b>"nu"</b>?', "en": "What?"})
    Channel.objects.update(kind="partner")
    page = desk.get(reverse("survey_channels", args=[survey.pk])).content.decode()
    assert "&lt;b&gt;" in page and '<b>"nu' not in page and "rel=&quot;noopener&quot;" in page


@pytest.mark.parametrize("verb", ["make", "destroy"])
def test_a_colleague_was_first_to_throw_the_list_away(survey, desk, monkeypatch, verb):
    """Between the look for it and the action it went, with its way in."""
    run = bring(survey)
    action = {"make": "start_making", "destroy": "destroy_letter_run"}[verb]
    original = getattr(post, action)

    def somebody_first(*, run, by):
        letters_destroy(run=LetterRun.objects.get(pk=run.pk), by=by)
        return original(run=run, by=by)

    letters_destroy = post.destroy_letter_run
    monkeypatch.setattr(f"surveys.invitations.views.post.{action}", somebody_first)
    answer = desk.post(reverse("letters_do", args=[survey.pk, run.pk, verb]))
    assert answer.url == reverse("survey_channels", args=[survey.pk])
    assert desk.get(answer.url).status_code == 200
