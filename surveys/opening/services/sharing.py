"""Texts to share: a message to paste, and HTML for a partner's site."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.i18n import pick
from core.languages import offered
from surveys.answering.services.beginning import still_to_come
from surveys.models import Channel, Survey
from surveys.paper.services.paper import address_of
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import running


def message(channel: Channel, survey: Survey) -> str:
    """A message with the question, the promise and the address, in each language of the survey."""
    url = f"{address_of(channel)}/"
    asked, before = _published(survey), still_to_come(survey)
    parts = []
    for language in offered(survey.languages):
        title, lead = asked.title.get(language, ""), asked.lead.get(language, "")
        if not title:
            continue
        with translation.override(language):
            promised = before and language in ("nl", "en")
            day = date_format(before, "j F") if before else ""
            hear = _("Before %(day)s you hear what we do with it. Also when something can't be done.") % {
                "day": day
            }
        parts.append(" ".join(filter(None, [title, lead, hear if promised else ""])))
    return "\n\n".join([*parts, url])


def _published(survey: Survey) -> Document | Survey:
    """What residents read: the running version, or the draft before there is one."""
    frozen = running(survey)
    return frozen.document if frozen else survey


def snippet(channel: Channel, survey: Survey, *, button: bool) -> str:
    """HTML that opens Nabij in a new tab: a link, or one that looks like a button. Never a frame."""
    language = next(iter(offered(survey.languages)), "nl")
    style = (
        "display:inline-block;padding:14px 20px;border-radius:8px;background:#0b5a58;color:#fff;font-weight:bold;"
        "text-decoration:none"
    )
    return format_html(
        '<a href="{}" target="_blank" rel="noopener" lang="{}"{}>{}</a>',
        f"{address_of(channel)}/",
        language,
        format_html(' style="{}"', style) if button else "",
        pick(_published(survey).title, language),
    )
