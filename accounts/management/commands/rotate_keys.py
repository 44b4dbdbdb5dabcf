"""Replaces the keys of the key ring, and brings what is stored under earlier keys to the new ones."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Event
from core import keyring
from core.keyed import KeyedHashField
from core.keyring import KeyUse

_ROWS = 1000


class Command(BaseCommand):
    help = (
        "Makes a new key for every use, or for those named, and rewrites what is stored under earlier ones. The site "
        "may go on meanwhile. After a kill, run it again with --resume. See docs/keys.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "uses", nargs="*", type=KeyUse, default=[*KeyUse], metavar="use", help=", ".join(KeyUse)
        )
        parser.add_argument(
            "--leaked",
            action="store_true",
            help="refuse what earlier keys signed from now on: links in mails that were sent stop working",
        )
        parser.add_argument(
            "--days", type=int, default=730, help="how long earlier keys verify links (730)", metavar="N"
        )
        parser.add_argument("--resume", action="store_true", help="make no key, only rewrite what is left")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["resume"]:
            until = timezone.localdate() + timedelta(days=options["days"])
            keyring.write_file(
                keyring.ring_with_new_keys(options["uses"], until=until, leaked=options["leaked"])
            )
            Event.objects.create(verb="rotated_keys", kind="accounts.keyring", key="")
        for model, field in hashed_fields():
            rows = hash_again(model, field)
            self.stdout.write(f"{model._meta.label}.{field.name}: {rows} hashed again.")
        self.stdout.write(f"Second steps: {encrypt_second_steps_again()} encrypted again.")
        for use in KeyUse:
            key = keyring.newest(use)
            self.stdout.write(f"{use}: key {key.id}, of {key.made or 'SECRET_KEY'}.")


def hashed_fields() -> Iterator[tuple[type[models.Model], KeyedHashField]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, KeyedHashField):
                yield model, field


def hash_again(model: type[models.Model], field: KeyedHashField) -> int:
    """Bring every row to the newest key. Each row by itself: killed and run again, it goes on where it was."""
    newest = keyring.newest(field.use).id
    left = model._base_manager.exclude(Q(**{f"{field.name}__startswith": f"{newest}."}))
    done = 0
    while found := list(left.values_list("pk", field.name)[:_ROWS]):
        for pk, stored in found:
            row = model._base_manager.filter(pk=pk, **{field.name: stored})
            try:
                with transaction.atomic():
                    row.update(**{field.name: field.rotate(stored)})
            except IntegrityError:  # the same value was stored under the new key meanwhile
                row.delete()
            done += 1
    return done


def encrypt_second_steps_again() -> int:
    """The secret of an app for codes, and the seed of recovery codes; a passkey has nothing to keep secret."""
    cipher, done = keyring.cipher(KeyUse.SECOND_STEP), 0
    for pk in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            row.data |= {
                name: cipher.rotate(row.data[name].encode()).decode()
                for name in ("secret", "seed")
                if name in row.data
            }
            row.save(update_fields=["data"])
        done += 1
    return done
