"""Who is waiting, counted in the database: the rows of the board, its figures, and what a filter leaves out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from feedback.models.contribution import PAGE_ONLY, TOLD, AnswerOwedQuerySet
from feedback.states import Owed

BOARD_PAGE_SIZE = 25
# The ways to look at it: name -> the column that a row of the board stands for.
GROUPS = {"topic": "topic_id", "survey": "topic__source", "owner": "owner_id", "area": "topic__area_id"}
SOON = timedelta(days=7)


@dataclass
class BoardRow:
    """One line of the board. People are counted once, by their oldest claim."""

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
        return sum(count for _since, due, count in self.spans if due < self.today)

    @property
    def longest(self) -> int:
        """Days that the one who waits longest has waited."""
        return max(((self.today - since).days for since, _due, _count in self.spans), default=0)

    @property
    def days_left(self) -> int:
        return (self.due_on - self.today).days

    @property
    def promised(self) -> int:
        """Length of the promised time, for the strip: at least a day, so that there is room to draw."""
        return max(1, *((due - since).days for since, due, _count in self.spans)) if self.spans else 1

    @property
    def strip(self) -> list[tuple[float, int]]:
        """How much of the promised time is gone, and for how many; past `promised` they are late."""
        promised = self.promised
        waits: list[tuple[float, int]] = []
        for since, due, count in self.spans:
            waited, allowed = (self.today - since).days, max(1, (due - since).days)
            past = (self.today - due).days
            waits.append((promised + past if past > 0 else promised * min(1, waited / allowed), count))
        return waits


@dataclass(frozen=True)
class BoardFigures:
    """At most four figures, those somebody acts on."""

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
    """One page of the board, late first, then what was promised first; and whether more follows.

    `after` is (due on, key) of the last row of the page before: pages go by key, never by offset.
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
    """How many people these debts are of, for each row of a page."""
    column = GROUPS[group]
    found = owed.filter(**{f"{column}__in": keys}).order_by().values_list(column)
    return dict(found.annotate(people=Count("receipt", distinct=True)))


def _spans(owed: AnswerOwedQuerySet, column: str, keys: Iterable[Any]) -> list[tuple[Any, date, date, int]]:
    """(key, since, due on, people) for each row of the page: as many rows as there are days, not people."""
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
        # Django can't group what it grouped already; the inner query is its own, with its own parameters.
        cursor.execute(
            "WITH waiting (chosen, receipt, since, due) AS (" + sql + ") "  # noqa: S608
            "SELECT chosen, since, due, COUNT(*) FROM waiting GROUP BY chosen, since, due ORDER BY due, since",
            parameters,
        )
        return [(key, _day(since), _day(due), count) for key, since, due, count in cursor.fetchall()]


def _day(value: date | str) -> date:
    """SQLite hands out text where Django does not look."""
    return value if isinstance(value, date) else parse_date(value) or date.min


def day_of(text: str) -> date | None:
    """The day in an address, or None for whatever else somebody typed there."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def figures(owed: AnswerOwedQuerySet) -> BoardFigures:
    """What stands above the board, over everything in `owed`, settled debts included."""
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
    """(people, late). Two counts, for an index has each in order; one statement with both would sort."""
    people, late = (
        debts.aggregate(people=Count("receipt", distinct=True))["people"]
        for debts in (owed.waiting(), owed.late())
    )
    return people, late
