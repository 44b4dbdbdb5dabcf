"""Digests of content: they tell whether it changed since a page showed it, and name it in a cache.

A page puts the revision in a hidden field `seen`. The service that writes compares it with the locked row, and refuses
in words that fit the subject. It is no secret and proves nothing: for that see `core.keyed`.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

DIGITS = 16
FULL_DIGEST_DIGITS = 64
"""For what is kept for years and signed for: a published document."""


def revision(content: Any, *, digits: int = DIGITS) -> str:
    """The first hex digits of the SHA-256 of the content as canonical JSON: the order of keys makes no difference."""
    return sha256(_canonical(content)).hexdigest()[:digits]


def revision_of_rows(*queries: Iterable[Any]) -> str:
    """Of many rows, one at a time. Queries must be ordered."""
    made = sha256()
    for rows in queries:
        for row in rows:
            made.update(_canonical(row) + b"\n")
        made.update(b"\n")
    return made.hexdigest()[:DIGITS]


def _canonical(content: Any) -> bytes:
    text = json.dumps(
        content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8", "surrogatepass")
