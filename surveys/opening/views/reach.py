"""Who has answered, and who has not been heard yet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from neighbourhoods.access import staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from surveys.builder.views.desk import find_published
from surveys.models import Survey
from surveys.opening.services.reach import plan_way, read_reach
from surveys.results.services.results import FEW_PEOPLE
from surveys.results.views.results import who_answered
from surveys.states import SEEN_BY_RESIDENTS, SurveyState


@staff(Role.VIEWER)
@require_safe
def reach_page(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Survey.objects.visible_to(request.user)
    survey = get_object_or_404(visible, pk=pk)
    if survey.current_id is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    areas = list(survey.areas.select_related("parent").order_by("name"))
    channels = list(survey.channels.all())
    invited, ways = who_answered(request, channels)
    context = {
        "survey": survey,
        "reach": read_reach(survey, areas, channels, invited=invited),
        "ways": ways,
        "invited": invited if ways else channels[0].invited if channels else False,
        "threshold": Municipality.current().smallest_cell,
        "few": FEW_PEOPLE,
        "may_import": request.desk.runs_municipality,  # type: ignore[attr-defined]
        "may_plan": survey.state != SurveyState.CLOSED and request.desk.can(Role.EDITOR, areas),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/reach.html", context)


@staff(Role.EDITOR)
@require_POST
def reach_plan(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    try:
        channel = plan_way(survey=survey, key=request.POST.get("group", ""), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("survey_reach", pk=pk)
    messages.success(
        request, _("Added: “%(way)s”. Who comes in this way is counted apart.") % {"way": channel}
    )
    return redirect(f"{reverse('survey_channels', args=[pk])}#way-{channel.pk}")
