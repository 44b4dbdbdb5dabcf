"""What is still owed for what was written under something: its source is the prefix and its number."""

from datetime import date
from typing import Any, TypeVar

from django.db.models import CharField, DateField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from feedback.models import AnswerOwed

_OwingRows = TypeVar("_OwingRows", bound=QuerySet[Any])


def with_owed_on(rows: _OwingRows, prefix: str, *, by: date | None = None) -> _OwingRows:
    """Those with somebody who waits for an answer, with `owed_on`: before when the first of them was promised one.
    `by` leaves out what was promised for later."""
    source = Concat(Value(f"{prefix}:"), Cast("pk", CharField()))
    waiting = AnswerOwed.objects.waiting().filter(topic__source=OuterRef("its_source")).order_by("due_on")
    owed_on = Subquery(waiting.values("due_on")[:1], output_field=DateField())
    found = rows.annotate(its_source=source).annotate(owed_on=owed_on)
    return found.filter(owed_on__lte=by) if by else found.filter(owed_on__isnull=False)
