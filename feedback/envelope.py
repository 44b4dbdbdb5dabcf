"""A letter as the bytes that go over the line. Knows MIME and headers, no tables.

Building MIME costs more than anything else in sending. Readers of the same letter get the same bytes but for
their address, Message-ID, date and links: those are put into a form that is built once.
"""

from dataclasses import dataclass
from email.utils import formataddr, formatdate
from functools import lru_cache

from django.core.mail import EmailMultiAlternatives

from feedback.letters import ITEM_URL, UNSUBSCRIBE_URL, Letter

# Stand where a reader's own will stand. `.invalid` is nobody's, ever (RFC 2606).
TO = "reader@nabij.invalid"
MESSAGE_ID = "<message@nabij.invalid>"
DATE = "Thu, 01 Jan 1970 00:00:00 -0000"


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    reply_to: str


@dataclass(frozen=True)
class Head:
    """What differs between readers. `to` is an address as SMTP takes it; `unsubscribe_url` may be empty."""

    to: str
    message_id: str
    unsubscribe_url: str = ""


def seal(letter: Letter, sender: Sender, head: Head) -> bytes:
    """The whole mail, headers and both parts."""
    date = formatdate()
    form = _form(letter.pattern, sender) if letter.pattern and head.unsubscribe_url else None
    if form is None:
        return _mime(letter, sender, head, date)
    places = ((TO, head.to), (MESSAGE_ID, head.message_id), (DATE, date), *letter.links)
    for place, value in places:
        form = form.replace(place.encode(), value.encode())
    return form


@lru_cache(maxsize=200)
def _form(pattern: Letter, sender: Sender) -> bytes | None:
    """The mail with places to fill in; None where encoding might have cut one of them in two."""
    form = _mime(pattern, sender, Head(TO, MESSAGE_ID, UNSUBSCRIBE_URL), DATE)
    in_letter = pattern.text + pattern.html
    whole = (
        form.count(ITEM_URL.encode()) == in_letter.count(ITEM_URL)
        and form.count(UNSUBSCRIBE_URL.encode()) == in_letter.count(UNSUBSCRIBE_URL) + 1
        and all(form.count(place.encode()) == 1 for place in (TO, MESSAGE_ID, DATE))
    )
    encoded = b"quoted-printable" in form or b"base64" in form
    return form if whole and not encoded else None


def _mime(letter: Letter, sender: Sender, head: Head, date: str) -> bytes:
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
        reply_to=[sender.reply_to] if sender.reply_to else None,
        headers=headers,
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    return mail.message().as_bytes()
