"""Posters and flyers as PDF/UA-1, set by typst. Data in, bytes out; knows no tables."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from typst import TypstError

from core.i18n import without_signs
from core.qr import qr_svg
from core.typesetting import set_pdf

POSTER = Path(__file__).with_name("poster.typ")


class CantBeSet(Exception):
    """No font has some letter of it, or it does not fit on its page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.is_too_long = "too long" in reason


@dataclass(frozen=True)
class PrintTexts:
    """What stands on paper, in the main language of who asks."""

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
    """The same in short, in another language."""

    language: str
    rtl: bool
    name: str
    text: str


@dataclass(frozen=True)
class PrintContent:
    """What is the same on every copy. `url` is behind the QR code, `address` is what people type."""

    words: PrintTexts
    url: str
    address: str
    others: list[Other] = field(default_factory=list)
    window: str = "left"


def poster_pdf(sheet: PrintContent, *, width: int, bleed: int, street: str) -> bytes:
    """`width` in mm; `bleed` is what the printer cuts off, in mm; `street` is a drawing. Raises CantBeSet."""
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
    """PDF/UA-1 of a template and what stands in it. Raises CantBeSet."""
    try:
        return set_pdf(template, inputs)
    except TypstError as error:
        raise CantBeSet(str(error)) from error
