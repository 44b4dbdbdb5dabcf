"""Personal data in matches, by receipt."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Receipt
from core.i18n import pick
from initiatives.matching.services import matches
from initiatives.models import Match, Offer


class Matches:
    """Implements feedback.registries.PersonalData."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Expire proposals, end running matches, and give the places to the waiting list."""
        if offer := Offer.objects.filter(receipt=receipt).first():
            matches.end_matches_of_offer(offer=offer, now=now)

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: the place may be taken since, so a coordinator proposes again."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        found = Match.objects.filter(offer__receipt=receipt).select_related("role__initiative")
        language = get_language() or ""
        return {
            _("What was proposed to you"): [
                {
                    _("initiative"): pick(one.role.initiative.name, language),
                    _("what you would do"): pick(one.role.name, language),
                    _("on"): timezone.localdate(one.proposed_at).isoformat(),
                    _("how it stands"): one.get_state_display(),
                    _("why not"): one.get_declined_because_display()
                    if one.declined_by == "volunteer"
                    else "",
                    _("how it was after 2 days"): one.get_after_2_display(),
                    _("how it was after 30 days"): one.get_after_30_display(),
                }
                for one in found
            ]
        }

    def erase(self, receipt: Receipt) -> None:
        """Delete the matches, after giving the places to the waiting list."""
        self.withdraw(receipt, now=timezone.now())
        Match.objects.filter(offer__receipt=receipt).delete()
