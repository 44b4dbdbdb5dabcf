"""The one meaning of "late": the day that was set is past, by the calendar of `TIME_ZONE`. On the day itself nothing is
late, and what has no day never is."""

from datetime import date

from django.db.models import Q
from django.utils import timezone


def days_left(day: date, on: date | None = None) -> int:
    """Negative once it is late. `on` is the day it is looked at: today."""
    return (day - (on or timezone.localdate())).days


def days_late(day: date | None, on: date | None = None) -> int:
    return 0 if day is None else max(0, -days_left(day, on))


def is_late(day: date | None, on: date | None = None) -> bool:
    return days_late(day, on) > 0


def past_due(field: str, on: date | None = None) -> Q:
    """The rows for which `is_late` holds of the day in `field`."""
    return Q(**{f"{field}__lt": on or timezone.localdate()})
