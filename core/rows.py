"""Checks row ids from a URL, a form or a cookie, which may contain anything."""

from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet


def is_id(text: str) -> bool:
    """Whether `text` is a usable id: "²" is a digit but not a number, and database integers end at 2⁶³."""
    return text.isdecimal() and len(text) < 19


# Reading a row again, mostly to lock it, when it may have been erased in the meantime.


_Row = TypeVar("_Row", bound=Model)


class Gone(ObjectDoesNotExist):
    """The row was erased after this request found it. Raised as its model's DoesNotExist too."""


@cache
def gone_class(model: type[Model]) -> type[Gone]:
    """The Gone class of this model; `except Receipt.DoesNotExist` catches it too."""
    return type("Gone", (Gone, model.DoesNotExist), {"__module__": model.__module__})  # type: ignore[attr-defined]


def get_or_gone(rows: QuerySet[_Row], **which: Any) -> _Row:
    """The row. Raises Gone if it was erased. For the first lookup of a URL, use get_object_or_404."""
    for row in rows.filter(**which):
        return row
    raise gone_class(rows.model)(f"{rows.model.__name__} was erased meanwhile.")


def refresh_or_gone(row: Model) -> None:
    """Reload all fields. Raises Gone if the row was erased."""
    try:
        row.refresh_from_db()
    except ObjectDoesNotExist as error:
        raise gone_class(type(row))(*error.args) from error
