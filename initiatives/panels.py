"""What initiatives shows on pages of the apps below it."""

from django.utils.translation import gettext as _

from accounts.models import Receipt
from initiatives.models import Offer
from neighbourhoods.registries import Panel


def your_offer(receipt: Receipt) -> Panel | None:
    """On the private page: where somebody's offer stands."""
    offer = Offer.objects.filter(receipt=receipt).select_related("owner").first()
    if offer is None:
        return None
    return Panel(
        title=_("Your offer"), template="initiatives/panels/your_offer.html", context={"offer": offer}
    )
