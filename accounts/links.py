"""Private links: signed (receipt, purpose, revocation), never stored."""

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core import signing

from accounts.models import Receipt

_SALT = "nabij.link"


class Link(StrEnum):
    """What a private link opens. A link in a mail opens one item, never the whole page."""

    PAGE = "p"
    ITEM = "i"
    CONFIRM = "c"
    UNSUBSCRIBE = "u"
    ERASE = "e"
    ANSWER = "a"  # begins an answer; opens nothing that was said


TYPED = "typed"
"""Key of a link to one's own page that was made by typing the code, perhaps on a phone of somebody else."""
TYPED_SECONDS = 86_400
"""So long it stays in the history of that phone as something that opens."""


def sign_link(receipt: Receipt, link: Link, key: str = "") -> str:
    """A URL-safe token for `receipt`; `key` names the one thing it opens (an item's id)."""
    return signing.dumps([receipt.pk.hex, link.value, receipt.revocation, key], salt=_SALT)


def open_link(token: str, link: Link, *, max_age: int | None = None) -> tuple[Receipt, str]:
    """The receipt and key behind a token.

    Raises Receipt.DoesNotExist when the token is forged, of another purpose, expired (max_age in seconds),
    revoked, or when its receipt was erased: a stranger learns nothing from the difference.
    """
    try:
        pk, purpose, revocation, key = signing.loads(token, salt=_SALT, max_age=max_age)
        if key == TYPED:
            signing.loads(token, salt=_SALT, max_age=TYPED_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Receipt.DoesNotExist from error
    if purpose != link.value:
        raise Receipt.DoesNotExist
    return Receipt.objects.get(pk=UUID(pk), revocation=revocation), key


def absolute(path: str) -> str:
    """The address as it stands in mails and on posters."""
    return f"{settings.SITE_URL}{path}"
