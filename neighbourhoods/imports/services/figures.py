"""Files with figures: one kind of import. figure_reading tells what would change, figure_writing writes it."""

import hashlib
from typing import Any

from core.errors import DomainError
from neighbourhoods.imports import column_detection
from neighbourhoods.imports.services import figure_reading, figure_writing, indicators
from neighbourhoods.imports.services.import_kinds import Kind, Plan, Progress, kind
from neighbourhoods.imports.services.matching import with_same_names
from neighbourhoods.imports.services.tables import open_table, say
from neighbourhoods.imports.tables import Refused
from neighbourhoods.models import Area, AreaVersion, Import, Indicator
from neighbourhoods.states import FileState, ImportKind


@kind(ImportKind.FIGURES)
class Figures(Kind):
    def stamp(self) -> str:
        """Figures change by files alone; so it tells which were carried out or undone, and what areas there are."""
        made = hashlib.sha256()
        files = Import.objects.filter(
            kind=ImportKind.FIGURES, state__in=[FileState.APPLIED, FileState.UNDONE]
        )
        for rows in (
            files.order_by("pk").values_list("pk", "state"),
            Area.objects.order_by("pk").values_list("pk", "kind", "name", "parent", "ended_on"),
            AreaVersion.objects.order_by("pk").values_list("pk", "area", "year", "code", "name"),
            Indicator.objects.order_by("pk").values_list("pk", "slug", "columns"),
        ):
            for row in rows:
                made.update(repr(row).encode())
        return made.hexdigest()[:16]

    def plan(self, content: bytes, options: dict[str, Any], progress: Progress) -> Plan:
        table = open_table(content)
        total = max(1, 2 * content.count(b"\n"))
        try:
            known = indicators.known()
            named = indicators.by_column(known)
            seen = column_detection.look(table, named, lambda row: progress(min(row, total), total))

            def read() -> Plan:
                return figure_reading.read(
                    seen,
                    known,
                    named,
                    options,
                    lambda row: progress(min(seen.rows + row, total), total),
                )

            return with_same_names(read, options)
        except Refused as refused:
            raise DomainError(say(refused.problem, refused.detail)) from refused

    def write(self, plan: Plan, one: Import, progress: Progress) -> dict[str, Any]:
        return figure_writing.write(plan.work, one, progress)

    def put_back(self, record: dict[str, Any]) -> None:
        figure_writing.put_back(record)
