"""The import kind for files with figures. figure_reading plans, figure_writing writes."""

from typing import Any

from core.errors import DomainError
from core.revision import revision_of_rows
from neighbourhoods.areas.borders import ProgressCallback
from neighbourhoods.imports import columns
from neighbourhoods.imports.services import figure_reading, figure_writing, indicators
from neighbourhoods.imports.services.import_kinds import FileImporter, ImportPlan, register_importer
from neighbourhoods.imports.services.imports import open_table, table_problem_text
from neighbourhoods.imports.services.matching import plan_with_same_names
from neighbourhoods.imports.tables import TableFileError
from neighbourhoods.models import Area, AreaVersion, Import, Indicator
from neighbourhoods.states import FileState, ImportKind


@register_importer(ImportKind.FIGURES)
class FigureImporter(FileImporter):
    def data_revision(self) -> str:
        """Of the applied and undone files, areas and indicators; figures themselves change only by files."""
        files = Import.objects.filter(
            kind=ImportKind.FIGURES, state__in=[FileState.APPLIED, FileState.UNDONE]
        )
        return revision_of_rows(
            files.order_by("pk").values_list("pk", "state"),
            Area.objects.order_by("pk").values_list("pk", "kind", "name", "parent", "ended_on"),
            AreaVersion.objects.order_by("pk").values_list("pk", "area", "year", "code", "name"),
            Indicator.objects.order_by("pk").values_list("pk", "slug", "columns"),
        )

    def plan(self, content: bytes, options: dict[str, Any], progress: ProgressCallback) -> ImportPlan:
        table = open_table(content)
        total = max(1, 2 * content.count(b"\n"))
        try:
            known = indicators.indicators_by_slug()
            named = indicators.slugs_by_column(known)
            seen = columns.scan_table(table, named, lambda row: progress(min(row, total), total))

            def read() -> ImportPlan:
                return figure_reading.plan_figures(
                    seen,
                    known,
                    named,
                    options,
                    lambda row: progress(min(seen.rows + row, total), total),
                )

            return plan_with_same_names(read, options)
        except TableFileError as refused:
            raise DomainError(table_problem_text(refused.problem, refused.detail)) from refused

    def write(self, plan: ImportPlan, one: Import, progress: ProgressCallback) -> dict[str, Any]:
        return figure_writing.write_planned_figures(plan.work, one, progress)

    def put_back(self, record: dict[str, Any]) -> None:
        figure_writing.undo_figures(record)
