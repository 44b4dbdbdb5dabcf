"""Erases names of key persons whose review did not happen."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from neighbourhoods.models import KeyPerson
from neighbourhoods.registries import retention_jobs


@retention_jobs.register("key_persons")
def forget_names(now: datetime, days: int) -> dict[str, int]:
    """Erase name, number and address; the role and the day it was spoken to stay."""
    last = timezone.localdate(now) - timedelta(days=days)
    return {N_("names of key persons"): KeyPerson.objects.with_overdue_review(on=last).forget()}
