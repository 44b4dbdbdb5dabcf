"""Bands in which counters group numbers and days: single values if there are few, else bands of equal width.

The author sets the bounds and the published document holds them, so the same answer always falls in the same
band.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

SINGLE = 12
"""Ranges of at most this many values are counted value by value."""

BANDS = 10
MAX_MONTH_BANDS = 24
"""Days are counted per month if the bounds are at most this many months apart, else in bands of years."""

LEAST, MOST = 0, 100
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True)
class Band:
    """Both ends are inclusive."""

    least: int
    most: int

    @property
    def name(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


def bounds(settings: Mapping[str, Any]) -> tuple[int, int]:
    """The minimum and maximum of a number; defaults where the author set none."""
    least, most = settings.get("least"), settings.get("most")
    least = least if isinstance(least, int) else LEAST
    most = most if isinstance(most, int) else max(MOST, least)
    return least, max(least, most)


def bands(least: int, most: int) -> list[Band]:
    """All bands between the bounds, in order. They start at round numbers; the first and last may be shorter."""
    width = _width(least, most)
    starts = range(least - least % width, most + 1, width)
    return [Band(max(start, least), min(start + width - 1, most)) for start in starts]


def band_of(n: int, least: int, most: int) -> Band:
    n, width = min(max(n, least), most), _width(least, most)
    start = n - n % width
    return Band(max(start, least), min(start + width - 1, most))


def _width(least: int, most: int) -> int:
    """The first of 1, 2, 5, 10, 20, 50 ... that gives few enough bands."""
    if most - least < SINGLE:
        return 1
    power = 1
    while True:
        for width in (power, 2 * power, 5 * power):
            if most // width - least // width < BANDS:
                return width
        power *= 10


def number_key(n: int, settings: Mapping[str, Any]) -> str:
    return f"n:{band_of(n, *bounds(settings)).name}"


# --- days -------------------------------------------------------------------------------------


def days(settings: Mapping[str, Any]) -> tuple[date, date]:
    earliest = parse_day(settings.get("earliest")) or EARLIEST
    return earliest, max(earliest, parse_day(settings.get("latest")) or LATEST)


def parse_day(written: object) -> date | None:
    """Parse an ISO date; None if invalid."""
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def months(settings: Mapping[str, Any]) -> list[date] | None:
    """The first days of all months between the bounds, or None if there are too many."""
    first, last = days(settings)
    count = 12 * (last.year - first.year) + last.month - first.month + 1
    if count > MAX_MONTH_BANDS:
        return None
    return [
        date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1)
        for i in range(count)
    ]


def years(settings: Mapping[str, Any]) -> list[Band]:
    first, last = days(settings)
    return bands(first.year, last.year)


def day_key(when: date, settings: Mapping[str, Any]) -> str:
    first, last = days(settings)
    when = min(max(when, first), last)
    if months(settings) is not None:
        return f"month:{when:%Y-%m}"
    return f"year:{band_of(when.year, first.year, last.year).name}"
