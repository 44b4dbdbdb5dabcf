"""How mails about joining in read: contents become subject, text and HTML. Knows templates and languages, no tables."""

from dataclasses import dataclass

from django.utils import translation

from feedback.delivery import emails
from feedback.delivery.emails import RenderedMail


@dataclass(frozen=True)
class Contents:
    """What one mail about a match, an offer or a small task says, in the reader's language already.

    `subject` says what kind of mail it is and nothing else: it is read over shoulders, and on locked screens. `lead` is
    said first; `pairs` are what to know at a glance (label, value); `url` is where a button leads, which does the work.
    `calendar` goes along as an appointment, `cancelled` takes one out of the calendar.
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
        letter = emails.render_mail_template(
            "initiatives/mail/joining_in",
            language,
            subject=contents.subject,
            contents=contents,
            unsubscribe_url=unsubscribe_url,
        )
    return RenderedMail(
        letter.subject, letter.text, letter.html, calendar=contents.calendar, cancelled=contents.cancelled
    )
