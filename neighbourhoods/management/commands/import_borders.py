"""Imports a file with borders from the shell, as the desk does."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from neighbourhoods.management.files import import_file
from neighbourhoods.states import ImportKind


class Command(BaseCommand):
    help = "Writes the areas of a file with borders, all or nothing; says what is new, changed or wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, default=timezone.localdate().year, help="of these borders")
        parser.add_argument("--source", default="", help="where the file comes from")
        parser.add_argument("--layer", action="append", default=[], help="a table of a GeoPackage")
        parser.add_argument("--municipality", default="", help="code of yours, like GM0363; remembered")
        parser.add_argument("--yes", action="store_true", help="write it without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("year", "source", "municipality")
        chosen = {name: options[name] for name in names} | {"layers": options["layer"]}
        import_file(self, options["file"], ImportKind.BORDERS, chosen, yes=options["yes"])
