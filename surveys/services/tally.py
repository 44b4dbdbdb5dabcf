"""The only writer of counters: one statement per table, rows in sorted order.

Unsorted updates of the same rows by many transactions deadlock; sorted ones queue. The same SQL runs on
SQLite and PostgreSQL.
"""

from django.db import connection

from surveys.counting import difference
from surveys.models import DayCount, Response, Tally

# epoch, question, option, area, channel, respondent, suspect
Line = tuple[int, str, str, int, int, str, bool]

_TALLY = (
    f"INSERT INTO {Tally._meta.db_table} "
    "(survey_id, epoch, question, option, area_id, channel_id, respondent, suspect, n) VALUES "
)
_TALLY_KEY = "(survey_id, epoch, question, option, area_id, channel_id, respondent, suspect)"
_DAY = f"INSERT INTO {DayCount._meta.db_table} (survey_id, day, channel_id, area_id, n) VALUES "
_DAY_KEY = "(survey_id, day, channel_id, area_id)"


def lines(response: Response, *, epoch: int, keys: list[list[str]]) -> dict[Line, int]:
    """The full counter keys that a response stands for, each once."""
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


def booked(response: Response) -> dict[Line, int]:
    """The counter keys that were counted for it before, as `counted` remembers them."""
    if not response.counted:
        return {}
    (epoch, area, channel, respondent, suspect, _day), keys = response.counted
    return {(epoch, question, option, area, channel, respondent, suspect): 1 for question, option in keys}


def count(response: Response, *, epoch: int, keys: list[list[str]]) -> None:
    """Book the difference between what was counted for this response and `keys`.

    Changes `response.counted` and leaves saving it to the caller, who holds the lock on the row.
    """
    now = lines(response, epoch=epoch, keys=keys)
    changes = difference(booked(response), now)
    if changes:
        _add(_TALLY, _TALLY_KEY, Tally, [(response.survey_id, *line, n) for line, n in changes])
    before = {_day_of(response): 1} if response.counted else {}
    after = {(response.day.isoformat(), response.channel_id, response.area_id): 1} if keys else {}
    if days := difference(before, after):
        _add(_DAY, _DAY_KEY, DayCount, [(response.survey_id, *day, n) for day, n in days])
    under = [
        epoch,
        response.area_id,
        response.channel_id,
        response.respondent,
        response.is_suspect,
        response.day.isoformat(),
    ]
    response.counted = [under, keys] if keys else []


def _day_of(response: Response) -> tuple[str, int, int]:
    _epoch, area, channel, _respondent, _suspect, day = response.counted[0]
    return day, channel, area


def _add(insert: str, key: str, model: type, rows: list[tuple]) -> None:
    """Add n (the last column) to each counter, making those that are not there yet."""
    width = len(rows[0])
    values = ", ".join([f"({', '.join(['%s'] * width)})"] * len(rows))
    table = model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{insert}{values} ON CONFLICT {key} DO UPDATE SET n = {table}.n + excluded.n",
            [value for row in rows for value in row],
        )

