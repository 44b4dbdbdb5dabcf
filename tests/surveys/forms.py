"""Form files for tests, made of rows."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

from surveys.exchange.xlsform.book import open_book
from surveys.exchange.xlsform.taking import ImportedForm, plan_from_form

Rows = Iterable[Sequence[Any]]


def workbook(**sheets: Rows) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def taken(survey: Rows, choices: Rows = (), **sheets: Rows) -> ImportedForm:
    content = workbook(survey=survey, choices=choices, **sheets)
    return plan_from_form(open_book(content), languages=["nl", "en"], unnamed="nl")


def codes(result: ImportedForm) -> list[tuple[str, int, str]]:
    """(code, row, column) of every line of the report."""
    return [(remark.code.value, remark.row, remark.column) for remark in result.remarks]
