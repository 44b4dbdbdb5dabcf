"""Poster of a neighbourhood: the latest things said, what came of them, and the URL of the full record."""

import json
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import pick, without_signs
from core.paper import CantBeSet, compiled, qr_svg, street_on_paper
from feedback.models import AnswerOwed
from feedback.record.services.public_record import PublicAnswer, Record, public_record
from feedback.record.services.said_data import in_a_line, outcome_of, page_of
from feedback.states import Outcome
from neighbourhoods.models import Area, Municipality

POSTER = Path(__file__).parent.parent / "said.typ"
SIZES = {"a4": 210, "a3": 297}
"""Widths in mm."""
ITEMS = 5
LOOK_AT = 40


class NothingToTell(Exception):
    """There is no answer here yet."""


def said_poster_pdf(area: Area, *, language: str, size: str) -> bytes:
    """The PDF in one language, with fewer answers if five don't fit. Raises NothingToTell, or CantBeSet."""
    record = public_record(area=area, at_most=LOOK_AT)
    chosen = _chosen(record.told)
    if not chosen:
        raise NothingToTell
    while True:
        with translation.override(language):
            data = _data(area, record, chosen, language, SIZES[size])
        try:
            return compiled(POSTER, {"poster": json.dumps(without_signs(data))})
        except CantBeSet as error:
            if not error.is_too_long or len(chosen) == 1:
                raise
            chosen = _chosen(record.told, len(chosen) - 1)


def _chosen(told: list[PublicAnswer], at_most: int = ITEMS) -> list[PublicAnswer]:
    """The newest answers, including a no if there is one: without it the poster would be an advertisement."""
    newest = told[:at_most]
    refused = [one for one in told if one.outcome == Outcome.NO]
    if refused and at_most > 1 and not any(one.outcome == Outcome.NO for one in newest):
        newest[-1] = refused[0]
    return newest


def _data(area: Area, record: Record, told: list[PublicAnswer], language: str, width: int) -> dict[str, Any]:
    municipality = Municipality.current()
    url = absolute(page_of(area, None))
    address = url.partition("://")[2].rstrip("/").split("/")
    return {
        "language": language,
        "rtl": bool(get_language_info(language)["bidi"]),
        "width": width,
        "sender": municipality.name,
        "place": area.name,
        "title": _("You said, we did"),
        "lead": _("What people asked, and what came of it. Also what did not work out."),
        "items": [_item(one, language) for one in told],
        "owed": _owed(record, area),
        "go_to": _("All of it, with dates, stands here:"),
        "address": [part + "/" * (number < len(address) - 1) for number, part in enumerate(address)],
        "qr": qr_svg(url).decode(),
        "qr_alt": _("QR code of the address beside it"),
        "street": street_on_paper(),
    }


def _item(told: PublicAnswer, language: str) -> dict[str, Any]:
    last = told.since[-1] if told.since else None
    by = _("People took part in") if told.is_of_all else _("People said")
    if told.people:
        by = _("About %(people)s people said") % {"people": told.people}
    decided = [pick(told.follow_up.decided, language)]
    if told.outcome in (Outcome.NO, Outcome.NOT_OURS):
        decided.append(pick(told.follow_up.why, language))
    return {
        "by": by,
        "said": upper_first(pick(told.said, language)),
        "we": _("We answered"),
        "pill": outcome_of(told),
        "done": told.done_on is not None,
        "decided": " ".join(filter(None, decided)),
        "since": f"{date_format(last.on, 'j F Y')}. {in_a_line(last, language)}" if last else "",
    }


def _owed(record: Record, area: Area) -> str:
    """A line on what is late or still owed; "" if only private debts are open."""
    owed, late = record.figures.owed, record.figures.late
    if late:
        said = ngettext("%(late)s answer is late.", "%(late)s answers are late.", late)
        return said % {"late": late}
    if owed:
        said = ngettext("%(owed)s answer is still to come.", "%(owed)s answers are still to come.", owed)
        return said % {"owed": owed}
    inside = Area.objects.inside([area.pk]).values("pk")
    if AnswerOwed.objects.waiting().filter(topic__area__in=inside).exists():
        return ""
    return _("Nobody waits for an answer here any more.")
