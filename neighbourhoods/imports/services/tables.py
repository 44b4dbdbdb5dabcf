"""Messages for problems in tables, and a plan for tables too long to keep every line."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from core.errors import DomainError
from neighbourhoods.imports import tables
from neighbourhoods.imports.numerals import NumeralProblem
from neighbourhoods.imports.services.import_kinds import PREVIEW_LINES_SHOWN, ImportPlan, PreviewLine
from neighbourhoods.imports.services.import_kinds import RowError as WrongLine
from neighbourhoods.imports.tables import Table, TableFileError, TableProblem

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

WRONG_CELLS: dict[NumeralProblem, Any] = {
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
