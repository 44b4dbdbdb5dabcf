"""Rate limits on guessing codes and requesting mail. Responses to surveys are never refused, because a library has
one address. Where very many begin at once, the next ones wait some seconds.

Network addresses are never stored. The cache holds, for at most an hour, a count under a keyed hash of the
network and the day, so yesterday's hashes can't be matched with today's.
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
    """Attempts per hour. `each`: from one network; `about`: on one thing, from all networks.

    After `together` attempts in total we assume a distributed attack: every network then gets only `pressed`
    attempts, so that others are not locked out by the attacker. `most` blocks everybody.
    """

    name: str
    each: int
    about: float = math.inf
    together: float = math.inf
    pressed: int = 0
    most: float = math.inf


# Counts failures only. A private code has 36 bits (accounts/codes.py): at 5,000 guesses an hour, hitting one of
# 10,000 codes in use takes two months on average and two thousand networks; from fifty networks it takes most
# of a year. `about` is the first word with its digits, so a person who saw half of a code can't guess the rest,
# from any number of networks.
WRONG_CODE_LIMIT = Limit("wrong-codes", each=20, about=10, together=1000, pressed=2, most=5000)
# Typed beside a private link, so it is about one receipt; only holders of that link can use this limit up.
WRONG_PROOF_LIMIT = Limit("wrong-proofs", each=20, about=10)
# A school class where thirty pupils leave an address stays well below this.
MAIL_LIMIT = Limit(
    "mails",
    each=settings.MAILS_PER_HOUR,
    together=100 * settings.MAILS_PER_HOUR,
    pressed=5,
    most=500 * settings.MAILS_PER_HOUR,
)
WINDOW_SECONDS = 10
"""Window in seconds; respondents over the limit wait this long."""
BURST_WINDOWS = 6
"""After this many full windows within an hour, further respondents count as a burst."""
# Prevents flooding of another person's mailbox.
MAILS_TO_ONE_MAILBOX = 4


def is_limit_reached(request: HttpRequest, limit: Limit, *, about: str = "") -> bool:
    """Whether this network, this thing, or all networks together used up the limit for this hour."""
    mine, ours, its = _keys(request, limit, about)
    counts = cache.get_many([mine, ours, its])
    each = limit.each if counts.get(ours, 0) < limit.together else min(limit.each, limit.pressed)
    return (
        counts.get(mine, 0) >= each
        or counts.get(ours, 0) >= limit.most
        or bool(about and counts.get(its, 0) >= limit.about)
    )


def record_attempt(request: HttpRequest, limit: Limit, *, about: str = "") -> None:
    mine, ours, its = _keys(request, limit, about)
    _count(mine)
    if about:
        _count(its)
    if _count(ours) in (limit.together, limit.most):
        log.warning("%s: this many within an hour, from many networks. Somebody is trying.", limit.name)


@dataclass(frozen=True)
class NetworkLoad:
    """Load of a network: `is_too_many` in the current window, `is_burst` within the hour."""

    is_too_many: bool
    is_burst: bool


def record_start(request: HttpRequest, what: str) -> NetworkLoad:
    place, _all, _thing = _keys(request, Limit(f"begin:{what}", each=0), "")
    if _count(f"{place}:moment", WINDOW_SECONDS) > settings.BEGINNINGS_AT_ONCE:
        return NetworkLoad(is_too_many=True, is_burst=False)
    return NetworkLoad(
        is_too_many=False, is_burst=_count(place) > BURST_WINDOWS * settings.BEGINNINGS_AT_ONCE
    )


def mailbox_limit_reached(address: str) -> bool:
    """Count one more mail or text requested to `address`; True when it had `MAILS_TO_ONE_MAILBOX` this hour.

    The part after a plus is ignored: at most providers it leads to the same mailbox, and anybody can make up
    thousands.
    """
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
    """One IPv4 address, or the IPv6 prefix of one subscriber, within which changing addresses is free."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        prefix = settings.ALLAUTH_RATE_LIMIT_IPV6_PREFIX
        return str(address.ipv4_mapped or ipaddress.IPv6Network((address, prefix), strict=False))
    return str(address)


def _count(key: str, seconds: int = HOUR) -> int:
    """Increment `key`; the first call starts its window."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the key expired between the two calls
        cache.set(key, 1, seconds)
        return 1
