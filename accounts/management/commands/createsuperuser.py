"""Replaces Django's command, which would make an account without a role."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Says how to make the first account: Nabij has no superusers."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "Nabij has no superusers: what a colleague may do follows from a role. `manage.py start_municipality` "
            "makes the first administrator."
        )
