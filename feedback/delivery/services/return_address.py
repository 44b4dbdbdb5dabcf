"""A unique address per mail, so that a reply or bounce identifies the message.

`answer+r.2f.k3…@waterdam.example`: the number of the message and a keyed hash of it, no personal data.
Lower-case letters and digits, because mail servers may change the case, and within 64 characters before
the @ (RFC 5321). Without INBOX_ADDRESS there are no such addresses, and a person reads replies.
"""

import base64
import re
from collections.abc import Iterable
from email.utils import parseaddr
from hmac import compare_digest

from django.conf import settings
from django.db import models

from core.keyed import keyed_hash
from feedback.models import Message

REPLY, RETURN = "r", "b"
_TOKEN = re.compile(r"([rb])\.([0-9a-z]{1,13})\.([2-7a-z]{21})$")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def reply_to(message: Message) -> str:
    """The reply address of this mail; "" if that is the address of the municipality."""
    return _address(message, REPLY) if message.receipt_id else ""


def return_path(message: Message) -> str:
    """The envelope sender (RFC 5321), to which mail servers report that delivery failed."""
    return _address(message, RETURN)


def _address(message: Message, letter: str) -> str:
    inbox = settings.INBOX_ADDRESS
    if not inbox or not settings.INBOX_SEPARATOR:
        return inbox
    local, _at, domain = inbox.rpartition("@")
    number = _in_letters(message.pk)
    return f"{local}{settings.INBOX_SEPARATOR}{letter}.{number}.{_proof(letter, number, message)}@{domain}"


def _proof(letter: str, number: str, message: Message) -> str:
    # Includes the Message-ID: after a restored backup the same number may belong to another mail.
    hashed = keyed_hash(f"{letter}.{number}.{message.message_id}", purpose="return-address")
    return base64.b32encode(bytes.fromhex(hashed)[:13]).decode().rstrip("=").lower()


def find_original_message(addresses: Iterable[str], message_ids: Iterable[str]) -> Message | None:
    """The mail of ours that is meant: by return address, else by Message-ID, which only its receiver knows."""
    tokens = [token for address in addresses if (token := _TOKEN.search(address.lower().partition("@")[0]))]
    for token in tokens[:20]:
        letter, number, proof = token.groups()
        message = _messages().filter(pk=int(number, 36)).first() if int(number, 36) < 2**63 else None
        if message and compare_digest(proof, _proof(letter, number, message)):
            return message
    asked = list(message_ids)[:50]
    found = {message.message_id: message for message in _messages().filter(message_id__in=asked)}
    return next((found[one] for one in asked if one in found), None)


def _messages() -> "models.QuerySet[Message]":
    return Message.objects.select_related("receipt", "user")


def is_ours(address: str) -> bool:
    """Whether it is an address that Nabij itself sends from or reads."""
    local, _at, domain = settings.INBOX_ADDRESS.lower().rpartition("@")
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    given, _at, there = address.lower().rpartition("@")
    plain = given.partition(settings.INBOX_SEPARATOR)[0] if settings.INBOX_SEPARATOR else given
    return address.lower() == ours or (bool(local) and (plain, there) == (local, domain))


def _in_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = _DIGITS[rest] + letters
    return letters or "0"
