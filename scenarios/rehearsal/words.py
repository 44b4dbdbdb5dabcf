"""Texts that simulated residents write: real open answers from files, else a few of our own."""

import csv
from pathlib import Path

OWN = [
    ("nl", "Er moet een bankje bij het water komen, dan kan mijn vader weer naar buiten."),
    ("nl", "De lantaarn bij de speeltuin is al weken stuk."),
    ("nl", "Ik zou graag vaker koffie drinken met buren."),
    ("en", "Please put a bench by the water."),
    ("en", "My children need a safe way to cross the road to school."),
]
# Column with the text -> language of the files known to have it.
COLUMNS = {"comment-body": "en", "name": "nl", "naam": "nl", "title": "nl", "titel": "nl", "text": "nl"}
LONGEST = 1_800


def read_words(files: list[str]) -> list[tuple[str, str]]:
    """(language, text) of every non-empty row. Raises OSError if a file can't be read."""
    found = [pair for file in files for pair in _read(Path(file))]
    return found or OWN


def _read(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        column = next((name for name in COLUMNS if name in (rows.fieldnames or [])), "")
        return [
            (COLUMNS[column], " ".join(row[column].split())[:LONGEST])
            for row in rows
            if column and row[column] and row[column].strip()
        ]
