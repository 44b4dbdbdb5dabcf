"""Results: live for the desk, and dated tables for everybody."""

import hashlib
from typing import Any

from django.core.cache import cache
from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feedback.answers.services import reckoning
from neighbourhoods.access import staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role
from surveys.builder.services.retired_questions import RetiredQuestion, retired_questions
from surveys.models import Channel, DayCount, Statement, Survey
from surveys.questionnaire.document import Shape
from surveys.questionnaire.published import published
from surveys.results.services.results import QuestionResult, ResponseFilter, Results, read_results
from surveys.states import SEEN_BY_RESIDENTS, Respondent

_SHOWN = 100
DRAWN_SECONDS = 600


@staff(Role.VIEWER)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    counted = (
        DayCount.objects.trusted()
        .filter(survey=OuterRef("pk"))
        .values("survey")
        .annotate(total=Sum("n"))
        .values("total")
    )
    surveys = (
        Survey.objects.visible_to(request.user)
        .public()
        .select_related("area")
        .prefetch_related("areas")
        .annotate(people=Coalesce(Subquery(counted), 0, output_field=IntegerField()))
        .order_by("-opened_at")[:_SHOWN]
    )
    return render(request, "surveys/desk/results_overview.html", {"surveys": surveys})


@staff(Role.VIEWER)
@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(
        Survey.objects.visible_to(request.user)
        .select_related("current", "area")
        .only("title", "state", "opened_at", "area", "current__digest"),
        pk=pk,
    )
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    areas = list(survey.areas.order_by("name"))
    channels = list(survey.channels.all())
    invited, ways = who_answered(request, channels)
    selection = _selection(request, survey, areas, channels, invited)
    document = published(survey.current.pk, survey.current.digest).document
    found = read_results(survey, document, selection)
    has_statements = any(question.shape is Shape.VIEWS for question in document.questions)
    to_decide = Statement.objects.to_decide().filter(question__layer__survey=survey)
    context = {
        "survey": survey,
        "results": found,
        "drawn": _drawn(survey, found, areas, channels),
        "areas": [*areas, survey.area] if len(areas) > 1 else [],
        "channels": channels if len(channels) > 1 else [],
        "selection": selection,
        "ways": [] if selection.channel else ways,
        "kinds": [(kind.value, kind.label) for kind in Respondent],
        "way_in": channels[0] if channels else None,
        "has_statements": has_statements,
        "statements_wait": to_decide.count() if has_statements else 0,
        "snapshot": found.night.snapshot,
        "rates": reckoning.rates_of_survey(survey.subject),
    }
    return render(request, "surveys/desk/results.html", context)


def _drawn(
    survey: Survey, found: Results, areas: list[Area], channels: list[Channel]
) -> dict[str, SafeString]:
    """The tables as HTML, cached until a number in them changes: live, but rendered once for all readers."""
    assert survey.current
    names = hashlib.sha256(
        repr([[row.name for row in rows] for rows in ([*areas, survey.area], channels)]).encode()
    )
    shown = f"{survey.current.digest[:16]}:{found.fingerprint[:32]}:{names.hexdigest()[:16]}"

    def draw() -> dict[str, SafeString]:
        context = {
            "results": found,
            "gone": _gone(survey, found),
            "threshold": found.threshold,
            "with_areas": len(areas) > 1,
            "with_channels": len(channels) > 1,
        }
        return {
            name: render_to_string(f"surveys/desk/parts/{name}.html", context) for name in ("layers", "came")
        }

    return cache.get_or_set(f"results:{shown}:{get_language()}", draw, DRAWN_SECONDS)


def _gone(survey: Survey, found: Results) -> list[tuple[QuestionResult, RetiredQuestion]]:
    """Retired questions that were answered, with the date since when."""
    known = retired_questions(survey, found.document) if found.gone else {}
    return [(result, known[result.question.id]) for result in found.gone if result.question.id in known]


def _selection(
    request: HttpRequest, survey: Survey, areas: list[Area], channels: list[Channel], invited: bool | None
) -> ResponseFilter:
    """The selection in the URL; Http404 for anything that is not of this survey."""
    area = _chosen(request, "area", [*areas, survey.area])
    channel = _chosen(request, "channel", channels)
    respondent = request.GET.get("respondent", "")
    if respondent and respondent not in Respondent.values:
        raise Http404
    return ResponseFilter(
        area=area,
        channel=channel,
        invited=None if channel else invited,
        with_suspect=request.GET.get("odd") == "1",
        respondent=respondent,
    )


def _chosen(request: HttpRequest, name: str, rows: list[Any]) -> Any:
    asked = request.GET.get(name, "")
    if not asked:
        return None
    found = next((row for row in rows if str(row.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def who_answered(request: HttpRequest, channels: list[Channel]) -> tuple[bool | None, list[dict[str, Any]]]:
    """Whether invited respondents are selected, and a link for each group; (None, []) if there is one group."""
    if len({channel.invited for channel in channels}) < 2:
        return None, []
    invited = request.GET.get("invited") == "1"
    query = request.GET.copy()
    ways = []
    for value, label in ((False, _("Came by themselves")), (True, _("Were invited"))):
        query["invited"] = "1" if value else "0"
        ways.append({"url": f"?{query.urlencode()}", "label": label, "current": invited is value})
    return invited, ways
