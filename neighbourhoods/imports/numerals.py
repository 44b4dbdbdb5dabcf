"""Parses cells: a number, or why there is none. Whether “26.202” has thousands is decided per column.

Pure: no database, no Django.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from neighbourhoods.imports.tables import CellValue, UncomputedFormula

_LARGEST_NUMBER = 1e12
_MIN_ZERO_ROWS = 5  # only zeros in at least this many rows means no figures


class DecimalSign(StrEnum):
    """The decimal sign; the other one groups thousands."""

    DOT = "."
    COMMA = ","


class AbsenceReason(StrEnum):
    """Why there is no number. The same values as neighbourhoods.states.Gap."""

    MISSING = "missing"
    SECRET = "secret"  # noqa: S105
    LATER = "later"
    ENDED = "ended"


class NumeralProblem(StrEnum):
    NO_NUMBER = "no number"
    OTHER_SIGN = "other sign"
    TOO_LARGE = "too large"
    UNCOUNTED = "uncounted"


# Markers used by CBS, statistics programs and people.
_DASHES_AND_DOTS = [".", "..", "-", "–", "—", "?"]
_WORDS = [
    "na",
    "n.a.",
    "n/a",
    "#n/a",
    "#n/b",
    "nan",
    "null",
    "none",
    "nvt",
    "n.v.t.",
    "onbekend",
    "unknown",
    "leeg",
]
_SIGNS = dict.fromkeys(["", *_DASHES_AND_DOTS, *_WORDS], AbsenceReason.MISSING) | dict.fromkeys(
    ("x", "geheim", "secret", "*"), AbsenceReason.SECRET
)
_NUMBERED = {"7": AbsenceReason.SECRET, "5": AbsenceReason.LATER, "1": AbsenceReason.ENDED}
_NUMBERED_SIGN = re.compile(r"-99[., ]?99([751])(?:[.,]0+)?")

_WHOLE = re.compile(r"[+-]?\d+")
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_DOT = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(,\d{3})+)?\.\d+|[+-]?[1-9]\d{0,2}(,\d{3}){2,}")
_COMMA = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+)?,\d+|[+-]?[1-9]\d{0,2}(\.\d{3}){2,}")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}")
_SPACES = re.compile(r"(?<=\d)[\s'’\u00a0\u2009\u202f](?=\d{3}(?!\d))")


def absence_reason(cell: CellValue) -> AbsenceReason | None:
    """Why there is no number here; None if there is one, or something else."""
    if isinstance(cell, float):
        return _NUMBERED.get(str(-int(cell) - 99990)) if -99998 < cell < -99990 and cell % 1 == 0 else None
    if (found := _SIGNS.get(cell.casefold())) is not None:
        return found
    if not cell.startswith("-99"):
        return None
    numbered = _NUMBERED_SIGN.fullmatch(cell.removesuffix("%").rstrip())
    return _NUMBERED[numbered[1]] if numbered else None


def _bare(text: str) -> str:
    """Without a percent sign, a euro sign, spaces between thousands, or a long minus."""
    if text.isdecimal() or (text.isascii() and text.replace(".", "", 1).isdecimal()):
        return text
    text = text.removesuffix("%").removeprefix("€").strip().replace("−", "-").removesuffix("*")
    return _SPACES.sub("", text)


def parse_number(cell: CellValue, decimal: DecimalSign) -> float | AbsenceReason | NumeralProblem:
    """The value of the cell, given the decimal sign of its column."""
    if isinstance(cell, float):
        found = absence_reason(cell)
        return found or (
            cell if math.isfinite(cell) and abs(cell) < _LARGEST_NUMBER else NumeralProblem.TOO_LARGE
        )
    if isinstance(cell, UncomputedFormula):
        return NumeralProblem.UNCOUNTED
    if (reason := absence_reason(cell)) is not None:
        return reason
    text = _bare(cell)
    if _WHOLE.fullmatch(text) or _SCIENTIFIC.fullmatch(text):
        value = float(text)
    elif decimal == DecimalSign.COMMA and (_COMMA.fullmatch(text) or _DOT_GROUPS.fullmatch(text)):
        value = float(text.replace(".", "").replace(",", "."))
    elif decimal == DecimalSign.DOT and (_DOT.fullmatch(text) or _COMMA_GROUPS.fullmatch(text)):
        value = float(text.replace(",", ""))
    else:
        return (
            NumeralProblem.OTHER_SIGN
            if _DOT.fullmatch(text) or _COMMA.fullmatch(text)
            else NumeralProblem.NO_NUMBER
        )
    return value if abs(value) < _LARGEST_NUMBER else NumeralProblem.TOO_LARGE


@dataclass
class NumeralStatistics:
    """What the cells of a column tell about its decimal sign, and other statistics."""

    filled: int = 0
    words: int = 0
    zeros: int = 0
    percents: int = 0
    decimals: int = 0
    gaps: dict[str, int] = field(default_factory=dict)
    dot: int = 0  # such as 36.62: a number only with a decimal dot
    comma: int = 0
    either: int = 0  # such as 26.202: a different number with either sign
    examples: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    _around: dict[float, int] = field(default_factory=dict)

    def take(self, cell: CellValue) -> None:
        if (reason := absence_reason(cell)) is not None:
            self.gaps[reason] = self.gaps.get(reason, 0) + 1
            return
        self.filled += 1
        if isinstance(cell, float):
            text, value = f"{cell:g}", cell
            self._size(value, len(repr(cell).partition(".")[2].rstrip("0")))
        else:
            text = cell
            bare = _bare(cell)
            if cell.endswith("%"):
                self.percents += 1
            self._judge(bare)
        if len(self.examples) < 3 and text not in self.examples:
            self.examples.append(text[:40])

    def _judge(self, bare: str) -> None:
        whole, dot, decimals = bare.partition(".")
        if bare.isdecimal() or _WHOLE.fullmatch(bare):
            self._size(float(bare), 0)
        elif dot and decimals.isdecimal() and len(decimals) != 3 and whole.removeprefix("-").isdecimal():
            self.dot += 1
            self._size(float(bare), len(decimals))
        else:
            self._judge_slowly(bare)

    def _judge_slowly(self, bare: str) -> None:
        if _SCIENTIFIC.fullmatch(bare):
            self._size(float(bare), 0)
        elif _DOT_GROUPS.fullmatch(bare) or _COMMA_GROUPS.fullmatch(bare):
            self._doubt(bare)
        elif _DOT.fullmatch(bare):
            self.dot += 1
            self._size(float(bare.replace(",", "")), len(bare.rpartition(".")[2]) if "." in bare else 0)
        elif _COMMA.fullmatch(bare):
            self.comma += 1
            value = float(bare.replace(".", "").replace(",", "."))
            self._size(value, len(bare.rpartition(",")[2]) if "," in bare else 0)
        else:
            self.words += 1

    def _doubt(self, bare: str) -> None:
        if bare.count(".") > 1:
            self.comma += 1
        elif bare.count(",") > 1:
            self.dot += 1
        else:
            self.either += 1
            if len(self.doubtful) < 3 and bare not in self.doubtful:
                self.doubtful.append(bare)

    def _size(self, value: float, decimals: int) -> None:
        self.decimals = max(self.decimals, min(decimals, 6))
        if abs(value) < 10:
            self._around[round(value, 2)] = self._around.get(round(value, 2), 0) + 1
        self.zeros += value == 0

    @property
    def is_numeric(self) -> bool:
        return self.filled > 0 and self.words <= 0.2 * self.filled

    @property
    def is_all_zero(self) -> bool:
        return self.filled >= _MIN_ZERO_ROWS and self.zeros == self.filled

    @property
    def has_suspicious_zeros(self) -> bool:
        """Whether zero is far more frequent than any value near it, so that it probably stands for "not known"."""
        nearby = [count for value, count in self._around.items() if value and abs(value) <= self._step * 3]
        return self.zeros >= max(3, 0.02 * self.filled) and self.zeros > 3 * max(nearby, default=0)

    @property
    def _step(self) -> float:
        return 0.1 if self.decimals == 1 else 1.0 if self.decimals == 0 else 0.01


def common_decimal_sign(columns: Iterable[NumeralStatistics]) -> DecimalSign | None:
    """The decimal sign of the whole file, if its columns agree."""
    dots, commas = 0, 0
    for one in columns:
        dots, commas = dots + one.dot, commas + one.comma
    if bool(dots) == bool(commas):
        return None
    return DecimalSign.DOT if dots else DecimalSign.COMMA


def decide_decimal_sign(
    one: NumeralStatistics, *, counts: bool, of_file: DecimalSign | None, delimiter: str
) -> tuple[DecimalSign, bool]:
    """The decimal sign of a column, and whether it is certain. Counts are whole numbers."""
    if one.dot or one.comma:
        return (DecimalSign.DOT if one.dot >= one.comma else DecimalSign.COMMA), True
    if not one.either:
        return of_file or DecimalSign.DOT, True
    dotted = any("." in text for text in one.doubtful)
    if counts:
        return (DecimalSign.COMMA if dotted else DecimalSign.DOT), True
    if of_file:
        return of_file, True
    return (DecimalSign.COMMA if delimiter == ";" else DecimalSign.DOT), False
