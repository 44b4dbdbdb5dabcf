"""Suspect responses, in groups: a colleague decides whether they count."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.ids import is_id
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.builder.views.desk import find_survey
from surveys.results.services.suspects import decide_suspects
from surveys.results.services.suspects import suspects as find_suspects
from surveys.states import Suspicion


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def suspects(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    if request.method == "POST":
        try:
            day, reason = (
                date.fromisoformat(request.POST.get("day", "")),
                Suspicion(request.POST.get("reason")),
            )
        except ValueError as error:
            raise Http404 from error
        way = request.POST.get("channel", "")
        channel = get_object_or_404(survey.channels, pk=way if is_id(way) else 0)
        counts = request.POST.get("go") == "count"
        changed = decide_suspects(
            survey=survey, reason=reason, day=day, channel=channel, counts=counts, by=request.user
        )
        said = (
            ngettext("%(n)s answer counts.", "%(n)s answers count.", changed)
            if counts
            else ngettext("%(n)s answer is kept out.", "%(n)s answers are kept out.", changed)
        )
        messages.success(request, said % {"n": changed})
        return redirect("survey_suspects", pk=pk)
    context = {
        "survey": survey,
        "groups": find_suspects(survey),
        "may_write": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/suspects.html", context)
