"""The expectation card above the open invitation in an area."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.languages import offered
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Municipality


@transaction.atomic
def invite_with(*, area: Area, card: ExpectationCard | None, by: User) -> None:
    """Set the card of the invitation; None withdraws it. Raises DomainError if the card misses a text or was
    replaced."""
    if card and card.missing(offered(Municipality.current().languages) or ["nl"]):
        raise DomainError(_("This card does not say everything yet, in every language. Fill it in first."))
    others = ExpectationCard.objects.filter(invites_in=area)
    if card is None:
        gone = others.update(invites_in=None)
        if gone:
            Event.log("took the invitation away", area, by=by)
        return
    others.exclude(pk=card.pk).update(invites_in=None)
    ExpectationCard.objects.show(card)
    if not ExpectationCard.objects.newest().filter(pk=card.pk).update(invites_in=area):
        raise DomainError(_("There is a newer version of this card. Choose that one."))
    Event.log("invited everybody", area, by=by, what=card.name)
