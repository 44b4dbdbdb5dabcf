"""The inbox of an owner: their open debts, in three parts that add up.

* groups: what several people said, answered with one text;
* single: texts without a theme, and what one person brought to us: each answered personally;
* back: “this does not answer me” or “it did not happen”, grouped per person.

Each debt is in exactly one part. Keyset pagination, earliest due date first.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Min, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from core.deadlines import days_left
from core.ids import is_id
from feedback.answers.services import board
from feedback.models import AnswerOwed, Contribution, Topic
from feedback.models.contribution import AnswerOwedQuerySet
from feedback.states import BETWEEN_TWO, ContributionKind, Reading

TO_ANSWER_PAGE_SIZE = 15
GROUPS, SINGLE, BACK = TO_ANSWER_PARTS = ("groups", "single", "back")

_BACK = Q(reopened__gt=0) | Q(topic__key__startswith="reaction:")
_BY_ITSELF = Q(contribution__kind__in=[ContributionKind.TEXT, ContributionKind.REACTION]) & ~Q(
    topic__key__startswith="theme:"
)
for _source in BETWEEN_TWO:
    _BY_ITSELF |= Q(topic__source__startswith=_source)
PART = Case(
    When(_BACK, then=Value(BACK)),
    When(_BY_ITSELF, then=Value(SINGLE)),
    default=Value(GROUPS),
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


def grouped(owed: AnswerOwedQuerySet) -> AnswerOwedQuerySet:
    """Open debts that one text can answer for many."""
    return owed.waiting().annotate(part=PART).filter(part=GROUPS)


def counts(owed: AnswerOwedQuerySet) -> dict[str, int]:
    """Open debts per part, and `all`: their sum, counted in the same statement."""
    found = dict.fromkeys(TO_ANSWER_PARTS, 0)
    rows = owed.waiting().annotate(part=PART).order_by().values_list("part").annotate(n=Count("pk"))
    found |= dict(rows)
    return found | {"all": sum(found.values())}


def groups_to_answer(
    owed: AnswerOwedQuerySet, part: str, after: str = ""
) -> tuple[list[GroupToAnswer], bool]:
    """One page of a part, and whether more follows. `after` is `GroupToAnswer.after` of the last row before it."""
    waiting = owed.waiting().annotate(part=PART).filter(part=part).order_by()
    column = {GROUPS: "topic_id", SINGLE: "pk", BACK: "receipt_id"}[part]
    found = (
        waiting.values(key=F(column))
        .annotate(due=Min("due_on"), first=Min("since"), people=Count("receipt", distinct=True))
        .order_by("due", "key")
    )
    day, _tilde, key = after.partition("~")
    if (moment := board.day_of(day)) and (kept := _key(part, key)) is not None:
        found = found.filter(Q(due__gt=moment) | Q(due=moment, key__gt=kept))
    page = list(found[: TO_ANSWER_PAGE_SIZE + 1])
    rows = page[:TO_ANSWER_PAGE_SIZE]
    keys = [row["key"] for row in rows]
    debts: dict[Any, list[AnswerOwed]] = defaultdict(list)
    topics: dict[int, Topic] = {}
    if part == GROUPS:
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
    if part != BACK:
        return int(key) if is_id(key) else None
    try:
        return UUID(key)
    except ValueError:
        return None


def _debts(waiting: QuerySet[AnswerOwed], column: str, keys: list[Any]) -> QuerySet[AnswerOwed]:
    found = waiting.filter(**{f"{column}__in": keys}).order_by("contribution__said_on", "pk")
    return found.select_related("contribution", "topic__area")


def may_read(page: list[GroupToAnswer], user: User) -> set[UUID]:
    """Ids of the contributions on this page that the user may read."""
    said = [debt.contribution_id for line in page for debt in line.owed]
    return set(Contribution.objects.visible_to(user).filter(pk__in=said).values_list("pk", flat=True))
