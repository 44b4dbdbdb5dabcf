"""The jobs of one evening that look at what has a day."""

from datetime import datetime

from feedback.services import reminders
from initiatives.services import overdue


def evening(now: datetime | None = None) -> None:
    overdue.look_after_offers(now)
    reminders.tell_what_is_due(now)
