"""A mailbox as a list of mails to read and then remove. Over IMAP, or a Maildir on disk.

A mail is removed only after its content is committed: if a process dies in between, it is read again.
"""

import imaplib
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import SplitResult, unquote, urlencode, urlsplit
from urllib.request import urlopen

from django.conf import settings

from feedback.delivery.returned import MAX_MAIL_BYTES, one_line


class MailboxUnreachable(Exception):
    """The mailbox can't be read now; its mail waits there."""


class Mailbox(Protocol):
    def waiting(self) -> list[str]:
        """Names of mails to read, oldest first."""

    def fetch(self, name: str) -> bytes:
        """The first MAX_MAIL_BYTES of a mail; empty if it is gone."""

    def remove(self, name: str) -> None: ...

    def set_aside(self, name: str) -> None:
        """Flag a mail that made us fail, so that it is not read again; a person can look with a mail program."""


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """The mailbox of INBOX_URL. Raises MailboxUnreachable, also for errors while it is open."""
    where = urlsplit(url)
    if where.scheme == "maildir":
        yield Maildir(Path(unquote(where.path)))
        return
    try:
        box = ImapMailbox(where, timeout=settings.SMTP_TIMEOUT)
        try:
            yield box
        finally:
            box.close()
    except (imaplib.IMAP4.error, OSError) as error:
        said = error.args[0] if error.args else error
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise MailboxUnreachable(one_line(said) or type(error).__name__) from error


class Maildir:
    """One file per mail, in new/ and cur/."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if not (folder / "new").is_dir():
            raise MailboxUnreachable(f"There is no Maildir at {folder}.")

    def waiting(self) -> list[str]:
        found = [
            path for part in ("new", "cur") for path in (self._folder / part).glob("*") if path.is_file()
        ]
        # Flags follow ":2,". F: set aside by us; T: deleted in a mail program.
        unmarked = [path for path in found if not {"F", "T"} & set(path.name.partition(":2,")[2])]
        return [f"{path.parent.name}/{path.name}" for path in sorted(unmarked, key=lambda path: path.name)]

    def fetch(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(MAX_MAIL_BYTES)
        except FileNotFoundError:
            return b""

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            (self._folder / name).unlink()

    def set_aside(self, name: str) -> None:
        (self._folder / "cur").mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            plain = Path(name).name.partition(":2,")[0]
            (self._folder / name).rename(self._folder / "cur" / f"{plain}:2,FS")


def a_token(*, timeout: float) -> str:
    """A new access token (RFC 6749, 4.4), requested for each check and not stored. Raises OSError if refused."""
    asked = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": settings.INBOX_CLIENT_ID,
            "client_secret": settings.INBOX_CLIENT_SECRET,
            "scope": settings.INBOX_SCOPE,
        }
    ).encode()
    try:
        with urlopen(settings.INBOX_TOKEN_URL, asked, timeout=timeout) as answer:  # noqa: S310  (a setting)
            return str(json.loads(answer.read(MAX_MAIL_BYTES))["access_token"])
    except HTTPError as error:
        error.close()
        raise OSError(f"No token for the mailbox: {error.code} {error.reason}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise OSError("No token for the mailbox: the answer holds none.") from error


class ImapMailbox:
    """IMAP (RFC 3501). Flagged mails are skipped; read ones are marked deleted, and expunged on CLOSE."""

    def __init__(self, where: SplitResult, *, timeout: float) -> None:
        self._imap = self._connect(where, timeout)
        try:
            if where.scheme == "imap+tls":
                self._imap.starttls(ssl.create_default_context())
            self._sign_in(unquote(where.username or ""), unquote(where.password or ""), timeout)
            folder = unquote(where.path.strip("/")) or "INBOX"
            quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
            self._ask(self._imap.select(f'"{quoted}"'))
        except BaseException:
            self._hang_up()
            raise

    @staticmethod
    def _connect(where: SplitResult, timeout: float) -> imaplib.IMAP4:
        host = where.hostname or "localhost"
        if where.scheme == "imaps":
            return imaplib.IMAP4_SSL(
                host, where.port or 993, ssl_context=ssl.create_default_context(), timeout=timeout
            )
        return imaplib.IMAP4(host, where.port or 143, timeout=timeout)

    def _sign_in(self, user: str, password: str, timeout: float) -> None:
        """With a password, or with a token where passwords are refused (XOAUTH2, as Microsoft and Google do)."""
        if not settings.INBOX_TOKEN_URL:
            self._imap.login(user, password)
            return
        said = f"user={user}\x01auth=Bearer {a_token(timeout=timeout)}\x01\x01".encode()
        # A refusal arrives as a challenge; an empty response makes the server send the actual error.
        answers = iter([said])
        self._imap.authenticate("XOAUTH2", lambda _challenge: next(answers, b""))

    @staticmethod
    def _ask(answer: tuple[str, list[Any]]) -> list[Any]:
        said, data = answer
        if said != "OK":
            raise imaplib.IMAP4.error(data[0] if data else said)
        return data

    def waiting(self) -> list[str]:
        (found,) = self._ask(self._imap.uid("SEARCH", "UNDELETED", "UNFLAGGED"))[:1] or [b""]
        return (found or b"").decode().split()

    def fetch(self, name: str) -> bytes:
        data = self._ask(self._imap.uid("FETCH", name, f"(BODY.PEEK[]<0.{MAX_MAIL_BYTES}>)"))
        return next((part[1] for part in data if isinstance(part, tuple)), b"")

    def remove(self, name: str) -> None:
        self._ask(self._imap.uid("STORE", name, "+FLAGS.SILENT", r"(\Deleted \Seen)"))

    def set_aside(self, name: str) -> None:
        self._ask(self._imap.uid("STORE", name, "+FLAGS.SILENT", r"(\Flagged \Seen)"))

    def close(self) -> None:
        """CLOSE expunges what is marked deleted, also by a process that died."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.close()
        self._hang_up()

    def _hang_up(self) -> None:
        try:
            self._imap.logout()
        except (imaplib.IMAP4.error, OSError):
            with suppress(OSError):
                self._imap.shutdown()
