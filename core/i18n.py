"""Texts made by staff: one dict per text, language code to words."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Texts = Mapping[str, str]
"""A text by language code."""

SIGNS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""Signs for machines, which somebody pasted along: no workbook and no font has them."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with. The last four are the wide ones, which some spreadsheets read as the others."""


def without_signs(said: Any) -> Any:
    """Every text in it as it can stand in a file."""
    if isinstance(said, str):
        return SIGNS.sub("", said)
    if isinstance(said, Mapping):
        return {key: without_signs(part) for key, part in said.items()}
    return [without_signs(part) for part in said] if isinstance(said, (list, tuple)) else said


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection)."""
    if not isinstance(cell, str):
        return cell
    text = without_signs(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def pick(
    texts: Mapping[str, str] | str | None, language: str, fallbacks: Iterable[str] = ("nl", "en")
) -> str:
    """The words in `language`, else in the first fallback that has any, else any, else ""."""
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
    """The language that `pick` ended up with, for a `lang` attribute; "" when there are no words."""
    if not texts or isinstance(texts, str):
        return ""
    return next((code for code in (language, *fallbacks, *texts) if texts.get(code, "").strip()), "")
