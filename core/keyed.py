"""Keyed hashes: a value can be recognised only with a key of this installation."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from core import keyring
from core.keyring import KeyUse


def keyed_hash(value: str, *, purpose: str) -> str:
    """64 hex digits. The same value gives another hash for another purpose, so tables can't be joined on it.

    Another one after the keys were rotated; for what is stored for long, see KeyedHashField.
    """
    return keyring.newest(KeyUse.MARKS).hash(value, purpose=purpose)


def keyed_hashes(value: str, *, purpose: str) -> list[str]:
    """The hashes by every key that still verifies, newest first."""
    return [key.hash(value, purpose=purpose) for key in keyring.verifying(KeyUse.MARKS)]


# --- hashes that outlive their key ------------------------------------------------------------------
# The hashed value is not stored, so key rotation hashes the stored hash again. With the keys 0, 1 and 2 a value is
# stored as "2." and hash₂(hash₁(hash₀(value))). Rows that are not rotated yet start with "1.", so a lookup compares
# the value with every length of the chain.


def stored_hash(value: str, use: KeyUse, *, purpose: str) -> str:
    """The id of the newest key, a dot and 64 hex digits."""
    return stored_hashes(value, use, purpose=purpose)[0]


def stored_hashes(value: str, use: KeyUse, *, purpose: str) -> list[str]:
    """What may be stored for this value, newest first: more than one only where keys were rotated."""
    hashes = []
    for key in keyring.keys(use):
        value = key.hash(value, purpose=purpose)
        hashes.append(f"{key.id}.{value}")
    return hashes[::-1]


class KeyedHashField(models.CharField):
    """A `stored_hash` of one use and purpose. `manage.py rotate_keys` finds these fields and hashes them again."""

    def __init__(self, *args: Any, use: str, purpose: str, **kwargs: Any) -> None:
        self.use, self.purpose = KeyUse(use), purpose
        super().__init__(*args, **{"max_length": 72} | kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"use": self.use.value, "purpose": self.purpose}

    def rotate(self, stored: str) -> str:
        """This hash, hashed by every key that is newer than its own."""
        generation, _dot, value = stored.partition(".")
        newest = int(generation)
        for key in keyring.keys(self.use):
            if key.id > newest:
                value, newest = key.hash(value, purpose=self.purpose), key.id
        return f"{newest}.{value}"


def address_hash(address: str) -> str:
    """The hash of an address of any kind, used only for suppression."""
    return address_hashes(address)[0]


def address_hashes(address: str) -> list[str]:
    return stored_hashes(_spelled_alike(address), KeyUse.SUPPRESSION, purpose="address")


def _spelled_alike(address: str) -> str:
    """One spelling. A postal address is its street, number and postcode, whatever name it carries."""
    _name, is_letter, house = address.partition("\n")
    if not is_letter:
        return " ".join(address.lower().split())
    # Street, number and postcode in any spelling: “1-A”, “1 A” and “1a” are one door. The town adds nothing.
    street, _line, place = house.partition("\n")
    return "".join(sign for sign in (street + place[:7]).lower() if sign.isalnum())


def code_hash(code: str) -> str:
    """The hash of a private code; normalise user input first (accounts.codes)."""
    return code_hashes(code)[0]


def code_hashes(code: str) -> list[str]:
    return stored_hashes(code, KeyUse.CODES, purpose="code")


class KeyedChoice:
    """A pseudo-random choice that repeats for the same seed and can't be predicted without the key."""

    def __init__(self, seed: str, *, purpose: str) -> None:
        self._seed, self._purpose, self._drawn = seed, purpose, 0

    def choice(self, seq: Sequence[str], /) -> str:
        self._drawn += 1
        drawn = int(keyed_hash(f"{self._seed}:{self._drawn}", purpose=self._purpose), 16)
        return seq[drawn % len(seq)]
