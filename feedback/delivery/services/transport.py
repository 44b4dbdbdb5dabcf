"""Speaks SMTP to the relay command by command, so that the moment before DATA is known.

Django's `send_messages` hides it. Once the body has started, a lost connection means "perhaps": the server
may have accepted the mail and lost the connection while replying (RFC 5321, 6.1). That is a verdict of its
own here, because the usual "retry on OSError" sends such mails twice.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail.utils import DNS_NAME


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
    said: str = ""


class RelayUnreachable(Exception):
    """No mail can be sent now; the message is not the cause."""


class SmtpSession(Protocol):
    """An open connection, for one mail after another."""

    @property
    def is_open(self) -> bool: ...

    def hand_over(self, sender: str, recipient: str, content: bytes) -> DeliveryResult: ...


@contextmanager
def open_line() -> Iterator[SmtpSession]:
    """The connection for EMAIL_URL. Raises RelayUnreachable if connecting or the greeting fails."""
    where = urlsplit(settings.EMAIL_URL)
    if where.scheme == "mailbox":
        yield MailboxLine(settings.DATA_DIR / "mailbox")
        return
    line = SmtpLine(settings.EMAIL_URL, timeout=settings.SMTP_TIMEOUT)
    try:
        yield line
    finally:
        line.close()


class MailboxLine:
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


def forget_copies(message_ids: set[str]) -> None:
    """Erase local copies of mail and texts (mailbox://, console://) too when data is erased."""
    if not {urlsplit(settings.EMAIL_URL).scheme, urlsplit(settings.SMS_URL).scheme} & {"mailbox", "console"}:
        return
    for path in (settings.DATA_DIR / "mailbox").glob("*.eml"):
        with suppress(FileNotFoundError):
            if BytesHeaderParser().parsebytes(path.read_bytes()).get("Message-ID", "").strip() in message_ids:
                path.unlink()


class SmtpLine:
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
