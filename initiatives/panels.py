"""What initiatives shows on pages of the apps below it."""

from django.utils.translation import gettext as _

from accounts.models import Receipt
from initiatives.models import Initiative, Offer
from neighbourhoods.models import Area
from neighbourhoods.registries import Panel


def your_offer(receipt: Receipt) -> Panel | None:
    """On the private page: where somebody's offer stands."""
    offer = Offer.objects.filter(receipt=receipt).select_related("owner").first()
    if offer is None:
        return None
    return Panel(
        title=_("Your offer"), template="initiatives/panels/your_offer.html", context={"offer": offer}
    )


def running_here(area: Area) -> Panel:
    """On the page of an area: what is going on there and around it."""
    inside = Area.objects.inside([area.pk]).values("pk")
    running = Initiative.objects.running().filter(area__in=inside).select_related("theme", "area")
    return Panel(
        title=_("What is going on already"),
        template="initiatives/panels/running_here.html",
        context={"initiatives": list(running[:30])},
    )
