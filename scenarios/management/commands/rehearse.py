"""A dress rehearsal: drives a running Nabij as its residents and staff would, and checks all totals."""

import json
import logging
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.test.utils import override_settings, setup_databases, teardown_databases


class Command(BaseCommand):
    help = (
        "Plays residents and staff against a running site over HTTP and prints one JSON line that adds "
        "everything up. The site must hand its mail to the sink: start it with EMAIL_URL=smtp://127.0.0.1:PORT. "
        "Exit status 1 when anything is lost, doubled or sent after unsubscribing. With --season: 26 weeks of offers, "
        "initiatives and matches by the services themselves, day by day, in a database of its own that is gone "
        "afterwards; exit status 1 when anybody was forgotten, introduced twice, or a mail does not add up. "
        "With --year: three polls beside that, from the first question to the final report, until nothing is owed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="Where the site runs, for example http://localhost:8000")
        parser.add_argument("--poll", help="The short address of the survey: /p/<this>/")
        parser.add_argument("--residents", type=int)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--at-once", type=int, default=8, help="Residents who answer at the same time.")
        parser.add_argument("--think", type=float, nargs=2, default=(0.0, 0.3), metavar=("FROM", "TO"),
                            help="Seconds of thinking before each tap.")  # fmt: skip
        parser.add_argument(
            "--staff", default="editor@waterdam.example", help="E-mail address of the editor."
        )
        parser.add_argument("--password", default="waterdam-demo-2026")
        parser.add_argument("--sink-port", type=int, default=2525)
        parser.add_argument("--words", action="append", default=[], metavar="FILE.csv",
                            help="Open answers to use: Pabulib's (Dutch) or Polis's (English) columns.")  # fmt: skip
        parser.add_argument("--patience", type=float, default=300, help="Seconds to wait for mail at most.")

        parser.add_argument("--season", action="store_true", help="Bringing people together, week by week.")
        parser.add_argument("--year", action="store_true", help="From the first poll to the last answer.")
        parser.add_argument("--weeks", type=int)
        parser.add_argument("--offers", type=int)
        parser.add_argument("--initiatives", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["season"] or options["year"]:
            self._day_by_day(options)
            return
        if missing := [name for name in ("url", "poll", "residents") if not options[name]]:
            raise CommandError(f"Say --{', --'.join(missing)}; or --season, or --year.")
        try:
            from scenarios.rehearsal.play import Plan, Play
            from scenarios.rehearsal.residents import read_words
        except ModuleNotFoundError as error:  # a production install lacks the mail sink (aiosmtpd)
            raise CommandError(
                f"A rehearsal needs {error.name}: pip install --require-hashes -r requirements-dev.txt"
            ) from error
        plan = Plan(
            url=options["url"],
            poll=options["poll"],
            residents=options["residents"],
            seed=options["seed"],
            at_once=options["at_once"],
            think=tuple(options["think"]),
            staff=options["staff"],
            password=options["password"],
            sink_port=options["sink_port"],
            words=read_words(options["words"]),
            patience=options["patience"],
        )
        try:
            report = Play(plan, say=lambda line: self.stderr.write(line)).run()
        except (LookupError, OSError) as error:
            raise CommandError(f"The rehearsal can't go on: {error}") from error
        self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        if not report.is_clean:
            sys.exit(1)

    def _day_by_day(self, options: dict[str, Any]) -> None:
        try:
            from scenarios.rehearsal import season, year
            from scenarios.rehearsal.stage import season_simulation, year_simulation
        except ModuleNotFoundError as error:
            raise CommandError(
                f"This needs {error.name}: pip install --require-hashes -r requirements-dev.txt"
            ) from error
        asked = ("offers", "initiatives", "residents", "weeks", "seed")
        given = {name: options[name] for name in asked if options[name] is not None}
        if options["year"]:
            given.pop("weeks", None)
            stage = year_simulation(year.YearScale(**given), say=self.stderr.write)
        else:
            given.pop("residents", None)
            stage = season_simulation(season.SeasonSize(**given), say=self.stderr.write)
        logging.getLogger("nabij.texts").setLevel(logging.WARNING)  # it logs every text message
        with temporary_database(), stage as (days, _part):
            account = days.run()
        self.stdout.write(account.table())
        self.stdout.write(json.dumps({"clean": account.is_clean, "seconds": account.seconds} | account.did))
        for trouble in account.troubles[:50]:
            self.stdout.write(trouble)
        if not account.is_clean:
            sys.exit(1)


@contextmanager
def temporary_database() -> Iterator[None]:
    """A temporary database beside that of the installation, dropped afterwards."""
    with tempfile.TemporaryDirectory(prefix="nabij-season-") as folder:
        given = connections["default"].settings_dict
        if connections["default"].vendor == "sqlite":
            given["TEST"]["NAME"] = str(Path(folder) / "season.sqlite3")
        with override_settings(DATA_DIR=Path(folder)):
            made = setup_databases(verbosity=0, interactive=False)
            try:
                yield
            finally:
                teardown_databases(made, verbosity=0)
