"""iCalendar files (RFC 5545) for meetings. Pure functions: data in, bytes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from core.i18n import strip_control_characters

DUTCH_TIME_ZONE = ZoneInfo("Europe/Amsterdam")
PRODID = "-//Nabij//Initiatives//NL"
REFRESH_INTERVAL = timedelta(hours=6)
"""How often calendar programs reload a feed."""


@dataclass(frozen=True)
class Entry:
    """One meeting. `uid` never changes; `changed` is the SEQUENCE and counts changes.

    A cancelled meeting stays in the feed as CANCELLED, otherwise subscribers would keep it. Raises ValueError
    for a time without time zone or an end before the start.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    where: str = ""
    description: str = ""
    url: str = ""
    cancelled: bool = False
    changed: int = 0
    language: str = "nl"

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("A meeting without a time zone begins at another hour on every phone.")
        if self.ends_at <= self.starts_at:
            raise ValueError("A meeting ends after it starts.")


def event(
    *,
    uid: str,
    starts_at: datetime,
    ends_at: datetime,
    summary: str,
    where: str = "",
    description: str = "",
    url: str = "",
    cancelled: bool = False,
    changed: int = 0,
    language: str = "nl",
    now: datetime | None = None,
) -> bytes:
    """A file with one meeting, to attach to a mail or open from a page. A cancelled one removes it from the
    calendar."""
    entry = Entry(uid, starts_at, ends_at, summary, where, description, url, cancelled, changed, language)
    return feed(entries=[entry], now=now, method="CANCEL" if cancelled else "PUBLISH")


def feed(
    *,
    entries: Iterable[Entry],
    name: str = "",
    url: str = "",
    now: datetime | None = None,
    method: str = "PUBLISH",
) -> bytes:
    """A calendar to subscribe to, under `name`."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("name", strip_control_characters(name))
        calendar.add("x-wr-calname", strip_control_characters(name))
        calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    if url:
        calendar.add("source", url, parameters={"VALUE": "URI"})
    stamp = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    for entry in entries:
        calendar.add_component(_component(entry, stamp))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _component(entry: Entry, stamp: datetime) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", entry.uid)
    made.add("dtstamp", stamp)
    made.add("dtstart", entry.starts_at.astimezone(DUTCH_TIME_ZONE))
    made.add("dtend", entry.ends_at.astimezone(DUTCH_TIME_ZONE))
    made.add("sequence", entry.changed)
    made.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    for name, words in (
        ("summary", entry.summary),
        ("location", entry.where),
        ("description", entry.description),
    ):
        if words:
            made.add(name, strip_control_characters(words), parameters={"LANGUAGE": entry.language})
    if entry.url:
        made.add("url", entry.url)
    return made
