"""Answers owed per row: the topic source is `prefix:pk`."""

from datetime import date
from typing import Any, TypeVar

from django.db.models import CharField, DateField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from feedback.models import AnswerOwed

_OwingRows = TypeVar("_OwingRows", bound=QuerySet[Any])


def with_owed_on(rows: _OwingRows, prefix: str, *, by: date | None = None) -> _OwingRows:
    """Keep rows with an answer owed, annotated with `owed_on`: the earliest date promised. `by` keeps only
    those promised on or before that day."""
    source = Concat(Value(f"{prefix}:"), Cast("pk", CharField()))
    waiting = AnswerOwed.objects.waiting().filter(topic__source=OuterRef("its_source")).order_by("due_on")
    owed_on = Subquery(waiting.values("due_on")[:1], output_field=DateField())
    found = rows.annotate(its_source=source).annotate(owed_on=owed_on)
    return found.filter(owed_on__lte=by) if by else found.filter(owed_on__isnull=False)
