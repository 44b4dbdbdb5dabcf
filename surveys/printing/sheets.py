"""The number of a paper form, with a check digit that catches one wrong digit, or two that were swapped.

Otherwise the answers of one neighbour would go to the page of another. The check digit is that of Damm
(2004).
"""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import segno

from core.i18n import escape_formula, strip_control_characters
from core.paper import Other, PrintContent, TypesettingError, compile_pdf

FIRST_FORM_NUMBER = 101
_TABLE = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_LONGEST = 12


def _check(digits: str) -> str:
    state = 0
    for digit in digits:
        state = int(_TABLE[state][int(digit)])
    return str(state)


def format_form_number(number: int) -> str:
    return f"{number}-{_check(str(number))}"


def scanned_form_number(number: int) -> str:
    """As in the QR code, which a scanner types: digits only."""
    return f"{number}{_check(str(number))}"


def parse_form_number(typed: str) -> int | None:
    """The number that was typed or scanned; None if invalid."""
    digits = "".join(sign for sign in typed if sign in "0123456789")
    if not 2 <= len(digits) <= _LONGEST or _check(digits) != "0":
        return None
    return int(digits[:-1])


# Letters and forms as PDF/UA-1, typeset by typst. Data in, bytes out; uses no models.
#
# Typst keeps what it has typeset in memory, a quarter of a megabyte per letter: hundreds are typeset in a
# separate process (this file, run as a script), which frees the memory when it ends.


FEW_LETTERS, REFUSED = 20, 3
LETTER, PAPER_TEMPLATE = (Path(__file__).with_name(f"{name}.typ") for name in ("letter", "paper"))


@dataclass(frozen=True)
class PrintedLetter:
    to: list[str]
    code: str
    url: str


def letters_pdf(sheet: PrintContent, letters: Sequence[PrintedLetter]) -> bytes:
    """One page each. All are in memory together, so pass some hundreds at most. Raises CantBeSet."""
    data = {
        "words": asdict(sheet.words),
        "address": sheet.address,
        "window": sheet.window,
        "others": [asdict(other) for other in sheet.others],
        "letters": [_letter(letter) for letter in letters],
    }
    inputs = {"letters": json.dumps(strip_control_characters(data))}
    return compile_pdf(LETTER, inputs) if len(letters) <= FEW_LETTERS else _compile_apart(LETTER, inputs)


@dataclass(frozen=True)
class PrintedForm:
    """One paper form: its number as printed and as scanned, and the code on its strip."""

    number: str
    scanned: str
    code: str


def forms_pdf(sheet: Mapping[str, Any], forms: Sequence[PrintedForm]) -> bytes:
    """Each form takes as many pages as needed, beginning on the front of a sheet. Raises CantBeSet."""
    made = [{"number": form.number, "code": form.code} | _drawn(form.scanned) for form in forms]
    inputs = {"forms": json.dumps(strip_control_characters(dict(sheet)) | {"forms": made})}
    return (
        compile_pdf(PAPER_TEMPLATE, inputs)
        if len(forms) <= FEW_LETTERS
        else _compile_apart(PAPER_TEMPLATE, inputs)
    )


def can_be_set(sheet: PrintContent, other: Other) -> bool:
    """Whether the fonts have every character of this language."""
    one = PrintContent(sheet.words, sheet.url, sheet.address, [other])
    try:
        letters_pdf(one, [PrintedLetter(["x"], "", sheet.url)])
    except TypesettingError as refused:
        return refused.is_too_long
    return True


_PATH = re.compile(r' d="([^"]+)"')


def _letter(letter: PrintedLetter) -> dict[str, object]:
    return {"to": letter.to, "code": letter.code} | _drawn(letter.url)


def _drawn(what: str) -> dict[str, object]:
    """A QR code as one path in a square of `size`."""
    code = segno.make(what, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=False, omitsize=True)
    found = _PATH.search(out.getvalue().decode())
    assert found, "segno draws a QR code as one path."
    size = code.symbol_size(border=4)[0]
    return {"qr": found[1], "size": size}


def _compile_apart(template: Path, inputs: dict[str, str]) -> bytes:
    root, data = Path(__file__).resolve().parents[2], json.dumps(inputs).encode()
    command = [sys.executable, "-m", __name__, str(template)]  # our own module, with data passed on stdin
    ran = subprocess.run(command, input=data, capture_output=True, cwd=root, check=False)  # noqa: S603
    if ran.returncode == REFUSED:
        raise TypesettingError(ran.stderr.decode(errors="replace").strip()[-500:])
    if ran.returncode:
        raise RuntimeError(f"Setting the letters ended with {ran.returncode}.")
    return ran.stdout


def main() -> None:
    try:
        made = compile_pdf(Path(sys.argv[1]), json.load(sys.stdin))
    except TypesettingError as error:
        sys.stderr.write(str(error))
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()


# Large tables written row by row: CSV or a workbook, into anything with write and flush.
#
# A workbook is a ZIP of XML; written here and not by openpyxl, which keeps rows unencrypted in a temporary
# file. Every text is written as text: a spreadsheet evaluates none of it.


MOST_ROWS = 1_048_576
"""Rows per sheet, including the heading."""

MAX_CELL_CHARACTERS = 32_767
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
                    writer.writerow([escape_formula(cell) for cell in row])
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
        for path, content in _workbook_parts(names):
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
    text = escape(escape_formula(str(value))[:MAX_CELL_CHARACTERS])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _workbook_parts(names: list[str]) -> Iterator[tuple[str, str]]:
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
