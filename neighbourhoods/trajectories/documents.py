"""Documents for download: tagged PDF (PDF/UA-1), set by typst from plain texts.

EN 301 549 applies to documents that a municipality offers for download, as it does to its pages.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.core.cache import cache
from typst import TypstError

from core.i18n import without_signs
from core.paper import set_pdf

TEMPLATE = Path(__file__).with_name("document.typ")
_CACHE_SECONDS = 3_600


Block = dict[str, Any]
"""A piece of a document as plain data: page, PDF and ODT are made from it, and it can be stored as a frozen copy."""


def paragraph_block(text: str, *, lang: str = "") -> Block:
    """A paragraph; `lang` if its language differs from the document's."""
    return {"kind": "said", "text": text, "lang": lang}


def points(items: Iterable[str]) -> Block:
    return {"kind": "points", "items": list(items)}


def subheading(text: str) -> Block:
    return {"kind": "heading", "text": text}


def link_block(text: str, url: str) -> Block:
    """`url` must be absolute, because documents print it."""
    return {"kind": "link", "text": text, "url": url}


def table(
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


class NoLetters(Exception):
    """No font has some character of the text; a document with gaps would not be valid PDF/UA."""


def as_pdf(document: PrintableDocument) -> bytes:
    """The PDF, cached for an hour by content. Raises NoLetters."""
    data = json.dumps(without_signs(asdict(document)), sort_keys=True)
    key = f"pdf:{hashlib.sha256(data.encode()).hexdigest()}"
    found: bytes | None = cache.get(key)
    if found is None:
        try:
            found = set_pdf(TEMPLATE, {"document": data})
        except TypstError as error:
            raise NoLetters(str(error)) from error
        cache.set(key, found, _CACHE_SECONDS)
    return found
