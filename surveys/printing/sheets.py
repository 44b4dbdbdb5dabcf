"""Large tables written row by row: CSV or a workbook, into anything with write and flush.

A workbook is a ZIP of XML; written here and not by openpyxl, which keeps rows unencrypted in a temporary
file. Every text is written as text: a spreadsheet evaluates none of it.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any
from xml.sax.saxutils import escape

from core.i18n import harmless

MOST_ROWS = 1_048_576
"""Rows per sheet, including the heading."""

WIDE = 32_767
"""Maximum number of characters in a cell."""


SheetRows = Iterable[Iterable[Any]]


def write_csv(files: Any, tables: Iterable[tuple[str, SheetRows]]) -> None:
    """A ZIP with a file per table: semicolons and a byte order mark, as Excel in Dutch expects."""
    with zipfile.ZipFile(files, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, rows in tables:
            with book.open(f"{name}.csv", "w", force_zip64=True) as file:
                text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=False)
                writer = csv.writer(text, delimiter=";")
                for row in rows:
                    writer.writerow([harmless(cell) for cell in row])
                text.flush()
                text.detach()


def write_xlsx(files: Any, tables: Iterable[tuple[str, SheetRows]]) -> None:
    """A workbook with a sheet per table, and further sheets if a table is longer than a sheet can be."""
    names: list[str] = []
    with zipfile.ZipFile(files, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, rows in tables:
            lines = iter(rows)
            head = next(lines, ())
            more: Iterator[Any] | None = lines
            part = 1
            while more is not None:
                names.append(name if part == 1 else f"{name} {part}")
                with book.open(f"xl/worksheets/sheet{len(names)}.xml", "w", force_zip64=True) as file:
                    more = _sheet(file, head, more)
                part += 1
        for path, content in _around(names):
            book.writestr(path, content)


def _sheet(file: IO[bytes], head: Iterable[Any], rows: Iterator[Any]) -> Iterator[Any] | None:
    """Writes until the rows or the sheet end. Returns the remaining rows, or None."""
    file.write(
        b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns='
        b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">'
        b'<pane xSplit="1" ySplit="1" topLeftCell="B2" state="frozen"/></sheetView></sheetViews><sheetData>'
    )
    file.write(_line(head))
    count, left = 1, None
    for row in rows:
        file.write(_line(row))
        count += 1
        if count == MOST_ROWS:
            following = next(rows, None)
            left = None if following is None else _first(following, rows)
            break
    file.write(b"</sheetData></worksheet>")
    return left


def _first(row: Any, rows: Iterator[Any]) -> Iterator[Any]:
    yield row
    yield from rows


def _line(row: Iterable[Any]) -> bytes:
    return f"<row>{''.join(map(_cell, row))}</row>".encode()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    text = escape(harmless(str(value))[:WIDE])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _around(names: list[str]) -> Iterator[tuple[str, str]]:
    """The other parts of a workbook: (name, XML)."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(names) + 1)
    yield (
        "[Content_Types].xml",
        f'{head}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
    )
    yield (
        "_rels/.rels",
        f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "xl/workbook.xml",
        f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name[:31])}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in zip(numbers, names, strict=True)
        )
        + "</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{head}<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + "</Relationships>",
    )
