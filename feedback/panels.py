"""What feedback shows on pages of the apps below it, and on the front page."""

from django.utils.translation import gettext as _

from feedback.services.public_record import public_record
from neighbourhoods.registries import Panel, front_panels

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
