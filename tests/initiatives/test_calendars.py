"""Files for calendars: read back by a program, they say when and where it is, in our time, and what changed."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initiatives.matching.calendars import DUTCH_TIME_ZONE, Entry, event, feed

NOON = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)


def made(**changes):
    fields = {
        "uid": "meeting-7@nabij.example.nl",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=2),
        "summary": "Koffie in het Sluishuis",
        "where": "Sluishuis, Kade 4; achterom",
    }
    return event(**fields | changes)


def read(data):
    (found,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return found


def test_one_meeting_is_read_back_as_it_was_said():
    found = read(made(description="Neem een kopje mee,\nen een buur."))
    assert found["uid"] == "meeting-7@nabij.example.nl"
    assert found["summary"] == "Koffie in het Sluishuis"
    assert found["location"] == "Sluishuis, Kade 4; achterom"
    assert found["description"] == "Neem een kopje mee,\nen een buur."
    assert found["dtstart"].dt == NOON
    assert found["dtend"].dt - found["dtstart"].dt == timedelta(hours=2)
    assert found["status"] == "CONFIRMED"


def test_times_are_those_of_our_clock_in_summer_and_in_winter():
    winter = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)
    data = made().decode() + made(starts_at=winter, ends_at=winter + timedelta(hours=1)).decode()
    assert "DTSTART;TZID=Europe/Amsterdam:20260602T120000" in data
    assert "DTSTART;TZID=Europe/Amsterdam:20261201T193000" in data
    assert data.count("BEGIN:VTIMEZONE") == 2  # a program that knows no Amsterdam reads it here


def test_what_changed_and_what_is_off_is_said():
    found = read(made(cancelled=True, changed=3))
    assert (found["status"], found["sequence"]) == ("CANCELLED", 3)


def test_a_feed_holds_all_of_them_under_a_name():
    entries = [
        Entry(
            f"m{n}@x",
            NOON + timedelta(days=n),
            NOON + timedelta(days=n, hours=1),
            f"nr {n}",
            cancelled=n == 1,
        )
        for n in range(3)
    ]
    calendar = icalendar.Calendar.from_ical(feed(entries=entries, name="Tuin aan de kade"))
    assert calendar["x-wr-calname"] == "Tuin aan de kade"
    found = calendar.walk("VEVENT")
    assert [one["status"] for one in found] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert len({one["uid"] for one in found}) == 3


def test_the_same_meeting_at_the_same_moment_is_the_same_file():
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert made(now=now) == made(now=now)


def test_an_hour_without_a_zone_or_an_end_before_its_beginning_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        made(starts_at=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="ends after"):
        made(ends_at=NOON)


@given(words=st.text(max_size=200), where=st.text(max_size=80))
def test_no_text_breaks_out_of_its_line(words, where):
    data = made(summary=words, where=where, description=words)
    lines = data.replace(b"\r\n ", b"").split(b"\r\n")
    assert lines.count(b"BEGIN:VEVENT") == 1
    assert not [line for line in lines if line.startswith((b"ATTENDEE", b"ORGANIZER"))]
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    found = read(data)
    assert found["dtstart"].dt.astimezone(DUTCH_TIME_ZONE).hour == 12
