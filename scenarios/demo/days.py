"""Dates in the texts of the demo, relative to the day it is loaded, so that none is past and they stay consistent."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils import formats, timezone, translation

NEXT_MONTH = 35
"""Days: always in a later month than today."""


def ahead(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def written(day: date, language: str) -> str:
    with translation.override(language):
        return formats.date_format(day, "j F")


def month(day: date, language: str) -> str:
    with translation.override(language):
        return formats.date_format(day, "F")


def in_month(nl: str, en: str, day: date) -> dict[str, str]:
    """Replacements for a month named in a text, in both languages."""
    return {nl: month(day, "nl"), en: month(day, "en")}


def on_day(nl: str, en: str, day: date) -> dict[str, str]:
    return {nl: written(day, "nl"), en: written(day, "en")}


def reworded(value: Any, instead: Mapping[str, str]) -> Any:
    """A copy of a plan, or any structure with texts, with the replacements of `instead` made in each text."""
    if type(value) is str:  # enum members are instances of str too
        longest_first = sorted(instead, key=len, reverse=True)
        pattern = "|".join(rf"\b{re.escape(words)}\b" for words in longest_first)
        return re.sub(pattern, lambda found: instead[found[0]], value)
    if isinstance(value, Mapping):
        return {key: reworded(part, instead) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(reworded(part, instead) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: reworded(getattr(value, f.name), instead) for f in fields(value)})
    return value
