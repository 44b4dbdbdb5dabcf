"""A run of letters or forms: made in parts by a job, zipped, downloaded for the printer, and destroyed.

| step     | what is kept                                              | a crash after it                    |
|----------|-----------------------------------------------------------|-------------------------------------|
| order    | the run                                                   | the next job begins                 |
| codes    | a file in its folder with a code for each, written once   | the next job reads the same codes   |
| register | a hash of each code as a row, all in one transaction      | they are there, or none of them     |
| parts    | a PDF of some of them, each file whole or not there       | made again from the same codes      |
| zip      | all of them in one file                                   | zipped again                        |
"""

import zipfile
from abc import abstractmethod
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.jobs import LeasedJob
from core.paper import CantBeSet
from surveys.models import AddressList, LetterRun, PaperRun
from surveys.models.print_run import PrintRun, Run
from surveys.printing.services import address_files as files
from surveys.states import LetterState

# --- done by jobs -----------------------------------------------------------------------------


class PdfPart(NamedTuple):
    name: str
    done: int
    """Number of pieces made when this part is done."""
    pdf: Callable[[], bytes]


class PrintRunJob(LeasedJob[Run]):
    """Makes one run; may be killed after any line and restarted."""

    told = (CantBeSet,)
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
    def why_not(self, error: CantBeSet) -> str: ...

    def make(self) -> None:
        folder = self.row.folder
        if not (files.folder_of(folder) / self.ZIP).exists():  # else only the cleanup is left
            codes = self.codes()
            self.register(codes)
            self.renew(done=0)
            names = [self._keep(part) for part in self.parts(codes)]
            zip_up(folder, names, into=self.ZIP)
        files.delete_files(folder, "*.pdf", *self.GOES_WITH_PARTS)
        self.end(LetterState.MADE, done=self.row.pieces)

    def _keep(self, part: PdfPart) -> str:
        folder = self.row.folder
        if not (files.folder_of(folder) / part.name).exists():
            files.store_file(folder, part.name, part.pdf())
        self.renew(done=part.done)
        return part.name

    def fail(self, error: Exception) -> None:
        ours = _("Something went wrong on our side. Try it once more.")
        self.end(LetterState.STUCK, trouble=self.why_not(error) if isinstance(error, CantBeSet) else ours)


def zip_up(folder: UUID, names: list[str], *, into: str) -> None:
    """One file for the printer, written atomically."""
    place = files.folder_of(folder)
    beside = place / f".{uuid4().hex}"
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.write(place / name, name)
    beside.chmod(0o600)
    beside.replace(place / into)


def explain_print_error(error: CantBeSet, *, too_long: str) -> str:
    if error.is_too_long:
        return too_long
    return _(
        "Nabij can't print some of the characters in these texts. Write them in another script, and try again."
    )


# --- requested by colleagues ------------------------------------------------------------------


def log(verb: str, run: PrintRun, *, by: User) -> None:
    Event.log(verb, run.channel.survey, by=by, number=run.pieces, code=run.channel.code)


def log_print_run_download(verb: str, run: PrintRun, name: str, *, by: User, gone: str) -> Path:
    """The file for the printer; logs the download. Raises DomainError if it is gone."""
    path = files.folder_of(run.folder) / name
    if run.state != LetterState.MADE or not path.exists():
        raise DomainError(gone)
    log(verb, run, by=by)
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
            log(verb, run, by=by)
        if not was_made:
            never_made(run)
    files.destroy_folder(folder)


def sweep_strays() -> int:
    """Deletes folders of addresses and forms without a row: left by a process that died. Returns how many."""
    kept = AddressList.objects.filter(taken_on=None, destroyed_on=None)
    known = [
        rows.values_list("folder", flat=True)
        for rows in (LetterRun.objects.with_files(), PaperRun.objects.with_files(), kept)
    ]
    return files.sweep(set().union(*known))
