"""Keyed hashes: a value can be recognised here and nowhere else."""

import hashlib
import hmac

from django.conf import settings


def keyed_hash(value: str, *, purpose: str) -> str:
    """64 hex digits; the same value under another purpose gives another hash, so tables can't be joined on it."""
    key = f"nabij.{purpose}.{settings.SECRET_KEY}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def address_hash(address: str) -> str:
    """The hash of an e-mail address, for suppression alone."""
    return keyed_hash(address.strip().lower(), purpose="address")


def code_hash(code: str) -> str:
    """The hash of a private code; normalise what was typed first (accounts.codes)."""
    return keyed_hash(code, purpose="code")
