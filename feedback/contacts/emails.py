"""Renders the news of a neighbourhood for its followers. Uses templates and languages, no models."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.links import absolute
from core.i18n import Texts, language_of, pick
from feedback.delivery.emails import UNSUBSCRIBE_URL, RenderedMail, direction_of, render_mail_template


@dataclass(frozen=True)
class News:
    """News of a neighbourhood: a survey that opened (`lead`, `path`) or a decision (the other fields)."""

    about: Texts
    lead: Texts = field(default_factory=dict)
    path: str = ""
    decided: Texts = field(default_factory=dict)
    why: Texts = field(default_factory=dict)
    next_step: Texts = field(default_factory=dict)
    signed_as: Texts = field(default_factory=dict)


def render_news_mail(facts: News, municipality: str, area: str, slug: str, language: str) -> RenderedMail:
    """News of a neighbourhood, the same for all followers; `with_links` fills in the unsubscribe link."""
    with translation.override(language):
        told_in = language_of(facts.about, language)
        title = pick(facts.about, language)
        subject = _("%(area)s: we ask you something") if facts.path else _("%(area)s: %(title)s")
        return render_mail_template(
            "feedback/mail/news",
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
            told_dir=direction_of(told_in),
        )
