"""The 28 parts of a week as a table and as a sentence."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from initiatives.states import MOMENTS, Day, DayPart

DAY_PART_NAMES = {
    DayPart.MORNING: pgettext_lazy("part of a day", "morning"),
    DayPart.AFTERNOON: pgettext_lazy("part of a day", "afternoon"),
    DayPart.MEAL: pgettext_lazy("part of a day", "mealtime"),
    DayPart.EVENING: pgettext_lazy("part of a day", "evening"),
}
DAY_PART_ABBREVIATIONS = {
    DayPart.MORNING: pgettext_lazy("part of a day, short", "morn."),
    DayPart.AFTERNOON: pgettext_lazy("part of a day, short", "aft."),
    DayPart.MEAL: pgettext_lazy("part of a day, short", "meal"),
    DayPart.EVENING: pgettext_lazy("part of a day, short", "eve."),
}
DAY_PART_HOURS = {
    DayPart.MORNING: pgettext_lazy("hours", "until 12"),
    DayPart.AFTERNOON: pgettext_lazy("hours", "12–17"),
    DayPart.MEAL: pgettext_lazy("hours", "17–19"),
    DayPart.EVENING: pgettext_lazy("hours", "from 19"),
}
MIN_DAY_RANGE = 3
"""From this many days in a row with the same parts the label is a range: “Mon to Fri evening”."""


def valid_moments(moments: Iterable[str]) -> list[str]:
    """Known moments without duplicates, in the order of the week."""
    given = set(moments)
    return [moment for moment in MOMENTS if moment in given]


def day_short(day: Day) -> str:
    return str(WEEKDAYS_ABBR[day - 1])


def name(moment: str) -> str:
    return f"{Day(int(moment[0])).label}, {DayPart(moment[1]).label}"


@dataclass(frozen=True)
class DayPartRow:
    """One part of the day: its names, and per day whether it is chosen."""

    short: str
    name: str
    hours: str
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Week:
    days: tuple[tuple[str, str], ...]
    rows: tuple[DayPartRow, ...]
    words: str


def week(moments: Collection[str]) -> Week:
    """The read-only table, with days as columns."""
    days = tuple((day_short(day), str(day.label)) for day in Day)
    rows = tuple(
        DayPartRow(
            str(DAY_PART_ABBREVIATIONS[part]),
            str(DAY_PART_NAMES[part]),
            str(DAY_PART_HOURS[part]),
            tuple((day, f"{number}{part.value}" in moments) for number, day in enumerate(_day_names(), 1)),
        )
        for part in DayPart
    )
    return Week(days, rows, label(moments))


def _day_names() -> list[str]:
    return [str(day.label) for day in Day]


def label(moments: Iterable[str]) -> str:
    """“Tue morning and afternoon, Sat morning”; "" for no moments."""
    told = valid_moments(moments)
    if len(told) == len(MOMENTS):
        return pgettext("parts of a week", "always")
    parts: dict[Day, tuple[DayPart, ...]] = {
        day: tuple(part for part in DayPart if f"{day.value}{part.value}" in told) for day in Day
    }
    said = []
    for which, days in groupby(Day, key=lambda day: parts[day]):
        if which:
            same = list(days)
            many = [same] if len(same) >= MIN_DAY_RANGE else [[day] for day in same]
            said += [f"{_days(each)} {_parts(which)}" for each in many]
    return ", ".join(said)


def _days(days: list[Day]) -> str:
    if len(days) == 1:
        return day_short(days[0])
    return _("%(first)s to %(last)s") % {"first": day_short(days[0]), "last": day_short(days[-1])}


def _parts(parts: tuple[DayPart, ...]) -> str:
    if len(parts) == len(DayPart):
        return _("all day")
    names = [str(DAY_PART_NAMES[part]) for part in parts]
    if len(names) == 1:
        return names[0]
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}
