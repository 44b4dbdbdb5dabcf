"""Mails: rendered from templates, shared by many readers, and as the bytes of a MIME message. Uses no models."""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formataddr, formatdate
from functools import cache, lru_cache
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language_info

# Placeholders for a reader's own links. `.invalid` is reserved and never resolves (RFC 2606).
ITEM_URL = "https://nabij.invalid/item/"
UNSUBSCRIBE_URL = "https://nabij.invalid/unsubscribe/"
KEPT_LETTERS = 200
_written: dict[tuple[str, str], "RenderedMail"] = {}


@dataclass(frozen=True)
class RenderedMail:
    subject: str
    text: str
    html: str = ""
    # An appointment to attach (RFC 5545).
    calendar: bytes = b""
    # A cancelled appointment to attach, so that the calendar removes it.
    cancelled: bytes = b""
    # The shared letter for readers who chose the same, and this reader's values per placeholder.
    pattern: "RenderedMail | None" = None
    links: tuple[tuple[str, str], ...] = ()


def render_mail_template(template: str, language: str, *, subject: str, **context: Any) -> RenderedMail:
    """Render `template`.html and .txt, also for apps above; the caller activates the language."""
    subject = " ".join(subject.split())[:250]
    context |= {"subject": subject, "language": language, "direction": direction_of(language)}
    html = render_to_string(f"{template}.html", context)
    text = render_to_string(f"{template}.txt", context)
    return RenderedMail(subject, _without_gaps(text), _inliner().inline(html))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def mail_language(language: str) -> str:
    """The language we write in to a reader of `language`: the same if we have a catalogue, else our first one."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGES[0][0]


def direction_of(language: str) -> str:
    try:
        return "rtl" if get_language_info(language)["bidi"] else "ltr"
    except KeyError:  # Django doesn't know this language
        return "ltr"


def _without_gaps(text: str) -> str:
    """Collapse the blank lines that template tags leave behind."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


# --- shared by many readers ---------------------------------------------------------------------------


def render_shared(
    facts: Any, language: str, links: tuple[tuple[str, str], ...], write: Callable[[Any, str], RenderedMail]
) -> RenderedMail:
    """Render a letter shared by many readers once, and fill in this reader's links."""
    key = (language, repr(facts))
    letter = _written.get(key)
    if letter is None:
        if len(_written) >= KEPT_LETTERS:
            _written.clear()
        letter = _written[key] = write(facts, language)
    return RenderedMail(
        letter.subject, _put_in(links, letter.text), _put_in(links, letter.html), pattern=letter, links=links
    )


def with_links(letter: RenderedMail, unsubscribe_url: str) -> RenderedMail:
    links = ((UNSUBSCRIBE_URL, unsubscribe_url),)
    return RenderedMail(letter.subject, _put_in(links, letter.text), _put_in(links, letter.html))


def _put_in(links: tuple[tuple[str, str], ...], text: str) -> str:
    """Replace placeholders by URLs. No escaping: our URLs hold nothing that HTML would escape."""
    for place, url in links:
        text = text.replace(place, url)
    return text


# --- as bytes ------------------------------------------------------------------------------------
# A letter as the bytes of a MIME message. Uses headers, no models.
#
# Building MIME is the most expensive part of sending. Readers of the same letter get the same bytes except
# for address, Message-ID, date and links; those are filled into a form that is built once and cached.


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
