"""The board of open debts, counted in the database: rows, figures and filters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from core.deadlines import days_late, days_left, is_late
from feedback.models.contribution import PAGE_ONLY, TOLD, AnswerOwedQuerySet
from feedback.states import Owed

BOARD_PAGE_SIZE = 25
# Groupings of the board: name -> the column that one row stands for.
GROUPS = {"topic": "topic_id", "survey": "topic__source", "owner": "owner_id", "area": "topic__area_id"}
SOON = timedelta(days=7)


@dataclass
class BoardRow:
    """One row of the board. Each person is counted once, by their oldest debt."""

    key: Any
    due_on: date
    owners: int
    owner_id: int
    topic_id: int
    reopened: int = 0
    spans: list[tuple[date, date, int]] = field(default_factory=list)  # (since, due on, people)
    today: date = field(default_factory=timezone.localdate)

    @property
    def people(self) -> int:
        return sum(count for _since, _due, count in self.spans)

    @property
    def late(self) -> int:
        return sum(count for _since, due, count in self.spans if is_late(due, self.today))

    @property
    def longest(self) -> int:
        """Days that the longest waiting person has waited."""
        return max(((self.today - since).days for since, _due, _count in self.spans), default=0)

    @property
    def days_left(self) -> int:
        return days_left(self.due_on, self.today)

    @property
    def promised(self) -> int:
        """Length of the promise in days, for the strip; at least 1, so that there is room to draw."""
        return max(1, *((due - since).days for since, due, _count in self.spans)) if self.spans else 1

    @property
    def strip(self) -> list[tuple[float, int]]:
        """(days used, people), scaled to `promised`; above it they are late."""
        promised = self.promised
        waits: list[tuple[float, int]] = []
        for since, due, count in self.spans:
            waited, allowed = (self.today - since).days, max(1, (due - since).days)
            past = days_late(due, self.today)
            waits.append((promised + past if past else promised * min(1, waited / allowed), count))
        return waits


@dataclass(frozen=True)
class BoardFigures:
    """At most four figures, only those that lead to action."""

    people: int
    late: int
    longest: int
    told: int
    page_only: int
    waived: int
    of: int

    @property
    def share_told(self) -> int:
        return 100 * self.told // self.of if self.of else 0


def board_rows(
    owed: AnswerOwedQuerySet, group: str = "topic", after: tuple[date, str] | None = None
) -> tuple[list[BoardRow], bool]:
    """One page of the board by due date, so late first; and whether more follows.

    `after` is (due on, key) of the last row of the previous page: keyset pagination, no offset.
    """
    column = GROUPS[group]
    found = (
        owed.waiting()
        .order_by()
        .values(key=F(column))
        .annotate(
            due=Min("due_on"),
            owners=Count("owner", distinct=True),
            first_owner=Min("owner_id"),
            first_topic=Min("topic_id"),
            again=Count("pk", filter=Q(reopened__gt=0)),
        )
        .order_by("due", "key")
    )
    if after:
        found = found.filter(Q(due__gt=after[0]) | Q(due=after[0], key__gt=after[1]))
    page = list(found[: BOARD_PAGE_SIZE + 1])
    made = {
        row["key"]: BoardRow(
            row["key"], row["due"], row["owners"], row["first_owner"], row["first_topic"], row["again"]
        )
        for row in page[:BOARD_PAGE_SIZE]
    }
    for key, since, due, count in _spans(owed, column, list(made)):
        made[key].spans.append((since, due, count))
    return list(made.values()), len(page) > BOARD_PAGE_SIZE


def people_per(owed: AnswerOwedQuerySet, group: str, keys: list[Any]) -> dict[Any, int]:
    """The number of people per row of a page."""
    column = GROUPS[group]
    found = owed.filter(**{f"{column}__in": keys}).order_by().values_list(column)
    return dict(found.annotate(people=Count("receipt", distinct=True)))


def _spans(owed: AnswerOwedQuerySet, column: str, keys: Iterable[Any]) -> list[tuple[Any, date, date, int]]:
    """(key, since, due on, people) for the rows of a page: one row per pair of days, not per person."""
    keys = list(keys)
    if not keys:
        return []
    inner = (
        owed.waiting()
        .filter(**{f"{column}__in": keys})
        .order_by()
        .values(column, "receipt_id")
        .annotate(first=Min("since"), earliest=Min("due_on"))
        .values_list(column, "receipt_id", "first", "earliest")
    )
    sql, parameters = inner.query.sql_with_params()
    with connection.cursor() as cursor:
        # Django can't aggregate a grouped query twice, so wrap its SQL; the parameters are those of the inner query.
        cursor.execute(
            "WITH waiting (chosen, receipt, since, due) AS (" + sql + ") "  # noqa: S608
            "SELECT chosen, since, due, COUNT(*) FROM waiting GROUP BY chosen, since, due ORDER BY due, since",
            parameters,
        )
        return [(key, _day(since), _day(due), count) for key, since, due, count in cursor.fetchall()]


def _day(value: date | str) -> date:
    """SQLite returns dates as text in raw SQL."""
    return value if isinstance(value, date) else parse_date(value) or date.min


def day_of(text: str) -> date | None:
    """Parse a date from a URL; None if invalid."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def figures(owed: AnswerOwedQuerySet) -> BoardFigures:
    """The figures above the board, over all of `owed` including settled debts."""
    people, late = who_waits(owed)
    oldest = owed.waiting().aggregate(oldest=Min("since"))["oldest"]
    standing = owed.exclude(state=Owed.WITHDRAWN).aggregate(
        told=Count("pk", filter=TOLD),
        page_only=Count("pk", filter=PAGE_ONLY),
        waived=Count("pk", filter=Q(state=Owed.WAIVED)),
        of=Count("pk"),
    )
    return BoardFigures(
        people=people,
        late=late,
        longest=(timezone.localdate() - oldest).days if oldest else 0,
        **standing,
    )


def who_waits(owed: AnswerOwedQuerySet) -> tuple[int, int]:
    """(people, late). Two counts, each served by an index; one statement for both would sort."""
    people, late = (
        debts.aggregate(people=Count("receipt", distinct=True))["people"]
        for debts in (owed.waiting(), owed.late())
    )
    return people, late
