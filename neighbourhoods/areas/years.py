"""The years that a border or figure can have. Pure."""

from datetime import date

FIRST = 1990


def last_allowed_year(today: date) -> int:
    """One year ahead, because the borders of next year are published before it begins."""
    return today.year + 1


def is_within_reach(year: int, today: date) -> bool:
    return FIRST <= year <= last_allowed_year(today)
