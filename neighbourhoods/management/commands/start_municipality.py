"""Sets up a new installation: the municipality and its first administrator."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from core.errors import DomainError
from neighbourhoods.colleagues.services import INVITATION_TERM, invitation_url, start_municipality


class Command(BaseCommand):
    help = "Makes the municipality and prints a link with which its first administrator signs in, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="as residents say it: “Gemeente Waterdam”")
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--place", default="", help="name of the area, when it differs: “Waterdam”")
        parser.add_argument(
            "--unlock", action="store_true", help="for an administrator who can't sign in any more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["admin_email"].strip().lower(), options["name"].strip()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address.") from error
        if not 0 < len(name) <= 80:
            raise CommandError("The name has 1 to 80 signs.")
        place = options["place"] or name.removeprefix("Gemeente ")
        try:
            invitation = start_municipality(name=name, place=place, email=email, unlock=options["unlock"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{name} is ready. Open this link within {INVITATION_TERM.days} days; it works once:"
        )
        self.stdout.write(invitation_url(invitation))
