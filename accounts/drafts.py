"""Keys for drafts that a colleague writes offline; they wait on the device, readable by that colleague only.

The device stores them encrypted (static/draft.js). The key stands only in pages of this colleague, never on the
device: the next person who signs in there has another key and another owner name, and can read nothing.
"""

from dataclasses import dataclass

from accounts.models import User
from core.keyed import keyed_hash


@dataclass(frozen=True)
class DraftShelf:
    """`owner` names a colleague's drafts on a device without identifying them; `key` decrypts them: 256 bits in hex."""

    owner: str
    key: str


def draft_shelf(user: User) -> DraftShelf:
    return DraftShelf(
        keyed_hash(str(user.pk), purpose="draft-owner")[:16], keyed_hash(str(user.pk), purpose="draft-key")
    )
