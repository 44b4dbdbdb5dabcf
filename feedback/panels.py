"""What feedback shows on pages of the apps below it, and on the front page."""

from django.utils.translation import gettext as _

from feedback.models import AnswerOwed
from feedback.services.public_record import public_record
from neighbourhoods.models import Area
from neighbourhoods.registries import Panel, area_panels, front_panels

LATELY = 3


@front_panels.register("feedback")
def lately() -> Panel | None:
    """The last answers, and what is late: hiding that would be worse than being late."""
    record = public_record(at_most=LATELY)
    late = [owed for owed in record.owed if owed.late]
    if not record.told and not late:
        return None
    return Panel(
        title=_("You said, we did"),
        template="feedback/panels/lately.html",
        context={"told": record.told, "late": late},
    )


@area_panels.register("feedback")
def waiting_here(area: Area) -> Panel:
    """On the page of an area: how many people wait for an answer there, and how many for too long."""
    waiting = AnswerOwed.objects.waiting().filter(topic__area__in=Area.objects.inside([area.pk]).values("pk"))
    return Panel(
        title=_("Who is waiting here"),
        template="feedback/panels/waiting_here.html",
        context={
            "area": area,
            "people": waiting.values("receipt").distinct().count(),
            "late": waiting.late().values("receipt").distinct().count(),
        },
    )
