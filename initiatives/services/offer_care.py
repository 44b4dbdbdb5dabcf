"""Looking after who wants to help: every open offer has a next step with a date, and ends with a reason."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, User
from initiatives.models import Offer
from initiatives.states import OfferState
from neighbourhoods.errors import DomainError, InvalidTransition
from neighbourhoods.models import Area
from neighbourhoods.states import Power


@transaction.atomic
def take_step(
    *, offer: Offer, to: str, next_action: str, on: date, by: User, today: date | None = None
) -> Offer:
    """What happened (contacted, active, paused), and what comes next, before when.

    Staying in the same state is planning again. Raises DomainError when the next step has no day, or one
    that is past: nobody is lost between two steps.
    """
    if not next_action.strip() or on < (today or timezone.localdate()):
        raise DomainError(_("Write the next step, with a day that is still to come."))
    fields = {"next_action": next_action.strip(), "next_action_on": on}
    if to == offer.state:
        if to == OfferState.CLOSED or not Offer.objects.filter(pk=offer.pk, state=to).update(**fields):
            raise InvalidTransition(_("Somebody was first. Have another look."))
        Event.log("planned", offer, by=by, next_on=on)
    else:
        offer.move(to, **fields)
        Event.log("took a step", offer, by=by, state=OfferState(to), next_on=on)
    offer.refresh_from_db()
    return offer


@transaction.atomic
def close(*, offer: Offer, reason: str, by: User) -> Offer:
    """It ends, with a reason that the person who offered can read on their page."""
    if not reason.strip():
        raise DomainError(_("Write why it ends: they read it on their own page."))
    offer.move(OfferState.CLOSED, closed_reason=reason.strip(), next_action="", next_action_on=None)
    Event.log("closed", offer, by=by)
    return offer


@transaction.atomic
def hand_over(*, offer: Offer, to: User, by: User) -> Offer:
    """Another coordinator looks after it; the next step and its day stay."""
    if not Area.objects.where(to, least=Power.COORDINATOR).filter(pk=offer.area_id).exists():
        raise DomainError(
            _("%(colleague)s does not work in this neighbourhood. Choose somebody who does.")
            % {"colleague": to}
        )
    if not Offer.objects.filter(pk=offer.pk).exclude(state=OfferState.CLOSED).update(owner=to):
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Event.log("handed over", offer, by=by, colleague=to.pk)
    offer.refresh_from_db()
    return offer


@transaction.atomic
def hand_over_all(*, owner: User, to: User, by: User) -> int:
    """All open offers of somebody who leaves. Returns how many."""
    offers = list(Offer.objects.waiting().filter(owner=owner).select_related("area"))
    areas = {offer.area_id for offer in offers}
    if Area.objects.where(to, least=Power.COORDINATOR).filter(pk__in=areas).count() < len(areas):
        raise DomainError(
            _("%(colleague)s does not work in all these neighbourhoods. Hand them over one by one.")
            % {"colleague": to}
        )
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(owner=to)
    for offer in offers:
        Event.log("handed over", offer, by=by, colleague=to.pk)
    return len(offers)


def show_contact(*, offer: Offer, by: User) -> Contact | None:
    """How to reach them. Who looked is kept."""
    Event.log("contact shown", offer, by=by)
    return Contact.objects.filter(receipt=offer.receipt_id).first()
