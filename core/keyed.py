"""Keyed hashes: a value can be recognised only with the secret key of this installation."""

import hashlib
import hmac
from collections.abc import Sequence

from django.conf import settings


def keyed_hash(value: str, *, purpose: str) -> str:
    """64 hex digits. The same value gives another hash for another purpose, so tables can't be joined on it."""
    key = f"nabij.{purpose}.{settings.SECRET_KEY}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def address_hash(address: str) -> str:
    """The hash of an address of any kind, used only for suppression.

    A postal address is hashed by street, number and postcode, whatever name it carries.
    """
    _name, is_letter, house = address.partition("\n")
    if not is_letter:
        return keyed_hash(" ".join(address.lower().split()), purpose="address")
    # Street, number and postcode in any spelling: “1-A”, “1 A” and “1a” are one door. The town adds nothing.
    street, _line, place = house.partition("\n")
    door = "".join(sign for sign in (street + place[:7]).lower() if sign.isalnum())
    return keyed_hash(door, purpose="address")


def code_hash(code: str) -> str:
    """The hash of a private code; normalise user input first (accounts.codes)."""
    return keyed_hash(code, purpose="code")


class KeyedChoice:
    """A pseudo-random choice that repeats for the same seed and can't be predicted without the secret key."""

    def __init__(self, seed: str, *, purpose: str) -> None:
        self._seed, self._purpose, self._drawn = seed, purpose, 0

    def choice(self, seq: Sequence[str], /) -> str:
        self._drawn += 1
        drawn = int(keyed_hash(f"{self._seed}:{self._drawn}", purpose=self._purpose), 16)
        return seq[drawn % len(seq)]
