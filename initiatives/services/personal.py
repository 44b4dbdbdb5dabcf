"""What initiatives holds about the holder of a receipt: their offer."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Receipt
from initiatives.models import Offer
from initiatives.states import Motive, OfferState, Skill


class Offers:
    """Implements feedback.registries.PersonalData."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Nobody gets in touch any more."""
        Offer.objects.filter(receipt=receipt).exclude(state=OfferState.CLOSED).update(
            withdrawn_from=F("state"),
            state=OfferState.CLOSED,
            closed_reason=_("withdrawn by the resident"),
            next_action_on=None,
            next_action="",
        )

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """A withdrawn offer stands where it stood, due today; one that was closed by a colleague stays closed."""
        withdrawn = Offer.objects.filter(receipt=receipt, state=OfferState.CLOSED).exclude(withdrawn_from="")
        for offer in withdrawn.select_related("owner"):
            withdrawn.filter(pk=offer.pk).update(
                state=F("withdrawn_from"),
                withdrawn_from="",
                closed_reason="",
                next_action=Offer.first_step(offer.owner),
                next_action_on=timezone.localdate(now),
            )

    def download(self, receipt: Receipt) -> dict[str, Any]:
        return {
            _("Your offer"): [
                {
                    _("on"): offer.offered_on.isoformat(),
                    _("how"): offer.get_way_display(),
                    _("time"): offer.get_time_display(),
                    _("skills"): Skill.said(offer.skills),
                    _("reasons"): [str(Motive(motive).label) for motive in offer.motives],
                    _("how it stands"): offer.get_state_display(),
                }
                for offer in Offer.objects.filter(receipt=receipt)
            ]
        }

    def erase(self, receipt: Receipt) -> None:
        Offer.objects.filter(receipt=receipt).delete()
