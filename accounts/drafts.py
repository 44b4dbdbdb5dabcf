"""What a colleague wrote down where the connection was gone waits on the device, and is theirs alone.

The device keeps it sealed (static/draft.js) under a key that stands in pages of this colleague and nowhere on the
device: who signs in there after them has another key and another shelf, and reads nothing.
"""

from dataclasses import dataclass

from accounts.models import User
from core.keyed import keyed_hash


@dataclass(frozen=True)
class DraftShelf:
    """`owner` names the drafts of one colleague on a device and says not whose; `key` opens them: 256 bits in hex."""

    owner: str
    key: str


def draft_shelf(user: User) -> DraftShelf:
    return DraftShelf(
        keyed_hash(str(user.pk), purpose="draft-owner")[:16], keyed_hash(str(user.pk), purpose="draft-key")
    )
