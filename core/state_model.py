"""Rows whose `state` moves along a table: one conditional UPDATE, so that who comes too late changes nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise

from core.errors import InvalidTransition


def sources(transitions: Mapping[str, frozenset[str]], to: str) -> list[str]:
    """The states from which a row may go to `to`, by a table of states and where each may go."""
    return [state for state, targets in transitions.items() if to in targets]


class StateModel(models.Model):
    """A row that is in a state, and goes to another by `move` alone. The model adds the field `state`, and says:

    `TRANSITIONS`: every state, with the states it may go to (a table of the app's `states.py`).
    `TOO_LATE`: the sentence for who asks for a move that can't be made (any more), as a lazy translation; without
    one `move` returns False.
    `MOVABLE`: which rows move at all, whatever their state.
    `MOVED_AT`, `MOVED_ON`: the field that keeps the moment, or the day, of its last move; "" is none.
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
        """Take it to another state together with values for other fields, and read it anew.

        `now` is for `MOVED_AT` and `on` for `MOVED_ON`: this moment when left out. Returns whether it moved. Raises
        InvalidTransition with `TOO_LATE`, if the model has that, when the row as it stands in the database may not
        go there, or is gone: nothing changed.
        """
        if self.MOVED_AT:
            fields[self.MOVED_AT] = now or timezone.now()
        if self.MOVED_ON:
            fields[self.MOVED_ON] = on or timezone.localdate()
        fields |= self.comes_with(to, fields) | {"state": to}
        may_go = self.MOVABLE & Q(pk=self.pk, state__in=sources(self.TRANSITIONS, to))
        moved = bool(type(self)._default_manager.filter(may_go).update(**fields))
        self.read_anew(moved)
        if not moved and self.TOO_LATE:
            raise InvalidTransition(self.TOO_LATE)
        return moved

    def comes_with(self, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What always changes on the way to this state. It goes before `fields`, what the move changes otherwise."""
        return {}

    def read_anew(self, moved: bool) -> None:
        """Make this object what the row is now. Of a move that was refused it stays what its holder knew."""
        if moved:
            self.refresh_from_db()
