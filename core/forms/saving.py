"""Saving what a colleague may be saving at the same moment; the form that tells is a TogetherForm."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

_Row = TypeVar("_Row", bound=Model)


def held(request: HttpRequest) -> AbstractContextManager[Any]:
    """What comes in is compared and written in one transaction, so that nothing comes in between."""
    return transaction.atomic() if request.method == "POST" else nullcontext()


def to_change(request: HttpRequest, rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Within `held`: who saves the same row at this moment waits, and finds what was written."""
    return rows.select_for_update() if request.method == "POST" else rows
