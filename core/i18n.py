"""Texts written by staff: one dict per text, from language code to text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Texts = Mapping[str, str]
"""A text by language code."""

CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""Control characters that were pasted along; XLSX does not allow them and no font has them."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters that start a formula. The last four are full-width forms, which some spreadsheets treat alike."""


def strip_control_characters(said: Any) -> Any:
    """The value with control characters removed from every text in it, so that it can be written to a file."""
    if isinstance(said, str):
        return CONTROL_CHARACTERS.sub("", said)
    if isinstance(said, Mapping):
        return {key: strip_control_characters(part) for key, part in said.items()}
    return [strip_control_characters(part) for part in said] if isinstance(said, (list, tuple)) else said


def escape_formula(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP, CSV injection)."""
    if not isinstance(cell, str):
        return cell
    text = strip_control_characters(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def pick(
    texts: Mapping[str, str] | str | None, language: str, fallbacks: Iterable[str] = ("nl", "en")
) -> str:
    """The text in `language`, else in the first fallback that has any, else in any language, else ""."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    for code in (language, *fallbacks, *texts):
        if words := texts.get(code, "").strip():
            return words
    return ""


def language_of(
    texts: Mapping[str, str] | str | None, language: str, fallbacks: Iterable[str] = ("nl", "en")
) -> str:
    """The language that `pick` used, for a `lang` attribute; "" when there is no text."""
    if not texts or isinstance(texts, str):
        return ""
    return next((code for code in (language, *fallbacks, *texts) if texts.get(code, "").strip()), "")
