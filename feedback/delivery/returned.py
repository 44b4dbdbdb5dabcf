"""Classifies mail sent back by people or machines, from its bytes. Uses MIME and headers, no models.

| kind      | told by                                                                    |
|-----------|----------------------------------------------------------------------------|
| bounced   | a delivery status (RFC 3464): failed for good, the address is no good       |
| returned  | the same: not delivered, but the address may be good (full, refused, deferred for too long) |
| delayed   | the same: still being tried; nothing to do                                  |
| delivered | the same: handed to the mailbox                                             |
| complaint | a feedback report (RFC 5965)                                                |
| automatic | out of office, lists and other machines (RFC 3834)                          |
| reply     | a person wrote                                                              |

The content is untrusted: no mail makes this module raise, and a claim is trusted only if it holds
something that only a receiver of our mail can know.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as Mail
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from enum import StrEnum
from typing import Any

from feedback.delivery.reply_text import extract_reply_text, from_html, unwrap_flowed

MAX_MAIL_BYTES = 1_000_000
"""Read per mail: headers, text and reports come first, and attachments are not kept anyway."""
MOST_PARTS = 200


class IncomingMailKind(StrEnum):
    BOUNCED = "bounced"
    RETURNED = "returned"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic"
    REPLY = "reply"


@dataclass(frozen=True)
class ParsedMail:
    """One parsed incoming mail."""

    kind: IncomingMailKind
    key: str
    """Stable per mail, however often it is read: 64 hex digits."""
    sender: str = ""
    to: tuple[str, ...] = ()
    """Every address of ours it may have been sent to, including those in the mail it returns."""
    about: tuple[str, ...] = ()
    """Message-IDs it refers to, nearest first."""
    subject: str = ""
    text: str = ""
    had_attachments: bool = False
    status: str = ""
    detail: str = ""


def parse_incoming_mail(content: bytes) -> ParsedMail:
    """Never raises. An unparsable mail becomes a reply without words, for a person to look at."""
    head = BytesHeaderParser().parsebytes(content[:MAX_MAIL_BYTES])
    key = _key(head, content)
    sender = ""
    try:
        sender = next(iter(_addresses(head, "From")), "")
        mail = message_from_bytes(content[:MAX_MAIL_BYTES])
        report = _report(mail)
        if report is None:
            return _letter(mail, key, sender)
        kind, status, detail, inner = report
        return ParsedMail(
            kind=kind,
            key=key,
            sender=sender,
            to=_sent_to(mail, *inner),
            about=_ids(inner, "Message-ID", "X-Original-Message-ID"),
            subject=_header(mail, "Subject")[:250],
            status=status,
            detail=detail,
        )
    except Exception:  # noqa: BLE001  (a mail made to break its reader must not keep the others)
        return ParsedMail(kind=IncomingMailKind.REPLY, key=key, sender=sender)


def _key(mail: Mail, content: bytes) -> str:
    message_id = _raw(mail, "Message-ID").strip()
    whole = f"{message_id}\n{_raw(mail, 'From')}".encode("utf-8", "replace") if message_id else content
    return hashlib.sha256(whole).hexdigest()


# --- a person, or a machine that answers for one ---------------------------------------------------


def _letter(mail: Mail, key: str, sender: str) -> ParsedMail:
    text, had_attachments = reply_text_of(mail)
    return ParsedMail(
        kind=IncomingMailKind.AUTOMATIC if _is_automatic(mail, sender) else IncomingMailKind.REPLY,
        key=key,
        sender=sender,
        to=_sent_to(mail),
        about=_ids([mail], "In-Reply-To", "References"),
        subject=_header(mail, "Subject")[:250],
        text=text,
        had_attachments=had_attachments,
    )


_OUT_OF_OFFICE = re.compile(
    r"^\s*(?:automatisch antwoord|automatic reply|automatische antwort|réponse automatique|afwezigheidsbericht|"
    r"out of (?:the )?office|afwezig)\s*:",
    re.I,
)
_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|noreply|bounces?)(?:[+-][^@]*)?@", re.I)


def _is_automatic(mail: Mail, sender: str) -> bool:
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _header(mail, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or any(
            _raw(mail, name)
            for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "List-Id", "Feedback-ID")
        )
        or _header(mail, "Return-Path").strip() == "<>"
        or bool(_MACHINES.match(sender))
        or bool(_OUT_OF_OFFICE.match(_header(mail, "Subject")))
    )


def reply_text_of(mail: Mail) -> tuple[str, bool]:
    """The writer's own words, and whether the mail had other parts."""
    texts: list[str] = []
    had_attachments = False
    for part in _body_parts(mail):
        if part is None:
            had_attachments = True
        else:
            texts.append(_text(part))
    return extract_reply_text("\n".join(texts)), had_attachments


_NOT_KEPT_UNSAID = (
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
)


def _body_parts(mail: Mail, depth: int = 0) -> Iterator[Mail | None]:
    """The text parts in order; None for each part that is not kept."""
    kind = mail.get_content_type()
    inner = mail.get_payload() if mail.is_multipart() else None
    if isinstance(inner, list) and kind.startswith("multipart/"):
        parts = [part for part in inner[:MOST_PARTS] if isinstance(part, Mail)]
        if depth > 20:
            return
        if kind == "multipart/alternative":
            parts = _best(parts)
        for part in parts:
            yield from _body_parts(part, depth + 1)
    elif mail.get_content_disposition() != "attachment" and kind in ("text/plain", "text/html"):
        yield mail
    elif kind not in _NOT_KEPT_UNSAID:
        yield None


def _best(parts: list[Mail]) -> list[Mail]:
    """The plain part if it has text; otherwise the last part, which is the richest."""
    plain = [part for part in parts if part.get_content_type() == "text/plain" and _text(part).strip()]
    if plain:
        # Apple Mail puts pictures beside the HTML, inside the alternative.
        return plain[:1] + [part for part in parts if part.get_content_type() == "multipart/mixed"][:1]
    return parts[-1:]


def _text(part: Mail) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = str(part.get_content_charset("utf-8") or "utf-8")
    try:
        text = content.decode(charset, "replace")
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    if part.get_content_type() == "text/html":
        text = from_html(text)
    elif str(part.get_param("format", "")).lower() == "flowed":
        text = unwrap_flowed(text, without_space=str(part.get_param("delsp", "")).lower() == "yes")
    return strip_unsafe_characters(text)


def strip_unsafe_characters(text: str) -> str:
    """Remove what a database refuses or a screen obeys: control and bidi characters, lone surrogates."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "", text)


# --- reports ---------------------------------------------------------------------------------------

Report = tuple[IncomingMailKind, str, str, list[Mail]]


def _report(mail: Mail) -> Report | None:
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    parts = list(mail.walk())[:MOST_PARTS]
    kinds = {part.get_content_type(): part for part in reversed(parts)}
    sent_back = _sent_back(parts)
    if found := kinds.get("message/feedback-report"):
        said = _fields(found)
        if said.get("feedback-type", "").lower() == "not-spam":
            return IncomingMailKind.AUTOMATIC, "", "", [said.mail, *sent_back]
        return IncomingMailKind.COMPLAINT, "", said.get("feedback-type", "")[:40], [said.mail, *sent_back]
    if found := kinds.get("message/delivery-status") or kinds.get("message/global-delivery-status"):
        return _delivery(found, sent_back)
    # A read receipt (RFC 8098) or something newer: automatic, and not relevant.
    return IncomingMailKind.AUTOMATIC, "", "", sent_back


def _delivery(found: Mail, sent_back: list[Mail]) -> Report:
    payload = found.get_payload()
    blocks = [part for part in payload if isinstance(part, Mail)] if isinstance(payload, list) else []
    worst: tuple[int, IncomingMailKind, str, str] = (0, IncomingMailKind.AUTOMATIC, "", "")
    for block in blocks[:MOST_PARTS]:
        action = _header(block, "Action").strip().lower()
        if not action:
            continue
        status = next(iter(re.findall(r"\b[245]\.\d{1,3}\.\d{1,3}\b", _header(block, "Status"))), "")
        kind = outcome_of(action, status)
        detail = one_line(_header(block, "Diagnostic-Code") or _header(block, "Status"))
        worst = max(worst, (_WEIGHT[kind], kind, status, detail))
    _weight, kind, status, detail = worst
    return kind, status, detail, sent_back


_WEIGHT = {
    IncomingMailKind.AUTOMATIC: 0,
    IncomingMailKind.DELIVERED: 1,
    IncomingMailKind.DELAYED: 2,
    IncomingMailKind.RETURNED: 3,
    IncomingMailKind.BOUNCED: 4,
}


def outcome_of(action: str, status: str) -> IncomingMailKind:
    """Map a delivery status to a kind. Only a bad address counts as bounced: a full mailbox or a refused
    mail (our own DMARC may be the cause) says nothing about the address."""
    if action == "delayed" or (action != "failed" and status.startswith("4")):
        return IncomingMailKind.DELAYED
    if action == "delivered":
        return IncomingMailKind.DELIVERED
    if action != "failed":  # relayed or expanded: on to a server that doesn't report
        return IncomingMailKind.AUTOMATIC
    return IncomingMailKind.BOUNCED if is_hard(status) else IncomingMailKind.RETURNED


def is_hard(status: str) -> bool:
    """RFC 3463: x.1.x is about the address, x.2.1 is a disabled mailbox, 5.0.x is the generic code of old
    servers."""
    return bool(re.fullmatch(r"5\.(?:1\.(?!8$)\d{1,3}|2\.1|0\.\d{1,3}|4\.4)", status))


def one_line(text: str) -> str:
    """For the log of a message: one line, without addresses."""
    return re.sub(r"\S+@\S+", "…", " ".join(strip_unsafe_characters(text).split()))[:200]


class _Fields(dict[str, str]):
    def __init__(self, mail: Mail) -> None:
        super().__init__(
            {name.lower(): _header(mail, name).strip() for name in list(mail.keys())[:MOST_PARTS]}
        )
        self.mail = mail


def _fields(part: Mail) -> _Fields:
    """A feedback report is a list of headers, either as text or already parsed as a message."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Mail):
        return _Fields(payload[0])
    raw = part.get_payload(decode=True)
    return _Fields(
        message_from_bytes(raw if isinstance(raw, bytes) else str(payload).encode("utf-8", "replace"))
    )


def _sent_back(parts: list[Mail]) -> list[Mail]:
    """Our own mail in the report: whole, or only its headers."""
    found: list[Mail] = []
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        if kind in ("message/rfc822", "message/global") and isinstance(payload, list):
            found += [inner for inner in payload[:1] if isinstance(inner, Mail)]
        elif kind in ("text/rfc822-headers", "message/global-headers"):
            raw = part.get_payload(decode=True)
            text = raw if isinstance(raw, bytes) else str(payload).encode("utf-8", "replace")
            found.append(message_from_bytes(text.lstrip()))
    return found


# --- headers ---------------------------------------------------------------------------------------


def _raw(mail: Mail, name: str) -> str:
    return str(mail.get(name, ""))[:20_000]


def _header(mail: Mail, name: str) -> str:
    """Decoded, on one line."""
    raw = _raw(mail, name)
    try:
        parts = [
            part.decode(charset or "utf-8", "replace") if isinstance(part, bytes) else part
            for part, charset in decode_header(raw)
        ]
    except (HeaderParseError, LookupError, ValueError):
        parts = [raw]
    return strip_unsafe_characters(" ".join("".join(parts).split()))


def _addresses(mail: Mail, *names: str) -> list[str]:
    raw = [value for name in names for value in (str(v)[:20_000] for v in mail.get_all(name, []))]
    return [
        strip_unsafe_characters(address).strip().lower()
        for _name, address in getaddresses(raw)
        if "@" in address
    ]


def _sent_to(*mails: Mail) -> tuple[str, ...]:
    """The addresses it was sent to, and the sender addresses in the mails it returns."""
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    inner = ("Return-Path", "Reply-To", "Original-Mail-From", "X-Envelope-From")
    found = [
        address for n, mail in enumerate(mails) for address in _addresses(mail, *names, *(inner if n else ()))
    ]
    return tuple(dict.fromkeys(found))[:100]


def _ids(mails: list[Mail], *names: str) -> tuple[str, ...]:
    found: list[str] = []
    for mail in mails:
        for name in names:
            ids = re.findall(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>", _raw(mail, name))
            # The last id in References is the mail that was answered.
            found += reversed(ids) if name == "References" else ids
    return tuple(dict.fromkeys(found))[:50]


# --- told by a provider ----------------------------------------------------------------------------
# The webhook of a mail provider as our events. The body is one event, a list of them, or a list under "events".
# Each has an id of its own, a kind, and our Message-ID. Our field names come first, then those that providers use.

MAX_HOOK_BYTES = 256_000
MOST_EVENTS = 1_000

_IDS = ("id", "event_id", "sg_event_id", "ID")
_KINDS = ("kind", "event", "type", "RecordType")
_MESSAGES = ("message_id", "smtp-id", "message-id", "Message-ID")
_STATUSES = ("status", "code")
_DETAILS = ("detail", "reason", "response", "Description")

_KIND_BY_EVENT_NAME = {
    "delivered": IncomingMailKind.DELIVERED,
    "delivery": IncomingMailKind.DELIVERED,
    "bounced": IncomingMailKind.BOUNCED,
    "bounce": IncomingMailKind.BOUNCED,
    "hardbounce": IncomingMailKind.BOUNCED,
    "returned": IncomingMailKind.RETURNED,
    "softbounce": IncomingMailKind.RETURNED,
    "blocked": IncomingMailKind.RETURNED,
    "dropped": IncomingMailKind.RETURNED,
    "complaint": IncomingMailKind.COMPLAINT,
    "complained": IncomingMailKind.COMPLAINT,
    "spamreport": IncomingMailKind.COMPLAINT,
    "spamcomplaint": IncomingMailKind.COMPLAINT,
    "delayed": IncomingMailKind.DELAYED,
    "deferred": IncomingMailKind.DELAYED,
}


class Unreadable(Exception):
    """The body is not JSON, or not of a known shape."""


@dataclass(frozen=True)
class ProviderEvent:
    key: str
    """Stable per event, however often it is posted; 64 hex digits."""
    kind: IncomingMailKind
    message_id: str
    detail: str


def parse_provider_events(body: bytes) -> list[ProviderEvent]:
    """Events about delivery; all others (opened, clicked) are dropped and never stored. Raises Unreadable."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if isinstance(said, dict) and isinstance(said.get("events"), list):
        said = said["events"]
    events = said if isinstance(said, list) else [said]
    if len(events) > MOST_EVENTS or not all(isinstance(event, dict) for event in events):
        raise Unreadable
    return [told for event in events if (told := _event(event))]


def _event(event: Mapping[str, Any]) -> ProviderEvent | None:
    kind = _KIND_BY_EVENT_NAME.get(_first_of(event, _KINDS).lower().replace("_", "").replace("-", ""))
    message_id = _first_of(event, _MESSAGES).strip()
    if kind is None or not message_id:
        return None
    status = _first_of(event, _STATUSES)
    # "Bounced" is vague: with a status that is not about the address it counts as returned.
    if kind == IncomingMailKind.BOUNCED and status and not is_hard(status):
        kind = IncomingMailKind.RETURNED
    named = _first_of(event, _IDS) or f"{kind} {message_id} {status}"
    return ProviderEvent(
        key=hashlib.sha256(named.encode("utf-8", "replace")).hexdigest(),
        kind=kind,
        message_id=message_id if message_id.startswith("<") else f"<{message_id}>",
        detail=one_line(f"{status} {_first_of(event, _DETAILS)}"),
    )


def _first_of(event: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((event[name] for name in names if name in event), "")
    return strip_unsafe_characters(str(value)[:1_000]) if isinstance(value, str | int) else ""
