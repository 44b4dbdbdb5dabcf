"""Codes that people read from paper and type on a phone, and the 512 words that private codes are made of.

The words (code_words.txt) are everyday Dutch words of three to seven letters that can be read out over the telephone
and typed from paper. No two differ by one letter (added, left out, changed or swapped with its neighbour) and no two
sound the same; none has ij, ei, ou or au (which sound alike in pairs), x, y or q; none means anything a council would
not want to write to somebody. No two words run together can be read as two other words, so a code survives the loss of
its hyphens. tests/accounts/test_codes.py holds all of this.

The list may never change while a code made from it is in use: without a word, the codes that contain it stop working.

**Private codes** (`linde-482-kade-mus`) open a resident's own page. Three words of 512 and three digits of
eight: 3 * log2(512) + 3 * log2(8) = 27 + 9 = 36 bits, 69 thousand million codes. With 100,000 codes in use one
guess in 690,000 hits, so the view that asks for the code must be rate limited (core/limits.py); 36 bits do
not resist unlimited attempts. For the same reason only a keyed hash of a code is stored: a plain hash of 36
bits is cracked in minutes.

**Short codes** (`/p/k7mtra`) stand on posters and are public: 30^6 is 729 million, enough that a typing error
does not open another survey.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

CODE_WORDS: tuple[str, ...] = tuple(Path(__file__).with_name("code_words.txt").read_text("utf-8").split())

DIGITS = "23456789"
"""Without 0 and 1, which look like O and l."""

SHORT_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
"""Without i, l, o, 0 and 1, which look alike, and u, which looks like v."""

SHORT_LENGTH = 6

_WORDS = frozenset(CODE_WORDS)
_SEPARATOR = r"[^a-z0-9]{0,5}"
_DIGITS = re.compile(rf"(?<![0-9])[{DIGITS}]{_SEPARATOR}[{DIGITS}]{_SEPARATOR}[{DIGITS}](?![0-9])")
_LONGEST_WORD = max(map(len, CODE_WORDS))
# Both the pattern and the searched length are bounded, so that a long pasted text can't cause slow matching.
_WORD_BEFORE = re.compile(rf"(?<![a-z01])([a-z01]{{1,{_LONGEST_WORD}}}){_SEPARATOR}$")
_LOOK_BACK = _LONGEST_WORD + 6
_WORDS_AFTER = re.compile(rf"{_SEPARATOR}([a-z01]+)(?:{_SEPARATOR}([a-z01]+))?")
_LONGEST = 2_000
"""Maximum number of characters searched; a code stands near the beginning of a pasted text."""


class Random(Protocol):
    """The source of randomness: `secrets`, or a seeded random.Random in tests and rehearsals."""

    def choice(self, seq: Sequence[str], /) -> str: ...


def new_code(rng: Random = secrets) -> str:
    """A new private code such as `linde-482-kade-mus`. The caller checks whether it is taken."""
    digits = "".join(rng.choice(DIGITS) for _ in range(3))
    return "-".join((rng.choice(CODE_WORDS), digits, rng.choice(CODE_WORDS), rng.choice(CODE_WORDS)))


def new_short_code(rng: Random = secrets) -> str:
    """A new public code of six characters for a poster. The caller checks whether it is taken."""
    return "".join(rng.choice(SHORT_ALPHABET) for _ in range(SHORT_LENGTH))


def normalise_private_code(text: str) -> str | None:
    """The private code in typed or pasted text, as it was issued; None if there is none.

    Accepts capitals, accents, spaces, dots or nothing instead of hyphens, 0 for o, 1 for l or i, and
    surrounding text (a whole sentence, an address). The first code in the text counts.
    """
    plain = _plain(text)
    for match in _DIGITS.finditer(plain):
        before = _WORD_BEFORE.search(plain[max(0, match.start() - _LOOK_BACK) : match.start()])
        after = _WORDS_AFTER.match(plain, match.end())
        if before is None or after is None:
            continue
        first = _word(before[1])
        last = _two_words(after[1], after[2])
        if first and last:
            digits = "".join(char for char in match[0] if char.isdigit())
            return "-".join((first, digits, *last))
    return None


def code_prefix(text: str) -> str:
    """The first word and the digits of the code in a text, half of the secret; "" without a code."""
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
