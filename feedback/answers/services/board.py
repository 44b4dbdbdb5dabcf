"""The board of open debts, the inbox of an owner, and what is handed over by who leaves."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import ngettext

from accounts.models import User
from core.deadlines import days_late, days_left, is_late
from core.rows import is_id
from feedback.models import AnswerOwed, Contribution, Promise, Topic
from feedback.models.contributions import IS_PAGE_ONLY, IS_TOLD, AnswerOwedQuerySet
from feedback.states import PERSONAL_SOURCE_PREFIXES, ContributionKind, Owed, Reading
from neighbourhoods.registries import Duty, duties

BOARD_PAGE_SIZE = 25
# Groupings of the board: name -> the column that one row stands for.
GROUP_COLUMNS = {
    "topic": "topic_id",
    "survey": "topic__source",
    "owner": "owner_id",
    "area": "topic__area_id",
}
SOON_DAYS = timedelta(days=7)


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
    column = GROUP_COLUMNS[group]
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


def people_per_group(owed: AnswerOwedQuerySet, group: str, keys: list[Any]) -> dict[Any, int]:
    """The number of people per row of a page."""
    column = GROUP_COLUMNS[group]
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


def board_figures(owed: AnswerOwedQuerySet) -> BoardFigures:
    """The figures above the board, over all of `owed` including settled debts."""
    people, late = count_waiting(owed)
    oldest = owed.waiting().aggregate(oldest=Min("since"))["oldest"]
    standing = owed.exclude(state=Owed.WITHDRAWN).aggregate(
        told=Count("pk", filter=IS_TOLD),
        page_only=Count("pk", filter=IS_PAGE_ONLY),
        waived=Count("pk", filter=Q(state=Owed.WAIVED)),
        of=Count("pk"),
    )
    return BoardFigures(
        people=people,
        late=late,
        longest=(timezone.localdate() - oldest).days if oldest else 0,
        **standing,
    )


def count_waiting(owed: AnswerOwedQuerySet) -> tuple[int, int]:
    """(people, late). Two counts, each served by an index; one statement for both would sort."""
    people, late = (
        debts.aggregate(people=Count("receipt", distinct=True))["people"]
        for debts in (owed.waiting(), owed.late())
    )
    return people, late


# --- the inbox of an owner -----------------------------------------------------------------------
# The inbox of an owner: their open debts, in three parts that add up.
#
# * groups: what several people said, answered with one text;
# * single: texts without a theme, and what one person brought to us: each answered personally;
# * back: “this does not answer me” or “it did not happen”, grouped per person.
#
# Each debt is in exactly one part. Keyset pagination, earliest due date first.


TO_ANSWER_PAGE_SIZE = 15
GROUPS_PART, SINGLE_PART, REOPENED_PART = TO_ANSWER_PARTS = ("groups", "single", "back")

_IS_REOPENED = Q(reopened__gt=0) | Q(topic__key__startswith="reaction:")
_IS_SINGLE_TEXT = Q(contribution__kind__in=[ContributionKind.TEXT, ContributionKind.REACTION]) & ~Q(
    topic__key__startswith="theme:"
)
for _source in PERSONAL_SOURCE_PREFIXES:
    _IS_SINGLE_TEXT |= Q(topic__source__startswith=_source)
PART_CASE = Case(
    When(_IS_REOPENED, then=Value(REOPENED_PART)),
    When(_IS_SINGLE_TEXT, then=Value(SINGLE_PART)),
    default=Value(GROUPS_PART),
    output_field=CharField(),
)


@dataclass(frozen=True)
class GroupToAnswer:
    """One task: what it is about, the oldest waiting day, and the number of people."""

    key: Any
    due_on: date
    since: date
    people: int
    owed: list[AnswerOwed] = field(default_factory=list)
    topic: Topic | None = None

    @property
    def longest(self) -> int:
        return (timezone.localdate() - self.since).days

    @property
    def days_left(self) -> int:
        return days_left(self.due_on)

    @property
    def first(self) -> AnswerOwed:
        return self.owed[0]

    @property
    def unread(self) -> Contribution | None:
        """The first text that must be read before it can be answered."""
        texts = (debt.contribution for debt in self.owed)
        return next((text for text in texts if text.text and text.reading == Reading.UNREAD), None)

    @property
    def words(self) -> Contribution | None:
        """The last text that a colleague read and found not sensitive."""
        texts = [debt.contribution for debt in self.owed if debt.contribution.text]
        return next((text for text in reversed(texts) if text.reading == Reading.CLEAR), None)

    @property
    def after(self) -> str:
        return f"{self.due_on.isoformat()}~{self.key}"


def groupable_debts(owed: AnswerOwedQuerySet) -> AnswerOwedQuerySet:
    """Open debts that one text can answer for many."""
    return owed.waiting().annotate(part=PART_CASE).filter(part=GROUPS_PART)


def counts(owed: AnswerOwedQuerySet) -> dict[str, int]:
    """Open debts per part, and `all`: their sum, counted in the same statement."""
    found = dict.fromkeys(TO_ANSWER_PARTS, 0)
    rows = owed.waiting().annotate(part=PART_CASE).order_by().values_list("part").annotate(n=Count("pk"))
    found |= dict(rows)
    return found | {"all": sum(found.values())}


def groups_to_answer(
    owed: AnswerOwedQuerySet, part: str, after: str = ""
) -> tuple[list[GroupToAnswer], bool]:
    """One page of a part, and whether more follows. `after` is `GroupToAnswer.after` of the last row before it."""
    waiting = owed.waiting().annotate(part=PART_CASE).filter(part=part).order_by()
    column = {GROUPS_PART: "topic_id", SINGLE_PART: "pk", REOPENED_PART: "receipt_id"}[part]
    found = (
        waiting.values(key=F(column))
        .annotate(due=Min("due_on"), first=Min("since"), people=Count("receipt", distinct=True))
        .order_by("due", "key")
    )
    day, _tilde, key = after.partition("~")
    if (moment := day_of(day)) and (kept := _key(part, key)) is not None:
        found = found.filter(Q(due__gt=moment) | Q(due=moment, key__gt=kept))
    page = list(found[: TO_ANSWER_PAGE_SIZE + 1])
    rows = page[:TO_ANSWER_PAGE_SIZE]
    keys = [row["key"] for row in rows]
    debts: dict[Any, list[AnswerOwed]] = defaultdict(list)
    topics: dict[int, Topic] = {}
    if part == GROUPS_PART:
        topics = Topic.objects.select_related("area").in_bulk(keys)
    else:
        for debt in _debts(waiting, column, keys):
            debts[getattr(debt, column)].append(debt)
    return [
        GroupToAnswer(
            row["key"], row["due"], row["first"], row["people"], debts[row["key"]], topics.get(row["key"])
        )
        for row in rows
    ], len(page) > TO_ANSWER_PAGE_SIZE


def _key(part: str, key: str) -> Any:
    if part != REOPENED_PART:
        return int(key) if is_id(key) else None
    try:
        return UUID(key)
    except ValueError:
        return None


def _debts(waiting: QuerySet[AnswerOwed], column: str, keys: list[Any]) -> QuerySet[AnswerOwed]:
    found = waiting.filter(**{f"{column}__in": keys}).order_by("contribution__said_on", "pk")
    return found.select_related("contribution", "topic__area")


def readable_contributions(page: list[GroupToAnswer], user: User) -> set[UUID]:
    """Ids of the contributions on this page that the user may read."""
    said = [debt.contribution_id for line in page for debt in line.owed]
    return set(Contribution.objects.visible_to(user).filter(pk__in=said).values_list("pk", flat=True))


# --- who leaves ----------------------------------------------------------------------------------
# What a colleague must hand over before leaving; otherwise open debts have no active owner.


@duties.register("feedback")
def answers_owed(user: User) -> list[Duty]:
    url = reverse("owner", args=[user.pk])
    people = AnswerOwed.objects.waiting().filter(owner=user).values("receipt").distinct().count()
    promises = Promise.objects.filter(owner=user).count()
    sentences = [
        (
            ngettext("%(count)d person waits for an answer.", "%(count)d people wait for an answer.", people),
            people,
        ),
        (
            ngettext("%(count)d promise to residents.", "%(count)d promises to residents.", promises),
            promises,
        ),
    ]
    return [Duty(words % {"count": count}, count, url) for words, count in sentences if count]
