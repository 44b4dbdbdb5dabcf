"""Section of the final report: initiatives that began in its areas since, as far as they are public."""

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.i18n import pick
from initiatives.models import Initiative
from neighbourhoods.models import Area, Trajectory
from neighbourhoods.trajectories.documents import Block, paragraph_block, table

_INITIATIVES_SHOWN = 50


def what_began(trajectory: Trajectory) -> dict[str, list[Block]]:
    """Public initiatives that began since the trajectory started. Participants are not counted: those numbers
    belong to the initiative."""
    inside = Area.objects.inside([area.pk for area in trajectory.areas.all()]).values("pk")
    since = trajectory.started_on
    begun = Initiative.objects.public().filter(Q(since__gte=since) | Q(since=None, public_on__gte=since))
    language = get_language() or ""
    rows = [
        [
            upper_first(pick(one.name, language)),
            one.area.name,
            upper_first(pick(one.theme.name, language)),
            f"{one.get_state_display()}, {date_format(one.state_on, 'j F Y')}",
        ]
        for one in begun.filter(area__in=inside)
        .select_related("area", "theme")
        .order_by("pk")[:_INITIATIVES_SHOWN]
    ]
    if not rows:
        return {"began": [paragraph_block(_("Nothing began yet that everybody can read of."))]}
    head = [_("What"), _("Where"), _("Theme"), _("How it is")]
    return {"began": [table(_("What began since"), head, rows)]}
