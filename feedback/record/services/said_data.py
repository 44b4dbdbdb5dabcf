"""“You said, we did” outside the pages: the public record as JSON, CSV and Atom, and as a poster. Read only.

All is made from the record that the page shows, so that nothing hidden there is available here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import pick, strip_control_characters
from core.paper import TypesettingError, compile_pdf, qr_svg, street_on_paper
from feedback.models import AnswerOwed
from feedback.record.services.public_record import Moment, OpenSubject, PublicAnswer, Record, public_record
from feedback.states import Outcome
from neighbourhoods.models import Area, Municipality, Theme

PEOPLE_ROUNDING = 5
SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent.parent / "said.schema.json").read_text("utf-8"))


# --- JSON -------------------------------------------------------------------------------------


def record_json(record: Record, *, area: Area | None, theme: Theme | None, following: str) -> dict[str, Any]:
    return {
        "licence": settings.OPEN_DATA_LICENCE,
        "described_by": absolute(reverse("api_said_schema")),
        "page": absolute(record_url(area, theme)),
        "area": area.slug if area else None,
        "theme": theme.slug if theme else None,
        "rounded_to": PEOPLE_ROUNDING,
        "threshold": Municipality.current().smallest_cell,
        "answers": [_answer(told) for told in record.answers],
        "owed": [_owed(owed) for owed in record.owed],
        "next": following or None,
    }


def record_url(area: Area | None, theme: Theme | None) -> str:
    if area and theme:
        return reverse("said_area_theme", args=[area.slug, theme.slug])
    if area:
        return reverse("said_area", args=[area.slug])
    return reverse("said_theme", args=[theme.slug]) if theme else reverse("said")


def _answer(told: PublicAnswer) -> dict[str, Any]:
    follow_up, promise = told.follow_up, told.promise
    return {
        "id": told.first,
        "url": absolute(told.url),
        "said": told.topic,
        "people": told.people,
        "areas": [{"id": area.slug, "name": area.name} for area in told.areas],
        "themes": [{"id": theme.slug, "name": theme.name} for theme in told.themes],
        "outcome": told.outcome,
        "decided": follow_up.decided,
        "why": follow_up.why,
        "next_step": follow_up.next_step,
        "by": follow_up.signed_as,
        "answered_on": told.moments[0].on.isoformat(),
        "promised_before": promise.first_due_on.isoformat() if promise else None,
        "moved_to": promise.due_on.isoformat() if promise and told.was_moved else None,
        "moved_because": promise.moved_reason if promise and told.was_moved else {},
        "done_on": told.done_on.isoformat() if told.done_on else None,
        "moments": [_moment(moment) for moment in told.moments],
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {"on": moment.on.isoformat(), "kind": moment.kind, "text": moment.text}


def _owed(owed: OpenSubject) -> dict[str, Any]:
    return {
        "said": owed.topic,
        "people": owed.people,
        "asked_in": owed.asked_in,
        "before": owed.due_on.isoformat(),
        "by": owed.who,
        "late_days": owed.late_days,
        "promised_before": (owed.promised_on or owed.due_on).isoformat(),
        "moved_because": owed.moved_reason,
    }


# --- a table ----------------------------------------------------------------------------------


def record_csv_header() -> list[str]:
    return [
        _("Said"), _("About how many"), _("Where"), _("Theme"), _("How it stands"), _("Decided"), _("Why"),
        _("What happens next"), _("By whom"), _("Answered on"), _("Promised before"), _("Moved to"),
        _("Moved because"), _("Done on"), _("Days late"), _("What happened since"), _("Page"),
    ]  # fmt: skip


def record_csv_rows(record: Record, language: str) -> Iterator[list[Any]]:
    """Answers, then what is owed; in one language."""

    def words(texts: Any) -> str:
        return pick(texts, language)

    for told in record.answers:
        follow_up, promise = told.follow_up, told.promise
        yield [
            words(told.topic), told.people, ", ".join(area.name for area in told.areas),
            ", ".join(words(theme.name) for theme in told.themes), outcome_of(told), words(follow_up.decided),
            words(follow_up.why), words(follow_up.next_step), words(follow_up.signed_as),
            told.moments[0].on.isoformat(), promise.first_due_on.isoformat() if promise else "",
            promise.due_on.isoformat() if promise and told.was_moved else "",
            words(promise.moved_reason) if promise and told.was_moved else "",
            told.done_on.isoformat() if told.done_on else "", "",
            " | ".join(f"{one.on.isoformat()} {moment_line(one, language)}" for one in told.since),
            absolute(told.url),
        ]  # fmt: skip
    for owed in record.owed:
        yield [
            words(owed.topic), owed.people, "", "", _("late") if owed.late else _("still owed"), "", "", "", owed.who,
            "", (owed.promised_on or owed.due_on).isoformat(), owed.due_on.isoformat() if owed.promised_on else "",
            words(owed.moved_reason), "", owed.late_days, "", "",
        ]  # fmt: skip


def outcome_of(answer: PublicAnswer) -> str:
    """The status in one word, as on its pill."""
    kind, _colon, word = answer.pill.partition(":")
    return word or (_("Done") if kind == "done" else upper_first(answer.follow_up.get_outcome_display()))


def moment_line(moment: Moment, language: str) -> str:
    text = pick(moment.text, language)
    return f"{moment.word}: {text}" if text else moment.word


# --- a feed -----------------------------------------------------------------------------------


def record_feed(
    record: Record, *, area: Area | None, theme: Theme | None, language: str, url: str
) -> Atom1Feed:
    """Atom (RFC 4287), in one language. An answer stays one entry, which is updated on corrections and notes."""
    name = Municipality.current().name
    about = ", ".join(
        filter(None, [area.name if area else name, pick(theme.name, language) if theme else ""])
    )
    page = absolute(record_url(area, theme))
    feed = Atom1Feed(
        title=f"{_('You said, we did')}: {about}",
        link=page,
        description=None,
        subtitle=_("What people asked, and what came of it. Also what did not work out."),
        language=language,
        author_name=name,
        feed_url=url,
        feed_guid=f"{page}#{language}",
        feed_copyright=settings.OPEN_DATA_LICENCE,
    )
    for told in record.answers:
        first = told.moments[0].at or told.changed_at
        feed.add_item(
            title=f"{upper_first(pick(told.topic, language))}: {outcome_of(told)}",
            link=absolute(told.url),
            description=_told_in_html(told, language),
            unique_id=f"{absolute(told.url)}#{language}",
            unique_id_is_permalink=False,
            pubdate=timezone.localtime(first),
            updateddate=timezone.localtime(told.changed_at),
            author_name=upper_first(pick(told.follow_up.signed_as, language)) or name,
            categories=[pick(one.name, language) for one in told.themes],
        )
    return feed


def _told_in_html(told: PublicAnswer, language: str) -> str:
    said = [pick(getattr(told.follow_up, part), language) for part in ("decided", "why", "next_step")]
    if told.people:
        said.insert(0, _("About %(people)s people said this.") % {"people": told.people})
    said += [f"{date_format(one.on, 'j F Y')}: {moment_line(one, language)}" for one in told.since]
    return format_html("{}", format_html_join("", "<p>{}</p>", ((words,) for words in said if words)))


# --- a poster ---------------------------------------------------------------------------------

SAID_POSTER_PATH = Path(__file__).parent.parent / "said.typ"
POSTER_SIZES = {"a4": 210, "a3": 297}
"""Widths in mm."""
POSTER_ITEMS = 5
POSTER_CHOICE = 40


class NoAnswersYet(Exception):
    """There is no answer here yet."""


def said_poster_pdf(area: Area, *, language: str, size: str) -> bytes:
    """The PDF in one language, with fewer answers if five don't fit. Raises NothingToTell, or CantBeSet."""
    record = public_record(area=area, at_most=POSTER_CHOICE)
    chosen = _for_poster(record.answers)
    if not chosen:
        raise NoAnswersYet
    while True:
        with translation.override(language):
            data = _poster(area, record, chosen, language, POSTER_SIZES[size])
        try:
            return compile_pdf(SAID_POSTER_PATH, {"poster": json.dumps(strip_control_characters(data))})
        except TypesettingError as error:
            if not error.is_too_long or len(chosen) == 1:
                raise
            chosen = _for_poster(record.answers, len(chosen) - 1)


def _for_poster(told: list[PublicAnswer], at_most: int = POSTER_ITEMS) -> list[PublicAnswer]:
    """The newest answers, including a no if there is one: without it the poster would be an advertisement."""
    newest = told[:at_most]
    refused = [one for one in told if one.outcome == Outcome.NO]
    if refused and at_most > 1 and not any(one.outcome == Outcome.NO for one in newest):
        newest[-1] = refused[0]
    return newest


def _poster(
    area: Area, record: Record, told: list[PublicAnswer], language: str, width: int
) -> dict[str, Any]:
    municipality = Municipality.current()
    url = absolute(record_url(area, None))
    address = url.partition("://")[2].rstrip("/").split("/")
    return {
        "language": language,
        "rtl": bool(get_language_info(language)["bidi"]),
        "width": width,
        "sender": municipality.name,
        "place": area.name,
        "title": _("You said, we did"),
        "lead": _("What people asked, and what came of it. Also what did not work out."),
        "items": [_poster_item(one, language) for one in told],
        "owed": _poster_owed(record, area),
        "go_to": _("All of it, with dates, stands here:"),
        "address": [part + "/" * (number < len(address) - 1) for number, part in enumerate(address)],
        "qr": qr_svg(url).decode(),
        "qr_alt": _("QR code of the address beside it"),
        "street": street_on_paper(),
    }


def _poster_item(told: PublicAnswer, language: str) -> dict[str, Any]:
    last = told.since[-1] if told.since else None
    by = _("People took part in") if told.is_of_all else _("People said")
    if told.people:
        by = _("About %(people)s people said") % {"people": told.people}
    decided = [pick(told.follow_up.decided, language)]
    if told.outcome in (Outcome.NO, Outcome.NOT_OURS):
        decided.append(pick(told.follow_up.why, language))
    return {
        "by": by,
        "said": upper_first(pick(told.topic, language)),
        "we": _("We answered"),
        "pill": outcome_of(told),
        "done": told.done_on is not None,
        "decided": " ".join(filter(None, decided)),
        "since": f"{date_format(last.on, 'j F Y')}. {moment_line(last, language)}" if last else "",
    }


def _poster_owed(record: Record, area: Area) -> str:
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
