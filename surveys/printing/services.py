"""Print runs and the address files that they read."""

import json
import os
import shutil
import time
import zipfile
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.jobs import LeasedJob
from core.paper import TypesettingError
from neighbourhoods.imports.services.imports import open_table, table_problem_text
from neighbourhoods.imports.tables import TableFileError, TableProblem
from surveys.models import AddressList, LetterRun, PaperRun
from surveys.models.paper import PrintRun, Run
from surveys.printing import addresses
from surveys.printing.addresses import AddressColumn, Fault, FaultKind, ParsedAddresses
from surveys.states import LetterState

# The files of an address list: in their own folder outside the database, destroyed together with it.
#
# They are never rows, so no copy of the database holds them. Each is written whole or not at all.


_MAX_FAULTS_SHOWN = 200
"""Number of faults kept for the preview; the total counts all."""

_COLUMN_NAMES: dict[str, Any] = {
    AddressColumn.NAME: gettext_lazy("name"),
    AddressColumn.STREET: gettext_lazy("street"),
    AddressColumn.NUMBER: gettext_lazy("house number"),
    AddressColumn.LETTER: gettext_lazy("house letter"),
    AddressColumn.ADDITION: gettext_lazy("addition"),
    AddressColumn.POSTCODE: gettext_lazy("postcode"),
    AddressColumn.TOWN: gettext_lazy("town"),
    AddressColumn.EMAIL: gettext_lazy("e-mail address"),
    AddressColumn.LANGUAGE: gettext_lazy("language"),
}
FAULT_REASONS: dict[str, Any] = {
    FaultKind.NO_STREET: gettext_lazy("The street is missing."),
    FaultKind.NO_NUMBER: gettext_lazy("The house number is missing."),
    FaultKind.NO_POSTCODE: gettext_lazy("The postcode is missing."),
    FaultKind.ODD_POSTCODE: gettext_lazy("This is not a Dutch postcode. One looks like 1234 AB."),
    FaultKind.NO_TOWN: gettext_lazy("The town is missing."),
    FaultKind.TOO_LONG: gettext_lazy("This does not fit in the window of an envelope."),
    FaultKind.NO_EMAIL: gettext_lazy("The e-mail address is missing."),
    FaultKind.ODD_EMAIL: gettext_lazy("Something is missing in this e-mail address."),
    FaultKind.TWICE: gettext_lazy("The same address is in row %(detail)s. It is used once."),
    FaultKind.ODD_ROW: gettext_lazy("This row does not fit under the names of the columns."),
}
LIST_FILE_NAME, REPORT = "list.json", "report.json"


def _fault_in_words(fault: Fault) -> dict[str, Any]:
    return {
        "row": fault.row,
        "column": fault.column,
        "cell": "" if fault.wrong == FaultKind.TWICE else fault.detail,
        "reason": str(FAULT_REASONS[fault.wrong]) % {"detail": fault.detail},
    }


# --- reading a list -------------------------------------------------------------------------------


def read_houses(content: bytes, *, most: int) -> ParsedAddresses:
    """Raises DomainError if the list as a whole is unusable."""
    return _usable(_read(content, mail=False), most)


def read_address_list(content: bytes, pasted: str, *, most: int) -> ParsedAddresses:
    """From a file, or from pasted text. Raises DomainError if the list as a whole is unusable."""
    return _usable(_read(content, mail=True) if content else addresses.read_pasted(pasted), most)


def _read(content: bytes, *, mail: bool) -> ParsedAddresses:
    try:
        table = open_table(content)
    except DomainError as error:
        # The most common list has mail addresses only, which is not a table.
        lines = _lines(content) if mail and isinstance(error.__cause__, TableFileError) else ""
        if not lines or error.__cause__.problem not in (TableProblem.NOT_A_TABLE, TableProblem.NO_HEAD):  # type: ignore[union-attr]
            raise
        first, _newline, rest = lines.partition("\n")
        return addresses.read_pasted(lines if "@" in first else f"\n{rest}")
    found = addresses.columns_of(table.head)
    if lacks := addresses.missing_columns(found, mail=mail):
        names = ", ".join(str(_COLUMN_NAMES[part]) for part in lacks)
        raise DomainError(
            _(
                "We can't find these columns: %(names)s. The list has: %(head)s. Give them "
                "these names, and upload the list again."
            )
            % {"names": names, "head": ", ".join(filter(None, table.head))[:200]}
        )
    try:
        return (addresses.read_email_addresses if mail else addresses.read_houses)(table)
    except TableFileError as refused:
        raise DomainError(table_problem_text(refused.problem, refused.detail)) from refused


def _lines(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return ""


def _usable(read: ParsedAddresses, most: int) -> ParsedAddresses:
    if not read.good:
        first = _fault_in_words(read.faults[0]) if read.faults else None
        what = _("Row %(row)s: %(reason)s") % first if first else _("It is empty.")
        raise DomainError(_("No address in this list can be used.") + " " + what)
    if len(read.good) > most:
        raise DomainError(
            _("This list has %(count)s addresses, and %(most)s at once is the limit. Split it up.")
            % {"count": len(read.good), "most": most}
        )
    return read


# --- storing it -----------------------------------------------------------------------------------


def folder_of(folder: UUID) -> Path:
    return Path(settings.DATA_DIR) / "addresses" / folder.hex


def store_parsed_addresses(folder: UUID, read: ParsedAddresses) -> None:
    report = {
        "columns": {str(_COLUMN_NAMES[AddressColumn(part)]): name for part, name in read.columns.items()},
        "unused": read.unused,
        "faults": [_fault_in_words(fault) for fault in read.faults[:_MAX_FAULTS_SHOWN]],
    }
    store_file(folder, LIST_FILE_NAME, json.dumps(read.good).encode())
    store_file(folder, REPORT, json.dumps(report).encode())


def store_file(folder: UUID, name: str, content: bytes, *, once: bool = False) -> None:
    """Writes the file atomically. With `once` the first one stays, whoever comes second."""
    place = folder_of(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = place / f".{name}.{uuid4().hex}"
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if once:
            with suppress(FileExistsError):
                os.link(beside, place / name)
        else:
            beside.replace(place / name)
    finally:
        beside.unlink(missing_ok=True)


def load(folder: UUID, name: str) -> Any:
    """The JSON stored under this name; None if it does not exist (any more)."""
    try:
        return json.loads((folder_of(folder) / name).read_bytes())
    except FileNotFoundError:
        return None


def load_or_create(folder: UUID, name: str, make: Callable[[], Any]) -> Any:
    """The JSON stored under this name. The first caller makes it; every other reads that."""
    if load(folder, name) is None:
        store_file(folder, name, json.dumps(make()).encode(), once=True)
    return load(folder, name)


def delete_files(folder: UUID, *patterns: str) -> None:
    for pattern in patterns:
        for path in folder_of(folder).glob(pattern):
            path.unlink(missing_ok=True)


def destroy_folder(folder: UUID) -> None:
    """Destroys a folder: hidden by one rename, then deleted. Idempotent."""
    place = folder_of(folder)
    gone = place.with_name(f".gone-{uuid4().hex}")
    try:
        place.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone)


def sweep(known: set[UUID]) -> int:
    """Deletes folders over a day old that are not in `known`: left by a process that died. Returns how many."""
    root, names = Path(settings.DATA_DIR) / "addresses", {folder.hex for folder in known}
    yesterday = time.time() - 86_400  # a younger one may be of a list that is being uploaded
    strays = [
        place for place in root.glob("*") if place.name not in names and place.stat().st_mtime < yesterday
    ]
    for place in strays:
        shutil.rmtree(place, ignore_errors=True)
    return len(strays)


# A run of letters or forms: made in parts by a job, zipped, downloaded for the printer, and destroyed.
#
# | step     | what is kept                                              | a crash after it                    |
# |----------|-----------------------------------------------------------|-------------------------------------|
# | order    | the run                                                   | the next job begins                 |
# | codes    | a file in its folder with a code for each, written once   | the next job reads the same codes   |
# | register | a hash of each code as a row, all in one transaction      | they are there, or none of them     |
# | parts    | a PDF of some of them, each file whole or not there       | made again from the same codes      |
# | zip      | all of them in one file                                   | zipped again                        |


# --- done by jobs -----------------------------------------------------------------------------


class PdfPart(NamedTuple):
    name: str
    done: int
    """Number of pieces made when this part is done."""
    pdf: Callable[[], bytes]


class PrintRunJob(LeasedJob[Run]):
    """Makes one run; may be killed after any line and restarted."""

    told = (TypesettingError,)
    ZIP: ClassVar[str]
    GOES_WITH_PARTS: ClassVar[tuple[str, ...]] = ()
    """Other files with codes, deleted with the parts: from then on codes are in the zip only."""

    @abstractmethod
    def codes(self) -> list[tuple[Any, str]]:
        """(what the code is for, code). Decided by the first job that asks."""

    @abstractmethod
    def register(self, codes: list[tuple[Any, str]]) -> None:
        """All of them or none; idempotent."""

    @abstractmethod
    def parts(self, codes: list[tuple[Any, str]]) -> Iterator[PdfPart]: ...

    @abstractmethod
    def why_not(self, error: TypesettingError) -> str: ...

    def make(self) -> None:
        folder = self.row.folder
        if not (folder_of(folder) / self.ZIP).exists():  # else only the cleanup is left
            codes = self.codes()
            self.register(codes)
            self.renew(done=0)
            names = [self._keep(part) for part in self.parts(codes)]
            write_zip(folder, names, into=self.ZIP)
        delete_files(folder, "*.pdf", *self.GOES_WITH_PARTS)
        self.end(LetterState.MADE, done=self.row.pieces)

    def _keep(self, part: PdfPart) -> str:
        folder = self.row.folder
        if not (folder_of(folder) / part.name).exists():
            store_file(folder, part.name, part.pdf())
        self.renew(done=part.done)
        return part.name

    def fail(self, error: Exception) -> None:
        ours = _("Something went wrong on our side. Try it once more.")
        self.end(
            LetterState.STUCK, trouble=self.why_not(error) if isinstance(error, TypesettingError) else ours
        )


def write_zip(folder: UUID, names: list[str], *, into: str) -> None:
    """One file for the printer, written atomically."""
    place = folder_of(folder)
    beside = place / f".{uuid4().hex}"
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.write(place / name, name)
    beside.chmod(0o600)
    beside.replace(place / into)


def explain_print_error(error: TypesettingError, *, too_long: str) -> str:
    if error.is_too_long:
        return too_long
    return _(
        "Nabij can't print some of the characters in these texts. Write them in another script, and try again."
    )


# --- requested by colleagues ------------------------------------------------------------------


def log_print_run_event(verb: str, run: PrintRun, *, by: User) -> None:
    Event.log(verb, run.channel.survey, by=by, number=run.pieces, code=run.channel.code)


def log_print_run_download(verb: str, run: PrintRun, name: str, *, by: User, gone: str) -> Path:
    """The file for the printer; logs the download. Raises DomainError if it is gone."""
    path = folder_of(run.folder) / name
    if run.state != LetterState.MADE or not path.exists():
        raise DomainError(gone)
    log_print_run_event(verb, run, by=by)
    return path


def destroy_print_run(
    verb: str, run: Run, *, by: User | None, today: date | None, never_made: Callable[[Run], None]
) -> None:
    """Destroys its folder with all files. The codes remain valid: residents have them."""
    with transaction.atomic():
        made = type(run)._default_manager.filter(pk=run.pk, state=LetterState.MADE)
        was_made = (
            made.select_for_update().exists()
        )  # current state: a job may have ended since `run` was read
        if not run.move(LetterState.DESTROYED, destroyed_on=today or timezone.localdate()):
            if run.state == LetterState.DESTROYED:
                return
            raise InvalidTransition(_("They are being made right now. Wait until that is done."))
        folder = run.folder
        if by:
            log_print_run_event(verb, run, by=by)
        if not was_made:
            never_made(run)
    destroy_folder(folder)


def delete_stray_folders() -> int:
    """Deletes folders of addresses and forms without a row: left by a process that died. Returns how many."""
    kept = AddressList.objects.filter(taken_on=None, destroyed_on=None)
    known = [
        rows.values_list("folder", flat=True)
        for rows in (LetterRun.objects.with_files(), PaperRun.objects.with_files(), kept)
    ]
    return sweep(set().union(*known))
