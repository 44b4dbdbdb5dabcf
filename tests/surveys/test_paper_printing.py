"""Forms on paper: a number that a slip does not change into another, each with a code of its own, gone once printed."""

import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.codes import normalise_private_code
from accounts.models import Receipt
from core.errors import DomainError
from core.keyed import code_hash
from surveys.models import Channel, PaperForm, PaperRun, Survey
from surveys.paper.services import paper_forms
from surveys.paper.services.paper_sheet import sheet
from surveys.printing import services as files
from surveys.printing import services as printing
from surveys.printing import sheets
from surveys.states import ChannelKind, LetterState
from tests.house import our_models
from tests.people import make_municipality
from tests.surveys.paper import make, survey_on_paper
from tests.surveys.polls import both, make_question, make_survey, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, next_area, editor) -> Survey:
    return survey_on_paper(area, next_area, owner=editor)


# --- the number -------------------------------------------------------------------------------


def test_a_slip_in_a_number_is_noticed():
    number = sheets.format_form_number(1042)
    assert (
        sheets.parse_form_number(number) == sheets.parse_form_number(sheets.scanned_form_number(1042)) == 1042
    )
    digits = sheets.scanned_form_number(1042)
    for place in range(len(digits)):
        for digit in set("0123456789") - {digits[place]}:
            assert sheets.parse_form_number(digits[:place] + digit + digits[place + 1 :]) is None
    for place in range(len(digits) - 1):
        turned = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        assert turned == digits or sheets.parse_form_number(turned) is None


@pytest.mark.parametrize("typed", ["", "x", "7", "²³", "1" * 40, "٣٤", "\0"])
def test_what_is_no_number_is_none(typed):
    assert sheets.parse_form_number(typed) is None


# --- printing ---------------------------------------------------------------------------------


def test_each_form_has_a_number_and_the_code_of_a_receipt(survey, monkeypatch):
    printed = []
    monkeypatch.setattr(paper_forms, "forms_pdf", lambda text, forms: printed.extend(forms) or b"%PDF-")
    run = make(survey, forms=4)
    assert [sheets.parse_form_number(form.number) for form in printed] == [101, 102, 103, 104]
    for form in printed:
        made = PaperForm.objects.get(pk=sheets.parse_form_number(form.number))
        assert normalise_private_code(form.code) == form.code
        assert made.receipt.code_hash == code_hash(form.code) and made.run == run
    assert make(survey, forms=2).first_number == 105


def test_it_is_a_tagged_pdf(survey):
    run = make(survey)
    with zipfile.ZipFile(files.folder_of(run.folder) / paper_forms.ZIP) as archive:
        (name,) = archive.namelist()
        pdf = archive.read(name)
    assert b"/StructTreeRoot" in pdf and b"pdfuaid:part>1<" in pdf


def test_every_type_can_be_printed_in_words(area, next_area, editor):
    make_municipality()
    survey = make_survey(areas=[area, next_area], owner=editor, questions=1)
    layer = survey.layers.get(is_first=True)
    yes_no = make_question(layer, "yes_no", options=2)
    last = yes_no.options.last()
    if_no = {"is": {"question": str(yes_no.pk), "option": str(last.pk)}}
    make_question(layer, "scale", options=5)
    make_question(
        layer, "number", condition=if_no, settings={"least": 0, "most": 40, "unit": both("uur", "hours")}
    )
    make_question(layer, "date", settings={"earliest": "2026-05-01", "latest": "2026-09-30"})
    make_question(
        layer, "about_you", settings={"subject": "health", "consent": True, "reason": both("Om de helling")}
    )
    make_question(layer, "statements", options=2)
    make_question(layer, "neighbourhood")
    make_question(layer, "place", condition={"not": if_no})
    make_question(layer, "short_text", condition={"not": {"any": [if_no, {"in_area": [str(area.pk)]}]}})
    publish(survey)
    survey.refresh_from_db()
    run = make(survey, language="en")
    first = sheet(run)["layers"][0]["questions"]
    assert [one["number"] for one in first] == list(range(1, 11))
    assert first[3]["only_if"] == (
        f"Only if you chose “{last.label['en']}” at question 2. Otherwise go to question 5."
    )
    assert first[3]["boxes"] == [2] and first[3]["unit"] == "hours" and first[5]["consent"]
    assert first[8]["only_if"].startswith(f"Only if you did not choose “{last.label['en']}” at question 2.")
    assert first[9]["only_if"].startswith("Only if this is not so: ") and area.name in first[9]["only_if"]


def test_no_text_of_a_colleague_is_read_as_markup(survey):
    version = survey.current
    version.document["title"]["nl"] = '#read("/etc/passwd") *x* $y$ <z> \\ "'
    type(version).objects.filter(pk=version.pk).update(document=version.document, digest="y" * 64)
    survey.refresh_from_db()
    make(survey, hand_in="#panic() *bij* de balie")


@pytest.mark.parametrize("at", ["codes", "receipts", "first file", "all files", "zip"])
def test_a_killed_job_loses_and_doubles_no_code(survey, monkeypatch, at):
    """Another job goes on from whatever was kept; each form is printed with the code that was registered."""

    class Killed(BaseException):
        pass

    def dies(name, when=1, after=True, of=paper_forms):
        real, calls = getattr(of, name), []

        def run(*args, **more):
            calls.append(1)
            if len(calls) == when and not after:
                raise Killed
            found = real(*args, **more)
            if len(calls) == when:
                raise Killed
            return found

        monkeypatch.setattr(of, name, run)

    printed: dict[str, set[str]] = {}
    real_pdf = paper_forms.forms_pdf

    def note(text, forms):
        for form in forms:
            printed.setdefault(form.number, set()).add(form.code)
        return real_pdf(text, forms)

    monkeypatch.setattr(paper_forms, "FORMS_PER_FILE", 2)
    monkeypatch.setattr(paper_forms, "forms_pdf", note)
    way = Channel.objects.create(survey=survey, kind=ChannelKind.PAPER, name="Papier", code="papier")
    run = paper_forms.order_forms(
        survey=survey, channel=way, language="nl", forms=5, hand_in="Hier", checked=0, by=survey.owner
    )
    with monkeypatch.context() as patch:
        monkeypatch = patch
        match at:
            case "codes":
                dies("_codes")
            case "receipts":
                dies("_register")
            case "first file":
                dies("forms_pdf", when=2, after=False)
            case "all files":
                dies("write_zip", after=False, of=printing)
            case "zip":
                dies("write_zip", of=printing)
        with pytest.raises(Killed):
            paper_forms.run_paper_jobs()
    PaperRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert paper_forms.run_paper_jobs() == 1
    run.refresh_from_db()
    assert run.state == LetterState.MADE and run.made.count() == Receipt.objects.count() == 5
    hashes = set(Receipt.objects.values_list("code_hash", flat=True))
    assert {code_hash(code) for codes in printed.values() for code in codes} == hashes
    assert len(printed) == 5 and all(len(codes) == 1 for codes in printed.values())
    assert [path.name for path in files.folder_of(run.folder).iterdir()] == [paper_forms.ZIP]


def test_destroyed_means_nowhere(survey):
    run = make(survey)
    assert (files.folder_of(run.folder) / paper_forms.ZIP).exists()
    printing.delete_stray_folders()
    assert files.folder_of(run.folder).exists(), "what a row knows is no stray"
    for _time in range(2):
        paper_forms.destroy_paper_run(run=run, by=survey.owner)
    assert not files.folder_of(run.folder).exists() and run.state == LetterState.DESTROYED
    assert PaperForm.objects.count() == 3, "the forms are with the residents, and stay good"
    with pytest.raises(DomainError):
        paper_forms.log_forms_download(run=run, by=survey.owner)


def test_codes_never_stand_in_the_database(survey, monkeypatch):
    codes = []
    monkeypatch.setattr(
        paper_forms, "forms_pdf", lambda text, forms: codes.extend(f.code for f in forms) or b"%PDF-"
    )
    make(survey)
    for model in our_models():
        for row in model._base_manager.values():
            assert not any(code in str(row) for code in codes), model
