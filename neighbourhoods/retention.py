"""Names that were kept until a review that did not come."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from neighbourhoods.models import KeyPerson
from neighbourhoods.registries import retention_jobs


@retention_jobs.register("key_persons")
def forget_names(now: datetime, days: int) -> dict[str, int]:
    """Name, number and address go; that somebody in this role was spoken to stays."""
    last = timezone.localdate(now) - timedelta(days=days)
    return {N_("names of key persons"): KeyPerson.objects.to_forget(on=last).forget()}
