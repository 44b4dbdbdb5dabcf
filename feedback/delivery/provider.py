"""Parses the webhook of a mail provider into our events. Uses JSON, no models.

The body is one event, a list of them, or a list under "events". Each has an id of its own, a kind, and our
Message-ID. Our field names come first, then those that providers use for the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback.delivery.returned import IncomingMailKind, clean, is_hard, one_line

MAX_HOOK_BYTES = 256_000
MOST_EVENTS = 1_000

_IDS = ("id", "event_id", "sg_event_id", "ID")
_KINDS = ("kind", "event", "type", "RecordType")
_MESSAGES = ("message_id", "smtp-id", "message-id", "Message-ID")
_STATUSES = ("status", "code")
_DETAILS = ("detail", "reason", "response", "Description")

_TOLD = {
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
    kind = _TOLD.get(_text(event, _KINDS).lower().replace("_", "").replace("-", ""))
    message_id = _text(event, _MESSAGES).strip()
    if kind is None or not message_id:
        return None
    status = _text(event, _STATUSES)
    # "Bounced" is vague: with a status that is not about the address it counts as returned.
    if kind == IncomingMailKind.BOUNCED and status and not is_hard(status):
        kind = IncomingMailKind.RETURNED
    named = _text(event, _IDS) or f"{kind} {message_id} {status}"
    return ProviderEvent(
        key=hashlib.sha256(named.encode("utf-8", "replace")).hexdigest(),
        kind=kind,
        message_id=message_id if message_id.startswith("<") else f"<{message_id}>",
        detail=one_line(f"{status} {_text(event, _DETAILS)}"),
    )


def _text(event: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((event[name] for name in names if name in event), "")
    return clean(str(value)[:1_000]) if isinstance(value, str | int) else ""
