"""Imports a file with postcodes from the shell, as the desk does."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from neighbourhoods.management.files import import_file
from neighbourhoods.states import ImportKind


class Command(BaseCommand):
    help = "Writes in which area each postcode of a CSV or XLSX file lies, all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, required=True, help="of the codes of its neighbourhoods")
        parser.add_argument("--yes", action="store_true", help="write it without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {"year": options["year"]}
        import_file(self, options["file"], ImportKind.POSTCODES, chosen, yes=options["yes"])
