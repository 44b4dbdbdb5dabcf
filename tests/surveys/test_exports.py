"""Answers row by row: who may, what stands in the file, and that it goes."""

import csv
import io
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event
from core.errors import DomainError
from feedback.states import Reading
from surveys.models import Export, Response, Survey
from surveys.printing.addresses import (
    BLOCK_BYTES,
    EncryptedWriter,
    UndecryptableFile,
    decrypted_blocks,
    new_key,
)
from surveys.printing.sheets import MOST_ROWS, write_csv, write_xlsx
from surveys.results.services import exports
from surveys.results.services.exports import exported_questions, number_ranges
from tests.feedback.factories import make_contribution, make_receipt
from tests.surveys.documents import layer, poll, question
from tests.surveys.polls import make_survey

# --- thinking ---------------------------------------------------------------------------------


def sealed(content: bytes, key: bytes, size: int = 70_000) -> bytes:
    file = io.BytesIO()
    file.fileno = lambda: 1  # type: ignore[method-assign]
    sealing = EncryptedWriter(file, key)
    for start in range(0, len(content), size):
        sealing.write(content[start : start + size])
    for last in [bytes(sealing._waiting)]:
        sealing._seal(last, b"last")
    return file.getvalue()


@given(
    st.sampled_from(
        [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 2 * BLOCK_BYTES + 5]
    )
)
def test_what_is_sealed_comes_back_whole_or_not_at_all(size):
    key, content = new_key(), bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    kept = sealed(content, key)
    assert b"".join(decrypted_blocks(io.BytesIO(kept), key)) == content
    for spoiled in (
        kept[:-1],
        kept[: len(kept) - BLOCK_BYTES - 16] if size > BLOCK_BYTES else kept[1:],
        kept + b"x",
    ):
        with pytest.raises(UndecryptableFile):
            list(decrypted_blocks(io.BytesIO(spoiled), key))
    with pytest.raises(UndecryptableFile):
        list(decrypted_blocks(io.BytesIO(kept), new_key()))


def test_a_workbook_opens_and_calculates_nothing():
    file = io.BytesIO()
    write_xlsx(file, [("a", iter([["x", "y"], ["=1+1", 3], ["<&>\x07", None]])), ("b", iter([["z"]]))])
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["a", "b"]
    assert [[cell.value for cell in row] for row in book["a"]] == [["x", "y"], ["'=1+1", 3], ["<&>", None]]


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(monkeypatch):
    assert MOST_ROWS == 2**20
    monkeypatch.setattr("surveys.printing.sheets.MOST_ROWS", 3)
    file = io.BytesIO()
    write_xlsx(file, [("a", iter([["n"], *([n] for n in range(4))]))])
    book = openpyxl.load_workbook(file)
    assert [[row[0].value for row in sheet] for sheet in book] == [["n", 0, 1], ["n", 2, 3]]


def test_csv_gives_no_formula():
    file = io.BytesIO()
    write_csv(file, [("a", [["x"], ["@cmd"]])])
    assert zipfile.ZipFile(file).read("a.csv").decode("utf-8-sig") == "x\r\n'@cmd\r\n"


def test_every_field_that_ever_was():
    old = poll(layer("1", question("9", options=("1", "2")), question("10")))
    new = poll(layer("1", question("11"), question("9", options=("1", "3"))))
    asked = exported_questions([(1, old), (2, new)])
    assert [(one.question.id, one.versions) for one in asked] == [("11", [2]), ("9", [1, 2]), ("10", [1])]
    assert asked[1].question.option_ids == ("1", "3", "2")


@pytest.mark.parametrize(("numbers", "said"), [([], ""), ([1], "1"), ([1, 2, 3, 5], "1-3, 5")])
def test_span(numbers, said):
    assert number_ranges(numbers) == said


# --- a file -----------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor, settings, tmp_path) -> Survey:
    settings.DATA_DIR = tmp_path
    survey = make_survey(areas=[area], owner=editor)
    exports.name_colleague(survey=survey, user=editor, by=editor)
    return survey


def answer(survey: Survey, answers: dict, **fields) -> Response:
    channel = survey.channels.first()
    assert channel
    number = survey.responses.count()
    fields = {"layers_done": [str(one.pk) for one in survey.layers.all()], "language": "nl"} | fields
    return Response.objects.create(
        survey=survey, version=survey.current, receipt=fields.pop("receipt", None) or make_receipt(),
        channel=channel, area=survey.area, submit_key=f"k{number}", answers=answers, **fields,
    )  # fmt: skip


def rows_of(survey: Survey, by, **how) -> list[dict[str, str]]:
    asked = {"form": "csv", "version": None, "with_words": False, "reason": "To study"} | how
    export = exports.ask_export(survey=survey, by=by, **asked)
    exports.run_export_jobs()
    export.refresh_from_db()
    assert export.state == "made"
    content = b"".join(exports.open_export(export=export, by=by))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        name = next(name for name in book.namelist() if not name.startswith(("codebook", "codeboek")))
        return list(csv.DictReader(io.StringIO(book.read(name).decode("utf-8-sig")), delimiter=";"))


def test_a_row_for_each_who_finished_a_layer(survey, editor):
    first, second, *_rest = survey.layers.get(is_first=True).questions.all()
    chosen = first.options.first()
    answer(survey, {str(first.pk): str(chosen.pk), str(second.pk): None})
    answer(survey, {}, layers_done=[])
    answer(survey, {}, withdrawn_on=timezone.localdate(), counted=[])
    (row,) = rows_of(survey, editor)
    assert row[f"q{first.pk}"] == chosen.label[editor.language]
    assert row[f"q{second.pk}"].startswith("(")
    assert not {str(receipt) for receipt in Response.objects.values_list("receipt", flat=True)} & set(
        row.values()
    )


def test_what_was_answered_in_a_layer_that_was_not_finished_stays_here(survey, editor):
    deeper = survey.layers.last()
    asked = deeper.questions.get(type="several_choices")
    chosen = {str(asked.options.first().pk): True}
    answer(survey, {str(asked.pk): chosen}, layers_done=[str(survey.layers.get(is_first=True).pk)])
    (row,) = rows_of(survey, editor)
    assert {value for name, value in row.items() if name.startswith(f"q{asked.pk}.")} == {""}


@pytest.mark.parametrize(
    ("reading", "with_words", "said"),
    [
        (Reading.CLEAR, True, "masked"),
        (Reading.UNREAD, True, ""),
        (Reading.SENSITIVE, True, ""),
        (Reading.CLEAR, False, None),
    ],
)
def test_words_leave_masked_and_only_when_read_as_clear(survey, editor, reading, with_words, said):
    asked = survey.layers.get(order=1).questions.get()
    receipt = make_receipt()
    words = make_contribution(receipt=receipt, text="in the clear")
    words.masked_text, words.reading = "masked", reading
    words.save()
    answer(survey, {str(asked.pk): {"text": str(words.pk)}}, receipt=receipt)
    (row,) = rows_of(survey, editor, with_words=with_words)
    assert row.get(f"q{asked.pk}") == said
    assert "in the clear" not in str(row)


def test_nothing_lies_on_the_disk_in_the_clear(survey, editor, tmp_path):
    answer(survey, {})
    rows_of(survey, editor)
    (file,) = (tmp_path / "exports").iterdir()
    assert file.read_bytes()[:2] != b"PK"
    assert survey.area.name.encode() not in file.read_bytes()


def test_the_day_is_over(survey, editor, tmp_path):
    answer(survey, {})
    rows_of(survey, editor)
    Export.objects.update(until=timezone.now() - timedelta(seconds=1))
    export = Export.objects.get()
    with pytest.raises(DomainError):
        exports.open_export(export=export, by=editor)
    exports.run_export_jobs()
    export.refresh_from_db()
    assert (export.state, bytes(export.key), list((tmp_path / "exports").iterdir())) == ("destroyed", b"", [])


def test_who_stood_still_spoils_nothing_for_who_took_over(survey, editor, tmp_path, monkeypatch):
    write = exports.write_csv

    def stand_still(file, tables):
        monkeypatch.setattr(exports, "write_csv", write)
        Export.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert exports.ExportJob.run_all() == 1
        write(file, tables)

    answer(survey, {})
    monkeypatch.setattr(exports, "write_csv", stand_still)
    assert len(rows_of(survey, editor)) == 1
    (file,) = (tmp_path / "exports").iterdir()
    assert file.name == Export.objects.get().name.hex


def test_only_who_is_named_and_says_why(survey, editor, coordinator):
    how = {"survey": survey, "form": "csv", "version": None, "with_words": False}
    with pytest.raises(DomainError):
        exports.ask_export(**how, reason="To study", by=coordinator)
    with pytest.raises(DomainError):
        exports.ask_export(**how, reason=" ", by=editor)
    export = exports.ask_export(**how, reason="To study", by=editor)
    assert exports.ask_export(**how, reason="To study", by=editor) == export
    exports.run_export_jobs()
    export.refresh_from_db()
    exports.revoke_export_permission(survey=survey, user=editor.pk, by=editor)
    with pytest.raises(DomainError):
        exports.open_export(export=export, by=editor)


def test_asking_and_taking_stand_in_the_log(survey, editor, client):
    client.force_login(editor)
    asked = {"form": "xlsx", "version": "", "reason": "Report to the council"}
    to = client.post(reverse("survey_exports", args=[survey.pk]), asked)
    exports.run_export_jobs()
    assert client.get(to.url).status_code == 200
    taken = client.post(f"{to.url}download/")
    assert openpyxl.load_workbook(io.BytesIO(b"".join(taken))).sheetnames
    notes = dict(Event.objects.filter(verb__in=["asked_export", "took_export"]).values_list("verb", "note"))
    assert notes == dict.fromkeys(("asked_export", "took_export"), "Report to the council")


@pytest.mark.parametrize(
    ("language", "head", "about"),
    [
        ("nl", "kolom;vraag;soort vraag", "Naam van de ingang"),
        ("en", "column;question;type", "Name of the way in"),
    ],
)
def test_file_speaks_the_language_in_which_it_was_asked(survey, editor, client, language, head, about):
    """Not that of their mails. The keys above the answers stay the same: the codebook says what each means."""
    assert editor.language == "nl"
    answer(survey, {})
    client.force_login(editor)
    sent = {"form": "csv", "version": "", "reason": "Report to the council"}
    to = client.post(reverse("survey_exports", args=[survey.pk]), sent, headers={"Accept-Language": language})
    exports.run_export_jobs()
    taken = client.post(f"{to.url}download/", headers={"Accept-Language": language})
    with zipfile.ZipFile(io.BytesIO(b"".join(taken))) as book:
        answers, codebook = sorted(book.namelist(), key=lambda name: name.startswith("codeb"))
        told = book.read(codebook).decode("utf-8-sig")
        rows = book.read(answers).decode("utf-8-sig")
    assert (answers, codebook) == {
        "nl": ("antwoorden.csv", "codeboek.csv"), "en": ("answers.csv", "codebook.csv"),
    }[language]  # fmt: skip
    assert told.startswith(head) and about in told
    assert rows.startswith("nr;version;day;area;way_in;")


def test_a_file_of_a_colleague_is_not_found(survey, editor, administrator, client):
    answer(survey, {})
    exports.name_colleague(survey=survey, user=administrator, by=editor)
    export = exports.ask_export(
        survey=survey, form="csv", version=None, with_words=False, reason="To study", by=editor
    )
    client.force_login(administrator)
    assert client.get(reverse("survey_taken", args=[survey.pk, export.pk])).status_code == 404
    assert client.get(reverse("survey_exports", args=[survey.pk])).status_code == 200


def test_the_owner_names_and_a_viewer_does_not(survey, editor, coordinator, client):
    url = reverse("survey_exports_name", args=[survey.pk])
    client.force_login(editor)
    client.post(url, {"user": coordinator.pk})
    assert exports.may_export(survey, coordinator)
    client.post(url, {"remove": coordinator.pk})
    assert not exports.may_export(survey, coordinator)
    client.force_login(coordinator)
    assert client.post(url, {"user": coordinator.pk}).status_code == 403
