"""The same import as on the desk, for whoever has the shell."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from neighbourhoods.errors import DomainError
from neighbourhoods.geojson import MAX_BYTES
from neighbourhoods.models import Area
from neighbourhoods.services.imports import import_areas


class Command(BaseCommand):
    help = "Writes the areas of a GeoJSON file (WGS84), all or nothing; says what is new, changed or wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, default=timezone.localdate().year, help="of these borders")
        parser.add_argument("--source", default="", help="where the file comes from")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from error
        try:
            plan = import_areas(
                content=content, file_name=file.name, year=options["year"], source=options["source"]
            )
        except Area.DoesNotExist as error:
            raise CommandError("There is no municipality yet: run `start_municipality` first.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        for wrong in plan.wrong:
            self.stderr.write(f"{wrong.number} {wrong.name}: {wrong.reason}")
        if plan.wrong:
            raise CommandError(f"{len(plan.wrong)} areas are wrong, so nothing was written.")
        self.stdout.write(
            f"{len(plan.new)} new, {len(plan.changed)} changed, {len(plan.unchanged)} unchanged."
        )
