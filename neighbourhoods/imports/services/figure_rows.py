"""Matches each row of a file with figures to an area, and reads its cells."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from neighbourhoods.areas import years
from neighbourhoods.imports import columns, numerals
from neighbourhoods.imports.column_detection import Glance
from neighbourhoods.imports.columns import ColumnRole
from neighbourhoods.imports.services.figure_work import GAPS, KEEP, NOT_ZERO, FreshArea, PlannedFigures
from neighbourhoods.imports.services.import_kinds import PREVIEW_LINES_SHOWN, PreviewLine
from neighbourhoods.imports.services.matching import Left, NamedArea, named_area
from neighbourhoods.imports.services.tables import WRONG_CELLS, CountedPlan, table_problem_text
from neighbourhoods.imports.tables import CellValue
from neighbourhoods.imports.tables import TableRow as Row
from neighbourhoods.states import AreaKind, Gap

_LEFT_OUT: dict[Left, Any] = {
    Left.ELSEWHERE: ngettext_lazy(
        "%(count)s row of another municipality is left out.",
        "%(count)s rows of other municipalities are left out.",
        "count",
    ),
    Left.COUNTRY: ngettext_lazy(
        "%(count)s row about the country or a province is left out.",
        "%(count)s rows about the country or a province are left out.",
        "count",
    ),
    Left.WATER: ngettext_lazy(
        "%(count)s row about water alone is left out.",
        "%(count)s rows about water alone are left out.",
        "count",
    ),
    Left.TOTAL: ngettext_lazy(
        "%(count)s row with a total is left out.", "%(count)s rows with totals are left out.", "count"
    ),
    Left.MARGIN: ngettext_lazy(
        "%(count)s row with the margin of a figure is left out.",
        "%(count)s rows with the margins of figures are left out.",
        "count",
    ),
    Left.CHOSEN: ngettext_lazy(
        "%(count)s row is left out, as you chose.", "%(count)s rows are left out, as you chose.", "count"
    ),
    Left.WRONG: ngettext_lazy(
        "%(count)s wrong row or cell is left out.", "%(count)s wrong rows or cells are left out.", "count"
    ),
}


class FigureRowReader:
    """Reads the rows into `work`; records in `plan` what is wrong, left out or unknown."""

    def __init__(
        self, seen: Glance, work: PlannedFigures, plan: CountedPlan, options: dict[str, Any]
    ) -> None:
        self._seen, self._work, self._plan, self._options = seen, work, plan, options
        self._head = seen.table.head[seen.parts[ColumnRole.CODE]] if ColumnRole.CODE in seen.parts else ""
        self._left: Counter[Left] = Counter()
        self._fresh: dict[str, int] = {}
        self._unmatched: dict[str, NamedArea] = {}
        self._first_row: dict[tuple[int, int], int] = {}  # by area and year

    def read(self, tell: Callable[[int], None]) -> None:
        for number, row in enumerate(self._seen.table.lines(), start=1):
            if number % 500 == 0:
                tell(number)
            self._read(row)
        self._tell_unmatched()
        self._tell_left()

    def _read(self, row: Row) -> None:
        name = str(self._seen.cell(row, ColumnRole.NAME)).strip()
        if row.problem:
            self._wrong(row.number, name or str(row.cells[0]), table_problem_text(row.problem, row.detail))
            return
        if not columns.is_value(self._seen.cell(row, ColumnRole.MARGIN)):
            self._left[Left.MARGIN] += 1
            return
        named = self._named(row, name)
        area = self._area(named) if named else None
        if named is None or area is None:
            return
        first = self._first_row.setdefault((area, named.year), row.number)
        if first != row.number:
            reason = _("Its area stands in row %(row)s already.") % {"row": first}
            self._wrong(row.number, name or named.code, reason)
            return
        self._remember_code(row, named, area)
        self._values(row.number, row.cells, named)
        self._work.rows.append((area, named.year))
        if len(self._work.names) < PREVIEW_LINES_SHOWN:
            self._work.names.append(" ".join(filter(None, (named.code, named.name))))

    def _named(self, row: Row, name: str) -> NamedArea | None:
        """The area as the row names it; None if the row is wrong."""
        seen = self._seen
        year = self._options.get("year") or 0
        if ColumnRole.YEAR in seen.parts:
            told = columns.year(seen.cell(row, ColumnRole.YEAR))
            if told is None or not years.is_within_reach(told, timezone.localdate()):
                reason = _("“%(cell)s” is no year.") % {"cell": seen.cell(row, ColumnRole.YEAR)}
                self._wrong(row.number, name, reason, seen.table.head[seen.parts[ColumnRole.YEAR]])
                return None
            year = told
        cell = seen.cell(row, ColumnRole.CODE)
        code = columns.cbs_code(cell, self._head) or str(cell).strip()
        if not code and not name:
            self._wrong(row.number, "", _("It has no code and no name, so nobody can tell where it is."))
            return None
        return named_area(code, name, str(seen.cell(row, ColumnRole.KIND)), year)

    def _area(self, named: NamedArea) -> int | None:
        """The id of the area, or a negative number for a new one; None if the row is left out or unknown."""
        found = self._work.ours.find(named)
        if isinstance(found, Left):
            self._left[found] += 1
            return None
        if found is not None:
            return found
        # A municipality is never created.
        if not self._options.get("make_areas") or named.kind == AreaKind.MUNICIPALITY:
            self._unmatched[named.key] = named
            return None
        if named.key not in self._fresh:
            self._fresh[named.key] = -len(self._work.fresh) - 1
            kind = named.kind or self._options.get("kind") or AreaKind.NEIGHBOURHOOD
            self._work.fresh.append(FreshArea(named, kind))
        return self._fresh[named.key]

    def _remember_code(self, row: Row, named: NamedArea, area: int) -> None:
        """Remember a code picked by hand, and a border that CBS redrew that year (marker 3)."""
        ours = self._work.ours
        if named.key in ours.picks and named.code and not ours.has_version(area, named.year):
            self._work.picked[area] = named
        if str(self._seen.cell(row, ColumnRole.CHANGE)).strip().removesuffix(".0") == "3":
            self._work.recut[area, named.year] = named

    def _values(self, number: int, cells: list[CellValue], named: NamedArea) -> None:
        for one in self._work.meanings:
            cell = cells[one.column.index]
            found = numerals.number(cell, one.decimal)
            if isinstance(found, numerals.NumeralProblem):
                reason = str(WRONG_CELLS[found]) % {"cell": str(cell)[:40]}
                self._wrong(number, named.name or named.code, reason, one.column.head)
                one.say_nothing(KEEP)
            elif isinstance(found, numerals.Absent):
                one.say_nothing(GAPS.index(found.value))
            elif found == 0 and one.zero_unknown:
                # Also removes a zero written earlier from the same file.
                one.say_nothing(GAPS.index(Gap.MISSING), NOT_ZERO)
            else:
                one.say(found)

    def _wrong(self, row: int, name: str, reason: str, column: str = "") -> None:
        if self._options.get("skip_wrong"):
            self._left[Left.WRONG] += 1
        else:
            self._plan.add_wrong(row, name[:80], reason, column[:80])

    # --- summary

    def _tell_unmatched(self) -> None:
        unmatched = self._unmatched
        self._plan.sums["unmatched"] = len(unmatched)
        shown = self._work.ours.suggest(list(unmatched.values()))
        rows = [row for row in shown if row["key"] in unmatched]
        self._plan.unmatched = [PreviewLine(row["name"], row["code"]) for row in rows[:PREVIEW_LINES_SHOWN]]
        self._plan.extra |= {"unmatched": shown, "places": len({area for area, _year in self._work.rows})}

    def _tell_left(self) -> None:
        notes, ours = self._plan.notes, self._work.ours
        notes += [words % {"count": self._left[why]} for why, words in _LEFT_OUT.items() if self._left[why]]
        if fresh := len(self._work.fresh):
            notes.append(
                ngettext(
                    "%(count)s area is made, without a border.",
                    "%(count)s areas are made, without borders.",
                    fresh,
                )
                % {"count": fresh}
            )
        self._tell_without()
        if ours.other_year:
            notes.append(
                ngettext(
                    "%(count)s row was found by a code of another year. Its figures may not fit where borders moved.",
                    "%(count)s rows were found by codes of another year. Figures may not fit where borders moved.",
                    ours.other_year,
                )
                % {"count": ours.other_year}
            )
        if ours.other_name:
            some = ", ".join(f"{name} → {called}" for name, called in list(ours.other_name.items())[:5])
            notes.append(
                ngettext(
                    "%(count)s area is called otherwise here: %(some)s.",
                    "%(count)s areas are called otherwise here: %(some)s.",
                    len(ours.other_name),
                )
                % {"count": len(ours.other_name), "some": some}
            )

    def _tell_without(self) -> None:
        """Note neighbourhoods without a figure, unless the file is about larger areas only."""
        ours = self._work.ours
        found = {area for area, _year in self._work.rows}
        missing = ours.without(found)
        leaves = (area.pk for area in ours.areas.values() if area.kind == AreaKind.NEIGHBOURHOOD)
        if not missing:
            return
        if found.isdisjoint(leaves):
            if any(row["code"].startswith("BU") for row in self._plan.extra["unmatched"]):
                self._plan.notes.append(
                    _(
                        "None of your neighbourhoods was found. The codes in this file may be of another year: "
                        "bring in postcodes or borders of that year first, then this file."
                    )
                )
            return
        self._plan.notes.append(
            ngettext(
                "%(count)s neighbourhood gets no figure from this file: %(some)s.",
                "%(count)s neighbourhoods get no figure from this file, such as %(some)s.",
                len(missing),
            )
            % {"count": len(missing), "some": ", ".join(missing[:3])}
        )
