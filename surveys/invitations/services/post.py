"""Letters to addresses: a list is imported, letters go to the printer, and list, letters and order are
destroyed together.

The list is a file in the folder of the run. surveys/printing/services.py describes how letters are
made from it, and what a crash leaves. Codes are random and unrelated to an address; rows are ordered by their
hashes. Only the folder holds which code went to which address.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError, InvalidTransition
from core.paper import PrintContent, TypesettingError
from neighbourhoods.models import Area, Municipality
from surveys.answering.access_codes import new_codes
from surveys.answering.services.beginning import letter_hash
from surveys.builder.services.publish import add_channel
from surveys.models import AccessCode, Channel, LetterRun, Survey
from surveys.models.paper import PrintRunQuerySet
from surveys.paper.services.paper import new_printed_letter, sheet_for_letters
from surveys.printing import services as files
from surveys.printing import services as printing
from surveys.printing.services import PdfPart
from surveys.printing.sheets import letters_pdf
from surveys.states import ChannelKind, LetterState

_MAX_ADDRESSES = 50_000
LETTERS_PER_FILE = 500
"""Letters held in memory together, and in one file: some 150 MB and a few seconds, in a separate process."""

LETTERS_KEPT_DAYS = 30
"""Days that a list and its letters are kept at most, as in config/retention.toml."""

PAIRS, ZIP = "pairs.json", "letters.zip"

AddressedCode = tuple[list[str], str]
"""(lines of an address, code sent there)."""


# --- requested by colleagues ------------------------------------------------------------------


def create_letter_run(
    *,
    survey: Survey,
    name: str,
    content: bytes,
    area: Area | None,
    window: str,
    with_reminder: bool,
    by: User,
) -> LetterRun:
    """Import an address list for preview. Raises DomainError if it is unusable; then nothing is stored."""
    _refuse(survey)
    read = files.read_houses(content, most=_MAX_ADDRESSES)
    with transaction.atomic():
        channel = add_channel(
            survey=survey,
            kind=ChannelKind.LETTER,
            name=name,
            invited=True,
            area_id=area.pk if area else None,
            by=by,
        )
        run = LetterRun.objects.create(
            channel=channel,
            letters=len(read.good),
            left_out=len(read.faults),
            window=window,
            with_reminder=with_reminder,
            created_by=by,
        )
        files.store_parsed_addresses(run.folder, read)
    return run


def _refuse(survey: Survey) -> None:
    if not survey.is_under_way:
        raise DomainError(
            _("Letters can be made from the moment the survey is published until it is closed.")
        )


@transaction.atomic
def start_making(*, run: LetterRun, by: User) -> None:
    """Let a job make the letters. Idempotent."""
    _refuse(run.channel.survey)
    if run.move(LetterState.MAKING, done=0, trouble=""):
        printing.log_print_run_event("make_letters", run, by=by)
    elif run.state == LetterState.DESTROYED:
        raise InvalidTransition(_("These letters were destroyed already."))


def log_letters_download(*, run: LetterRun, by: User) -> Path:
    gone = _("These letters are not there (any more).")
    return printing.log_print_run_download("download_letters", run, ZIP, by=by, gone=gone)


def destroy_letter_run(*, run: LetterRun, by: User | None, today: date | None = None) -> None:
    """Destroy list, letters and order together. A list that was never made into letters is deleted with its
    channel.
    """
    printing.destroy_print_run("destroy_letters", run, by=by, today=today, never_made=_take_back)


def _take_back(run: LetterRun) -> None:
    if not run.channel.codes.exists():
        run.channel.delete()


def last_backup_day(run: LetterRun) -> date:
    """The last day on which a backup of the disk may still hold them."""
    return (run.destroyed_on or timezone.localdate()) + timedelta(days=Municipality.current().backup_days)


def preview(run: LetterRun, shown: int = 5) -> dict[str, Any]:
    """The first addresses of the list, and its faults. Empty if the files are gone."""
    found = files.load(run.folder, files.LIST_FILE_NAME) or []
    report = files.load(run.folder, files.REPORT) or {"columns": {}, "unused": [], "faults": []}
    return report | {"first": found[:shown], "is_there": bool(found)}


# --- done by jobs -----------------------------------------------------------------------------


class LetterRunJob(printing.PrintRunJob[LetterRun]):
    ZIP = ZIP

    @classmethod
    def to_do(cls) -> PrintRunQuerySet[LetterRun]:
        return LetterRun.objects.to_do().select_related("channel__survey__current__backing", "created_by")

    def codes(self) -> list[AddressedCode]:
        return _pairs(self.row)

    def register(self, codes: list[AddressedCode]) -> None:
        _register(self.row.channel, [code for _to, code in codes])

    def parts(self, codes: list[AddressedCode]) -> Iterator[PdfPart]:
        run = self.row
        for reminder in (False, True) if run.with_reminder else (False,):
            sheet = sheet_for_letters(run.channel, window=run.window, reminder=reminder)
            for start in range(0, len(codes), LETTERS_PER_FILE):
                some = codes[start : start + LETTERS_PER_FILE]
                name = f"{'reminders' if reminder else 'letters'}-{start // LETTERS_PER_FILE + 1:03}.pdf"
                done = len(codes) if reminder else start + len(some)
                yield PdfPart(name, done, partial(_pdf, sheet, run.channel, some))

    def why_not(self, error: TypesettingError) -> str:
        return explain_letter_error(error)


run_letter_jobs = LetterRunJob.run_all


def explain_letter_error(error: TypesettingError) -> str:
    too_long = _(
        "The texts of the survey are too long for one page. Shorten the title or the first sentence."
    )
    return printing.explain_print_error(error, too_long=too_long)


def _pdf(sheet: PrintContent, channel: Channel, some: list[AddressedCode]) -> bytes:
    return letters_pdf(sheet, [new_printed_letter(channel, to, code) for to, code in some])


def _pairs(run: LetterRun) -> list[AddressedCode]:
    return [(to, code) for to, code in files.load_or_create(run.folder, PAIRS, partial(_draw, run))]


def _draw(run: LetterRun) -> list[AddressedCode]:
    addresses = files.load(run.folder, files.LIST_FILE_NAME)
    if addresses is None:
        raise FileNotFoundError("The list of this run is gone.")
    return list(zip(addresses, new_codes(len(addresses)), strict=True))


@transaction.atomic
def _register(channel: Channel, codes: list[str]) -> None:
    """All of them or none, in an order that reveals nothing. Idempotent."""
    hashes = sorted(letter_hash(channel, code) for code in codes)
    rows = [AccessCode(code_hash=one, channel=channel) for one in hashes]
    AccessCode.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
