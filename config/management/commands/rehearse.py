"""A dress rehearsal: drive a running Nabij as its residents and staff would, and add everything up."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Plays residents and staff against a running site over HTTP and prints one JSON line that adds "
        "everything up. The site must hand its mail to the sink: start it with EMAIL_URL=smtp://127.0.0.1:PORT. "
        "Exit status 1 when anything is lost, doubled or sent after unsubscribing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url", required=True, help="Where the site runs, for example http://localhost:8000"
        )
        parser.add_argument("--poll", required=True, help="The short address of the survey: /p/<this>/")
        parser.add_argument("--residents", type=int, required=True)
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

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from config.rehearsal.play import Plan, Play
            from config.rehearsal.words import read_words
        except ModuleNotFoundError as error:  # who installed what runs the site has no catcher of mail
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
