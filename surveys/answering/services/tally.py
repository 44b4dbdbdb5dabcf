"""The only writer of counters: one statement per table, rows in sorted order.

Unsorted updates of the same rows by many transactions deadlock; sorted ones queue. The same SQL runs on
SQLite and PostgreSQL.
"""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Model

from surveys.models import DayCount, Response, Tally
from surveys.questionnaire.counting import difference

# epoch, question, option, area, channel, respondent, suspect
TallyRowKey = tuple[int, str, str, int, int, str, bool]

_TALLY = "survey_id, epoch, question, option, area_id, channel_id, respondent, suspect"
_DAY = "survey_id, day, channel_id, area_id, suspect"


def tally_row_keys(response: Response, *, epoch: int, keys: list[list[str]]) -> dict[TallyRowKey, int]:
    """The full counter keys of a response, each once."""
    return {
        (
            epoch,
            question,
            option,
            response.area_id,
            response.channel_id,
            response.respondent,
            response.is_suspect,
        ): 1
        for question, option in keys
    }


def booked(response: Response) -> dict[TallyRowKey, int]:
    """The counter keys that were counted for it before, from `counted`."""
    if not response.counted:
        return {}
    (epoch, area, channel, respondent, suspect, _day), keys = response.counted
    return {(epoch, question, option, area, channel, respondent, suspect): 1 for question, option in keys}


def count(response: Response, *, epoch: int, keys: list[list[str]]) -> None:
    """Book the difference between what was counted for this response and `keys`.

    Changes `response.counted`; the caller, who holds the lock on the row, must save it.
    """
    now = tally_row_keys(response, epoch=epoch, keys=keys)
    changes = difference(booked(response), now)
    if changes:
        _add(Tally, _TALLY, [((response.survey_id, *line), n) for line, n in changes])
    before = {_day_of(response): 1} if response.counted else {}
    today = (_stored(response.day), response.channel_id, response.area_id, response.is_suspect)
    after = {today: 1} if keys else {}
    if days := difference(before, after):
        _add(DayCount, _DAY, [((response.survey_id, *day), n) for day, n in days])
    under = [
        epoch,
        response.area_id,
        response.channel_id,
        response.respondent,
        response.is_suspect,
        response.day.isoformat(),
    ]
    response.counted = [under, keys] if keys else []


def _day_of(response: Response) -> tuple[Any, int, int, bool]:
    _epoch, area, channel, _respondent, suspect, day = response.counted[0]
    return _stored(date.fromisoformat(day)), channel, area, suspect


def _stored(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


# Table and column names are our own; every value is a parameter.
def _add(model: type[Model], key: str, rows: list[tuple[tuple, int]]) -> None:
    """Add 1 or -1 to each counter, inserting missing ones. `rows` must be sorted."""
    table = model._meta.db_table
    more = [row for row, n in rows if n > 0]
    less = [row for row, n in rows if n < 0]
    with connection.cursor() as cursor:
        if less and connection.features.has_select_for_update:
            # Two statements follow, so lock all rows first, in the common sort order.
            every = _values([row for row, _n in rows])
            cursor.execute(
                f"SELECT 1 FROM {table} WHERE ({key}) IN ({every}) ORDER BY {key} FOR UPDATE",  # noqa: S608
                [value for row, _n in rows for value in row],
            )
        if more:
            cursor.execute(
                f"INSERT INTO {table} ({key}, n) {_values([(*row, 1) for row in more])} "
                f"ON CONFLICT ({key}) DO UPDATE SET n = {table}.n + excluded.n",
                [value for row in more for value in (*row, 1)],
            )
        if less:
            cursor.execute(
                f"UPDATE {table} SET n = n - 1 WHERE ({key}) IN ({_values(less)})",  # noqa: S608
                [value for row in less for value in row],
            )


def _values(rows: list[tuple]) -> str:
    return "VALUES " + ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
