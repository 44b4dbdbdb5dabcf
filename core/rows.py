"""A row that was read a moment ago is read again, mostly to lock it; meanwhile it may have been erased."""

from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet

_Row = TypeVar("_Row", bound=Model)


class Gone(ObjectDoesNotExist):
    """The row was erased after this request found it. Raised as a DoesNotExist of its model as well."""


@cache
def gone(model: type[Model]) -> type[Gone]:
    """The Gone of this model: `except Receipt.DoesNotExist` catches it too."""
    return type("Gone", (Gone, model.DoesNotExist), {"__module__": model.__module__})  # type: ignore[attr-defined]


def get_or_gone(rows: QuerySet[_Row], **which: Any) -> _Row:
    """The row, or Gone. Not for a first look at what an address names: that is get_object_or_404."""
    for row in rows.filter(**which):
        return row
    raise gone(rows.model)(f"{rows.model.__name__} was erased meanwhile.")


def refresh_or_gone(row: Model) -> None:
    """The fields as they are in the database now, or Gone."""
    try:
        row.refresh_from_db()
    except ObjectDoesNotExist as error:
        raise gone(type(row))(*error.args) from error
