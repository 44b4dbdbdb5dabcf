"""Private links: signed (receipt, purpose, revocation), never stored."""

import base64
import hashlib
import hmac
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core import signing

from accounts.models import Receipt

_SALT = "nabij.link"


class LinkPurpose(StrEnum):
    """What a private link opens. A link in a mail opens one item, never the whole page."""

    PAGE = "p"
    ITEM = "i"
    CONFIRM = "c"
    UNSUBSCRIBE = "u"
    ERASE = "e"
    MATCH = "m"  # one match: what it is, and yes or no
    TASK = "t"  # one small task somebody took on
    ANSWER = "a"  # begins an answer; opens nothing that was said


TYPED = "typed"
"""Key of a link that was made by typing the code, perhaps on a phone of somebody else; `typed(key)` when it names one
thing."""
TYPED_SECONDS = 86_400
"""So long it stays in the history of that phone as something that opens."""
_AND_TYPED = f" {TYPED}"


def typed_link_key(key: str) -> str:
    """Key of a link to one thing on a page that was opened by typing the code: it closes with that page."""
    return f"{key}{_AND_TYPED}"


def sign_link(receipt: Receipt, link: LinkPurpose, key: str = "") -> str:
    """A URL-safe token for `receipt`; `key` names the one thing it opens (an item's id)."""
    return signing.dumps([receipt.pk.hex, link.value, receipt.revocation, key], salt=_SALT)


def open_link(token: str, link: LinkPurpose, *, max_age: int | None = None) -> tuple[Receipt, str]:
    """The receipt and key behind a token.

    Raises Receipt.DoesNotExist when the token is forged, of another purpose, expired (max_age in seconds),
    revoked, or when its receipt was erased: a stranger learns nothing from the difference.
    """
    try:
        pk, purpose, revocation, key = signing.loads(token, salt=_SALT, max_age=max_age)
        if key == TYPED or key.endswith(_AND_TYPED):
            signing.loads(token, salt=_SALT, max_age=TYPED_SECONDS)
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise Receipt.DoesNotExist from error
    if purpose != link.value:
        raise Receipt.DoesNotExist
    return Receipt.objects.get(pk=UUID(pk), revocation=revocation), key.removesuffix(_AND_TYPED)


_SIGNS = 12
"""Characters of the signature of a short link: 72 bits, of which nobody finds one by trying."""


def sign_short(name: str, receipt: Receipt) -> str:
    """A token for a text, where every sign counts: what it opens by `name`, and a signature. It stops working when the
    other links of this receipt do."""
    return f"{name}-{_signature(name, receipt)}"


def is_signed(token: str, name: str, receipt: Receipt) -> bool:
    return hmac.compare_digest(token.encode(), sign_short(name, receipt).encode())


def _signature(name: str, receipt: Receipt) -> str:
    key = f"nabij.short.{settings.SECRET_KEY}".encode()
    said = f"{name} {receipt.pk.hex} {receipt.revocation}".encode()
    return base64.urlsafe_b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()[:_SIGNS]


def absolute(path: str) -> str:
    """The address as it stands in mails and on posters."""
    return f"{settings.SITE_URL}{path}"
