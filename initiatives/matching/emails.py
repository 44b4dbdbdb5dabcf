"""Renders mails about matches, offers and tasks: contents to subject, text and HTML. Reads no tables."""

from dataclasses import dataclass

from django.utils import translation

from feedback.delivery.emails import RenderedMail, render_mail_template


@dataclass(frozen=True)
class Contents:
    """Contents of one mail about a match, an offer or a task, already in the reader's language.

    `subject` names the kind of mail and nothing else, because others may see it on a screen. `lead` comes
    first; `pairs` are the key facts (label, value); `url` is the target of the one button. `calendar` is
    attached as an appointment, `cancelled` removes one from the calendar.
    """

    subject: str
    lead: str
    lines: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    button: str = ""
    url: str = ""
    after: tuple[str, ...] = ()
    signed_as: str = ""
    municipality: str = ""
    calendar: bytes = b""
    cancelled: bytes = b""


def render_joining_mail(contents: Contents, unsubscribe_url: str, *, language: str) -> RenderedMail:
    with translation.override(language):
        letter = render_mail_template(
            "initiatives/mail/joining_in",
            language,
            subject=contents.subject,
            contents=contents,
            unsubscribe_url=unsubscribe_url,
        )
    return RenderedMail(
        letter.subject, letter.text, letter.html, calendar=contents.calendar, cancelled=contents.cancelled
    )
