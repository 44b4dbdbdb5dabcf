"""The life of an import: read, previewed, written all at once or not at all, and undone if needed.

The contents are handled by its kind (import_kinds.py). Small files are read within the request, large ones by a job
that reports its progress.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.jobs import Interrupted, LeasedJob, stopping
from core.revision import revision
from core.rows import get_or_gone
from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.colleagues.services import lock_root_area
from neighbourhoods.imports import tables
from neighbourhoods.imports.numerals import NumeralProblem
from neighbourhoods.imports.services.import_kinds import (
    IMPORTERS,
    PREVIEW_LINES_SHOWN,
    ImportPlan,
    PreviewLine,
)
from neighbourhoods.imports.services.import_kinds import RowError as WrongLine
from neighbourhoods.imports.tables import Table, TableFileError, TableProblem
from neighbourhoods.models import Import, ImportQuerySet
from neighbourhoods.states import FileState

MAX_IMPORT_BYTES = 100 * 1024 * 1024
MAX_IMMEDIATE_BYTES = 400_000
"""Bytes. A larger file is read by a job."""

_RETENTION = timedelta(days=1)


# --- actions of a user ------------------------------------------------------------------------


def stage_import(
    *, kind: str, content: bytes, file_name: str, options: dict[str, Any], by: User | None
) -> Import:
    """Store a file until the user decides. Raises DomainError if it can't be used; then nothing is stored."""
    if len(content) > MAX_IMPORT_BYTES:
        raise DomainError(too_big_message())
    one = Import(kind=kind, file_name=_short(file_name), options=options, created_by=by)
    if len(content) <= MAX_IMMEDIATE_BYTES:
        _read(one, content, ignore_progress)
        one.state = FileState.PREVIEWED
    _store_new_import(one, content)
    return one


def stage_and_plan(
    *, kind: str, content: bytes, file_name: str, options: dict[str, Any], progress: ProgressCallback
) -> tuple[Import, ImportPlan]:
    """For commands: read at once, whatever the size. Pass the plan to `apply_planned_import`."""
    one = Import(kind=kind, file_name=_short(file_name), options=options, state=FileState.PREVIEWED)
    plan = _read(one, content, progress)
    _store_new_import(one, content)
    return one, plan


def _store_new_import(one: Import, content: bytes) -> None:
    one.content = zlib.compress(content, 1)
    with transaction.atomic():
        _drop_earlier_imports(one.kind, one.created_by)
        one.save()


def _drop_earlier_imports(kind: str, by: User | None) -> None:
    """Drop earlier undecided files: one per kind and person is kept, and none longer than a day."""
    now = timezone.now()
    stale = Import.objects.waiting().filter(created_at__lt=now - _RETENTION)
    mine = Import.objects.waiting().filter(kind=kind, created_by=by)
    (stale | mine).move(FileState.DROPPED)


def too_big_message() -> str:
    return _("This file is larger than %(size)s MB. Cut it in parts, or leave out what is not needed.") % {
        "size": MAX_IMPORT_BYTES // 1024**2
    }


def change_import_options(*, one: Import, options: dict[str, Any], by: User | None) -> Import:
    """Read it again with these options; other options stay as they were."""
    one = _require_undecided(one)
    one.options |= options
    if one.report["large"]:
        one.move(FileState.READING, options=one.options, done=0, total=0)
    else:
        _read(one, _content(one), ignore_progress)
        _store_preview(one)
    return one


def _require_undecided(one: Import) -> Import:
    """The current row, without its content. Raises InvalidTransition if it was decided already."""
    found = Import.objects.waiting().filter(pk=one.pk).defer("content", "undo").first()
    if found is None:
        raise InvalidTransition(_("This import was carried out or dropped already."))
    return found


def _store_preview(one: Import) -> None:
    """Store options and report. Raises InvalidTransition if it was decided meanwhile."""
    fields = {"options": one.options, "report": one.report}
    if not Import.objects.waiting().filter(pk=one.pk).update(**fields):
        raise InvalidTransition(_("This import was carried out or dropped already."))


def apply_import(*, one: Import, by: User | None, seen: str) -> Import:
    """Write what the preview showed; `seen` is the revision of that preview. A job writes a large file."""
    one = _require_preview_seen(one, seen)
    if one.report["large"]:
        one.move(FileState.WRITING, done=0, total=0)
    else:
        _write(one, _read_again(one, seen, ignore_progress), ignore_progress, seen=seen, by=by)
    return one


def apply_planned_import(*, one: Import, plan: ImportPlan, progress: ProgressCallback) -> Import:
    """For commands that have just read the file; plans again if the data changed since."""
    seen = one.report["seen"]
    one = _require_preview_seen(one, seen)
    if IMPORTERS[one.kind].data_revision() != one.report["stamp"]:
        plan = _read_again(one, seen, progress)
    _write(one, plan, progress, seen=seen, by=None)
    return one


def _require_preview_seen(one: Import, seen: str) -> Import:
    one = _require_undecided(one)
    if one.report["seen"] != seen:
        raise DomainError(_changed_message())
    _refuse_wrong(one.report)
    return one


def _read_again(one: Import, seen: str, progress: ProgressCallback) -> ImportPlan:
    plan = _read(one, _content(one), progress)
    if one.report["seen"] != seen:
        _store_preview(one)
        raise DomainError(_changed_message())
    return plan


def _changed_message() -> str:
    return _("Something changed since you looked. Check the preview again.")


@transaction.atomic
def drop_import(*, one: Import, by: User) -> None:
    one.move(FileState.DROPPED)
    Event.log("dropped import", one, by=by)


@transaction.atomic
def undo_import(*, one: Import, by: User | None) -> None:
    """Restore everything as it was before. Raises DomainError if anything changed since or depends on it."""
    lock_root_area()
    one = get_or_gone(Import.objects.all(), pk=one.pk)
    if one.state != FileState.APPLIED:
        raise InvalidTransition(_("This import was undone already."))
    IMPORTERS[one.kind].put_back(one.record)
    one.move(FileState.UNDONE, undo=b"")
    Event.log("undid import", one, by=by, note=one.file_name)


# --- job --------------------------------------------------------------------------------------


class ImportJob(LeasedJob[Import]):
    """A large file that is read or written."""

    told = (DomainError,)

    @classmethod
    def to_do(cls) -> ImportQuerySet:
        return Import.objects.to_do().select_related("created_by").defer("content", "undo")

    def make(self) -> None:
        one, seen = self.row, self.row.report.get("seen", "")
        plan = _read(one, _content(one), self._tell)
        if one.state == FileState.READING:
            self.end(FileState.PREVIEWED, report=one.report, options=one.options)
            return
        if one.report["seen"] != seen:
            raise DomainError(_changed_message())
        _refuse_wrong(one.report)
        _write(one, plan, self._say_nothing, seen=seen, by=one.created_by, is_mine=self.is_mine)

    def fail(self, error: Exception) -> None:
        ours = _("Something went wrong on our side. Nothing was written.")
        # A previewed file can be tried again; a file that could not be read has nothing to show.
        back = FileState.PREVIEWED if self.began_as == FileState.WRITING else FileState.REFUSED
        sentence = str(error) if isinstance(error, DomainError) else ours
        self.end(back, report=self.row.report | {"sentence": sentence})

    def _tell(self, done: int, total: int) -> None:
        self.progress(done=done, total=total)

    def _say_nothing(self, done: int, total: int) -> None:
        """Raise Interrupted when the worker stops. Progress is not saved: nobody sees it before commit."""
        if stopping.is_set():
            raise Interrupted


run_import_jobs = ImportJob.run_all


# --- shared -----------------------------------------------------------------------------------


def _read(one: Import, content: bytes, progress: ProgressCallback) -> ImportPlan:
    """Plan the import and set its report; `seen` is the revision of everything that affects what is written."""
    made = IMPORTERS[one.kind]
    stamp = made.data_revision()
    plan = made.plan(content, one.options, progress)
    seen = revision([plan.counts, one.options, stamp])
    one.report = plan.report() | {"stamp": stamp, "seen": seen, "large": len(content) > MAX_IMMEDIATE_BYTES}
    return plan


def _write(
    one: Import,
    plan: ImportPlan,
    progress: ProgressCallback,
    *,
    seen: str,
    by: User | None,
    is_mine: Callable[[], bool] = lambda: True,
) -> None:
    """Write in one transaction, if the compared data is still what the user saw."""
    with transaction.atomic():
        lock_root_area()
        if not is_mine():
            raise Interrupted
        if one.report["seen"] != seen or IMPORTERS[one.kind].data_revision() != one.report["stamp"]:
            raise DomainError(_changed_message())
        if one.state == FileState.PREVIEWED:
            one.move(FileState.WRITING)
        record = IMPORTERS[one.kind].write(plan, one, progress)
        one.move(FileState.APPLIED, report=one.report, undo=zlib.compress(json.dumps(record).encode(), 3))
        counts = plan.counts
        Event.log(
            "imported file", one, by=by, note=one.file_name, new=counts["new"], changed=counts["changed"]
        )


def _refuse_wrong(report: dict[str, Any]) -> None:
    if report["asks"]:
        raise DomainError(_("Something has to be chosen first, so nothing was written."))
    if count := report["counts"]["wrong"]:
        raise DomainError(
            ngettext(
                "%(count)s line is wrong, so nothing was written.",
                "%(count)s lines are wrong, so nothing was written.",
                count,
            )
            % {"count": count}
        )


def _content(one: Import) -> bytes:
    """The file. It may be large, so it is loaded only when needed."""
    return zlib.decompress(bytes(one.content))


def ignore_progress(done: int, total: int) -> None:
    """Progress callback for a file that is read at once."""


def _short(file_name: str) -> str:
    return "".join(sign for sign in file_name if sign.isprintable())[-120:]


# Messages for problems in tables, and a plan for tables too long to keep every line.


_TABLE_PROBLEM_TEXTS: dict[TableProblem, Any] = {
    TableProblem.TOO_BIG: gettext_lazy(
        "This file is larger than 20 MB. Leave out the columns or towns you don't need."
    ),
    TableProblem.NOT_A_TABLE: gettext_lazy("There is no table in this file. CSV and XLSX can be read."),
    TableProblem.OLD_EXCEL: gettext_lazy(
        "This is an old or a locked Excel file. Open it, and save it as XLSX without a password."
    ),
    TableProblem.A_MAP: gettext_lazy("This is a file with a map. Bring it in as borders."),
    TableProblem.NOT_TEXT: gettext_lazy("The letters in this file can't be read. Save it as CSV UTF-8."),
    TableProblem.NUL: gettext_lazy("There is an unreadable sign in line %(detail)s. Save the file as CSV UTF-8."),
    TableProblem.BROKEN: gettext_lazy("This Excel file can't be opened. Save it once more as XLSX."),
    TableProblem.BOMB: gettext_lazy("This Excel file becomes far too large when it is unpacked, so it was not opened."),
    TableProblem.NO_HEAD: gettext_lazy("The names of the columns are missing. Put them in a row above the figures."),
    TableProblem.NO_ROWS: gettext_lazy("There is nothing under the names of the columns."),
    TableProblem.TOO_MANY_ROWS: gettext_lazy("There are more than %(detail)s rows in this file."),
    TableProblem.TOO_MANY_COLUMNS: gettext_lazy("There are more than %(detail)s columns in this file."),
    TableProblem.QUOTES: gettext_lazy("A quotation mark is missing at line %(detail)s, so the rest can't be read."),
    TableProblem.TOO_FEW_CELLS: gettext_lazy("It has fewer cells than there are columns (%(detail)s)."),
    TableProblem.TOO_MANY_CELLS: gettext_lazy("It has more cells than there are columns (%(detail)s)."),
    TableProblem.LONG_CELL: gettext_lazy("One of its cells holds a very long text: “%(detail)s…”."),
}  # fmt: skip

NUMERAL_PROBLEM_TEXTS: dict[NumeralProblem, Any] = {
    NumeralProblem.NO_NUMBER: gettext_lazy("“%(cell)s” is no number."),
    NumeralProblem.OTHER_SIGN: gettext_lazy("“%(cell)s” has another decimal sign than the rest of its column."),
    NumeralProblem.TOO_LARGE: gettext_lazy("“%(cell)s” is too large to be right."),
    NumeralProblem.UNCOUNTED: gettext_lazy(
        "Cell %(cell)s holds a formula without a result. Open it in Excel, and save it."
    ),
}  # fmt: skip


def table_problem_text(problem: TableProblem, detail: str = "") -> str:
    return str(_TABLE_PROBLEM_TEXTS[problem]) % {"detail": detail}


def open_table(content: bytes) -> Table:
    """Like tables.open_table, but raises DomainError with a message."""
    try:
        return tables.open_table(content)
    except TableFileError as refused:
        raise DomainError(table_problem_text(refused.problem, refused.detail)) from refused


@dataclass
class CountedPlan(ImportPlan):
    """Counts all lines in `sums`, but keeps only the first ones."""

    sums: Counter[str] = field(default_factory=Counter)

    @property
    def counts(self) -> dict[str, int]:
        return {group: self.sums[group] for group in self.GROUPS}

    def add(self, group: str, line: PreviewLine) -> None:
        self.sums[group] += 1
        if len(kept := getattr(self, group)) < PREVIEW_LINES_SHOWN:
            kept.append(line)

    def add_wrong(self, row: int, name: str, reason: str, column: str = "") -> None:
        self.sums["wrong"] += 1
        if len(self.wrong) < PREVIEW_LINES_SHOWN:
            self.wrong.append(WrongLine(row, name, reason, column))
