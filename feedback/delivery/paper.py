"""Letters as PDF/UA-1, typeset by typst. Paragraphs in, bytes out; uses no models."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import segno
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.i18n import strip_control_characters
from core.paper import compile_pdf

LETTER_TEMPLATE_PATH = Path(__file__).with_name("letter.typ")
_PATH = re.compile(r' d="([^"]+)"')


@dataclass(frozen=True)
class HeadedText:
    """A text under a heading. `lead` stands before it, in bold."""

    heading: str
    words: str
    lead: str = ""


@dataclass(frozen=True)
class Passage:
    """A part of a letter: a note, quotes (heading and words) and texts. `language` is that of the texts."""

    language: str
    texts: Sequence[HeadedText]
    quotes: Sequence[tuple[str, str]] = ()
    note: str = ""


@dataclass(frozen=True)
class PaperLetter:
    """One letter, in `language`. `to` is name (may be empty), street and town; `see` says why to open `url`."""

    to: list[str]
    sender: str
    language: str
    url: str
    see: str
    phone: str
    subject: str
    opening: Sequence[str]
    closing: str
    passages: Sequence[Passage] = ()


def letters_pdf(sheets: Sequence[PaperLetter], *, day: date) -> bytes:
    """One PDF with all letters, each as many pages as needed. Raises CantBeSet."""
    made = [_in_words(sheet, day) for sheet in sheets]
    return compile_pdf(LETTER_TEMPLATE_PATH, {"letters": json.dumps(strip_control_characters(made))})


def _in_words(sheet: PaperLetter, day: date) -> dict[str, Any]:
    language = sheet.language
    name, *place = sheet.to
    with translation.override(language):
        return {
            "language": language,
            "rtl": _is_rtl(language),
            "sender": sheet.sender,
            "to": [name or _("To the residents of this address"), *place],
            "day": date_format(day, "j F Y"),
            "subject": sheet.subject,
            "opening": list(sheet.opening),
            "passages": [asdict(one) | {"rtl": _is_rtl(one.language)} for one in sheet.passages],
            "closing": sheet.closing,
            "url": sheet.url,
            "qr_alt": _("QR code of the address beside it"),
            "words": {
                "see": sheet.see,
                "page": _("page"),
                "go_to": _("Point your camera here, or go to"),
                "stop": _stop_sentence(sheet.phone),
            },
        } | _drawn(sheet.url)


def _is_rtl(language: str) -> bool:
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:  # Django doesn't know this language
        return False


def _stop_sentence(phone: str) -> str:
    if phone:
        return _("No more letters, or rather e‑mail? Say so on that page, or call %(phone)s.") % {
            "phone": phone
        }
    return _("No more letters, or rather e‑mail? Say so on that page.")


def _drawn(what: str) -> dict[str, object]:
    """A QR code as one SVG path in a square of `size`."""
    code, out = segno.make(what, error="m", micro=False), io.BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=False, omitsize=True)
    found = _PATH.search(out.getvalue().decode())
    assert found, "segno draws a QR code as one path."
    return {"qr": found[1], "size": code.symbol_size(border=4)[0]}
