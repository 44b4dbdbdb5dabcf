"""What initiatives erases when its time has come (config/retention.toml)."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from feedback.services.retention import erase_receipts
from initiatives.models import Note, Offer
from initiatives.states import OfferState
from neighbourhoods.registries import retention_jobs


@retention_jobs.register("offers")
def erase_closed_offers(now: datetime, days: int) -> dict[str, int]:
    """Closed offers that were made `days` ago, with their address and their page."""
    made_before = timezone.localdate(now) - timedelta(days=days)
    closed = Offer.objects.filter(state=OfferState.CLOSED, offered_on__lt=made_before)
    return {N_("closed offers"): erase_receipts(closed.values_list("receipt", flat=True))}


@retention_jobs.register("notes")
def erase_old_notes(now: datetime, days: int) -> dict[str, int]:
    """Notes of talks that were noted `days` ago, with the words and the code that was left on the table."""
    old = Note.objects.filter(noted_on__lt=timezone.localdate(now) - timedelta(days=days))
    return {N_("notes of talks"): erase_receipts(old.values_list("receipt", flat=True))}
