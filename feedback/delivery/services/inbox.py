"""Reads the mailbox: delivery reports and replies.

A mail is processed in one transaction, and removed from the mailbox only after the commit. After a crash
in between it is read again, and its fingerprint (`Incoming.key`, `DeliveryEvent`) makes that idempotent.
No mail is ever answered automatically: two machines would loop.
"""

import imaplib
import json
import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError
from urllib.parse import SplitResult, unquote, urlencode, urlsplit
from urllib.request import urlopen

import imap_tools
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from core.jobs import stopping
from feedback.delivery.returned import (
    MAX_MAIL_BYTES,
    IncomingMailKind,
    ProviderEvent,
    one_line,
    parse_incoming_mail,
)
from feedback.delivery.services import delivery, guards, outbox
from feedback.delivery.services.guards import renew_heartbeat
from feedback.models import Message
from feedback.registries import carried
from feedback.states import IN_HAND_STATES, DeliveryKind

log = logging.getLogger("nabij.inbox")

INBOX = "inbox"
INBOX_CIRCUIT = "inbox-trouble"
_MAILBOX_RETRY_SECONDS = 300
TURN_SECONDS = 20


# --- the mailbox -----------------------------------------------------------------------------------
# A list of mails to read and then remove: over IMAP, or a Maildir on disk.


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
    except (imap_tools.ImapToolsError, imaplib.IMAP4.error, OSError) as error:
        raise MailboxUnreachable(one_line(_reason(error)) or type(error).__name__) from error


def _reason(error: Exception) -> str:
    """What the server said, when it refused a command."""
    said = error.args[0] if error.args else error
    if isinstance(error, imap_tools.errors.UnexpectedCommandStatusError):
        _status, (said, *_more) = error.command_result
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


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


def fetch_access_token(*, timeout: float) -> str:
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
    """IMAP (RFC 3501) by imap-tools. Flagged mails are skipped; read ones are deleted."""

    def __init__(self, where: SplitResult, *, timeout: float) -> None:
        self._box = self._connect(where, timeout)
        user, folder = unquote(where.username or ""), unquote(where.path.strip("/")) or "INBOX"
        try:
            if settings.INBOX_TOKEN_URL:
                # XOAUTH2, where passwords are refused (Microsoft, Google).
                self._box.xoauth2(user, fetch_access_token(timeout=timeout), folder)
            else:
                self._box.login(user, unquote(where.password or ""), folder)
        except BaseException:
            self._hang_up()
            raise

    @staticmethod
    def _connect(where: SplitResult, timeout: float) -> imap_tools.BaseMailBox:
        host = where.hostname or "localhost"
        verified = ssl.create_default_context()  # without it imap-tools accepts any certificate
        try:
            if where.scheme == "imaps":
                return imap_tools.MailBox(host, where.port or 993, timeout, ssl_context=verified)
            if where.scheme == "imap+tls":
                return imap_tools.MailBoxStartTls(host, where.port or 143, timeout, ssl_context=verified)
            return imap_tools.MailBoxUnencrypted(host, where.port or 143, timeout)
        except ValueError as error:  # a port that does not go with the scheme
            raise OSError(str(error)) from error

    def waiting(self) -> list[str]:
        return self._box.uids("UNDELETED UNFLAGGED", charset=None)

    def fetch(self, name: str) -> bytes:
        """By the client below imap-tools, which has no limit to what it fetches."""
        said, data = self._box.client.uid("FETCH", name, f"(BODY.PEEK[]<0.{MAX_MAIL_BYTES}>)")
        if said != "OK":
            raise imaplib.IMAP4.error(data[0] if data else said)
        return next((part[1] for part in data if isinstance(part, tuple)), b"")

    def remove(self, name: str) -> None:
        self._box.delete(name)

    def set_aside(self, name: str) -> None:
        self._box.flag(name, (imap_tools.MailMessageFlags.FLAGGED, imap_tools.MailMessageFlags.SEEN), True)

    def close(self) -> None:
        """CLOSE expunges what a process that died marked deleted."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._box.client.close()
        self._hang_up()

    def _hang_up(self) -> None:
        try:
            self._box.logout()
        except (imap_tools.ImapToolsError, imaplib.IMAP4.error, OSError):
            with suppress(OSError):
                self._box.client.shutdown()


# --- what is read from it --------------------------------------------------------------------------


class MessageStillHandingOver(Exception):
    """The mail is about a message that is being handed over right now: retry later."""


def read_mailbox(*, now: datetime | None = None) -> int:
    """Read the mailbox, one process at a time. Returns how many mails were processed.

    Not during quarantine: a restored database may not know yet what is being answered.
    """
    if (
        not settings.INBOX_URL
        or guards.circuit_is_open(INBOX_CIRCUIT, now=now)
        or not guards.outbox_may_send(now=now)
    ):
        return 0
    with guards.hold_lease(INBOX, seconds=settings.LEASE_SECONDS, now=now) as lease:
        return _read_turn(lease, now=now) if lease else 0


def _read_turn(lease: guards.HeldLease, *, now: datetime | None) -> int:
    try:
        with open_mailbox(settings.INBOX_URL) as box:
            done = _read_all(box, lease, now=now)
        renew_heartbeat(INBOX)
        return done
    except MailboxUnreachable as error:
        guards.open_circuit(str(error), name=INBOX_CIRCUIT, seconds=_MAILBOX_RETRY_SECONDS, now=now)
        return 0


def _read_all(box: Mailbox, lease: guards.HeldLease, *, now: datetime | None) -> int:
    done, ends = 0, time.monotonic() + TURN_SECONDS
    for name in box.waiting():
        if stopping.is_set() or time.monotonic() > ends:
            break
        if not lease.renew():
            break  # too slow: another process took the lease
        if _deal_with(box, name, now=now):
            done += 1
    return done


def _deal_with(box: Mailbox, name: str, *, now: datetime | None) -> bool:
    """Returns whether the mail was processed. One that raises is flagged, so that it does not block those
    after it."""
    content = box.fetch(name)
    if not content:
        return False
    try:
        process_mail(content, now=now)
    except MessageStillHandingOver:
        return False
    except DatabaseError:
        raise
    except Exception:
        log.exception("A mail can't be read; it is flagged in the mailbox.")
        box.set_aside(name)
        return False
    box.remove(name)
    return True


DELIVERY_KIND_BY_MAIL_KIND = {
    IncomingMailKind.BOUNCED: DeliveryKind.BOUNCED,
    IncomingMailKind.RETURNED: DeliveryKind.RETURNED,
    IncomingMailKind.DELAYED: DeliveryKind.DELAYED,
    IncomingMailKind.DELIVERED: DeliveryKind.DELIVERED,
    IncomingMailKind.COMPLAINT: DeliveryKind.COMPLAINT,
    IncomingMailKind.AUTOMATIC: DeliveryKind.AUTOMATIC,
}


def process_mail(content: bytes, *, now: datetime | None = None) -> None:
    """Process one mail, once. Raises TooEarly if its message is still being handed over."""
    moment, found = now or timezone.now(), parse_incoming_mail(content)
    if outbox.is_ours(found.sender):
        return  # our own mail, looped back
    message = outbox.find_original_message(found.to, found.about)
    if message and message.state in IN_HAND_STATES:
        raise MessageStillHandingOver
    if found.kind == IncomingMailKind.REPLY:
        for one in carried():
            one.take_reply(found, message, at=moment)
    elif message:
        _record(message, found.kind, f"mail:{found.key}", f"{found.status} {found.detail}".strip(), moment)
    # Otherwise it reports mail that we never sent (forged) or erased since.


def _record(message: Message, kind: IncomingMailKind, event: str, detail: str, now: datetime | None) -> None:
    with suppress(Message.DoesNotExist):  # erased meanwhile: nothing to record
        delivery.record(
            message=message,
            kind=DELIVERY_KIND_BY_MAIL_KIND[kind],
            provider_event=event,
            detail=detail,
            now=now,
        )


# --- told by a provider ----------------------------------------------------------------------------

EVENT_RECORDED, EVENT_UNKNOWN, EVENT_TOO_EARLY = "taken", "unknown", "early"


def record_provider_events(events: list[ProviderEvent], *, now: datetime | None = None) -> list[str]:
    """Record events from a provider, each once. A known event gives TAKEN too."""
    messages = Message.objects.in_bulk([one.message_id for one in events], field_name="message_id")
    return [_take_event(one, messages.get(one.message_id), now) for one in events]


def _take_event(told: ProviderEvent, message: Message | None, now: datetime | None) -> str:
    if message is None:
        return EVENT_UNKNOWN
    if message.state in IN_HAND_STATES:
        return EVENT_TOO_EARLY
    _record(message, told.kind, f"hook:{told.key}", told.detail, now)
    return EVENT_RECORDED
