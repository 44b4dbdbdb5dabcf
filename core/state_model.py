"""Rows whose `state` moves along a transition table by one conditional UPDATE: a late caller changes nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from core.errors import InvalidTransition


def sources(transitions: Mapping[str, frozenset[str]], to: str) -> list[str]:
    """The states from which a row may go to `to`, by a table of states and their targets."""
    return [state for state, targets in transitions.items() if to in targets]


StateRow = TypeVar("StateRow", bound="StateModel")


class StateQuerySet(models.QuerySet[StateRow]):
    def move(self, to: str, *, now: datetime | None = None, on: date | None = None, **fields: Any) -> int:
        """Move those of these rows that may go to `to`, in one UPDATE, and change `fields` with them.

        `now` is for `MOVED_AT` and `on` for `MOVED_ON`; both default to the current time. Returns how many moved.
        """
        model = self.model
        now = now or timezone.now()
        if model.MOVED_AT:
            fields.setdefault(model.MOVED_AT, now)
        if model.MOVED_ON:
            fields.setdefault(model.MOVED_ON, on or timezone.localdate(now))
        fields |= model.fields_of_move(to, fields) | {"state": to}
        return self.filter(model.MOVABLE, state__in=sources(model.TRANSITIONS, to)).update(**fields)


class StateModel(models.Model):
    """A row with a state that only `move` changes: its own, or the one of a StateQuerySet for many rows.

    The subclass adds the field `state` and a manager of a StateQuerySet, and sets:

    `TRANSITIONS`: every state, with the states it may go to (a table of the app's `states.py`).
    `TOO_LATE`: the message, as a lazy translation, for a move that can't be made (any more); without one `move`
    returns False.
    `MOVABLE`: which rows can move at all, whatever their state.
    `MOVED_AT`, `MOVED_ON`: the field with the time, or the day, of the last move; "" for none.
    """

    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]]
    TOO_LATE: ClassVar[str | Promise] = ""
    MOVABLE: ClassVar[Q] = Q()
    MOVED_AT: ClassVar[str] = ""
    MOVED_ON: ClassVar[str] = ""

    state: str

    class Meta:
        abstract = True

    def move(self, to: str, *, now: datetime | None = None, on: date | None = None, **fields: Any) -> bool:
        """Change the state together with `fields`, and reload the row.

        `now` is for `MOVED_AT` and `on` for `MOVED_ON`; both default to the current time. Returns whether it
        moved. If the stored row may not make this move or is gone, nothing changes, and InvalidTransition with
        `TOO_LATE` is raised if the model has that message.
        """
        moved = bool(StateQuerySet(type(self)).filter(pk=self.pk).move(to, now=now, on=on, **fields))
        self.read_anew(moved)
        if not moved and self.TOO_LATE:
            raise InvalidTransition(self.TOO_LATE)
        return moved

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields that always change with a move to this state. They override `fields`, the other changes of the
        move.
        """
        return {}

    def read_anew(self, moved: bool) -> None:
        """Reload after a move. After a refused move the object keeps the values its holder knew."""
        if moved:
            self.refresh_from_db()
