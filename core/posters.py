"""Posters and flyers as PDF/UA-1, set by typst. Pure: data in, bytes out, no tables."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from typst import TypstError

from core.i18n import without_signs
from core.qr import qr_svg
from core.typesetting import set_pdf

POSTER = Path(__file__).with_name("poster.typ")


class CantBeSet(Exception):
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
    return compiled(POSTER, {"poster": json.dumps(without_signs(data))})


def _parts(address: str) -> list[tuple[str, bool]]:
    parts = address.split("/")
    return [(part, place == len(parts) - 1) for place, part in enumerate(parts)]


def compiled(template: Path, inputs: dict[str, str]) -> bytes:
    """The template compiled to PDF/UA-1 with these inputs. Raises CantBeSet."""
    try:
        return set_pdf(template, inputs)
    except TypstError as error:
        raise CantBeSet(str(error)) from error
