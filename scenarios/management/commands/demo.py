"""Creates the demo municipality, for trying Nabij out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import User
from accounts.passwords import DEMO_PASSWORD
from feedback.models import FollowUpItem
from neighbourhoods.models import Area, Municipality
from scenarios.demo import people as demo_people
from scenarios.demo.joining import make_offers_and_matches
from scenarios.demo.needs import make_challenges, make_needs, make_square_survey
from scenarios.demo.people import COLLEAGUES, Neighbours, make_people, read_some
from scenarios.demo.places import make_inventory, make_means, make_places, make_themes
from scenarios.demo.surveys import (
    DATA_PROCESSING,
    DAYS_OPEN,
    SAMPLE_CODE,
    SUMMARY_TEXT,
    make_closed_survey,
    make_draft_survey,
    make_initiatives,
    make_invitations,
    make_open_survey,
    make_paper_forms,
)
from scenarios.demo.trajectory import make_finished_report, make_lacking_report, make_trajectory
from surveys.builder.services.keeping import save_default_notes
from surveys.models import Survey
from surveys.publication.services import take_snapshot
from surveys.results.services.outcome import publish_page
from surveys.results.services.recount import count_stops

_PEOPLE = 130


class Command(BaseCommand):
    help = "Loads the municipality of Waterdam, which does not exist, and prints how to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is a municipality")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or settings.TESTING):
            raise CommandError(
                "The demo is for trying Nabij out, with passwords that everybody can read: set DEBUG=1."
            )
        if Area.objects.exists() or User.objects.exists():
            if not options["if_empty"]:
                raise CommandError("There is a municipality here already. The demo wants an empty database.")
        else:
            make_waterdam(self.progress)
        self.tell()

    def progress(self, words: str) -> None:
        self.stdout.write(f"  {words} ...")
        self.stdout.flush()

    def tell(self) -> None:
        """Print the addresses and password of the demo accounts that still exist."""
        emails = {f"{name}@{demo_people.DOMAIN}": title for name, title, _role, _area in COLLEAGUES}
        there = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
        if not there:
            return
        self.stdout.write(f"Desk:  {settings.SITE_URL}/desk/   password: {DEMO_PASSWORD}")
        for email, title in emails.items():
            if email in there:
                self.stdout.write(f"       {email:32} {title}")
        survey = Survey.objects.open().filter(channels__isnull=False).order_by("pk").first()
        channel = survey.channels.first() if survey else None
        if channel:
            self.stdout.write(f"Poll:  {settings.SITE_URL}/p/{channel.code}")
        letters = survey.channels.filter(code="brief").first() if survey else None
        if letters:
            self.stdout.write(
                f"       {settings.SITE_URL}/p/{letters.code}   with the code of a letter: {SAMPLE_CODE}"
            )
        answered = FollowUpItem.objects.select_related("receipt").order_by("pk").first()
        if answered:
            link = reverse("private_page", args=[sign_link(answered.receipt, LinkPurpose.PAGE)])
            self.stdout.write(f"A resident's own page: {settings.SITE_URL}{link}")


@transaction.atomic
def make_waterdam(tell: Callable[[str], None] = lambda words: None) -> None:
    """Reports progress through `tell`: on a small machine it takes a minute."""
    tell("The neighbourhoods of Waterdam, and who works there")
    Municipality.objects.create(
        pk=1,
        name="Gemeente Waterdam",
        phone="14 099",
        email=f"nabij@{demo_people.DOMAIN}",
        languages=["nl", "en"],
        danger_text={
            "nl": "Bent u in gevaar? Bel 112. Is het niet dringend? Bel 0900 8844.",
            "en": "Are you in danger? Call 112. Is it not urgent? Call 0900 8844.",
        },
        danger_email=f"veilig@{demo_people.DOMAIN}",
        defects_email=f"meldingen@{demo_people.DOMAIN}",
        text_price=9,
        letter_price=148,
    )
    cache.delete(Municipality.CACHE_KEY)
    areas = make_places()
    themes = make_themes()
    people = make_people(areas)
    make_initiatives(areas, themes)
    save_default_notes(notes=DATA_PROCESSING, by=people["administrator"])
    make_inventory(areas)
    make_means(areas)
    tell("An earlier poll, and what came of it")
    closed = make_closed_survey(areas, people, themes)
    publish_page(survey=closed, words=SUMMARY_TEXT, by=people["editor"])
    tell("A trajectory that came to its final report, and one that did not yet")
    make_finished_report(areas, people, themes)
    make_lacking_report(closed, people)
    survey = make_open_survey(areas, people, make_trajectory(areas, people))
    tell(f"A poll that is open: {_PEOPLE} neighbours answer it")
    first_day = timezone.localdate() - timedelta(days=DAYS_OPEN)
    Neighbours(survey, first_day=first_day, days=DAYS_OPEN).answer(_PEOPLE, addresses=30)
    read_some(survey, by=people["editor"], themes=themes)
    assert survey.card
    make_offers_and_matches(areas=areas, themes=themes, card=survey.card, by=people["coordinator"])
    make_paper_forms(survey, areas, people)
    make_challenges(areas, themes, by=people["editor"])
    make_needs(survey, areas, themes, by=people["coordinator"])
    count_stops(survey)
    take_snapshot(survey=survey)
    tell("A poll about a square, letters and mails")
    make_square_survey(areas, people)
    make_invitations(survey, areas, people)
    make_draft_survey(areas, people)
