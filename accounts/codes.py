"""Codes that people read from paper and type on a phone.

**Private codes** (`linde-482-kade-mus`) open somebody's own page. Three words of 512 and three digits of
eight: 3 * log2(512) + 3 * log2(8) = 27 + 9 = 36 bits, 69 thousand million codes. With 100,000 codes in
use one guess in 690,000 hits, so guessing has to be slowed down by the view that asks for the code
(accounts/limits.py); the code alone would not hold against somebody who may try without limit. For the same
reason only a keyed hash of a code is stored: 36 bits behind a plain hash are found in minutes.

**Short codes** (`/p/k7mtra`) stand on posters and are public: 30^6 is 729 million, enough that nobody
meets another poll by a slip of the finger.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Protocol

from accounts.words import CODE_WORDS

DIGITS = "23456789"
"""Without 0 and 1, which are read as O and l."""

SHORT_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
"""Without i, l, o, 0 and 1, which are taken for one another, and u, which is taken for v."""

SHORT_LENGTH = 6

_WORDS = frozenset(CODE_WORDS)
_BETWEEN = r"[^a-z0-9]{0,5}"
_DIGITS = re.compile(rf"(?<![0-9])[{DIGITS}]{_BETWEEN}[{DIGITS}]{_BETWEEN}[{DIGITS}](?![0-9])")
_LONGEST_WORD = max(map(len, CODE_WORDS))
# Bounded, and searched in as many characters: a pasted text must not keep us busy.
_BEFORE = re.compile(rf"(?<![a-z01])([a-z01]{{1,{_LONGEST_WORD}}}){_BETWEEN}$")
_LOOK_BACK = _LONGEST_WORD + 6
_AFTER = re.compile(rf"{_BETWEEN}([a-z01]+)(?:{_BETWEEN}([a-z01]+))?")
_LONGEST = 2_000
"""Characters of pasted text that are searched; a code stands near the beginning of whatever is pasted."""


class Random(Protocol):
    """Where chance comes from: `secrets`, or random.Random with a seed in tests and rehearsals."""

    def choice(self, seq: Sequence[str], /) -> str: ...


def new_code(rng: Random = secrets) -> str:
    """A new private code such as `linde-482-kade-mus`. Whether it is taken is for the caller to see."""
    digits = "".join(rng.choice(DIGITS) for _ in range(3))
    return "-".join((rng.choice(CODE_WORDS), digits, rng.choice(CODE_WORDS), rng.choice(CODE_WORDS)))


def new_short_code(rng: Random = secrets) -> str:
    """A new public code for a poster, six characters. Whether it is taken is for the caller to see."""
    return "".join(rng.choice(SHORT_ALPHABET) for _ in range(SHORT_LENGTH))


def normalise_private_code(text: str) -> str | None:
    """The private code in what somebody typed or pasted, as it was issued; None when there is none.

    Forgives capitals, accents, spaces, dots or nothing instead of hyphens, 0 for o and 1 for l or i, and
    text around it (a whole sentence, an address). The first code in the text counts.
    """
    plain = _plain(text)
    for match in _DIGITS.finditer(plain):
        before = _BEFORE.search(plain[max(0, match.start() - _LOOK_BACK) : match.start()])
        after = _AFTER.match(plain, match.end())
        if before is None or after is None:
            continue
        first = _word(before[1])
        last = _two_words(after[1], after[2])
        if first and last:
            digits = "".join(char for char in match[0] if char.isdigit())
            return "-".join((first, digits, *last))
    return None


def beginning(text: str) -> str:
    """The first word and the digits of the code in a text, half of what there is to guess; "" without a code."""
    return "-".join((normalise_private_code(text) or "").split("-")[:2])


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:_LONGEST])
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def _word(typed: str) -> str | None:
    return next((word for word in _readings(typed) if word in _WORDS), None)


def _readings(typed: str) -> Iterator[str]:
    yield typed.replace("0", "o").replace("1", "l")
    yield typed.replace("0", "o").replace("1", "i")


def _two_words(first: str, second: str | None) -> tuple[str, str] | None:
    """Two listed words, apart or run together (no two words together read as two others)."""
    if second is not None and (one := _word(first)) and (two := _word(second)):
        return one, two
    for cut in range(3, len(first) - 2):
        if (one := _word(first[:cut])) and (two := _word(first[cut:])):
            return one, two
    return None
