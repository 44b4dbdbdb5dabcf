"""Documents for download: tagged PDF (PDF/UA-1), set by typst from plain texts.

EN 301 549 applies to documents that a municipality offers for download, as it does to its pages.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.core.cache import cache
from typst import TypstError

from core.i18n import strip_control_characters
from core.paper import typeset_pdf

TYPST_TEMPLATE_PATH = Path(__file__).with_name("document.typ")
_CACHE_SECONDS = 3_600


Block = dict[str, Any]
"""A piece of a document as plain data: page, PDF and ODT are made from it, and it can be stored as a frozen copy."""


def paragraph_block(text: str, *, lang: str = "") -> Block:
    """A paragraph; `lang` if its language differs from the document's."""
    return {"kind": "said", "text": text, "lang": lang}


def bullet_list_block(items: Iterable[str]) -> Block:
    return {"kind": "points", "items": list(items)}


def subheading_block(text: str) -> Block:
    return {"kind": "heading", "text": text}


def link_block(text: str, url: str) -> Block:
    """`url` must be absolute, because documents print it."""
    return {"kind": "link", "text": text, "url": url}


def table_block(
    caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: Iterable[int] = ()
) -> Block:
    """`numbers` are the indexes of columns with numbers of people. The first column names the row."""
    return {
        "kind": "table",
        "caption": caption,
        "head": list(head),
        "rows": [list(row) for row in rows],
        "numbers": list(numbers),
    }


@dataclass(frozen=True)
class DocumentSection:
    """A heading with lines, or with blocks where lines are not enough."""

    heading: str
    lines: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True)
class PrintableDocument:
    title: str
    author: str
    language: str
    lead: str = ""
    rtl: bool = False
    parts: list[DocumentSection] = field(default_factory=list)


class MissingGlyphs(Exception):
    """No font has some character of the text; a document with gaps would not be valid PDF/UA."""


def as_pdf(document: PrintableDocument) -> bytes:
    """The PDF, cached for an hour by content. Raises NoLetters."""
    data = json.dumps(strip_control_characters(asdict(document)), sort_keys=True)
    key = f"pdf:{hashlib.sha256(data.encode()).hexdigest()}"
    found: bytes | None = cache.get(key)
    if found is None:
        try:
            found = typeset_pdf(TYPST_TEMPLATE_PATH, {"document": data})
        except TypstError as error:
            raise MissingGlyphs(str(error)) from error
        cache.set(key, found, _CACHE_SECONDS)
    return found


# The same documents as OpenDocument text, for use with a council's own letterhead and papers.
#
# The XML is written by hand to ODF 1.2: real headings, tables with header rows, and a language on every part, so that
# the file stays accessible when it is edited further.


MIMETYPE = "application/vnd.oasis.opendocument.text"
XML_NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    "manifest": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
}
COUNTRY_BY_LANGUAGE = {"nl": "NL", "en": "GB"}
"""Office programs treat a language without a country as no language."""
ODT_MEMBERS = ("content.xml", "styles.xml", "meta.xml")


def as_odt(document: PrintableDocument) -> bytes:
    """The zipped file. The MIME type comes first and uncompressed, as the standard requires."""
    made = {
        "content.xml": _content(document),
        "styles.xml": _styles(document),
        "meta.xml": _meta(document),
        "META-INF/manifest.xml": _manifest(),
    }
    with zipfile.ZipFile(written := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE, zipfile.ZIP_STORED)
        for name, root in made.items():
            archive.writestr(zipfile.ZipInfo(name), tostring(root, "utf-8", xml_declaration=True))
    return written.getvalue()


def _root(name: str) -> Element:
    """Declares all prefixes explicitly, because readers of this format expect these names."""
    return Element(
        name, {f"xmlns:{prefix}": space for prefix, space in XML_NAMESPACES.items()}, **_version(name)
    )


def _version(name: str) -> dict[str, str]:
    return {"manifest:version" if name.startswith("manifest") else "office:version": "1.2"}


def _add(into: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Attributes are given as `text__style_name`, for “text:style-name”."""
    named = {key.replace("__", ":").replace("_", "-"): value for key, value in attributes.items()}
    made = SubElement(into, name, named)
    if text:
        made.text = strip_control_characters(text)
    return made


def _country(language: str) -> dict[str, str]:
    return {
        "fo__language": language.partition("-")[0],
        "fo__country": COUNTRY_BY_LANGUAGE.get(language, "none"),
    }


# --- content ----------------------------------------------------------------------------------


def _content(document: PrintableDocument) -> Element:
    root = _root("office:document-content")
    automatic = _add(root, "office:automatic-styles")
    for language in sorted(
        {one["lang"] for part in document.parts for one in part.blocks if one.get("lang")}
    ):
        style = _add(automatic, "style:style", style__name=f"In_{language}", style__family="text")
        _add(style, "style:text-properties", **_country(language))
    text = _add(_add(root, "office:body"), "office:text")
    _add(text, "text:p", document.title, text__style_name="Title")
    if document.lead:
        _add(text, "text:p", document.lead, text__style_name="Subtitle")
    tables = 0
    for part in document.parts:
        _heading(text, part.heading, 1)
        for line in part.lines:
            _add(text, "text:p", line, text__style_name="Text_20_body")
        for block in part.blocks:
            tables += block["kind"] == "table"
            _block(text, block, tables)
    return root


def _heading(into: Element, words: str, level: int) -> None:
    _add(
        into, "text:h", words, text__style_name=f"Heading_20_{level}", text__outline_level=str(level)
    )  # fmt: skip


def _block(into: Element, block: Block, number: int) -> None:
    match block["kind"]:
        case "heading":
            _heading(into, block["text"], 2)
        case "points":
            made = _add(into, "text:list", text__style_name="List_20_1")
            for words in block["items"]:
                _add(_add(made, "text:list-item"), "text:p", words, text__style_name="Text_20_body")
        case "link":
            line = _add(into, "text:p", f"{block['text']}: ", text__style_name="Text_20_body")
            _add(line, "text:a", block["url"], xlink__type="simple", xlink__href=block["url"])
        case "table":
            _table(into, block, number)
        case _ if block["lang"]:
            line = _add(into, "text:p", text__style_name="Text_20_body")
            _add(line, "text:span", block["text"], text__style_name=f"In_{block['lang']}")
        case _:
            _add(into, "text:p", block["text"], text__style_name="Text_20_body")


def _table(into: Element, block: Block, number: int) -> None:
    """A named table, so that a reader can jump to it, with a header row that repeats on every page."""
    _add(into, "text:p", block["caption"], text__style_name="Caption")
    made = _add(into, "table:table", table__name=f"Table{number}", table__style_name="Table")
    _add(made, "table:title", block["caption"])
    _add(made, "table:table-column", table__number_columns_repeated=str(len(block["head"])))
    _row(_add(made, "table:table-header-rows"), block["head"], block, "Table_20_Heading")
    for row in block["rows"]:
        _row(made, row, block, "Table_20_Contents")


def _row(into: Element, cells: list[str], block: Block, style: str) -> None:
    row = _add(into, "table:table-row")
    for column, words in enumerate(cells):
        cell = _add(row, "table:table-cell", office__value_type="string", table__style_name="Cell")
        is_number = column in block["numbers"]
        _add(cell, "text:p", words, text__style_name=f"{style}_20_End" if is_number else style)


# --- styles -----------------------------------------------------------------------------------


def _styles(document: PrintableDocument) -> Element:
    root = _root("office:document-styles")
    styles = _add(root, "office:styles")
    default = _add(styles, "style:default-style", style__family="paragraph")
    _add(
        default,
        "style:paragraph-properties",
        style__writing_mode="rl-tb" if document.rtl else "lr-tb",
        fo__text_align="start",
    )
    _add(default, "style:text-properties", fo__font_size="11pt", **_country(document.language))
    _paragraph(styles, "Standard")
    _paragraph(styles, "Text_20_body", under="0.25cm", line="130%")
    _paragraph(styles, "Title", under="0.3cm", size="22pt", bold=True)
    _paragraph(styles, "Subtitle", under="0.6cm", size="12pt")
    for level, size in ((1, "16pt"), (2, "13pt")):
        _paragraph(
            styles, f"Heading_20_{level}", under="0.2cm", over="0.6cm", size=size, bold=True, level=str(level)
        )
    _paragraph(styles, "Caption", under="0.1cm", over="0.3cm", bold=True, keep=True)
    for ending, align in (("", ""), ("_20_End", "end")):
        _paragraph(styles, f"Table_20_Contents{ending}", align=align)
        _paragraph(styles, f"Table_20_Heading{ending}", bold=True, align=align)
    cell = _add(styles, "style:style", style__name="Cell", style__family="table-cell")
    _add(cell, "style:table-cell-properties", fo__padding="0.1cm", fo__border_bottom="0.5pt solid #857b6c")
    made = _add(styles, "style:style", style__name="Table", style__family="table")
    _add(made, "style:table-properties", table__align="margins", fo__margin_bottom="0.4cm")
    bullets = _add(styles, "text:list-style", style__name="List_20_1")
    bullet = _add(bullets, "text:list-level-style-bullet", text__level="1", text__bullet_char="•")
    _add(bullet, "style:list-level-properties", text__space_before="0.3cm", text__min_label_width="0.5cm")
    layout = _add(_add(root, "office:automatic-styles"), "style:page-layout", style__name="A4")
    _add(
        layout, "style:page-layout-properties", fo__page_width="21cm", fo__page_height="29.7cm",
        fo__margin="2.5cm", style__writing_mode="rl-tb" if document.rtl else "lr-tb",
    )  # fmt: skip
    _add(
        _add(root, "office:master-styles"), "style:master-page", style__name="Standard",
        style__page_layout_name="A4",
    )  # fmt: skip
    return root


def _paragraph(
    styles: Element,
    name: str,
    *,
    under: str = "",
    over: str = "",
    line: str = "",
    size: str = "",
    align: str = "",
    level: str = "",
    bold: bool = False,
    keep: bool = False,
) -> None:
    shown = {"style__name": name, "style__display_name": name.replace("_20_", " ")}
    if level:
        shown["style__default_outline_level"] = level
    made = _add(styles, "style:style", style__family="paragraph", **shown)
    if name != "Standard":
        made.set("style:parent-style-name", "Standard")
    spaces = {
        "fo__margin_bottom": under,
        "fo__margin_top": over,
        "fo__line_height": line,
        "fo__text_align": align,
    }
    if level or keep:
        spaces["fo__keep_with_next"] = "always"
    _add(made, "style:paragraph-properties", **{key: value for key, value in spaces.items() if value})
    letters = {"fo__font_size": size, "fo__font_weight": "bold" if bold else ""}
    _add(made, "style:text-properties", **{key: value for key, value in letters.items() if value})


# --- metadata ---------------------------------------------------------------------------------


def _meta(document: PrintableDocument) -> Element:
    root = _root("office:document-meta")
    meta = _add(root, "office:meta")
    _add(meta, "dc:title", document.title)
    _add(meta, "dc:creator", document.author)
    _add(meta, "dc:language", document.language)
    return root


def _manifest() -> Element:
    root = _root("manifest:manifest")
    _add(
        root,
        "manifest:file-entry",
        manifest__full_path="/",
        manifest__media_type=MIMETYPE,
        manifest__version="1.2",
    )
    for name in ODT_MEMBERS:
        _add(root, "manifest:file-entry", manifest__full_path=name, manifest__media_type="text/xml")
    return root
