"""When mail with answers leaves, by the reader's preference, and when it is night. Uses datetimes, no models."""

from datetime import datetime, time, timedelta

from accounts.states import HowOften

THURSDAY, HOUR = 3, 10
"""Mails that gather answers leave on Thursdays at ten, as the colleague who wrote them can be called then."""


def leaves_at(how_often: str, now: datetime) -> datetime | None:
    """The next moment for readers who chose `how_often`; None if they wait until everything is answered.

    `now` is an aware datetime in local time, so that it is ten o'clock in summer as well.
    """
    match how_often:
        case HowOften.WEEKLY:
            return _next_thursday(now)
        case HowOften.MONTHLY:
            found = _next_thursday(now)
            while found.day > 7:
                found = _next_thursday(found)
            return found
        case HowOften.AT_THE_END:
            return None
    return now


def _next_thursday(after: datetime) -> datetime:
    """The first Thursday at ten after `after`; wall-clock arithmetic in one time zone."""
    day = after + timedelta(days=(THURSDAY - after.weekday()) % 7)
    found = day.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return found if found > after else found + timedelta(days=7)


def is_night(now: datetime, *, since: int, until: int) -> bool:
    """Whether the local time is outside [since, until) hours; then no texts are sent."""
    return not since <= now.hour < until


def morning_after(now: datetime, *, since: int) -> datetime:
    """The next moment when the local time is `since` o'clock, across daylight saving changes."""
    day = now.date() if now.hour < since else now.date() + timedelta(days=1)
    return datetime.combine(day, time(since), tzinfo=now.tzinfo)
