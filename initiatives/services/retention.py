"""What initiatives erases when its time has come (config/retention.toml)."""

from datetime import datetime, timedelta

from django.utils import timezone

from feedback.services.retention import erase_receipts
from initiatives.models import Offer
from initiatives.states import OfferState
from neighbourhoods.registries import retention_jobs


@retention_jobs.register("offers")
def erase_closed_offers(now: datetime, days: int) -> dict[str, int]:
    """Closed offers that were made `days` ago, with their address and their page."""
    made_before = timezone.localdate(now) - timedelta(days=days)
    closed = Offer.objects.filter(state=OfferState.CLOSED, offered_on__lt=made_before)
    return {"closed offers": erase_receipts(closed.values_list("receipt", flat=True))}
