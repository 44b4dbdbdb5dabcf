"""The key ring: a key of its own for each use, with an id, outside the database.

`KEYS_FILE` is JSON, readable by its owner alone; `manage.py rotate_keys` writes it. A use without a key in that file
has one that is derived from SECRET_KEY, with the id 0, so no file is needed before the first rotation.

The newest key of a use signs, hashes and encrypts. Earlier ones verify and decrypt until their last day; a signature by
a key that leaked is refused at once.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

KEY_BYTES = 32


class KeyUse(StrEnum):
    LINKS = "links"
    CODES = "codes"
    CONTACTS = "contacts"
    SECOND_STEP = "second-step"
    SUPPRESSION = "suppression"
    MARKS = "marks"
    """What is recognised for a short time: return addresses, forms that are sent twice, counters of limits."""


@dataclass(frozen=True)
class Key:
    id: int
    secret: bytes
    made: date | None = None
    until: date | None = None
    """The last day on which it verifies; None while it is the newest."""
    leaked: bool = False

    def verifies(self, today: date) -> bool:
        return not self.leaked and (self.until is None or today <= self.until)

    def hash(self, value: str, *, purpose: str) -> str:
        """64 hexadecimal digits."""
        return hmac.new(self.secret, f"{purpose}\n{value}".encode(), hashlib.sha256).hexdigest()

    def fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.secret))

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "key": base64.b64encode(self.secret).decode(),
            "made": self.made and self.made.isoformat(),
            "until": self.until and self.until.isoformat(),
            "leaked": self.leaked,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        secret = base64.b64decode(row["key"], validate=True)
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        made, until = (
            (date.fromisoformat(row[name]) if row.get(name) else None) for name in ("made", "until")
        )
        return cls(int(row["id"]), secret, made, until, bool(row.get("leaked", False)))


def keys(use: KeyUse) -> tuple[Key, ...]:
    """Every key of this use, oldest first."""
    return read_file().get(use) or (_derived(use, settings.SECRET_KEY),)


def newest(use: KeyUse) -> Key:
    return keys(use)[-1]


def verifying(use: KeyUse) -> list[Key]:
    """The keys whose signatures are accepted, newest first."""
    today = timezone.localdate()
    return [key for key in reversed(keys(use)) if key.verifies(today)]


def sign(value: Any, use: KeyUse, *, salt: str) -> str:
    """A URL-safe token with a timestamp."""
    return signing.dumps(value, key=_text(newest(use)), salt=salt)


def unsign(
    token: str, use: KeyUse, *, salt: str, max_age: int | None = None, even_by_leaked_keys: bool = False
) -> Any:
    """The signed value; `max_age` in seconds. Raises BadSignature when no key that still verifies signed it."""
    key, *earlier = map(_text, reversed(keys(use)) if even_by_leaked_keys else verifying(use))
    return signing.loads(token, key=key, salt=salt, max_age=max_age, fallback_keys=earlier)


def cipher(use: KeyUse) -> MultiFernet:
    """Encrypts with the newest key and decrypts with any: what a leaked key encrypted is still ours to read."""
    return MultiFernet([key.fernet() for key in reversed(keys(use))])


# --- the file -------------------------------------------------------------------------------------

Ring = dict[KeyUse, tuple[Key, ...]]


def read_file() -> Ring:
    """Empty if there is no file. It is read again when it changed, so a rotation needs no restart."""
    path: Path = settings.KEYS_FILE
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}
    return _read(path, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int, _inode: int) -> Ring:
    try:
        uses = json.loads(path.read_text())
        return {KeyUse(use): tuple(map(Key.from_json, rows)) for use, rows in uses.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"KEYS_FILE ({path}) can't be read as a key ring: {error}") from error


def write_file(ring: Ring) -> None:
    """Replace the file in one step: it holds the ring from before or the new one."""
    path: Path = settings.KEYS_FILE
    text = json.dumps({use.value: [key.as_json() for key in keys] for use, keys in ring.items()}, indent=1)
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def ring_with_new_keys(uses: Iterable[KeyUse], *, until: date, leaked: bool) -> Ring:
    """The ring with a new key for each of these uses; derived keys are written out, so SECRET_KEY may change."""
    ring = {use: keys(use) for use in KeyUse}
    for use in uses:
        earlier = tuple(
            replace(key, until=key.until or until, leaked=key.leaked or leaked) for key in ring[use]
        )
        ring[use] = (*earlier, Key(earlier[-1].id + 1, secrets.token_bytes(KEY_BYTES), timezone.localdate()))
    return ring


@lru_cache(maxsize=32)
def _derived(use: KeyUse, secret_key: str) -> Key:
    return Key(0, hmac.new(secret_key.encode(), f"nabij.{use}".encode(), hashlib.sha256).digest())


def _text(key: Key) -> str | bytes:
    return base64.b64encode(key.secret).decode()
