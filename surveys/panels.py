"""Panels that surveys adds to pages of lower apps."""

from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import TYPED_MARK, LinkPurpose, sign_link
from accounts.models import Receipt
from core.i18n import Texts
from feedback.private.services import withdrawal_undo_until
from feedback.registries import Moment
from neighbourhoods.models import Area
from neighbourhoods.registries import Action, Panel
from neighbourhoods.states import Role
from surveys.models import Channel, PaperForm, Response, Survey
from surveys.questionnaire.published import running_version
from surveys.results.services.known import recent_survey_wishes
from surveys.states import ANSWERABLE_STATES, ChannelKind, SurveyState


def continue_panel(receipt: Receipt) -> Panel | None:
    """Panel on the private page: a link to continue or change answers, while the survey is open or paused."""
    response = Response.objects.filter(receipt=receipt).select_related("survey", "channel").first()
    if response is None or response.survey.state not in ANSWERABLE_STATES or response.withdrawn_on:
        return None
    return Panel(
        title=_("Your answers"),
        template="surveys/panels/go_on.html",
        context={
            "url": reverse("resume", args=[response.channel.code]),
            "link": sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK),
        },
    )


def paper_form_panel(receipt: Receipt) -> Panel | None:
    """Private page of a paper form, until the form counts."""
    form = PaperForm.objects.filter(receipt=receipt).first()
    if form is None:
        return None
    return Panel(
        title=_("Your form"), template="surveys/panels/your_form.html", context={"state": form.state}
    )


def survey_moments(receipt: Receipt) -> list[Moment]:
    """Timeline of the private page: publication of the outcome, and the erasure date."""
    with_page = Response.objects.select_related("survey__publication", "channel")
    response = with_page.filter(receipt=receipt).first()
    if response is None:
        return []
    survey = response.survey
    snapshot = survey.snapshots.only("taken_on", "tables").first()
    found = []
    if snapshot and (people := snapshot.rounded_responses):
        said = _("About %(people)d people took part.") % {"people": people}
        link = _("See the outcome") if hasattr(survey, "publication") else ""
        url = reverse("outcome", args=[response.channel.code]) if link else ""
        found.append(Moment(snapshot.taken_on, said, url=url, link=link))
    if erase_on := _erase_on(response):
        found.append(Moment(erase_on, _("We erase your answers.")))
    return found


def _erase_on(response: Response) -> date | None:
    """The survey's erasure date, or earlier if withdrawn: the day it can no longer be put back."""
    days = [response.survey.erase_on, response.withdrawn_on and withdrawal_undo_until(response.withdrawn_on)]
    return min(filter(None, days), default=None)


def open_surveys() -> Panel | None:
    """Front page: open surveys that have an open link for everybody, and their promises."""
    return _asked_now(Survey.objects.open())


def open_surveys_in_area_panel(area: Area) -> Panel | None:
    """Neighbourhood page: what is asked there now."""
    around = [area.pk, area.parent_id, area.parent.parent_id if area.parent else None]
    here = Area.objects.inside([area.pk]) | Area.objects.filter(pk__in=[pk for pk in around if pk])
    return _asked_now(Survey.objects.open().filter(areas__in=here.values("pk")).distinct())


def outcomes_panel(area: Area) -> Panel | None:
    """Neighbourhood page: outcomes of closed surveys there."""
    closed = Survey.objects.filter(
        state=SurveyState.CLOSED, areas__in=Area.objects.inside([area.pk]).values("pk")
    )
    ways = (
        Channel.objects.filter(survey__in=closed.values("pk"), invited=False, kind=ChannelKind.LINK)
        .select_related("survey__current")
        .defer("survey__current__document")
        .order_by("-survey__closed_at", "pk")
    )
    first: dict[int, Channel] = {}
    for way in ways:
        first.setdefault(way.survey_id, way)
    surveys = [
        {"title": _title(way.survey), "url": reverse("outcome", args=[way.code]), "on": way.survey.closed_at}
        for way in first.values()
    ]
    if not surveys:
        return None
    return Panel(
        title=_("What people said"), template="surveys/panels/heard.html", context={"surveys": surveys}
    )


def _title(survey: Survey) -> Texts:
    """The published title; residents don't see later draft changes."""
    frozen = running_version(survey)
    return frozen.document.title if frozen else survey.title


def _asked_now(surveys: QuerySet[Survey]) -> Panel | None:
    ways = (
        Channel.objects.filter(survey__in=surveys.values("pk"), invited=False, kind=ChannelKind.LINK)
        .select_related("survey__area", "survey__current")
        .defer("survey__current__document")
        .prefetch_related("survey__areas")
        .order_by("survey__promise_before", "survey", "pk")
    )
    first = {way.survey_id: way for way in reversed(ways)}
    if not first:
        return None
    asked = [
        {
            "title": _title(way.survey),
            "where": way.survey.where,
            "url": reverse("start", args=[way.code]),
            "before": way.survey.promise_before,
        }
        for way in sorted(first.values(), key=lambda way: (way.survey.promise_before, way.pk))
    ]
    return Panel(title=_("What we ask now"), template="surveys/panels/open.html", context={"surveys": asked})


def wishes_here(area: Area) -> Panel:
    """Area page: what people there asked for in the last surveys."""
    asked = recent_survey_wishes(area)
    return Panel(
        title=_("Wishes"),
        template="surveys/panels/wishes_here.html",
        context={"asked": asked, "area": area},
        fresh=max((one.last_on for one in asked if one.last_on), default=None),
        missing="" if asked else _("Nobody was asked here yet."),
        action=None if asked else Action(_("Start a survey"), reverse("survey_new"), Role.EDITOR),
    )
