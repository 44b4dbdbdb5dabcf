"""What surveys shows on pages of the apps below it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import Link, sign_link
from accounts.models import Receipt
from neighbourhoods.registries import Panel
from surveys.models import Response
from surveys.states import ANSWERABLE


def go_on(receipt: Receipt) -> Panel | None:
    """On the private page: go on answering, or change what was said, while the survey takes answers."""
    response = Response.objects.filter(receipt=receipt).select_related("survey", "channel").first()
    if response is None or response.survey.state not in ANSWERABLE or response.withdrawn_on:
        return None
    return Panel(
        title=_("Your answers"),
        template="surveys/panels/go_on.html",
        context={
            "url": reverse("resume", args=[response.channel.code]),
            "link": sign_link(receipt, Link.PAGE),
        },
    )
