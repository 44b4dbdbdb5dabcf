"""Prepares a dress rehearsal: a backed, open survey in every neighbourhood."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from neighbourhoods.models import Area
from scenarios.demo.people import DOMAIN
from scenarios.demo.surveys import DATA_PROCESSING, sign_as_backer
from surveys.builder.services.keeping import save_processing_record
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.models import Survey
from surveys.opening.services.running import open_survey
from surveys.states import ChannelKind

CODE = "overal"


class Command(BaseCommand):
    help = (
        "Opens a survey to rehearse with in every neighbourhood of the demo municipality, after importing "
        "the areas of a GeoJSON file when one is given. For a database that holds the demo alone, or out of debug "
        "a municipality made for it, with an editor and a backer to name."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--areas", type=Path, help="a GeoJSON file with neighbourhoods")
        parser.add_argument("--editor", default=f"editor@{DOMAIN}", help="e-mail address of who opens it")
        parser.add_argument("--backer", default=f"backer@{DOMAIN}", help="e-mail address of who signs it")
        parser.add_argument("--year", type=int, default=timezone.localdate().year)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        people = {name: User.objects.filter(email=options[name]).first() for name in ("editor", "backer")}
        if not all(people.values()):
            raise CommandError(
                "This needs the demo municipality (`manage.py demo` in an empty database, in debug), or --editor and "
                "--backer with addresses of colleagues."
            )
        mine = Area.objects.all()
        if options["areas"]:
            before = set(Area.objects.values_list("pk", flat=True))
            call_command(
                "import_borders", options["areas"], year=options["year"], yes=True, stdout=self.stdout
            )
            mine = Area.objects.exclude(pk__in=before)
        survey = stage(areas=list(mine.leaves()), editor=people["editor"], backer=people["backer"])
        self.stdout.write(f"/p/{CODE}/ is open in {survey.areas.count()} neighbourhoods.")


def stage(*, areas: list[Area], editor: User, backer: User) -> Survey:
    """“First sounding” in these areas, published, backed and open."""
    survey = start_survey(plan=LIBRARY["first-sounding"], areas=areas, languages=["nl", "en"], by=editor)
    survey.promise_before = timezone.localdate() + timedelta(days=60)
    survey.erase_on = timezone.localdate() + timedelta(days=240)
    survey.save()
    save_processing_record(survey=survey, fields=DATA_PROCESSING, by=editor)
    confirm_all(survey=survey, by=editor)
    publish_survey(survey=survey, by=editor)
    survey.refresh_from_db()
    add_channel(survey=survey, kind=ChannelKind.REHEARSAL, name="Rehearsal", code=CODE, by=editor)
    sign_as_backer(survey, backer=backer, by=editor)
    open_survey(survey=survey, by=editor)
    return survey
