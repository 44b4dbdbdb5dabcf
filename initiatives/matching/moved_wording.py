"""How a day that came later is told to who waits."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from feedback.answers.services.promises import moved
from feedback.models import MovedDay


def moved_said(thing: str, day: date | None) -> str:
    """To stand behind what is promised for `day`; empty when it was never later than told."""
    found = moved({thing: day}).get(thing)
    return f" {label(found)}" if found else ""


def label(found: MovedDay) -> str:
    said = _("First we said before %(day)s. It became later: %(why)s")
    return said % {"day": date_format(found.was, "j F"), "why": found.why}
