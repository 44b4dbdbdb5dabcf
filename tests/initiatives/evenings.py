"""The jobs of one evening that look at what has a day."""

from datetime import datetime

from feedback.answers.services import promises
from initiatives.offers.services import offer_care


def evening(now: datetime | None = None) -> None:
    offer_care.look_after_offers(now)
    promises.tell_what_is_due(now)
