"""How each mail reads: from facts to subject, text and HTML. Knows templates and languages, no tables.

Rendered when the mail leaves, in the reader's language and direction. When a text of colleagues lacks that
language the mail says so above it; releasing checks it beforehand, so this is for texts that went missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from html import unescape
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import Texts, language_of, pick
from feedback.states import ContributionKind, Outcome


@dataclass(frozen=True)
class RenderedMail:
    subject: str
    text: str
    html: str = ""
    # An appointment that goes along (RFC 5545).
    calendar: bytes = b""
    # One that is off, to take out of the calendar.
    cancelled: bytes = b""
    # The same letter for all who chose the same, and what of this reader is put in where.
    pattern: "RenderedMail | None" = None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class QuotedContribution:
    """One thing a resident said. `words` is empty where mail may not repeat them: then the topic is named."""

    kind: str
    topic: Texts
    words: str = ""


@dataclass(frozen=True)
class AnswerForReader:
    """A follow-up as one reader gets it."""

    municipality: str
    area: str
    asked_on: date
    address_given_on: date
    said: list[QuotedContribution]
    title: Texts
    outcome: str
    decided: Texts
    why: Texts
    next_step: Texts
    signed_as: Texts
    item_url: str
    unsubscribe_url: str
    contact: Texts = field(default_factory=dict)
    corrects: bool = False
    # An earlier answer still holds: this is what happened since.
    goes_on: bool = False
    # They came to us with it: nobody had asked.
    told: bool = False
    # The title of what they answered.
    asked: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Plain:
    """A mail with one button: is this your address, here is your way in."""

    municipality: str
    area: str
    url: str
    follows: bool = False
    offers: bool = False
    took_on: bool = False
    # The title of what they answered.
    asked: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class News:
    """What is new in a neighbourhood: something that is asked (`lead`, `path`), or that was decided."""

    about: Texts
    lead: Texts = field(default_factory=dict)
    path: str = ""
    decided: Texts = field(default_factory=dict)
    why: Texts = field(default_factory=dict)
    next_step: Texts = field(default_factory=dict)
    signed_as: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Invited:
    """An invitation to answer a survey; `round` 1 and 2 are reminders. `origin` is where the address comes from."""

    municipality: str
    title: Texts
    lead: Texts
    who_asks: Texts
    promise: Texts
    signed_as: Texts
    origin: str
    url: str
    round: int = 0


@dataclass(frozen=True)
class Promised:
    """What we promised one reader for a day, to ask whether it happened."""

    title: Texts
    decided: Texts
    happens_on: date | None
    url: str


def follow_up(answers: Sequence[AnswerForReader], language: str) -> RenderedMail:
    """One answer of ours or several: greeting, memory, their words, decided, why, next, does this answer you, who, why
    you.

    Readers who chose the same in the same area get the same letter but for their own links, so it is written
    once for all of them: writing is half of the work of sending. What quotes somebody's words is not kept.
    """
    if any(said.words for facts in answers for said in facts.said):
        return _write_follow_up(answers, language)
    items = tuple((f"{ITEM_URL}{number}/", facts.item_url) for number, facts in enumerate(answers))
    links = (*items, (UNSUBSCRIBE_URL, answers[0].unsubscribe_url))
    alike = [
        replace(facts, item_url=place, unsubscribe_url=UNSUBSCRIBE_URL)
        for facts, (place, _url) in zip(answers, items, strict=True)
    ]
    return _once(alike, language, links, _write_follow_up)


def _once(
    facts: Any, language: str, links: tuple[tuple[str, str], ...], write: Callable[[Any, str], RenderedMail]
) -> RenderedMail:
    """Write what is the same for many readers once, and put in the links of this one."""
    key = (language, repr(facts))
    letter = _written.get(key)
    if letter is None:
        if len(_written) >= KEPT_LETTERS:
            _written.clear()
        letter = _written[key] = write(facts, language)
    return RenderedMail(
        letter.subject, _put_in(links, letter.text), _put_in(links, letter.html), pattern=letter, links=links
    )


# Stand where a reader's own links will stand. `.invalid` is nobody's, ever (RFC 2606).
ITEM_URL = "https://nabij.invalid/item/"
UNSUBSCRIBE_URL = "https://nabij.invalid/unsubscribe/"
KEPT_LETTERS = 200
_written: dict[tuple[str, str], RenderedMail] = {}


def _put_in(links: tuple[tuple[str, str], ...], text: str) -> str:
    """Our links hold nothing that HTML would have to escape."""
    for place, url in links:
        text = text.replace(place, url)
    return text


def _write_follow_up(answers: Sequence[AnswerForReader], language: str) -> RenderedMail:
    with translation.override(language):
        signed = list(dict.fromkeys(pick(facts.signed_as, language) for facts in answers))
        return _letter(
            "follow_up",
            language,
            subject=subject_of(answers, language),
            facts=answers[0],
            asked=pick(answers[0].asked, language),
            answers=[in_words_of(facts, language) for facts in answers],
            signed=signed,
        )


def in_words_of(facts: AnswerForReader, language: str) -> dict[str, Any]:
    """One answer, as the mail tells it."""
    outcome, told_in = outcome_words(facts.outcome), language_of(facts.decided, language)
    return {
        "said": [describe_contribution(said, language) for said in facts.said],
        "outcome": outcome,
        "decided": pick(facts.decided, language).removeprefix(outcome).strip(),
        "why": pick(facts.why, language),
        "next_step": pick(facts.next_step, language),
        "contact": pick(facts.contact, language),
        "corrects": facts.corrects,
        "goes_on": facts.goes_on,
        "told": facts.told,
        "asked": pick(facts.asked, language),
        "told_in": told_in if told_in != language else "",
        "told_dir": _direction(told_in),
        "item_url": facts.item_url,
    }


def invited(facts: Invited, unsubscribe_url: str, *, language: str) -> RenderedMail:
    """Please answer, or a reminder of that: the same for all but for the links."""
    links = ((ITEM_URL, facts.url), (UNSUBSCRIBE_URL, unsubscribe_url))
    return _once(replace(facts, url=ITEM_URL), language, links, _write_invited)


def _write_invited(facts: Invited, language: str) -> RenderedMail:
    with translation.override(language):
        title = pick(facts.title, language)
        told_in = language_of(facts.title, language)
        return _letter(
            "survey",
            language,
            subject=_("Reminder: %(title)s") % {"title": title} if facts.round else title,
            facts=facts,
            title=title,
            lead=pick(facts.lead, language),
            who_asks=pick(facts.who_asks, language),
            promise=pick(facts.promise, language),
            signed_as=pick(facts.signed_as, language),
            unsubscribe_url=UNSUBSCRIBE_URL,
            told_in=told_in if told_in != language else "",
            told_dir=_direction(told_in),
        )


def news(facts: News, municipality: str, area: str, slug: str, language: str) -> RenderedMail:
    """News of a neighbourhood, the same for all who follow it; `with_links` puts in where to stop."""
    with translation.override(language):
        told_in = language_of(facts.about, language)
        title = pick(facts.about, language)
        subject = _("%(area)s: we ask you something") if facts.path else _("%(area)s: %(title)s")
        return _letter(
            "news",
            language,
            subject=subject % {"area": area, "title": title},
            municipality=municipality,
            area=area,
            title=title,
            lead=pick(facts.lead, language),
            decided=pick(facts.decided, language),
            why=pick(facts.why, language),
            next_step=pick(facts.next_step, language),
            signed_as=pick(facts.signed_as, language),
            url=absolute(facts.path or reverse("neighbourhood", args=[slug])),
            asks=bool(facts.path),
            unsubscribe_url=UNSUBSCRIBE_URL,
            told_in=told_in if told_in != language else "",
            told_dir=_direction(told_in),
        )


def look_back(
    promised: Sequence[Promised], municipality: str, area: str, unsubscribe_url: str, language: str
) -> RenderedMail:
    """Did what was promised happen? One question or several, each with its own page to say so."""
    with translation.override(language):
        title = pick(promised[0].title, language)
        subject = _("%(area)s: did what we promised happen?") % {"area": area}
        if len(promised) == 1:
            subject = _("%(title)s: did what we promised happen?") % {"title": upper_first(title)}
        return _letter(
            "look_back",
            language,
            subject=subject,
            municipality=municipality,
            area=area,
            promised=[
                {
                    "title": upper_first(pick(one.title, language)),
                    "decided": pick(one.decided, language),
                    "happens_on": one.happens_on,
                    "told_in": told_in if told_in != language else "",
                    "told_dir": _direction(told_in),
                    "url": one.url,
                }
                for one in promised
                for told_in in [language_of(one.decided, language)]
            ],
            unsubscribe_url=unsubscribe_url,
        )


def with_links(letter: RenderedMail, unsubscribe_url: str) -> RenderedMail:
    links = ((UNSUBSCRIBE_URL, unsubscribe_url),)
    return RenderedMail(letter.subject, _put_in(links, letter.text), _put_in(links, letter.html))


def render_confirmation_mail(facts: Plain, language: str) -> RenderedMail:
    with translation.override(language):
        asked = pick(facts.asked, language)
        return _letter("confirm", language, subject=_("Is this your address?"), facts=facts, asked=asked)


def render_code_mail(facts: Plain, language: str) -> RenderedMail:
    with translation.override(language):
        asked = pick(facts.asked, language)
        return _letter("code", language, subject=_("Your link to your own page"), facts=facts, asked=asked)


def subject_of(answers: Sequence[AnswerForReader], language: str) -> str:
    """What came of it, also when that is no; of several answers how many there are."""
    facts, *others = answers
    if others:
        return _("%(area)s: %(n)d answers to what you said") % {"area": facts.area, "n": len(answers)}
    title = pick(facts.title, language)
    outcome = outcome_words(facts.outcome).rstrip(".")
    if not outcome:
        return _("The municipality's answer about %(title)s") % {"title": title}
    return _("The municipality's answer about %(title)s: %(outcome)s") % {
        "title": title,
        "outcome": outcome[:1].lower() + outcome[1:],
    }


def memory(facts: AnswerForReader, language: str) -> str:
    """What they took part in, and when, in the active language: the line that mails begin with."""
    asked = {"facts": facts, "asked": pick(facts.asked, language)}
    return unescape(render_to_string("feedback/mail/memory.txt", asked)).strip()


def outcome_words(outcome: str) -> str:
    words: dict[str, str] = {
        Outcome.ADOPTED: _("This goes ahead."),
        Outcome.PARTLY: _("A part of it can be done."),
        Outcome.NO: _("We will not do this."),
        Outcome.NOT_OURS: _("This is not ours to decide."),
        Outcome.NOT_YET: _("We don't know yet."),
    }
    return words.get(outcome, "")


def describe_contribution(said: QuotedContribution, language: str) -> dict[str, str]:
    """Above it, the words, and the words as plain mail quotes them."""
    by, words = _("You wrote about"), ""
    if said.kind == ContributionKind.CHOICE:
        by = _("You chose")
    elif said.kind == ContributionKind.REST:
        by = _("You took part in")
    elif said.words:
        by, words = _("You wrote"), said.words
    words = words or pick(said.topic, language)
    return {"by": by, "words": words, "quoted": "\n".join(f"> {line}" for line in words.splitlines())}


def _letter(name: str, language: str, *, subject: str, **context: Any) -> RenderedMail:
    return render_mail_template(f"feedback/mail/{name}", language, subject=subject, **context)


def render_mail_template(template: str, language: str, *, subject: str, **context: Any) -> RenderedMail:
    """A letter out of `template`.html and .txt, for an app above as well; the language is active already."""
    subject = " ".join(subject.split())[:250]
    context |= {"subject": subject, "language": language, "direction": _direction(language)}
    html = render_to_string(f"{template}.html", context)
    text = render_to_string(f"{template}.txt", context)
    return RenderedMail(subject, _without_gaps(text), _inliner().inline(html))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def mail_language(language: str) -> str:
    """What we write in, for who reads `language`: that where there is a catalogue, else the first of ours."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGES[0][0]


def _direction(language: str) -> str:
    try:
        return "rtl" if get_language_info(language)["bidi"] else "ltr"
    except KeyError:  # a language that Django has no name for
        return "ltr"


def _without_gaps(text: str) -> str:
    """Blank lines that template tags leave behind become one."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
