"""Compares counters with answers; exits with 1 if they differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.models import Survey
from surveys.results.services.recount import recount_survey


class Command(BaseCommand):
    help = "Compares counters with answers and reports every difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("surveys", nargs="*", type=int, help="ids of surveys; all when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        surveys = Survey.objects.order_by("pk")
        if options["surveys"]:
            surveys = surveys.filter(pk__in=options["surveys"])
        off = 0
        for survey in surveys:
            drifts = recount_survey(survey)
            off += len(drifts)
            for drift in drifts:
                self.stdout.write(str(drift))
        if off:
            raise CommandError(f"{off} counters are off. Nothing was changed.", returncode=1)
        self.stdout.write(f"{len(surveys)} surveys: every counter equals its answers.")
