"""How a later day is explained to people who wait."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext

from feedback.answers.services.promises import moved
from feedback.models import MovedDay


def moved_said(thing: str, day: date | None) -> str:
    """Text to append to a promise for `day`; "" when that day was never later than promised."""
    found = moved({thing: day}).get(thing)
    return f" {label(found)}" if found else ""


def label(found: MovedDay) -> str:
    said = gettext("First we said before %(day)s. It became later: %(why)s")
    return said % {"day": date_format(found.was, "j F"), "why": found.why}
