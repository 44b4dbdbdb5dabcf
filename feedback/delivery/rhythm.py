"""When a mail with answers leaves, as its reader chose, and when it is night. Knows days and clocks, no tables."""

from datetime import datetime, time, timedelta

from accounts.states import HowOften

THURSDAY, HOUR = 3, 10
"""Mails that gather answers leave on a Thursday at ten: a day on which whoever wrote it can be called."""


def leaves_at(how_often: str, now: datetime) -> datetime | None:
    """The next moment for who chose `how_often`; None for who waits until everything is answered.

    `now` is a moment on the clocks here (aware): ten o'clock is ten o'clock in summer as well.
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
    """The first Thursday at ten that is later than `after`; arithmetic on the wall clock of one zone."""
    day = after + timedelta(days=(THURSDAY - after.weekday()) % 7)
    found = day.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return found if found > after else found + timedelta(days=7)


def is_night(now: datetime, *, since: int, until: int) -> bool:
    """Whether the clock here stands outside the hours from `since` until `until`: then no telephone rings."""
    return not since <= now.hour < until


def morning_after(now: datetime, *, since: int) -> datetime:
    """The next moment at which the clock here shows `since`; nine o'clock is nine o'clock on every day of the year."""
    day = now.date() if now.hour < since else now.date() + timedelta(days=1)
    return datetime.combine(day, time(since), tzinfo=now.tzinfo)
