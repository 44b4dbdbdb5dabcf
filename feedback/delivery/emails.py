"""A mail: rendered from templates, shared by many readers, as the bytes of a MIME message, and handed to the relay.

Uses no models.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import formataddr, formatdate
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.utils import DNS_NAME
from django.template.loader import render_to_string
from django.utils.translation import get_language_info

# Placeholders for a reader's own links. `.invalid` is reserved and never resolves (RFC 2606).
ITEM_URL = "https://nabij.invalid/item/"
UNSUBSCRIBE_URL = "https://nabij.invalid/unsubscribe/"
MAX_CACHED_MAILS = 200
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
        if len(_written) >= MAX_CACHED_MAILS:
            _written.clear()
        letter = _written[key] = write(facts, language)
    return RenderedMail(
        letter.subject, _put_in(links, letter.text), _put_in(links, letter.html), pattern=letter, links=links
    )


def fill_in_links(letter: RenderedMail, unsubscribe_url: str) -> RenderedMail:
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


# As above, for a reader's own values.
PLACEHOLDER_TO = "reader@nabij.invalid"
PLACEHOLDER_MESSAGE_ID = "<message@nabij.invalid>"
PLACEHOLDER_REPLY_TO = "reply@nabij.invalid"
PLACEHOLDER_DATE = "Thu, 01 Jan 1970 00:00:00 -0000"


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    reply_to: str


@dataclass(frozen=True)
class MailHeaders:
    """The headers that differ per reader. `to` is an SMTP address. The others may be empty: no unsubscribe
    header, and the general reply address."""

    to: str
    message_id: str
    unsubscribe_url: str = ""
    reply_to: str = ""


def encode_mail(letter: RenderedMail, sender: Sender, head: MailHeaders) -> bytes:
    date = formatdate()
    form = (
        _shared_mime(letter.pattern, sender, bool(head.reply_to))
        if letter.pattern and head.unsubscribe_url
        else None
    )
    if form is None:
        return _mime(letter, sender, head, date)
    places = (
        (PLACEHOLDER_TO, head.to),
        (PLACEHOLDER_MESSAGE_ID, head.message_id),
        (PLACEHOLDER_DATE, date),
        (PLACEHOLDER_REPLY_TO, head.reply_to),
        *letter.links,
    )
    for place, value in places:
        form = form.replace(place.encode(), value.encode())
    return form


@lru_cache(maxsize=200)
def _shared_mime(pattern: RenderedMail, sender: Sender, own_reply_to: bool) -> bytes | None:
    """The mail with placeholders; None if an encoding may have split one of them."""
    head = MailHeaders(
        PLACEHOLDER_TO, PLACEHOLDER_MESSAGE_ID, UNSUBSCRIBE_URL, PLACEHOLDER_REPLY_TO if own_reply_to else ""
    )
    form = _mime(pattern, sender, head, PLACEHOLDER_DATE)
    in_letter = pattern.text + pattern.html
    whole = (
        form.count(ITEM_URL.encode()) == in_letter.count(ITEM_URL)
        and form.count(UNSUBSCRIBE_URL.encode()) == in_letter.count(UNSUBSCRIBE_URL) + 1
        and all(
            form.count(place.encode()) == 1
            for place in (PLACEHOLDER_TO, PLACEHOLDER_MESSAGE_ID, PLACEHOLDER_DATE)
        )
        and form.count(PLACEHOLDER_REPLY_TO.encode()) == own_reply_to
    )
    encoded = b"quoted-printable" in form or b"base64" in form
    return form if whole and not encoded else None


def _mime(letter: RenderedMail, sender: Sender, head: MailHeaders, date: str) -> bytes:
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


# --- to the relay ---------------------------------------------------------------------------------
# Speaks SMTP command by command, so that the moment before DATA is known.
#
# Django's `send_messages` hides it. Once the body has started, a lost connection means "perhaps": the server
# may have accepted the mail and lost the connection while replying (RFC 5321, 6.1). That is a verdict of its
# own here, because the usual "retry on OSError" sends such mails twice.


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"  # 4xx: retry later
    REFUSED = "refused"  # 5xx: a person has to look
    LINE_LOST = "line_lost"  # certainly not handed over; the connection failed
    UNKNOWN = "unknown"  # connection lost after the body started: perhaps handed over


@dataclass(frozen=True)
class DeliveryResult:
    """The result of one mail. `code` is the server's, None without a reply."""

    verdict: Verdict
    code: int | None = None
    reply: str = ""


class RelayUnreachable(Exception):
    """No mail can be sent now; the message is not the cause."""


class SmtpSession(Protocol):
    """An open connection, for one mail after another."""

    @property
    def is_open(self) -> bool: ...

    def hand_over(self, sender: str, recipient: str, content: bytes) -> DeliveryResult: ...


@contextmanager
def open_smtp_session() -> Iterator[SmtpSession]:
    """The connection for EMAIL_URL. Raises RelayUnreachable if connecting or the greeting fails."""
    where = urlsplit(settings.EMAIL_URL)
    if where.scheme == "mailbox":
        yield MailboxFileSession(settings.DATA_DIR / "mailbox")
        return
    line = SmtpRelaySession(settings.EMAIL_URL, timeout=settings.SMTP_TIMEOUT)
    try:
        yield line
    finally:
        line.close()


class MailboxFileSession:
    """Writes each mail to a file; /mailbox/ shows them for trying out Nabij."""

    is_open = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def hand_over(self, sender: str, recipient: str, content: bytes) -> DeliveryResult:
        name = f"{time.time_ns()}.eml"
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(content)
        unfinished.rename(self._folder / name)
        return DeliveryResult(Verdict.ACCEPTED, 250, "mailbox")


def delete_local_copies(message_ids: set[str]) -> None:
    """Erase local copies of mail and texts (mailbox://, console://) too when data is erased."""
    if not {urlsplit(settings.EMAIL_URL).scheme, urlsplit(settings.SMS_URL).scheme} & {"mailbox", "console"}:
        return
    for path in (settings.DATA_DIR / "mailbox").glob("*.eml"):
        with suppress(FileNotFoundError):
            if BytesHeaderParser().parsebytes(path.read_bytes()).get("Message-ID", "").strip() in message_ids:
                path.unlink()


class SmtpRelaySession:
    def __init__(self, url: str, *, timeout: float) -> None:
        where = urlsplit(url)
        self._smtp = self._connect(where.scheme, where.hostname or "localhost", where.port, timeout)
        try:
            self._smtp.ehlo_or_helo_if_needed()
            if where.scheme == "smtp+tls":
                self._smtp.starttls(context=ssl.create_default_context())
                self._smtp.ehlo()
            if where.username:
                self._smtp.login(unquote(where.username), unquote(where.password or ""))
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise RelayUnreachable(f"The mail relay refuses us: {_one_line(error)}.") from error
        self._takes_8bit = self._smtp.has_extn("8bitmime")

    @staticmethod
    def _connect(scheme: str, host: str, port: int | None, timeout: float) -> smtplib.SMTP:
        name = DNS_NAME.get_fqdn()
        try:
            if scheme == "smtps":
                return smtplib.SMTP_SSL(
                    host,
                    port or 465,
                    local_hostname=name,
                    timeout=timeout,
                    context=ssl.create_default_context(),
                )
            return smtplib.SMTP(host, port or 25, local_hostname=name, timeout=timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise RelayUnreachable(f"The mail relay does not answer: {_one_line(error)}.") from error

    @property
    def is_open(self) -> bool:
        return self._smtp.sock is not None

    def hand_over(self, sender: str, recipient: str, content: bytes) -> DeliveryResult:
        """MAIL, RCPT, DATA, body. Never raises for a server or connection error."""
        body_begun = False
        try:
            options = ["BODY=8BITMIME"] if self._takes_8bit and not content.isascii() else []
            for code, said in (
                self._smtp.mail(sender, options),
                self._smtp.rcpt(recipient),
                self._smtp.docmd("DATA"),
            ):
                if not 200 <= code < 400:
                    return self._refusal(code, said, before_body=True)
            body_begun = True
            self._smtp.send(as_data(content))
            code, said = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return DeliveryResult(
                Verdict.UNKNOWN if body_begun else Verdict.LINE_LOST, None, _one_line(error)
            )
        if 200 <= code < 300:
            return DeliveryResult(Verdict.ACCEPTED, code, _one_line(said))
        return self._refusal(code, said, before_body=False)

    def _refusal(self, code: int, said: bytes, *, before_body: bool) -> DeliveryResult:
        if code == 421:  # the server closes the connection, whatever the command was
            self._drop()
            return DeliveryResult(Verdict.LINE_LOST if before_body else Verdict.LATER, code, _one_line(said))
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        return DeliveryResult(Verdict.REFUSED if code >= 500 else Verdict.LATER, code, _one_line(said))

    def _drop(self) -> None:
        self._smtp.close()

    def close(self) -> None:
        if self.is_open:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()


def as_data(content: bytes) -> bytes:
    """The body for DATA: CRLF line ends, leading dots doubled, and the final dot."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not lines.endswith(b"\n"):
        lines += b"\n"
    lines = lines.replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")
    return (b"." if lines.startswith(b".") else b"") + lines + b".\r\n"


def _one_line(said: object) -> str:
    """The server's reply for the log of attempts: one line, without addresses."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    words = re.sub(r"\S+@\S+", "…", " ".join(words.split()))
    return (words or type(said).__name__)[:200]


class OutboxOnlyBackend(BaseEmailBackend):
    """Refuses Django's own mail functions: all mail must go through the outbox."""

    def send_messages(self, email_messages: Any) -> NoReturn:
        raise RuntimeError(
            "Use feedback.delivery.services.outbox.queue_message; nothing is sent around the outbox."
        )
