"""Words in which residents say what something could answer: a file per language (nl.txt, en.txt), a line per mark.

A mark is what a thing is: “approach.playground”, “place.meeting”, “skill.cook”, “offer.space”. After the colon the
words; they are general, the same for every municipality.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def cues(language: str) -> dict[str, str]:
    """The words of each mark in this language; none where there is no file."""
    file = _FOLDER / f"{language}.txt"
    if not file.exists():
        return {}
    lines = (line.partition(":") for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    return {mark.strip(): words.strip() for mark, _colon, words in lines}
