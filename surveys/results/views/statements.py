"""Statements that neighbours want to put to each other: a colleague reads them first."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.ids import is_id
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.builder.views.desk import find_survey
from surveys.models import Statement
from surveys.results.services.statements import decide_statements
from surveys.states import StatementState

A_PAGE = 50


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def statements(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk)
    areas = list(survey.areas.all())
    if not any(request.desk.can(Role.COORDINATOR, [area]) for area in areas):  # type: ignore[attr-defined]
        require(request, Role.COORDINATOR, *areas)
    if request.method == "POST":
        through = request.POST.get("go") == "through"
        chosen = [int(id) for id in request.POST.getlist("statement") if is_id(id)]
        done = decide_statements(survey=survey, statements=chosen, through=through, by=request.user)
        said = (
            ngettext("%(n)s statement is let through.", "%(n)s statements are let through.", done)
            if through
            else ngettext(
                "%(n)s statement is not let through.", "%(n)s statements are not let through.", done
            )
        )
        messages.success(request, said % {"n": done})
        return redirect("survey_statements", pk=pk)
    mine = Statement.objects.filter(question__layer__survey=survey).decidable_by(request.user)
    mine = mine.select_related("contribution", "question", "decided_by")
    decided = mine.exclude(state=StatementState.WAITING).filter(contribution__withdrawn_on=None)
    context = {
        "survey": survey,
        "waiting": Paginator(mine.to_decide(), A_PAGE).get_page(request.GET.get("page")),
        "decided": decided.order_by("-decided_on", "-pk")[:A_PAGE],
    }
    return render(request, "surveys/desk/statements.html", context)
