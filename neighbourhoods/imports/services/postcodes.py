"""The areas of a postcode: lookup for residents, and the import of files."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.revision import revision_of_rows
from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.imports import columns, postcodes
from neighbourhoods.imports.columns import ColumnRole, TableScan
from neighbourhoods.imports.services import matching
from neighbourhoods.imports.services.import_kinds import (
    FileImporter,
    ImportPlan,
    PreviewLine,
    register_importer,
)
from neighbourhoods.imports.services.imports import CountedPlan, open_table, table_problem_text
from neighbourhoods.imports.services.matching import (
    AreaIndex,
    LeftOutReason,
    NamedArea,
    named_area,
    plan_with_same_names,
)
from neighbourhoods.imports.tables import TableFileError
from neighbourhoods.models import Area, AreaVersion, Import, Postcode
from neighbourhoods.states import AreaKind, ImportKind

BATCH = 2000


def areas_of_postcode(code: str) -> list[Area]:
    """The areas of a postcode: usually one, rarely two (the resident chooses), none if it is unknown.

    The postcode is only looked up; no response, contact or log stores it.
    """
    if not (normal := postcodes.normalise_postcode(code)):
        return []
    found = Area.objects.existing().filter(postcodes__code=normal)
    return list(found.select_related("parent").order_by("name"))


# --- import -----------------------------------------------------------------------------------


@dataclass
class PlannedPostcodes:
    ours: AreaIndex
    of: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    before: dict[str, set[int]] = field(default_factory=dict)
    codes: dict[int, NamedArea] = field(default_factory=dict)  # code and name of an area in the file

    @property
    def written(self) -> list[str]:
        return sorted(code for code, areas in self.of.items() if self.before.get(code, set()) != areas)


@register_importer(ImportKind.POSTCODES)
class PostcodeImporter(FileImporter):
    def data_revision(self) -> str:
        return revision_of_rows(
            Postcode.objects.order_by("pk").values_list("code", "area"),
            Area.objects.order_by("pk").values_list("pk", "kind", "name", "ended_on"),
            AreaVersion.objects.order_by("pk").values_list("pk", "area", "year", "code", "name"),
        )

    def plan(self, content: bytes, options: dict[str, Any], progress: ProgressCallback) -> ImportPlan:
        table = open_table(content)
        total = max(1, 2 * content.count(b"\n"))
        try:
            seen = columns.scan_table(table, (), lambda row: progress(min(row, total), total))

            def read() -> ImportPlan:
                return _read(seen, options, lambda row: progress(min(seen.rows + row, total), total))

            return plan_with_same_names(read, options)
        except TableFileError as refused:
            raise DomainError(table_problem_text(refused.problem, refused.detail)) from refused

    def write(self, plan: ImportPlan, one: Import, progress: ProgressCallback) -> dict[str, Any]:
        work: PlannedPostcodes = plan.work
        written = work.written
        replaced = [code for code in written if code in work.before]
        before = [[code, area] for code in replaced for area in sorted(work.before[code])]
        for start in range(0, len(replaced), BATCH):
            Postcode.objects.filter(code__in=replaced[start : start + BATCH]).delete()
        made = Postcode.objects.bulk_create(
            (Postcode(code=code, area_id=area) for code in written for area in sorted(work.of[code])),
            batch_size=BATCH,
        )
        return {
            "made": [[one.code, one.area_id] for one in made],
            "before": before,
            "versions": matching.save_area_codes(work.codes.items(), ours=work.ours, source=one.file_name),
        }

    def put_back(self, record: dict[str, Any]) -> None:
        made = {(code, area) for code, area in record["made"]}
        known = {code for code, _area in made}
        now = {row for row in Postcode.objects.values_list("code", "area") if row[0] in known}
        if now != made:
            raise DomainError(_("A later file changed some of these postcodes. Undo that one first."))
        listed = sorted(known)
        for start in range(0, len(listed), BATCH):
            Postcode.objects.filter(code__in=listed[start : start + BATCH]).delete()
        Postcode.objects.bulk_create(
            (Postcode(code=code, area_id=area) for code, area in record["before"]), batch_size=BATCH
        )
        matching.remove_area_codes(record["versions"])


def _read(seen: TableScan, options: dict[str, Any], tell: Callable[[int], None]) -> ImportPlan:
    plan = CountedPlan()
    if ColumnRole.POSTCODE not in seen.parts:
        raise DomainError(_("There is no column with postcodes such as 1011 AB in this file."))
    if ColumnRole.CODE not in seen.parts and ColumnRole.NAME not in seen.parts:
        raise DomainError(_("No column tells in which neighbourhood a postcode lies: a code, or a name."))
    ours = AreaIndex(own=options.get("municipality", ""), picks=options.get("picks", {}))
    work = plan.work = PlannedPostcodes(ours)
    unmatched: dict[str, NamedArea] = {}
    postcodes_of: dict[str, set[str]] = defaultdict(set)
    elsewhere: set[str] = set()
    head = seen.table.head[seen.parts[ColumnRole.CODE]] if ColumnRole.CODE in seen.parts else ""
    found_before: dict[str, int | LeftOutReason | None] = {}
    for number, line in enumerate(seen.table.lines(), start=1):
        if number % 500 == 0:
            tell(number)
        name = str(seen.cell(line, ColumnRole.NAME)).strip()
        code = postcodes.normalise_postcode(str(seen.cell(line, ColumnRole.POSTCODE)))
        if line.problem or not code:
            reason = (
                table_problem_text(line.problem, line.detail)
                if line.problem
                else _("It has no postcode such as 1011 AB.")
            )
            plan.add_wrong(line.number, name, reason)
            continue
        cell = seen.cell(line, ColumnRole.CODE)
        row = named_area(
            columns.cbs_code(cell, head) or str(cell).strip(), name, AreaKind.NEIGHBOURHOOD, options["year"]
        )
        if row.key not in found_before:
            found_before[row.key] = ours.find(row)
        found = found_before[row.key]
        if isinstance(found, int):
            work.of[code].add(found)
            if row.code and not ours.has_version(found, row.year):
                work.codes.setdefault(found, row)
        elif found in (LeftOutReason.ELSEWHERE, LeftOutReason.COUNTRY):
            elsewhere.add(code)
        elif found is None:
            unmatched[row.key] = row
            postcodes_of[row.key].add(code)
    _compare(plan, work)
    _add_notes(plan, ours, unmatched, postcodes_of, len(elsewhere))
    return plan


def _compare(plan: CountedPlan, work: PlannedPostcodes) -> None:
    before: dict[str, set[int]] = defaultdict(set)
    for code, area in Postcode.objects.values_list("code", "area"):
        if code in work.of:
            before[code].add(area)
    work.before = dict(before)
    two = 0
    for code, areas in sorted(work.of.items()):
        names = ", ".join(sorted(str(work.ours.areas[area]) for area in areas))
        line = PreviewLine(postcodes.format_postcode(code), "", names)
        two += len(areas) > 1
        if code not in before:
            plan.add("new", line)
        elif before[code] != areas:
            plan.add("changed", line)
        else:
            plan.add("unchanged", line)
    if two:
        plan.notes.append(
            ngettext(
                "%(count)s postcode lies in two areas: there the resident chooses.",
                "%(count)s postcodes lie in two areas: there the resident chooses.",
                two,
            )
            % {"count": two}
        )


def _add_notes(
    plan: CountedPlan,
    ours: AreaIndex,
    unmatched: dict[str, NamedArea],
    postcodes_of: dict[str, set[str]],
    elsewhere: int,
) -> None:
    shown = ours.suggest(list(unmatched.values()))
    for row in shown:
        if row["key"] not in unmatched:
            continue
        count = len(postcodes_of[row["key"]])
        what = ngettext("%(count)s postcode", "%(count)s postcodes", count) % {"count": count}
        plan.add("unmatched", PreviewLine(row["name"], row["code"], what))
    found = {area for areas in plan.work.of.values() for area in areas}
    plan.extra = {"unmatched": shown, "places": len(found), "municipalities": [], "columns": []}
    if elsewhere:
        plan.notes.append(
            ngettext(
                "%(count)s postcode of another municipality is left out.",
                "%(count)s postcodes of other municipalities are left out.",
                elsewhere,
            )
            % {"count": elsewhere}
        )
