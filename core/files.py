"""Files that leave and come in: downloads as CSV (in the format Dutch Excel opens), XLSX, PDF and ODT; the limit on
uploads; hashed, compressed static files, of which style sheets are joined from their components.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import openpyxl
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpResponse, StreamingHttpResponse
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from whitenoise.storage import CompressedManifestStaticFilesStorage

from core.i18n import escape_formula

# --- downloads ------------------------------------------------------------------------------------


class _Echo:
    """A file object for csv.writer that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def csv_response(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Stream `rows` as they come. Uses semicolons and a byte order mark, because Dutch Excel expects them."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo(), delimiter=";")
        yield "\ufeff" + writer.writerow([escape_formula(title) for title in head])
        for row in rows:
            yield writer.writerow([escape_formula(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_response(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A worksheet with a bold, frozen header row. Numbers stay numbers; text is never read as a formula."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "B2"

    def cell(value: Any, **how: Any) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value=escape_formula(value))
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
    """Shown inline in the browser; `name` is the file name when the user saves it."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def odt_response(name: str, content: bytes) -> HttpResponse:
    """Sent as an attachment, to be edited in an office program."""
    response = HttpResponse(content, content_type="application/vnd.oasis.opendocument.text")
    response["Content-Disposition"] = f'attachment; filename="{name}.odt"'
    return response


# --- uploads --------------------------------------------------------------------------------------


MAX_UPLOAD_BYTES = 100 * 1024 * 1024 + 1
"""One byte more than allowed, so that the form sees that it is too large."""
TOO_LARGE = "nabij.upload_too_large"


class SizeLimitUploadHandler(FileUploadHandler):
    """Upload handler that runs before Django's own. It drops a file that is too large and flags the request.

    The form can't refuse in time, because the CSRF check reads the body first.
    """

    def handle_raw_input(self, input_data: Any, META: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        self.meta = META

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > MAX_UPLOAD_BYTES:
            self.meta[TOO_LARGE] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


# --- static files ---------------------------------------------------------------------------------

IMPORT = re.compile(r'@import "(css/[\w/-]+\.css)";')
COMMENT = re.compile(r'("[^"]*")|/\*.*?\*/', re.DOTALL)
SPACE = re.compile(r'("[^"]*")|\s*([{};,])\s*')


def minify_css(css: str) -> str:
    """The same rules without comments and most of the white space. What is quoted stays as it is."""
    css = COMMENT.sub(lambda found: found[1] or "", css)
    return SPACE.sub(lambda found: found[1] or found[2], css).strip()


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Puts the components of static/css in the place of the lines that import them: one file, one request.

    In debug nothing is joined: the browser follows the imports and sees each change at once.
    Ignores `sourceMappingURL` lines: Leaflet refers to a map that it does not ship.
    """

    patterns = (("*.css", (r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",)),)

    def post_process(self, paths: dict[str, tuple], *args: Any, **options: Any) -> Iterator[tuple]:
        def text(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        joined = InMemoryStorage()
        sheets = {name: text(name) for name in paths if name.endswith(".css")}
        lists = {name: css for name, css in sheets.items() if IMPORT.search(css)}
        for name, css in lists.items():
            joined.save(name, ContentFile(minify_css(IMPORT.sub(lambda found: text(found[1]), css)).encode()))
        components = {name for css in lists.values() for name in IMPORT.findall(css)}
        paths = {name: source for name, source in paths.items() if name not in components}
        paths |= {name: (joined, name) for name in lists}
        yield from super().post_process(paths, *args, **options)
