"""A letter as the bytes of a MIME message. Uses headers, no models.

Building MIME is the most expensive part of sending. Readers of the same letter get the same bytes except
for address, Message-ID, date and links; those are filled into a form that is built once and cached.
"""

from dataclasses import dataclass
from email.utils import formataddr, formatdate
from functools import lru_cache

from django.core.mail import EmailMultiAlternatives

from feedback.delivery.letters import ITEM_URL, UNSUBSCRIBE_URL, RenderedMail

# Placeholders for a reader's own values. `.invalid` is reserved and never resolves (RFC 2606).
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
    """The headers that differ per reader. `to` is an SMTP address. The others may be empty: no unsubscribe
    header, and the general reply address."""

    to: str
    message_id: str
    unsubscribe_url: str = ""
    reply_to: str = ""


def seal(letter: RenderedMail, sender: Sender, head: Head) -> bytes:
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
    """The mail with placeholders; None if an encoding may have split one of them."""
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
        # On one line, whatever the setting holds: a line break in a header raises, and no mail would leave.
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
