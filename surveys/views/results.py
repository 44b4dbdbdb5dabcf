"""What came out: live for the desk, and dated tables for everybody."""

from typing import Any

from django.core.cache import cache
from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from neighbourhoods.access import public, staff
from neighbourhoods.models import Area, Municipality
from neighbourhoods.states import Role
from surveys.document import Document, Shape
from surveys.models import Channel, DayCount, Survey
from surveys.published import published
from surveys.services.results import Results, Row, Selection, read_results
from surveys.states import SEEN_BY_RESIDENTS
from surveys.views.start import find_channel

SHOWN = 100
DRAWN_SECONDS = 600


@staff(Role.VIEWER)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every survey that ever opened, with how many took part."""
    counted = (
        DayCount.objects.filter(survey=OuterRef("pk"))
        .values("survey")
        .annotate(total=Sum("n"))
        .values("total")
    )
    surveys = (
        Survey.objects.visible_to(request.user)
        .public()
        .select_related("area")
        .annotate(people=Coalesce(Subquery(counted), 0, output_field=IntegerField()))
        .order_by("-opened_at")[:SHOWN]
    )
    return render(request, "surveys/desk/results_overview.html", {"surveys": surveys})


@staff(Role.VIEWER)
@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(
        Survey.objects.visible_to(request.user).select_related("current", "area").defer("current__document"),
        pk=pk,
    )
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    areas = list(survey.areas.order_by("name"))
    channels = list(survey.channels.all())
    selection = _selection(request, survey, areas, channels)
    document = published(survey.current.pk, survey.current.digest).document
    found = read_results(survey, document, selection)
    context = {
        "survey": survey,
        "results": found,
        "layers": _drawn(survey.current.digest, found),
        "areas": [*areas, survey.area] if len(areas) > 1 else [],
        "channels": channels if len(channels) > 1 else [],
        "selection": selection,
        "ways": _ways(request, channels, selection),
        "way_in": channels[0] if channels else None,
        "snapshot": survey.snapshots.only("taken_on", "is_final").first(),
    }
    return render(request, "surveys/desk/results.html", context)


def _drawn(digest: str, found: Results) -> SafeString:
    """The layers as HTML, kept as long as no number in them changes: live, and drawn once for all who look."""
    key = f"results:{digest[:16]}:{found.fingerprint[:32]}:{get_language()}"
    context = {"layers": found.layers, "threshold": Municipality.current().smallest_cell}
    return cache.get_or_set(
        key, lambda: render_to_string("surveys/desk/parts/layers.html", context), DRAWN_SECONDS
    )


def _selection(request: HttpRequest, survey: Survey, areas: list[Area], channels: list[Channel]) -> Selection:
    """What the address asks for; whatever it names that is not of this survey is not found."""
    area = _chosen(request, "area", [*areas, survey.area])
    channel = _chosen(request, "channel", channels)
    kinds = {channel.invited for channel in channels}
    invited = request.GET.get("invited") == "1" if len(kinds) > 1 else None
    return Selection(area=area, channel=channel, invited=None if channel else invited)


def _chosen(request: HttpRequest, name: str, rows: list[Any]) -> Any:
    asked = request.GET.get(name, "")
    if not asked:
        return None
    found = next((row for row in rows if str(row.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _ways(request: HttpRequest, channels: list[Channel], selection: Selection) -> list[dict[str, Any]]:
    """Who came by themselves and who was invited: two links, when there are both."""
    if selection.invited is None:
        return []
    query = request.GET.copy()
    ways = []
    for value, label in ((False, _("Came by themselves")), (True, _("Were invited"))):
        query["invited"] = "1" if value else "0"
        ways.append({"url": f"?{query.urlencode()}", "label": label, "current": selection.invited is value})
    return ways


@public
@require_safe
def outcome(request: HttpRequest, code: str) -> HttpResponse:
    """The latest tables that were published, with their date. Nothing here is live."""
    channel = find_channel(code)
    survey = channel.survey
    if survey.state not in SEEN_BY_RESIDENTS:
        return redirect("start", code=channel.code)
    snapshot = survey.snapshots.first()
    document = published(survey.current_id, survey.current.digest).document
    context = {
        "survey": survey,
        "channel": channel,
        "document": document,
        "snapshot": snapshot,
        "people": snapshot.rounded_responses if snapshot else 0,
        "threshold": Municipality.current().smallest_cell,
        "layers": _public_layers(document, snapshot.tables) if snapshot else [],
        "said_url": reverse("said"),
    }
    return render(request, "surveys/outcome.html", context)


def _public_layers(document: Document, tables: dict[str, Any]) -> list[dict[str, Any]]:
    """Closed questions per layer, each with its table or with none."""
    layers = []
    for layer in document.layers:
        questions = [
            {
                "question": question,
                "table": (table := tables.get("questions", {}).get(question.id)),
                "rows": [
                    Row(option.id, option.label, table["options"].get(option.id, 0), None)
                    for option in question.options
                ]
                if table
                else [],
                "most": max(table["options"].values(), default=0) if table else 0,
            }
            for question in layer.asked
            if question.shape is not Shape.TEXT
        ]
        if questions:
            layers.append(
                {"layer": layer, "people": tables.get("layers", {}).get(layer.id), "questions": questions}
            )
    return layers
