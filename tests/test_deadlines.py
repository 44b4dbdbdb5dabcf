from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone as clock

from core.deadlines import days_late, days_left, is_late, past_due

TODAY = date(2027, 3, 29)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "day, left, late_for",
    [(TODAY - DAY, -1, 1), (TODAY, 0, 0), (TODAY + DAY, 1, 0), (TODAY - 40 * DAY, -40, 40)],
)
def test_late_begins_on_the_day_after(day, left, late_for):
    assert (days_left(day, TODAY), days_late(day, TODAY), is_late(day, TODAY)) == (
        left,
        late_for,
        late_for > 0,
    )


def test_what_has_no_day_is_never_late():
    assert not is_late(None, TODAY) and days_late(None, TODAY) == 0


def test_today_is_the_day_in_amsterdam(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 3, 28, 22, 30, tzinfo=UTC))
    assert days_left(TODAY) == 0 and not is_late(TODAY)
    assert past_due("due_on").children == [("due_on__lt", TODAY)]
