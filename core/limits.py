"""Limits on guessing codes and on asking for mail. Answering is never refused: a library is one address. Where very
many begin at once, the next ones wait some seconds.

A network address is never kept. What stands in the cache for at most an hour is a count under a keyed hash
of the network and the day, so that yesterday's hash says nothing about today's.
"""

import ipaddress
import logging
import math
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from core.keyed import keyed_hash

HOUR = 3600
log = logging.getLogger("nabij.limits")


@dataclass(frozen=True)
class Limit:
    """How often per hour. `each`: from one network; `about`: on one thing, from wherever.

    Once it came `together` times, somebody tries from many networks: from then on each has only `pressed`, so
    that whoever comes from elsewhere is not locked out by strangers. `most` ends it for everybody.
    """

    name: str
    each: int
    about: float = math.inf
    together: float = math.inf
    pressed: int = 0
    most: float = math.inf


# Failures only. A private code has 36 bits (accounts/codes.py): 5,000 guesses an hour hit one of 10,000 codes in
# use after two months on average, and need two thousand networks; from fifty it takes most of a year. `about` is the
# first word with its digits: who saw half of a code over a shoulder does not find the rest, from wherever they try.
WRONG_CODES = Limit("wrong-codes", each=20, about=10, together=1000, pressed=2, most=5000)
# Typed beside a private link, so it is about one receipt; nobody without that link can use this up.
WRONG_PROOFS = Limit("wrong-proofs", each=20, about=10)
# A school class that leaves thirty addresses stays well below this.
MAILS = Limit(
    "mails",
    each=settings.MAILS_PER_HOUR,
    together=100 * settings.MAILS_PER_HOUR,
    pressed=5,
    most=500 * settings.MAILS_PER_HOUR,
)
MOMENT = 10
"""Seconds that somebody waits where many begin at once."""
MOMENTS_IN_A_BURST = 6
"""Who comes after so many full moments within the hour is one of a burst."""
# Somebody else's mailbox is not flooded by it.
MAILS_TO_ONE_MAILBOX = 4


def is_spent(request: HttpRequest, limit: Limit, *, about: str = "") -> bool:
    """Whether this network, this thing, or everybody together used the limit up for this hour."""
    mine, ours, its = _keys(request, limit, about)
    counts = cache.get_many([mine, ours, its])
    each = limit.each if counts.get(ours, 0) < limit.together else min(limit.each, limit.pressed)
    return (
        counts.get(mine, 0) >= each
        or counts.get(ours, 0) >= limit.most
        or bool(about and counts.get(its, 0) >= limit.about)
    )


def spend(request: HttpRequest, limit: Limit, *, about: str = "") -> None:
    mine, ours, its = _keys(request, limit, about)
    _count(mine)
    if about:
        _count(its)
    if _count(ours) in (limit.together, limit.most):
        log.warning("%s: this many within an hour, from many networks. Somebody is trying.", limit.name)


@dataclass(frozen=True)
class Crowd:
    """Who begins where this request comes from: more than fit in a moment, and very many within the hour."""

    is_too_many: bool
    is_burst: bool


def one_more_begins(request: HttpRequest, what: str) -> Crowd:
    """Count one more beginning of `what` from this network."""
    place, _all, _thing = _keys(request, Limit(f"begin:{what}", each=0), "")
    if _count(f"{place}:moment", MOMENT) > settings.BEGINNINGS_AT_ONCE:
        return Crowd(is_too_many=True, is_burst=False)
    return Crowd(is_too_many=False, is_burst=_count(place) > MOMENTS_IN_A_BURST * settings.BEGINNINGS_AT_ONCE)


def mailbox_is_full(address: str) -> bool:
    """Counts one more mail that somebody asks for to `address`; True when it had enough this hour. What is written
    after a plus leads to the same mailbox at most providers, and everybody can make up thousands of those."""
    name, at, host = address.strip().lower().rpartition("@")
    written = f"{name.partition('+')[0]}{at}{host}"
    mailbox = keyed_hash(f"{timezone.localdate()} {written}", purpose="mailbox")
    return _count(f"limit:mailbox:{mailbox}") > MAILS_TO_ONE_MAILBOX


def _keys(request: HttpRequest, limit: Limit, about: str) -> tuple[str, str, str]:
    today = timezone.localdate()
    sender = keyed_hash(f"{today} {_network(request)}", purpose="network address")
    thing = keyed_hash(f"{today} {about}", purpose="limited thing")
    return f"limit:{limit.name}:{sender}", f"limit:{limit.name}", f"limit:{limit.name}:about:{thing}"


def _network(request: HttpRequest) -> str:
    """One IPv4 address, or all IPv6 addresses that one subscriber has: changing among those is free."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        prefix = settings.ALLAUTH_RATE_LIMIT_IPV6_PREFIX
        return str(address.ipv4_mapped or ipaddress.IPv6Network((address, prefix), strict=False))
    return str(address)


def _count(key: str, seconds: int = HOUR) -> int:
    """One more under `key`; the first one starts its hour."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the hour ended between the two lines
        cache.set(key, 1, seconds)
        return 1
