"""Words that belong together in the life of a neighbourhood: a theme named by one of them brings the others.

A file per language (nl.txt, en.txt), a field per line: its heads, a colon, and what else belongs to it. So an
administrator who calls a theme “Jeugd” need not think of every word that young people may turn up in. They are
general words, the same for every municipality; what is special to one place is written with the theme itself.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from feedback.suggesting import stem

HERE = Path(__file__).parent
Field = tuple[frozenset[str], tuple[str, ...]]


@cache
def fields(language: str) -> tuple[Field, ...]:
    """The stems of the heads, and all words, of each field in this language; none where there is no file."""
    file = HERE / f"{language}.txt"
    if not file.exists():
        return ()
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        heads, _colon, rest = line.partition(":")
        found.append(
            (frozenset(stem(head, language) for head in heads.split()), (*heads.split(), *rest.split()))
        )
    return tuple(found)


def widen(words: Iterable[str], language: str) -> list[str]:
    """These words, and all of each field that one of them heads."""
    words = [word.lower() for word in words]
    stems = {stem(word, language) for word in words}
    found = dict.fromkeys(words)
    for heads, members in fields(language):
        if heads & stems:
            found |= dict.fromkeys(members)
    return list(found)
