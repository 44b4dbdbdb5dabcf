"""Single-use codes in letters: eight characters, read from paper and typed on a phone.

Eight of 32 characters (no I, L, O and U) make 32^8, a million million. With 10,000 codes out one guess in 110
million hits, and guessing is rate limited as well (surveys.answering.services.beginning). Typing is forgiven: an
O is a 0, an I or an L a 1, a U a V, whatever the capitals, spaces and dashes.
"""

import secrets
from collections.abc import Iterator

from accounts.codes import Random

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
_LOOKALIKE_CHARACTERS = str.maketrans("OILU", "011V")
_LONGEST = 60


def new_code(rng: Random = secrets) -> str:
    return "".join(rng.choice(ALPHABET) for _sign in range(CODE_LENGTH))


def new_codes(count: int) -> Iterator[str]:
    """`count` distinct codes, in random order."""
    seen: set[str] = set()
    while len(seen) < count:
        code = new_code()
        if code not in seen:
            seen.add(code)
            yield code


def normalise_access_code(typed: str) -> str:
    """The code in the typed text; "" if it can't be one."""
    signs = "".join(sign for sign in typed[:_LONGEST].upper() if sign.isalnum()).translate(
        _LOOKALIKE_CHARACTERS
    )
    return signs if len(signs) == CODE_LENGTH and all(sign in ALPHABET for sign in signs) else ""


def format_access_code(code: str) -> str:
    """As printed on paper."""
    return f"{code[:4]}-{code[4:]}"
