"""Personal data in offers, by receipt."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Receipt
from core.i18n import pick
from feedback.answers.services.promises import delete_postponements
from initiatives.matching import moments, next_steps
from initiatives.matching.services.owners import current_or_new_owner
from initiatives.models import Clearance, Offer
from initiatives.offers.services.offer_care import state_after_pause
from initiatives.states import Language, Motive, OfferState, Skill
from neighbourhoods.models import Theme


class OfferPersonalData:
    """Implements feedback.registries.PersonalData."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Close the offer, remembering its state, so that nobody contacts its holder. Ends a pause; matches
        have their own handler."""
        Offer.objects.filter(receipt=receipt).move(
            OfferState.CLOSED,
            withdrawn_from=F("state"),
            closed_reason=_("withdrawn by the resident"),
            closed_on=timezone.localdate(now),
            next_action_on=None,
            next_action="",
        )

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Reopen a withdrawn offer, due today, with its owner or the current one of the area. Ended matches
        and pauses do not return. An offer closed by a colleague stays closed."""
        withdrawn = Offer.objects.filter(receipt=receipt, state=OfferState.CLOSED).exclude(withdrawn_from="")
        for offer in withdrawn.select_related("owner", "area__parent__parent"):
            owner = current_or_new_owner(offer.owner, offer.area)
            withdrawn.filter(pk=offer.pk).update(
                state=_state_before_withdrawal(offer),
                owner=owner,
                withdrawn_from="",
                closed_reason="",
                closed_on=None,
                next_action=next_steps.action(OfferState.NEW, owner.language),
                next_action_on=timezone.localdate(now),
            )

    def download(self, receipt: Receipt) -> dict[str, Any]:
        offers = Offer.objects.filter(receipt=receipt).select_related("area", "theme", "party", "place")
        return {
            _("Your offer"): [
                _offer_download(offer) for offer in offers.prefetch_related("clearances__seen_by")
            ],
        }

    def erase(self, receipt: Receipt) -> None:
        offers = Offer.objects.filter(receipt=receipt)
        delete_postponements(f"offer:{pk}" for pk in offers.values_list("pk", flat=True))
        Offer.objects.filter(receipt=receipt).delete()


def _state_before_withdrawal(offer: Offer) -> str:
    """Paused and active do not outlast a withdrawal: the state then follows from contacts and matches."""
    if offer.withdrawn_from in (OfferState.PAUSED, OfferState.ACTIVE):
        return state_after_pause(offer)
    return offer.withdrawn_from


def _offer_download(offer: Offer) -> dict[str, Any]:
    """Everything stored about an offer, without empty fields."""
    themes = Theme.objects.filter(slug__in=offer.wishes)
    own = {
        _("on"): offer.offered_on.isoformat(),
        _("neighbourhood"): offer.area.name,
        _("what it is"): offer.get_kind_display(),
        _("how"): offer.get_way_display(),
        _("time"): offer.get_time_display(),
        _("skills"): Skill.labels_of(offer.skills),
        _("reasons"): [str(Motive(motive).label) for motive in offer.motives if motive in Motive.values],
        _("languages"): [str(Language(one).label) for one in offer.languages if one in Language.values],
        _("when"): moments.label(offer.moments),
        _("rather together"): {None: "", True: _("yes"), False: _("no")}[offer.rather_together],
        _("18 or older"): _("yes") if offer.is_adult else "",
        _("theme"): pick(offer.theme.name, get_language() or "") if offer.theme else "",
        _("what you sent along"): [pick(theme.name, get_language() or "") for theme in themes],
        _("in your words"): offer.words,
        _("conditions"): offer.conditions,
        _("until"): offer.until.isoformat() if offer.until else "",
        _("from whom"): offer.party_name or (offer.party.name if offer.party else ""),
        _("what you are"): offer.get_party_kind_display(),
        _("place"): offer.place.name if offer.place else offer.address,
        _("first spoken to on"): offer.contacted_on.isoformat() if offer.contacted_on else "",
        _("pause until"): offer.paused_until.isoformat() if offer.paused_until else "",
        _("still true on"): offer.confirmed_on.isoformat(),
        _("next step"): offer.next_action,
        _("next step before"): offer.next_action_on.isoformat() if offer.next_action_on else "",
        _("why it was closed"): offer.closed_reason,
        _("closed on"): offer.closed_on.isoformat() if offer.closed_on else "",
        _("shown to a colleague"): [_clearance_text(one) for one in offer.clearances.all()],
    }
    return {name: value for name, value in own.items() if value not in ("", [])} | {
        _("how it stands"): offer.get_state_display()
    }


def _clearance_text(clearance: Clearance) -> str:
    return _("%(what)s: seen on %(day)s by %(who)s, to be renewed before %(before)s") % {
        "what": clearance.get_kind_display(),
        "day": clearance.seen_on.isoformat(),
        "who": clearance.seen_by or _("a colleague"),
        "before": clearance.renew_before.isoformat(),
    }
