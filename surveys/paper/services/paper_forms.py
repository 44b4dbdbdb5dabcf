"""Paper forms, made in a job: numbered, each with the code of its own receipt, destroyed once they are
printed.

surveys/printing/services.py describes how they are made, and what a crash leaves. Codes are stored
only in the folder of the run, and are destroyed with it.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.codes import new_code
from accounts.models import Event, Receipt, User
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import code_hash
from core.languages import offered_languages
from core.paper import TypesettingError
from core.rows import get_or_gone
from surveys.models import Channel, PaperForm, PaperRun, Survey
from surveys.models.paper import PrintRunQuerySet
from surveys.paper.services.paper_sheet import sheet
from surveys.printing import services as files
from surveys.printing import services as printing
from surveys.printing import sheets
from surveys.printing.services import PdfPart
from surveys.printing.sheets import PrintedForm, forms_pdf
from surveys.states import ChannelKind, LetterState

MAX_FORMS_PER_RUN = 2_000
FORMS_PER_FILE = 50
CODES, ZIP = "codes.json", "forms.zip"
PAPER_FORMS_KEPT_DAYS = 30
"""Days that printed codes are kept at most, and that an unused form remains valid after the survey closed."""

NumberedCode = tuple[int, str]
"""(form number, code on the form)."""


# --- requested by colleagues ------------------------------------------------------------------


@transaction.atomic
def order_forms(
    *, survey: Survey, channel: Channel, language: str, forms: int, hand_in: str, checked: int, by: User
) -> PaperRun:
    """Order `forms` forms of the running version; a job makes them. Raises DomainError."""
    if survey.current is None or not survey.is_under_way:
        raise DomainError(
            _("Forms can be printed from the moment the survey is published until it is closed.")
        )
    if channel.survey_id != survey.pk or channel.kind != ChannelKind.PAPER:
        raise DomainError(_("Choose a way in of the kind “paper”."))
    if language not in offered_languages(survey.languages) or not 0 < forms <= MAX_FORMS_PER_RUN:
        raise DomainError(
            _("Print from 1 to %(most)s forms, in a language of the survey.") % {"most": MAX_FORMS_PER_RUN}
        )
    for _attempt in range(5):
        last = PaperRun.objects.aggregate(last=Max(F("first_number") + F("forms")))["last"]
        try:
            with transaction.atomic():
                run = PaperRun.objects.create(
                    channel=channel,
                    version=survey.current,
                    language=language,
                    hand_in=hand_in,
                    checked=checked,
                    first_number=last or sheets.FIRST_FORM_NUMBER,
                    forms=forms,
                    created_by=by,
                )
        except IntegrityError:  # somebody took these numbers at this moment
            continue
        Event.log("print_forms", survey, by=by, number=forms, code=channel.code)
        return run
    raise DomainError(_("That did not work. Please press the button once more."))


def try_again(*, run: PaperRun) -> None:
    """Retry after a problem. Idempotent."""
    if run.state == LetterState.STUCK:
        run.move(LetterState.MAKING, trouble="")


def log_forms_download(*, run: PaperRun, by: User) -> Path:
    gone = _("These forms are not there (any more). Print new ones.")
    return printing.log_print_run_download("download_forms", run, ZIP, by=by, gone=gone)


def destroy_paper_run(*, run: PaperRun, by: User | None, today: date | None = None) -> None:
    """Destroy the PDF with its codes. Forms that were never made are deleted."""
    printing.destroy_print_run("destroy_forms", run, by=by, today=today, never_made=_take_back)


def _take_back(run: PaperRun) -> None:
    Receipt.objects.filter(paper_form__run=run).delete()


# --- done by jobs -----------------------------------------------------------------------------


class PaperRunJob(printing.PrintRunJob[PaperRun]):
    ZIP = ZIP
    GOES_WITH_PARTS = (CODES,)

    @classmethod
    def to_do(cls) -> PrintRunQuerySet[PaperRun]:
        return PaperRun.objects.to_do().select_related("channel__survey", "version", "created_by")

    def codes(self) -> list[NumberedCode]:
        return _codes(self.row)

    def register(self, codes: list[NumberedCode]) -> None:
        _register(self.row, codes)

    def parts(self, codes: list[NumberedCode]) -> Iterator[PdfPart]:
        text = sheet(self.row)
        for start in range(0, len(codes), FORMS_PER_FILE):
            some = codes[start : start + FORMS_PER_FILE]
            name = f"forms-{some[0][0]}-{some[-1][0]}.pdf"
            yield PdfPart(name, start + len(some), partial(_pdf, text, some))

    def why_not(self, error: TypesettingError) -> str:
        return explain_form_error(error)


run_paper_jobs = PaperRunJob.run_all


def explain_form_error(error: TypesettingError) -> str:
    too_long = _("The texts above the questions are too long for one page. Shorten them.")
    return printing.explain_print_error(error, too_long=too_long)


def new_printed_form(number: int, code: str) -> PrintedForm:
    return PrintedForm(sheets.format_form_number(number), sheets.scanned_form_number(number), code)


def _pdf(text: dict[str, Any], some: list[NumberedCode]) -> bytes:
    return forms_pdf(text, [new_printed_form(number, code) for number, code in some])


def _codes(run: PaperRun) -> list[NumberedCode]:
    return [(number, code) for number, code in files.load_or_create(run.folder, CODES, partial(_draw, run))]


def _draw(run: PaperRun) -> list[NumberedCode]:
    drawn: set[str] = set()
    while len(drawn) < run.forms:
        drawn.add(new_code())
    return list(zip(range(run.first_number, run.first_number + run.forms), drawn, strict=True))


def _register(run: PaperRun, codes: list[NumberedCode]) -> None:
    """All of them or none; idempotent. If a code is taken already, all codes are drawn again."""
    try:
        with transaction.atomic():
            get_or_gone(PaperRun.objects.select_for_update(), pk=run.pk)
            if run.made.exists():
                return
            receipts = [
                Receipt(
                    purpose=ReceiptPurpose.PARTICIPATION,
                    code_hash=code_hash(code),
                    language=run.language,
                    without_contact=run.channel.survey.without_contact,
                )
                for _number, code in codes
            ]
            Receipt.objects.bulk_create(receipts, batch_size=500)
            made = [
                PaperForm(number=number, run=run, receipt=receipt)
                for (number, _code), receipt in zip(codes, receipts, strict=True)
            ]
            PaperForm.objects.bulk_create(made, batch_size=500)
    except IntegrityError:
        if not run.made.exists():
            files.delete_files(run.folder, CODES)
        raise
