"""Private links: signed (receipt, purpose, revocation, key), never stored."""

import base64
import hmac
from enum import StrEnum
from functools import cache
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import Receipt
from core import keyring
from core.keyring import Key, KeyUse

_SALT = "nabij.link"


class LinkPurpose(StrEnum):
    """What a private link opens. A link in a mail opens one item, never the whole page."""

    PAGE = "p"
    ITEM = "i"
    CONFIRM = "c"
    UNSUBSCRIBE = "u"
    ERASE = "e"
    MATCH = "m"  # one match: what it is, and yes or no
    TASK = "t"  # one small task that a resident took on
    ANSWER = "a"  # starts a response; shows nothing that was said


TYPED_MARK = "typed"
"""Key of a link made by typing the code, perhaps on another person's phone; `typed_link_key` for one thing."""
TYPED_SECONDS = 86_400
"""Such a link expires after this time, because it stays in the history of that phone."""
_TYPED_SUFFIX = f" {TYPED_MARK}"


def typed_link_key(key: str) -> str:
    """Key of a link to one thing on a page that was opened by typing the code: it expires with that page."""
    return f"{key}{_TYPED_SUFFIX}"


def sign_link(receipt: Receipt, link: LinkPurpose, key: str = "") -> str:
    """A URL-safe token for `receipt`; `key` is the id of the one item it opens."""
    return keyring.sign([receipt.pk.hex, link.value, receipt.revocation, key], KeyUse.LINKS, salt=_SALT)


def open_link(token: str, link: LinkPurpose, *, max_age: int | None = None) -> tuple[Receipt, str]:
    """The receipt and key of a token.

    Raises Receipt.DoesNotExist when the token is forged, for another purpose, expired (max_age in seconds) or
    revoked, or when its receipt was erased; the error is the same, so that a stranger learns nothing from it.
    """
    # Whoever forges a link to unsubscribe with a key that leaked can only stop mail; it must work in every mail sent.
    stops_mail = link == LinkPurpose.UNSUBSCRIBE
    try:
        pk, purpose, revocation, key = keyring.unsign(
            token, KeyUse.LINKS, salt=_SALT, max_age=max_age, even_by_leaked_keys=stops_mail
        )
        if key == TYPED_MARK or key.endswith(_TYPED_SUFFIX):
            keyring.unsign(token, KeyUse.LINKS, salt=_SALT, max_age=TYPED_SECONDS)
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise Receipt.DoesNotExist from error
    if purpose != link.value:
        raise Receipt.DoesNotExist
    return Receipt.objects.get(pk=UUID(pk), revocation=revocation), key.removesuffix(_TYPED_SUFFIX)


_SIGNS = 12
"""Characters of the signature of a short link: 72 bits, too many to guess."""


def sign_short(name: str, receipt: Receipt) -> str:
    """A short token for a text message: the `name` it opens and a signature. Revoked together with the other links
    of this receipt.
    """
    return f"{name}-{_signature(keyring.newest(KeyUse.LINKS), name, receipt)}"


def is_signed(token: str, name: str, receipt: Receipt) -> bool:
    return any(
        hmac.compare_digest(token.encode(), f"{name}-{_signature(key, name, receipt)}".encode())
        for key in keyring.verifying(KeyUse.LINKS)
    )


def _signature(key: Key, name: str, receipt: Receipt) -> str:
    hashed = bytes.fromhex(key.hash(f"{name} {receipt.pk.hex} {receipt.revocation}", purpose="short link"))
    return base64.urlsafe_b64encode(hashed).decode()[:_SIGNS]


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def private_url(name: str, receipt: Receipt, link: LinkPurpose, key: str = "") -> str:
    return absolute(_path(name).replace(_PLACEHOLDER, sign_link(receipt, link, key)))


_PLACEHOLDER = "TOKEN"


@cache
def _path(name: str) -> str:
    """The path with a placeholder for the token, resolved once instead of for each of 100,000 mails."""
    return reverse(name, args=[_PLACEHOLDER])
