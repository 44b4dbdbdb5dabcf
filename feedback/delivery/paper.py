"""Letters as PDF/UA-1, typeset by typst: answers and other messages. Facts in, bytes out; uses no models."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import segno
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.i18n import language_of, pick, without_signs
from core.posters import compiled
from feedback.delivery import emails
from feedback.delivery.letters import RenderedMail

LETTER = Path(__file__).with_name("letter.typ")
_PATH = re.compile(r' d="([^"]+)"')


@dataclass(frozen=True)
class PaperLetter:
    """One letter: `answers`, or else the text of `letter`. `to` is name (may be empty), street and town."""

    to: list[str]
    sender: str
    language: str
    url: str
    phone: str
    answers: Sequence[emails.AnswerForReader] = ()
    letter: RenderedMail | None = None


def letters_pdf(sheets: Sequence[PaperLetter], *, day: date) -> bytes:
    """One PDF with all letters, each as many pages as needed. Raises CantBeSet."""
    made = [_in_words(sheet, day) for sheet in sheets]
    return compiled(LETTER, {"letters": json.dumps(without_signs(made))})


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
            **(_as_written(sheet.letter) if sheet.letter else _with_answers(sheet.answers, language)),
            "url": sheet.url,
            "qr_alt": _("QR code of the address beside it"),
            "words": {
                "decided": _("What we decided"),
                "why": _("Why"),
                "next": _("What happens next"),
                "contact": _("Who to talk to"),
                "see": _("Read more") if sheet.letter else _("Does this answer your question?"),
                "page": _("page"),
                "go_to": _("Point your camera here, or go to"),
                "stop": _stop(sheet.phone),
            },
        } | _drawn(sheet.url)


def _with_answers(given: Sequence[emails.AnswerForReader], language: str) -> dict[str, Any]:
    # An address by post is unproven, so a letter quotes nothing they wrote; that is on their own page only.
    answers = [replace(one, said=[replace(said, words="") for said in one.said]) for one in given]
    first = answers[0]
    signed = dict.fromkeys(pick(one.signed_as, language) for one in answers)
    return {
        "subject": emails.subject_of(answers, language),
        "opening": [_("Dear resident of %(area)s,") % {"area": first.area}, emails.memory(first, language)],
        "answers": [_answer(one, language) for one in answers],
        "closing": "\n".join([_("Kind regards,"), *signed]),
    }


def _as_written(letter: RenderedMail) -> dict[str, Any]:
    *said, closing = letter.text.strip().split("\n\n")
    return {"subject": letter.subject, "opening": said, "answers": [], "closing": closing}


def _answer(facts: emails.AnswerForReader, language: str) -> dict[str, Any]:
    told = emails.in_words_of(facts, language)
    told_in = language_of(facts.decided, language)
    other = told_in != language
    said = [{"by": one["by"], "words": one["words"]} for one in told["said"]]
    lacks = _("This answer has not been translated into your language yet.") if other else ""
    return {part: told[part] for part in ("outcome", "decided", "why", "next_step", "contact")} | {
        "said": said,
        "told_in": lacks,
        "told_rtl": _is_rtl(told_in),
    }


def _is_rtl(language: str) -> bool:
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:  # Django doesn't know this language
        return False


def _stop(phone: str) -> str:
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
