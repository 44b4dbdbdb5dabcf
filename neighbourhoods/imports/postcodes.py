"""Notation of postcodes of six characters. Pure: no database, no Django."""

import re

_POSTCODE = re.compile(r"([1-9]\d{3})\s?([A-Z]{2})")


def normalise_postcode(text: str) -> str:
    """`1011AB` for “1011 ab”; "" for anything that is not a postcode."""
    found = _POSTCODE.fullmatch(text.strip().upper())
    return found[1] + found[2] if found else ""


def format_postcode(code: str) -> str:
    return f"{code[:4]} {code[4:]}"
