"""Days that the texts of the demo name, counted from the day it is loaded: none is past, and none belies another."""

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
    """What to say instead of a month that a text names, in both languages."""
    return {nl: month(day, "nl"), en: month(day, "en")}


def on_day(nl: str, en: str, day: date) -> dict[str, str]:
    return {nl: written(day, "nl"), en: written(day, "en")}


def reworded(value: Any, instead: Mapping[str, str]) -> Any:
    """The same plan, or whatever holds texts, with other words in each of them."""
    if type(value) is str:  # an enumeration is a str as well
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
