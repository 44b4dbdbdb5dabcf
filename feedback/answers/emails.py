"""Renders mails about answers, addresses and links: facts to subject, text and HTML. Uses templates, no models.

Rendered when the mail is sent, in the reader's language and direction. If a text of colleagues lacks that
language, the mail says so above it; release checks this beforehand, so it covers texts that went missing
since.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import capfirst as upper_first
from django.utils.translation import gettext as _

from core.i18n import Texts, language_of, pick
from feedback.delivery.emails import (
    ITEM_URL,
    UNSUBSCRIBE_URL,
    RenderedMail,
    direction_of,
    render_mail_template,
    render_shared,
)
from feedback.states import ContributionKind, Outcome


@dataclass(frozen=True)
class QuotedContribution:
    """One contribution. `words` is empty if mail may not repeat them; then the mail names the topic."""

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
    unsubscribe_url: str = ""
    contact: Texts = field(default_factory=dict)
    corrects: bool = False
    # An earlier answer still holds; this is its sequel.
    goes_on: bool = False
    # The resident raised this topic; no question asked for it.
    told: bool = False
    # The title of the survey they answered.
    asked: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Plain:
    """A mail with one button: confirm your address, or open your page."""

    municipality: str
    area: str
    url: str
    follows: bool = False
    offers: bool = False
    took_on: bool = False
    # The title of the survey they answered.
    asked: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Promised:
    """A promise with a day to one reader, to ask whether it was kept."""

    title: Texts
    decided: Texts
    happens_on: date | None
    url: str


def follow_up(answers: Sequence[AnswerForReader], language: str) -> RenderedMail:
    """One mail with one or more answers.

    Readers who chose the same in the same area get the same letter except for their links, so it is
    rendered once and cached: rendering is half of the cost of sending. A letter that quotes a resident is
    not cached.
    """
    if any(said.words for facts in answers for said in facts.said):
        return _write_follow_up(answers, language)
    items = tuple((f"{ITEM_URL}{number}/", facts.item_url) for number, facts in enumerate(answers))
    links = (*items, (UNSUBSCRIBE_URL, answers[0].unsubscribe_url))
    alike = [
        replace(facts, item_url=place, unsubscribe_url=UNSUBSCRIBE_URL)
        for facts, (place, _url) in zip(answers, items, strict=True)
    ]
    return render_shared(alike, language, links, _write_follow_up)


def _write_follow_up(answers: Sequence[AnswerForReader], language: str) -> RenderedMail:
    with translation.override(language):
        signed = list(dict.fromkeys(pick(facts.signed_as, language) for facts in answers))
        return render_mail_template(
            "feedback/mail/follow_up",
            language,
            subject=subject_of(answers, language),
            facts=answers[0],
            asked=pick(answers[0].asked, language),
            answers=[in_words_of(facts, language) for facts in answers],
            signed=signed,
        )


def in_words_of(facts: AnswerForReader, language: str) -> dict[str, Any]:
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
        "told_dir": direction_of(told_in),
        "item_url": facts.item_url,
    }


def look_back(
    promised: Sequence[Promised], municipality: str, area: str, unsubscribe_url: str, language: str
) -> RenderedMail:
    """Ask whether promises were kept: one question or several, each with a link to its own page."""
    with translation.override(language):
        title = pick(promised[0].title, language)
        subject = _("%(area)s: did what we promised happen?") % {"area": area}
        if len(promised) == 1:
            subject = _("%(title)s: did what we promised happen?") % {"title": upper_first(title)}
        return render_mail_template(
            "feedback/mail/look_back",
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
                    "told_dir": direction_of(told_in),
                    "url": one.url,
                }
                for one in promised
                for told_in in [language_of(one.decided, language)]
            ],
            unsubscribe_url=unsubscribe_url,
        )


def render_confirmation_mail(facts: Plain, language: str) -> RenderedMail:
    with translation.override(language):
        asked = pick(facts.asked, language)
        return render_mail_template(
            "feedback/mail/confirm", language, subject=_("Is this your address?"), facts=facts, asked=asked
        )


def render_code_mail(facts: Plain, language: str) -> RenderedMail:
    with translation.override(language):
        asked = pick(facts.asked, language)
        return render_mail_template(
            "feedback/mail/code", language, subject=_("Your link to your own page"), facts=facts, asked=asked
        )


def subject_of(answers: Sequence[AnswerForReader], language: str) -> str:
    """The subject: the outcome, also if it is no; for several answers their number."""
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
    """What they took part in, and when, in the active language: the first line of mails."""
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
    """A contribution for the template: a heading, the words, and the words quoted for plain text."""
    by, words = _("You wrote about"), ""
    if said.kind == ContributionKind.CHOICE:
        by = _("You chose")
    elif said.kind == ContributionKind.REST:
        by = _("You took part in")
    elif said.words:
        by, words = _("You wrote"), said.words
    words = words or pick(said.topic, language)
    return {"by": by, "words": words, "quoted": "\n".join(f"> {line}" for line in words.splitlines())}
