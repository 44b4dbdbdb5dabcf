"""Which years a border or a figure can be of. Pure."""

from datetime import date

FIRST = 1990


def last_allowed_year(today: date) -> int:
    """One ahead: the borders of next year are known before it begins."""
    return today.year + 1


def is_within_reach(year: int, today: date) -> bool:
    return FIRST <= year <= last_allowed_year(today)
