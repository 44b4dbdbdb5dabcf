"""Checks row ids from a URL, a form or a cookie, which may contain anything."""


def is_id(text: str) -> bool:
    """Whether `text` is a usable id: "²" is a digit but not a number, and database integers end at 2⁶³."""
    return text.isdecimal() and len(text) < 19
