"""Documents to take along: tagged PDF (PDF/UA-1), set by typst from plain texts.

EN 301 549 holds for documents that a municipality offers for download, as it does for its pages.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typst
from django.core.cache import cache

TEMPLATE = Path(__file__).with_name("document.typ")
KEPT_SECONDS = 3_600


@dataclass(frozen=True)
class Part:
    heading: str
    lines: list[str]


@dataclass(frozen=True)
class Document:
    title: str
    author: str
    language: str
    lead: str = ""
    rtl: bool = False
    parts: list[Part] = field(default_factory=list)


class NoLetters(Exception):
    """There is no font here for some letter of the text; a document with gaps would not be PDF/UA."""


def as_pdf(document: Document) -> bytes:
    """The same document is set once an hour, whoever asks for it. Raises NoLetters."""
    data = json.dumps(asdict(document), sort_keys=True)
    key = f"pdf:{hashlib.sha256(data.encode()).hexdigest()}"
    found: bytes | None = cache.get(key)
    if found is None:
        try:
            found = typst.compile(str(TEMPLATE), sys_inputs={"document": data}, pdf_standards="ua-1")
        except typst.TypstError as error:
            raise NoLetters(str(error)) from error
        cache.set(key, found, KEPT_SECONDS)
    return found
