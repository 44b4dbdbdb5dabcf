"""The retention policy: which personal data is kept, why, how long, and what happens then.

/privacy/ shows the same file that the daily job carries out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from core.i18n import Texts, pick
from neighbourhoods.models import Municipality
from neighbourhoods.registries import retention_jobs

RETENTION_FILE_PATH = Path(settings.BASE_DIR, "config", "retention.toml")
LEGAL_BASES = {
    "public_task": _("This is a task of the municipality."),
    "consent": _("You agreed to it. You can take that back any day."),
    "legal_duty": _("The law asks it of us."),
}


@dataclass(frozen=True)
class RetentionRule:
    """`job` is run with `days`; "" when the data is erased together with the row it belongs to."""

    key: str
    name: Texts
    purpose: Texts
    basis: str
    days: int
    term: Texts
    then: Texts
    job: str

    def __post_init__(self) -> None:
        if self.basis not in LEGAL_BASES:
            raise ValueError(
                f"Rule {self.key!r} in {RETENTION_FILE_PATH.name} has no known basis: {self.basis!r}."
            )

    def in_words(self, language: str) -> dict[str, str]:
        return {
            "name": pick(self.name, language),
            "purpose": pick(self.purpose, language),
            "basis": str(LEGAL_BASES[self.basis]),
            "term": pick(self.term, language).replace("{days}", str(self.days)),
            "then": pick(self.then, language),
        }


@dataclass(frozen=True)
class RetentionPolicy:
    """`personal` maps app.Model.field to a rule; `not_personal` maps app.Model to fields."""

    rules: Mapping[str, RetentionRule]
    personal: Mapping[str, str]
    not_personal: Mapping[str, list[str]]

    def fields(self) -> set[str]:
        other = {f"{model}.{field}" for model, fields in self.not_personal.items() for field in fields}
        return set(self.personal) | other


@cache
def retention_policy(path: Path = RETENTION_FILE_PATH) -> RetentionPolicy:
    """Raises ValueError, KeyError or TypeError if the file is incomplete."""
    found = tomllib.loads(path.read_text())
    rules = {key: RetentionRule(key=key, **fields) for key, fields in found["rule"].items()}
    if unknown := set(found["personal"].values()) - set(rules):
        raise ValueError(f"{path.name} names rules that it does not have: {', '.join(sorted(unknown))}.")
    return RetentionPolicy(rules, found["personal"], found["not_personal"])


def run_retention_jobs(*, now: datetime | None = None) -> dict[str, int]:
    """Run the retention jobs. Returns how many were erased, by kind; each kind is logged as an event."""
    moment = now or timezone.now()
    gone: dict[str, int] = {}
    for rule in retention_policy().rules.values():
        if rule.job:
            for thing, count in retention_jobs[rule.job](moment, rule.days).items():
                if count:
                    gone[thing] = gone.get(thing, 0) + count
    for thing, count in gone.items():
        Event.log("erased_by_retention", Municipality.current(), by=None, what=thing, number=count)
    return gone


def erased_counts_text(gone: Mapping[str, int]) -> str:
    return ", ".join(f"{thing}: {count}" for thing, count in gone.items()) or "nothing was due"


def erase_expired_data() -> str:
    return erased_counts_text(run_retention_jobs())


def vacuum() -> str:
    """Remove the dead rows that PostgreSQL still holds of erased people, in every table with personal fields.

    Autovacuum would do it later, at the earliest when a fifth of a table is dead.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return "only on PostgreSQL"
    models = sorted({field.rpartition(".")[0] for field in retention_policy().personal})
    tables = [connection.ops.quote_name(apps.get_model(label)._meta.db_table) for label in models]
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(tables)}")
    return f"{len(tables)} tables"
