"""The jobs of one evening that look at what has a day."""

from datetime import datetime

from feedback.answers.services import promises
from initiatives.offers.services import offer_care


def evening(now: datetime | None = None) -> None:
    offer_care.run_offer_jobs(now)
    promises.send_due_reminders(now)
