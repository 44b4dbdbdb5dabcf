"""Renders invitations to a survey, and reminders. Uses templates and languages, no models."""

from dataclasses import dataclass, replace

from django.utils import translation
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


@dataclass(frozen=True)
class InvitationFacts:
    """An invitation to answer a survey; `round` 1 and 2 are reminders. `origin` is the source of the address."""

    municipality: str
    title: Texts
    lead: Texts
    who_asks: Texts
    promise: Texts
    signed_as: Texts
    origin: str
    url: str
    round: int = 0


def invitation_mail(facts: InvitationFacts, unsubscribe_url: str, *, language: str) -> RenderedMail:
    """An invitation or reminder: cached, the same for all except for the links."""
    links = ((ITEM_URL, facts.url), (UNSUBSCRIBE_URL, unsubscribe_url))
    return render_shared(replace(facts, url=ITEM_URL), language, links, _write_invited)


def _write_invited(facts: InvitationFacts, language: str) -> RenderedMail:
    with translation.override(language):
        title = pick(facts.title, language)
        told_in = language_of(facts.title, language)
        return render_mail_template(
            "surveys/mail/invitation",
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
            told_dir=direction_of(told_in),
        )
