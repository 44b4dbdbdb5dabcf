"""Plans the import of a file with figures: its municipality, columns and rows, and what would change."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from neighbourhoods.imports import columns
from neighbourhoods.imports.column_detection import Glance
from neighbourhoods.imports.columns import ColumnRole
from neighbourhoods.imports.services import figure_changes
from neighbourhoods.imports.services.figure_columns import Columns
from neighbourhoods.imports.services.figure_levels import LEVELS, levels_of
from neighbourhoods.imports.services.figure_rows import FigureRowReader
from neighbourhoods.imports.services.figure_work import PlannedFigures
from neighbourhoods.imports.services.import_kinds import ImportPlan
from neighbourhoods.imports.services.matching import OurAreas
from neighbourhoods.imports.services.tables import CountedPlan
from neighbourhoods.imports.tables import Table
from neighbourhoods.models import Indicator
from neighbourhoods.states import AreaKind

_READ_AS = {
    AreaKind.NEIGHBOURHOOD: gettext_lazy("Places without a code are read as neighbourhoods, by their name."),
    AreaKind.DISTRICT: gettext_lazy("Places without a code are read as districts, by their name."),
}

Towns = dict[str, tuple[str, int]]
"""Municipalities in the file by code: name, and number of rows."""


def plan_figures(
    seen: Glance,
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
    told = Columns(seen, known, named, options)
    ours = OurAreas(own=options.get("municipality", ""), picks=options.get("picks", {}), level="")
    towns = _towns(seen)
    plan = CountedPlan(asks=told.asks, notes=_how_it_was_read(seen.table))
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
        "level": list(LEVELS),
        "levels": {level: levels.known[level] for level in LEVELS},
        "named": levels.rows,
        "columns": told.shown,
        "municipalities": _listed(towns),
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
    figure_changes.mark(work, plan)
    return plan


def _refuse_useless(seen: Glance) -> None:
    if not seen.figures:
        raise DomainError(_("There are no columns with figures in this file."))
    if ColumnRole.CODE not in seen.parts and ColumnRole.NAME not in seen.parts:
        raise DomainError(
            _("No column tells which place a row is about: a code such as BU03630400, or a name.")
        )


def _how_it_was_read(table: Table) -> list[str]:
    notes = []
    if table.encoding == "cp1252":
        notes.append(_("The letters were read as Windows-1252. Look at names with an accent."))
    elif table.encoding == "mac_roman":
        notes.append(_("The letters were read as those of an old Macintosh. Look at names with an accent."))
    if table.sheet:
        notes.append(_("Read from the sheet “%(name)s”.") % {"name": table.sheet})
    return notes


# --- municipality -----------------------------------------------------------------------------


def _towns(seen: Glance) -> Towns:
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


def _listed(towns: Towns) -> list[dict[str, Any]]:
    return [
        {"code": code, "name": name, "rows": rows}
        for code, (name, rows) in sorted(towns.items(), key=lambda one: (-one[1][1], one[0]))
    ]
