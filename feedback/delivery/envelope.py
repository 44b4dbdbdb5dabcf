"""A letter as the bytes that go over the line. Knows MIME and headers, no tables.

Building MIME costs more than anything else in sending. Readers of the same letter get the same bytes but for
their address, Message-ID, date and links: those are put into a form that is built once.
"""

from dataclasses import dataclass
from email.utils import formataddr, formatdate
from functools import lru_cache

from django.core.mail import EmailMultiAlternatives

from feedback.delivery.emails import ITEM_URL, UNSUBSCRIBE_URL, RenderedMail

# Stand where a reader's own will stand. `.invalid` is nobody's, ever (RFC 2606).
TO = "reader@nabij.invalid"
MESSAGE_ID = "<message@nabij.invalid>"
REPLY_TO = "reply@nabij.invalid"
DATE = "Thu, 01 Jan 1970 00:00:00 -0000"


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    reply_to: str


@dataclass(frozen=True)
class Head:
    """What differs between readers. `to` is an address as SMTP takes it; the others may be empty: no unsubscribing,
    and answers go where those to everybody go."""

    to: str
    message_id: str
    unsubscribe_url: str = ""
    reply_to: str = ""


def seal(letter: RenderedMail, sender: Sender, head: Head) -> bytes:
    """The whole mail, headers and both parts."""
    date = formatdate()
    form = (
        _form(letter.pattern, sender, bool(head.reply_to))
        if letter.pattern and head.unsubscribe_url
        else None
    )
    if form is None:
        return _mime(letter, sender, head, date)
    places = (
        (TO, head.to),
        (MESSAGE_ID, head.message_id),
        (DATE, date),
        (REPLY_TO, head.reply_to),
        *letter.links,
    )
    for place, value in places:
        form = form.replace(place.encode(), value.encode())
    return form


@lru_cache(maxsize=200)
def _form(pattern: RenderedMail, sender: Sender, own_reply_to: bool) -> bytes | None:
    """The mail with places to fill in; None where encoding might have cut one of them in two."""
    head = Head(TO, MESSAGE_ID, UNSUBSCRIBE_URL, REPLY_TO if own_reply_to else "")
    form = _mime(pattern, sender, head, DATE)
    in_letter = pattern.text + pattern.html
    whole = (
        form.count(ITEM_URL.encode()) == in_letter.count(ITEM_URL)
        and form.count(UNSUBSCRIBE_URL.encode()) == in_letter.count(UNSUBSCRIBE_URL) + 1
        and all(form.count(place.encode()) == 1 for place in (TO, MESSAGE_ID, DATE))
        and form.count(REPLY_TO.encode()) == own_reply_to
    )
    encoded = b"quoted-printable" in form or b"base64" in form
    return form if whole and not encoded else None


def _mime(letter: RenderedMail, sender: Sender, head: Head, date: str) -> bytes:
    headers = {"Message-ID": head.message_id, "Date": date, "Auto-Submitted": "auto-generated"}
    if head.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{head.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        # One line, however the name was put in: a header can't hold more, and all mail would stay here.
        from_email=formataddr((" ".join(sender.name.split()), sender.address)),
        to=[head.to],
        reply_to=[head.reply_to or sender.reply_to] if head.reply_to or sender.reply_to else None,
        headers=headers,
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    if letter.calendar:
        mail.attach("invite.ics", letter.calendar.decode(), "text/calendar")
    if letter.cancelled:
        mail.attach("cancelled.ics", letter.cancelled.decode(), "text/calendar")
    return mail.message().as_bytes()
