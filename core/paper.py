"""What is printed: PDF/UA-1 set by typst, QR codes, posters and flyers, the street in print colours.

Fonts are installed as packages and system fonts are excluded, so that output is the same on every machine: they differ
per machine, and with them the page length and the available characters. fonts.typ says which font templates use, in
what order. Pure: data in, bytes out.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import segno
import typst

from core.drawings import street, street_svg
from core.i18n import strip_control_characters

# --- typesetting ----------------------------------------------------------------------------------


PACKAGES = ("manimgx_fonts", "fontpkg_noto_serif")
"""Noto Sans in the scripts of most languages, and Noto Serif. Typst itself adds a monospace and a symbol font."""
ROOT = Path(__file__).resolve().parent.parent
"""The directory that templates may read; they import fonts.typ from another app."""


@cache
def fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(files(package)) for package in PACKAGES],
    )


def typeset_pdf(template: Path, inputs: Mapping[str, str]) -> bytes:
    """Raises typst.TypstError, also for a character that no font has, because a gap would not be valid PDF/UA."""
    made = typst.compile(
        str(template), root=str(ROOT), font_paths=fonts(), sys_inputs=dict(inputs), pdf_standards="ua-1"
    )
    assert isinstance(made, bytes)
    return made


# --- QR codes -------------------------------------------------------------------------------------


def qr_svg(address: str) -> bytes:
    """An SVG of `address` with its quiet zone, black on white, scalable to any size."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return out.getvalue()


def qr_png(address: str) -> bytes:
    """A PNG for programs that need pixels: 20 per module, some 700 wide."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=4, scale=20)
    return out.getvalue()


# --- posters --------------------------------------------------------------------------------------


POSTER_PATH = Path(__file__).with_name("poster.typ")


class TypesettingError(Exception):
    """The text does not fit on the page, or no font has one of its characters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.is_too_long = "too long" in reason


@dataclass(frozen=True)
class PrintTexts:
    """The text on a poster, in the main language of the survey owner."""

    language: str
    rtl: bool
    sender: str
    title: str
    lead: str
    go_to: str
    your_code: str
    promise: str
    we_answer: str
    qr_alt: str
    lines: list[str]
    above: str = ""


@dataclass(frozen=True)
class Other:
    """The short version in another language."""

    language: str
    rtl: bool
    name: str
    text: str


@dataclass(frozen=True)
class PrintContent:
    """What is the same on every copy. The QR code holds `url`; people type `address`."""

    words: PrintTexts
    url: str
    address: str
    others: list[Other] = field(default_factory=list)
    window: str = "left"


def poster_pdf(sheet: PrintContent, *, width: int, bleed: int, street: str) -> bytes:
    """`width` and `bleed` (the margin the printer cuts off) are in mm; `street` is an SVG drawing. Raises CantBeSet."""
    data = {
        "words": asdict(sheet.words),
        "address": [part + "/" * (not last) for part, last in _parts(sheet.address)],
        "others": [asdict(other) for other in sheet.others],
        "qr": qr_svg(sheet.url).decode(),
        "width": width,
        "bleed": bleed,
        "street": street,
    }
    return compile_pdf(POSTER_PATH, {"poster": json.dumps(strip_control_characters(data))})


def _parts(address: str) -> list[tuple[str, bool]]:
    parts = address.split("/")
    return [(part, place == len(parts) - 1) for place, part in enumerate(parts)]


def compile_pdf(template: Path, inputs: dict[str, str]) -> bytes:
    """The template compiled to PDF/UA-1 with these inputs. Raises CantBeSet."""
    try:
        return typeset_pdf(template, inputs)
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error


# --- the street in print --------------------------------------------------------------------------


_COLOURS = (
    "<style>.houses,.trunk{fill:#1e3340}.trunk{stroke:#1e3340;stroke-width:3}.dark{fill:#40596a}.lit{fill:#f6c544}"
    ".glow{fill:#f6c544;opacity:.35}.own{fill:#f6c544;stroke:#fff;stroke-width:1}</style>"
)


def street_on_paper() -> str:
    """For a poster: no windows are lit yet except the reader's own."""
    drawn = street_svg(street(0, own=True, width=560, height=130), role='aria-hidden="true"')
    return drawn.replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="130" ', 1
    ).replace(">", f">{_COLOURS}", 1)
