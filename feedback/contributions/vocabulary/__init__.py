"""Related words for themes: a theme named by one of them gets the others.

A file per language (nl.txt, en.txt), one field per line: its heads, a colon, and related words; after a
second colon those of them that often mean something else, which weigh less. So an administrator who names
a theme “Jeugd” need not list every word about young people. These words are general, the same for every
municipality; local ones are entered with the theme itself.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from feedback.contributions.suggesting import stem

_VOCABULARY_DIR = Path(__file__).parent
LESS = 0.5
"""Weight of a word that often means something else."""
Field = tuple[tuple[str, ...], dict[str, float]]


@cache
def fields(language: str) -> tuple[Field, ...]:
    """(heads, weight per word) of each field in this language; empty without a file."""
    file = _VOCABULARY_DIR / f"{language}.txt"
    if not file.exists():
        return ()
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        heads, sure, less = (part.split() for part in f"{line}:".split(":")[:3])
        found.append((tuple(heads), dict.fromkeys([*heads, *sure], 1.0) | dict.fromkeys(less, LESS)))
    return tuple(found)


def widen(words: Iterable[str], language: str) -> dict[str, float]:
    """Weights of these words, and of all words in each field that one of them heads.

    A word heads a field as written, or else by its stem, so that parking does not bring the words of park.
    """
    words = [word.lower() for word in words]
    brought: dict[str, float] = {}
    for members in (members for word in words for members in _headed(word, language)):
        brought |= {word: max(weight, brought.get(word, 0.0)) for word, weight in members.items()}
    return dict.fromkeys(words, 1.0) | brought


@cache
def _headed(word: str, language: str) -> list[dict[str, float]]:
    as_written = [members for heads, members in fields(language) if word in heads]
    root = stem(word, language)
    return as_written or [
        members for heads, members in fields(language) if root in [stem(head, language) for head in heads]
    ]
