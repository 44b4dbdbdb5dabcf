"""The meaning of columns: which indicator, or which part of identifying the area of a row.

Pure: no database, no Django. The dictionary itself is seeds/indicators.toml.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from neighbourhoods.imports.tables import CBS_CODE_PATTERN

SEEDS = Path(__file__).parent / "seeds"


class ColumnRole(StrEnum):
    """What a column holds when it is not a figure."""

    CODE = "code"
    NAME = "name"
    KIND = "kind"
    MUNICIPALITY = "municipality"
    YEAR = "year"
    MARGIN = "margin"
    CHANGE = "change"
    WATER = "water"
    POSTCODE = "postcode"


@dataclass(frozen=True)
class DictionaryIndicator:
    """An indicator of the dictionary."""

    slug: str
    name: Mapping[str, str]
    explanation: Mapping[str, str]
    nature: str
    columns: Sequence[str]
    unit: str = ""
    decimals: int = 0
    source: str = ""
    sentence: Mapping[str, str] = field(default_factory=dict)
    is_key: bool = False
    never_zero: bool = False
    order: int = 0


@cache
def dictionary() -> dict[str, DictionaryIndicator]:
    """The indicators that columns are matched with, by slug, in the order of the profile."""
    found = tomllib.loads((SEEDS / "indicators.toml").read_text("utf-8"))
    return {
        slug: DictionaryIndicator(slug=slug, order=10 * number, **fields)
        for number, (slug, fields) in enumerate(found.items(), start=1)
    }


@cache
def sources() -> dict[str, dict[str, str]]:
    return tomllib.loads((SEEDS / "sources.toml").read_text("utf-8"))


# --- names ------------------------------------------------------------------------------------

_UNIT = re.compile(r"[\s_]*[(\[]([^()\[\]]*)[)\]]\s*$")
_NUMBER = re.compile(r"(?<=[^\W\d])_\d{1,3}$|(?<=\d[^\W\d])_\d{1,3}$|(?<=\d)_\d{1,3}$")
_YEAR = re.compile(r"[_ ]?((?:19|20)\d\d)$")


@lru_cache(maxsize=4096)
def key(head: str) -> str:
    """Normalise a column name: `k_0Tot15Jaar_8`, `0 tot 15 jaar (aantal)` and `0tot15jaar` give one key."""
    name = _UNIT.sub("", head.strip())
    name = _NUMBER.sub("", name)
    name = re.sub(r"^k_(?=\d)", "", name)
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def unit(head: str) -> str:
    """The text between brackets after a name: “Aantal inwoners (aantal)”."""
    found = _UNIT.search(head.strip())
    return found[1].strip() if found else ""


_PARTS = {
    ColumnRole.CODE: """codering code regiocode buurtcode bucode buurt wijkcode wkcode wijk gemeentecode gmcode
        gwbcode statcode cbscode gebiedscode gebiedcode areacode bccode wijkenenbuurten regios gemeente""",
    ColumnRole.NAME: """regio regionaam naam name buurtnaam bunaam wijknaam wknaam gebiedsnaam gebied statnaam areaname
        bcname wijkenenbuurten buurt wijk neighbourhood neighborhood area""",
    ColumnRole.MUNICIPALITY: "gemeentenaam gmnaam gemeente municipality",
    ColumnRole.KIND: "soortregio recs regiosoort kind niveau",
    ColumnRole.YEAR: "perioden periode jaar year jaartal peiljaar",
    ColumnRole.MARGIN: "marges marge",
    ColumnRole.CHANGE: "indelingswijzigingwijkenenbuurten indelingswijziging indwbz indwijziging",
    ColumnRole.WATER: "water",
    ColumnRole.POSTCODE: "postcode pc6 postcode6 postalcode zipcode",
}
_HEADS = {part: frozenset(names.split()) for part, names in _PARTS.items()}


def may_be(part: ColumnRole, head: str) -> bool:
    """Whether a column with this name can have that role. “Wijken en buurten” holds codes in one file, names in
    another.
    """
    name = key(head)
    return name in _HEADS[part] or _YEAR.sub("", name) in _HEADS[part]


# --- codes ------------------------------------------------------------------------------------

_DIGITS = {"GM": 4, "WK": 6, "BU": 8}


def cbs_code(cell: Any, head: str = "") -> str:
    """The CBS code in a cell, or "". A column of neighbourhoods may leave out `BU` and leading zeros."""
    text = f"{cell:.0f}" if isinstance(cell, float) and cell == int(cell) else str(cell)
    text = text.strip().upper()
    if CBS_CODE_PATTERN.fullmatch(text):
        return text
    letters = _letters(key(head))
    if letters and text.isdecimal() and _DIGITS[letters] - 3 <= len(text) <= _DIGITS[letters]:
        return letters + text.zfill(_DIGITS[letters])
    return ""


def _letters(name: str) -> str:
    for letters, words in (("BU", ("bu", "buurt")), ("WK", ("wk", "wijk")), ("GM", ("gm", "gemeente"))):
        if name in {*words, *(f"{word}code" for word in words)} or re.fullmatch(rf"{words[1]}\d{{4}}", name):
            return letters
    return ""


def is_water(code: str) -> bool:
    """Whether CBS uses this code for water, where nobody lives."""
    return code.startswith("BU") and code.endswith(("9997", "9998"))


def year(cell: Any) -> int | None:
    """2020 for `2020JJ00` and `2020`; None for a quarter or a month."""
    text = f"{cell:.0f}" if isinstance(cell, float) else str(cell).strip()
    found = re.fullmatch(r"((?:19|20)\d\d)(JJ00)?\*?", text)
    return int(found[1]) if found else None


def is_value(margin: Any) -> bool:
    """Whether the row is the figure itself, not a bound of its margin."""
    return str(margin).strip().upper() in ("", "MW00000", "WAARDE", "VALUE")
