"""Imports a file with figures from the shell, as the desk does."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from neighbourhoods.imports.services.figure_writing import LEVELS_IN_FILES
from neighbourhoods.management.files import import_file
from neighbourhoods.states import AreaKind, ImportKind


class Command(BaseCommand):
    help = "Writes the figures of a CSV or XLSX file, all or nothing; columns it does not know are left out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, help="of the figures, when it does not stand in the file")
        parser.add_argument("--source", help="who published it, when that differs from what is known")
        parser.add_argument("--municipality", help="code of yours (GM0363), when the file holds several")
        parser.add_argument(
            "--level",
            choices=list(LEVELS_IN_FILES),
            help="of the places it names without a code, when it does not tell",
        )
        parser.add_argument("--make-areas", action="store_true", help="make the areas that are not there yet")
        parser.add_argument(
            "--kind",
            choices=[AreaKind.NEIGHBOURHOOD, AreaKind.DISTRICT],
            help="what its areas are, when it does not tell",
        )
        parser.add_argument("--skip-wrong", action="store_true", help="leave out what is wrong")
        parser.add_argument("--yes", action="store_true", help="write it without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {
            "year": options["year"],
            "source": {"name": options["source"]} if options["source"] else None,
            "municipality": options["municipality"] or "",
            "make_areas": options["make_areas"],
            "level": options["level"] or "",
            "kind": options["kind"] or options["level"] or AreaKind.NEIGHBOURHOOD,
            "skip_wrong": options["skip_wrong"],
        }
        import_file(self, options["file"], ImportKind.FIGURES, chosen, yes=options["yes"])
