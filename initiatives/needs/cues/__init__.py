"""Cue words in which residents say what something could answer: a file per language (nl.txt, en.txt), a line
per mark.

A mark says what a thing is: “approach.playground”, “place.meeting”, “skill.cook”, “offer.space”. The words
follow after a colon; they are the same for every municipality.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def cues(language: str) -> dict[str, str]:
    """{mark: words} of a language; empty if it has no file."""
    file = _FOLDER / f"{language}.txt"
    if not file.exists():
        return {}
    lines = (line.partition(":") for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    return {mark.strip(): words.strip() for mark, _colon, words in lines}
