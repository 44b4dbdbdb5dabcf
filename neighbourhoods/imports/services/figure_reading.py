"""Reads a file of figures: columns, rows and the areas they are about."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from core.errors import DomainError
from neighbourhoods.areas import maps
from neighbourhoods.imports import columns, numerals
from neighbourhoods.imports.columns import ColumnRole, ScannedColumn, TableScan
from neighbourhoods.imports.numerals import DecimalSign
from neighbourhoods.imports.services import figure_writing, indicators
from neighbourhoods.imports.services.figure_writing import (
    GAP_VALUES,
    KEEP_STORED_FIGURE,
    LEVELS_IN_FILES,
    NEW_INDICATOR,
    REPLACING_GAP_VALUE,
    ImportedColumn,
    NewArea,
    PlannedFigures,
    levels_of,
)
from neighbourhoods.imports.services.import_kinds import PREVIEW_LINES_SHOWN, ImportPlan, PreviewLine
from neighbourhoods.imports.services.imports import NUMERAL_PROBLEM_TEXTS, CountedPlan, table_problem_text
from neighbourhoods.imports.services.matching import AreaIndex, LeftOutReason, NamedArea, named_area
from neighbourhoods.imports.tables import CellValue, Table
from neighbourhoods.imports.tables import TableRow as Row
from neighbourhoods.models import Indicator
from neighbourhoods.states import AreaKind, Gap, Nature

# The meaning of the columns of a file with figures: as chosen by the user, else as recognised.


class FigureColumns:
    """`meanings` are the columns to import, `shown` is the page's data per column, `asks` what must be chosen.

    `known` are the indicators by slug, `named` maps the name of a column to a slug.
    """

    def __init__(
        self, seen: TableScan, known: dict[str, Indicator], named: dict[str, str], options: dict[str, Any]
    ) -> None:
        self._seen, self._named, self._options = seen, named, options
        self._known = dict(known)  # a copy: new indicators are added for this reading only
        self.meanings: list[ImportedColumn] = []
        self.shown: list[dict[str, Any]] = []
        self.asks: list[str] = []
        self._read()

    @property
    def left_out(self) -> list[str]:
        brought = {one.column.index for one in self.meanings}
        return [one.key for one in self._seen.figures if one.index not in brought]

    def _read(self) -> None:
        chosen = self._options.get("columns", {})
        twice = {one.index for one in self._seen.duplicate_columns}
        taken: dict[str, str] = {}
        for one in self._seen.figures:
            slug = chosen.get(str(one.index))
            guess = self._named.get(one.key, "") if one.index not in twice else ""
            if slug is None:
                slug = "" if one.evidence.is_all_zero or guess in taken else guess
            elif slug in taken:
                raise DomainError(
                    _("Two columns mean the same: %(one)s and %(other)s. Leave one of them out.")
                    % {"one": taken[slug], "other": one.head}
                )
            meaning = None
            if indicator := self._indicator(one, slug):
                taken[indicator.slug] = one.head
                meaning = self._meaning(one, indicator)
                self.meanings.append(meaning)
            self.shown.append(self._show(one, guess, slug, meaning))

    def _indicator(self, one: ScannedColumn, slug: str) -> Indicator | None:
        if slug != NEW_INDICATOR:
            return self._known.get(slug)
        told = self._options.get("new", {}).get(str(one.index), {})
        made = indicators.new_indicator(
            name=told.get("name") or one.head,
            unit=told.get("unit", ""),
            nature=told.get("nature", Nature.COUNT),
            column=one.key,
            taken=self._known,
        )
        self._known[made.slug] = made
        return made

    def _meaning(self, one: ScannedColumn, indicator: Indicator) -> ImportedColumn:
        decimal, sure = self._sign(one, indicator)
        if not sure:
            self._ask("signs")
        source = self._options.get("source") or indicators.source_of(indicator.slug)
        if not source:
            self._ask("source")
        return ImportedColumn(one, indicator, decimal, self._zero_unknown(one, indicator), source or {})

    def _ask(self, what: str) -> None:
        if what not in self.asks:
            self.asks.append(what)

    def _sign(self, one: ScannedColumn, indicator: Indicator | None) -> tuple[DecimalSign, bool]:
        if told := self._options.get("signs", {}).get(str(one.index)):
            return DecimalSign(told), True
        counts = bool(indicator and indicator.nature == Nature.COUNT) or one.unit.casefold() == "aantal"
        return self._seen.sign(one, counts=counts)

    def _zero_unknown(self, one: ScannedColumn, indicator: Indicator) -> bool:
        """Whether an exact zero means "not known", which is common in columns of averages."""
        told = self._options.get("zeros")
        if told is not None:
            return one.index in told
        if not one.evidence.zeros:
            return False
        of_averages = indicator.nature in (Nature.AVERAGE, Nature.ESTIMATE)
        return indicators.never_zero(indicator.slug) or (of_averages and one.evidence.has_suspicious_zeros)

    def _show(
        self, one: ScannedColumn, guess: str, slug: str, meaning: ImportedColumn | None
    ) -> dict[str, Any]:
        evidence = one.evidence
        decimal, _sure = self._sign(one, meaning.indicator if meaning else None)
        return {
            "index": one.index,
            "head": one.head[:120],
            "unit": one.unit[:20],
            "examples": evidence.examples,
            "filled": evidence.filled,
            "gaps": evidence.gaps,
            "guess": guess,
            "slug": slug,
            "called": indicators.indicator_name(meaning.indicator) if meaning else "",
            "decimal": decimal.value,
            "doubtful": evidence.doubtful if not self._seen.sign(one, counts=False)[1] else [],
            "zeros": evidence.zeros,
            "all_zero": evidence.is_all_zero,
            "zero_unknown": bool(meaning and meaning.zero_unknown),
        }


# Matches each row of a file with figures to an area, and reads its cells.


_LEFT_OUT: dict[LeftOutReason, Any] = {
    LeftOutReason.ELSEWHERE: ngettext_lazy(
        "%(count)s row of another municipality is left out.",
        "%(count)s rows of other municipalities are left out.",
        "count",
    ),
    LeftOutReason.COUNTRY: ngettext_lazy(
        "%(count)s row about the country or a province is left out.",
        "%(count)s rows about the country or a province are left out.",
        "count",
    ),
    LeftOutReason.WATER: ngettext_lazy(
        "%(count)s row about water alone is left out.",
        "%(count)s rows about water alone are left out.",
        "count",
    ),
    LeftOutReason.TOTAL: ngettext_lazy(
        "%(count)s row with a total is left out.", "%(count)s rows with totals are left out.", "count"
    ),
    LeftOutReason.MARGIN: ngettext_lazy(
        "%(count)s row with the margin of a figure is left out.",
        "%(count)s rows with the margins of figures are left out.",
        "count",
    ),
    LeftOutReason.CHOSEN: ngettext_lazy(
        "%(count)s row is left out, as you chose.", "%(count)s rows are left out, as you chose.", "count"
    ),
    LeftOutReason.WRONG: ngettext_lazy(
        "%(count)s wrong row or cell is left out.", "%(count)s wrong rows or cells are left out.", "count"
    ),
}


class FigureRowReader:
    """Reads the rows into `work`; records in `plan` what is wrong, left out or unknown."""

    def __init__(
        self, seen: TableScan, work: PlannedFigures, plan: CountedPlan, options: dict[str, Any]
    ) -> None:
        self._seen, self._work, self._plan, self._options = seen, work, plan, options
        self._head = seen.table.head[seen.parts[ColumnRole.CODE]] if ColumnRole.CODE in seen.parts else ""
        self._left: Counter[LeftOutReason] = Counter()
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
        if not columns.is_margin_value(self._seen.cell(row, ColumnRole.MARGIN)):
            self._left[LeftOutReason.MARGIN] += 1
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
            told = columns.parse_year(seen.cell(row, ColumnRole.YEAR))
            if told is None or not maps.is_allowed_year(told, timezone.localdate()):
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
        if isinstance(found, LeftOutReason):
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
            self._work.fresh.append(NewArea(named, kind))
        return self._fresh[named.key]

    def _remember_code(self, row: Row, named: NamedArea, area: int) -> None:
        """Remember a code picked by hand, and a border that CBS redrew that year (marker 3)."""
        ours = self._work.ours
        if named.key in ours.picks and named.code and not ours.has_version(area, named.year):
            self._work.picked[area] = named
        if str(self._seen.cell(row, ColumnRole.CHANGE)).strip().removesuffix(".0") == "3":
            self._work.redrawn[area, named.year] = named

    def _values(self, number: int, cells: list[CellValue], named: NamedArea) -> None:
        for one in self._work.meanings:
            cell = cells[one.column.index]
            found = numerals.parse_number(cell, one.decimal)
            if isinstance(found, numerals.NumeralProblem):
                reason = str(NUMERAL_PROBLEM_TEXTS[found]) % {"cell": str(cell)[:40]}
                self._wrong(number, named.name or named.code, reason, one.column.head)
                one.add_gap(KEEP_STORED_FIGURE)
            elif isinstance(found, numerals.AbsenceReason):
                one.add_gap(GAP_VALUES.index(found.value))
            elif found == 0 and one.zero_unknown:
                # Also removes a zero written earlier from the same file.
                one.add_gap(GAP_VALUES.index(Gap.MISSING), REPLACING_GAP_VALUE)
            else:
                one.say(found)

    def _wrong(self, row: int, name: str, reason: str, column: str = "") -> None:
        if self._options.get("skip_wrong"):
            self._left[LeftOutReason.WRONG] += 1
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


# Plans the import of a file with figures: its municipality, columns and rows, and what would change.


_READ_AS = {
    AreaKind.NEIGHBOURHOOD: gettext_lazy("Places without a code are read as neighbourhoods, by their name."),
    AreaKind.DISTRICT: gettext_lazy("Places without a code are read as districts, by their name."),
}

Towns = dict[str, tuple[str, int]]
"""Municipalities in the file by code: name, and number of rows."""


def plan_figures(
    seen: TableScan,
    known: dict[str, Indicator],
    named: dict[str, str],
    options: dict[str, Any],
    tell: Callable[[int], None],
) -> ImportPlan:
    """What the file would change, given the choices in `options`. Raises DomainError if it holds no figures of
    areas.

    If `options` names no municipality but the file leaves no doubt, it is added to `options`.
    """
    _refuse_useless(seen)
    told = FigureColumns(seen, known, named, options)
    ours = AreaIndex(own=options.get("municipality", ""), picks=options.get("picks", {}), level="")
    towns = _towns(seen)
    plan = CountedPlan(asks=told.asks, notes=_table_notes(seen.table))
    if towns and not ours.own:
        if own := _our_town(towns, ours.root.name):
            ours.own = options["municipality"] = own
        else:
            plan.asks.append("municipality")
    if ColumnRole.YEAR not in seen.parts and not options.get("year"):
        plan.asks.append("year")
    levels = levels_of(seen, ours)
    made = options.get("kind", "") if options.get("make_areas") else ""
    ours.level = options.get("level") or made or levels.level
    if levels.is_asked and not ours.level:
        plan.asks.append("level")
    plan.extra = {
        "level": list(LEVELS_IN_FILES),
        "levels": {level: levels.known[level] for level in LEVELS_IN_FILES},
        "named": levels.rows,
        "columns": told.shown,
        "municipalities": _municipality_choices(towns),
        "names": ColumnRole.NAME in seen.parts,
        "codes": ColumnRole.CODE in seen.parts,
        "year_in_file": ColumnRole.YEAR in seen.parts,
    }
    work = plan.work = PlannedFigures(
        told.meanings,
        ours,
        own=options.get("municipality", ""),
        remember=options.get("remember", ""),
        left_out=told.left_out,
    )
    if {"year", "municipality", "level"} & set(plan.asks):
        return plan
    if levels.known and not options.get("level") and not made:
        plan.notes.append(str(_READ_AS[AreaKind(ours.level)]))
    if not told.meanings:
        plan.asks.append("columns")
    FigureRowReader(seen, work, plan, options).read(tell)
    figure_writing.mark_changes(work, plan)
    return plan


def _refuse_useless(seen: TableScan) -> None:
    if not seen.figures:
        raise DomainError(_("There are no columns with figures in this file."))
    if ColumnRole.CODE not in seen.parts and ColumnRole.NAME not in seen.parts:
        raise DomainError(
            _("No column tells which place a row is about: a code such as BU03630400, or a name.")
        )


def _table_notes(table: Table) -> list[str]:
    notes = []
    if table.encoding == "cp1252":
        notes.append(_("The letters were read as Windows-1252. Look at names with an accent."))
    elif table.encoding == "mac_roman":
        notes.append(_("The letters were read as those of an old Macintosh. Look at names with an accent."))
    if table.sheet:
        notes.append(_("Read from the sheet “%(name)s”.") % {"name": table.sheet})
    return notes


# --- municipality -----------------------------------------------------------------------------


def _towns(seen: TableScan) -> Towns:
    """By the CBS codes in the file; a file with only the municipality's own codes has none."""
    found: Towns = {}
    head = seen.table.head[seen.parts[ColumnRole.CODE]] if ColumnRole.CODE in seen.parts else ""
    for line in seen.table.lines() if head else ():
        code = columns.cbs_code(seen.cell(line, ColumnRole.CODE), head)
        if code[:2] in ("GM", "WK", "BU"):
            town = f"GM{code[2:6]}"
            name, rows = found.get(town, ("", 0))
            found[town] = (name or str(seen.cell(line, ColumnRole.MUNICIPALITY)).strip()[:80], rows + 1)
    return found


def _our_town(towns: Towns, name: str) -> str:
    """The municipality with our name, or the only one; "" if the user must choose."""
    same = [
        code for code, (called, _rows) in towns.items() if called and called.casefold() == name.casefold()
    ]
    if same:
        return same[0]
    return next(iter(towns)) if len(towns) == 1 else ""


def _municipality_choices(towns: Towns) -> list[dict[str, Any]]:
    return [
        {"code": code, "name": name, "rows": rows}
        for code, (name, rows) in sorted(towns.items(), key=lambda one: (-one[1][1], one[0]))
    ]
