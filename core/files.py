"""What is taken along: tables as CSV (as a Dutch spreadsheet opens it) and XLSX, and documents as PDF and ODT."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import openpyxl
from django.http import HttpResponse, StreamingHttpResponse
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from core.i18n import harmless


class _Echo:
    """A file for csv.writer that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_response(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Streams `rows` as they come. Semicolons and a byte order mark, as Excel in Dutch expects."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo(), delimiter=";")
        yield "\ufeff" + writer.writerow([harmless(title) for title in head])
        for row in rows:
            yield writer.writerow([harmless(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_response(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A sheet with a bold first row that stays in sight. Numbers are numbers; a text is never a formula."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "B2"

    def cell(value: Any, **how: Any) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value=harmless(value))
        if isinstance(value, str):
            made.data_type = "s"
        for attribute, wanted in how.items():
            setattr(made, attribute, wanted)
        return made

    sheet.append([cell(title, font=Font(bold=True)) for title in head])
    for row in rows:
        sheet.append([cell(value) for value in row])
    book.save(content := io.BytesIO())
    response = HttpResponse(
        content.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def pdf_response(name: str, content: bytes) -> HttpResponse:
    """Opens in the browser; that is its name when somebody keeps it."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def odt_response(name: str, content: bytes) -> HttpResponse:
    """Kept, to be gone on with in an office programme."""
    response = HttpResponse(content, content_type="application/vnd.oasis.opendocument.text")
    response["Content-Disposition"] = f'attachment; filename="{name}.odt"'
    return response
