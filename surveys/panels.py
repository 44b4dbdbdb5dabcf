"""What surveys shows on pages of the apps below it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import Link, sign_link
from accounts.models import Receipt
from feedback.registries import Moment
from neighbourhoods.registries import Panel
from surveys.models import Channel, Response
from surveys.states import ANSWERABLE, ChannelKind, SurveyState


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


def moments(receipt: Receipt) -> list[Moment]:
    """On the timeline of the private page: the outcome that was published, and the day of erasing."""
    response = Response.objects.filter(receipt=receipt).select_related("survey", "channel").first()
    if response is None:
        return []
    survey = response.survey
    snapshot = survey.snapshots.only("taken_on", "tables").first()
    found = []
    if snapshot and (people := snapshot.rounded_responses):
        said = _("About %(people)d neighbours took part.") % {"people": people}
        url = reverse("outcome", args=[response.channel.code])
        found.append(Moment(snapshot.taken_on, said, url=url, link=_("See the outcome")))
    if survey.erase_on:
        found.append(Moment(survey.erase_on, _("We erase your answers.")))
    return found


def open_surveys() -> Panel | None:
    """On the front page: what is asked now, in a way in that is for everybody, and what was promised."""
    ways = (
        Channel.objects.filter(survey__state=SurveyState.OPEN, invited=False, kind=ChannelKind.LINK)
        .select_related("survey")
        .order_by("survey__promise_before", "survey", "pk")
    )
    first = {way.survey_id: way for way in reversed(ways)}
    if not first:
        return None
    surveys = [
        {
            "title": way.survey.title,
            "url": reverse("start", args=[way.code]),
            "before": way.survey.promise_before,
        }
        for way in sorted(first.values(), key=lambda way: (way.survey.promise_before, way.pk))
    ]
    return Panel(
        title=_("What we ask now"), template="surveys/panels/open.html", context={"surveys": surveys}
    )
