"""Limits on guessing codes and on asking for mail. Answering is never limited: a library is one address.

A network address is never kept. What stands in the cache for at most an hour is a count under a keyed hash
of the address and the day, so that yesterday's hash says nothing about today's.
"""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from accounts.keyed import keyed_hash

HOUR = 3600


@dataclass(frozen=True)
class Limit:
    """`each`: per hour for one network address; `together`: per hour for everybody."""

    name: str
    each: int
    together: int


# Failures only. A private code has 36 bits: at this pace a hit takes years (accounts/codes.py).
WRONG_CODES = Limit("wrong-codes", each=20, together=1000)
# A school class that leaves thirty addresses stays well below this.
MAILS = Limit("mails", each=settings.MAILS_PER_HOUR, together=100 * settings.MAILS_PER_HOUR)
# Somebody else's mailbox is not flooded by it.
MAILS_TO_ONE_MAILBOX = 4


def is_spent(request: HttpRequest, limit: Limit) -> bool:
    """Whether this address, or everybody together, used the limit up for this hour."""
    mine, ours = _keys(request, limit)
    counts = cache.get_many([mine, ours])
    return counts.get(mine, 0) >= limit.each or counts.get(ours, 0) >= limit.together


def spend(request: HttpRequest, limit: Limit) -> None:
    for key in _keys(request, limit):
        _count(key)


def mailbox_is_full(address: str) -> bool:
    """Counts one more mail that somebody asks for to `address`; True when it had enough this hour."""
    mailbox = keyed_hash(f"{timezone.localdate()} {address.strip().lower()}", purpose="mailbox")
    return _count(f"limit:mailbox:{mailbox}") > MAILS_TO_ONE_MAILBOX


def _keys(request: HttpRequest, limit: Limit) -> tuple[str, str]:
    address = get_adapter().get_client_ip(request)
    sender = keyed_hash(f"{timezone.localdate()} {address}", purpose="network address")
    return f"limit:{limit.name}:{sender}", f"limit:{limit.name}"


def _count(key: str) -> int:
    """One more under `key`; the first one starts its hour."""
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # the hour ended between the two lines
        cache.set(key, 1, HOUR)
        return 1
