"""Remarks on a draft: fixed at their place, or dismissed here with a reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.builder.forms.dismissals import ReasonForm
from surveys.builder.services.dismissals import restore_remark, set_aside
from surveys.builder.services.readiness import review
from surveys.builder.views.desk import find_survey
from surveys.states import SurveyState


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def remarks_page(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=request.method == "POST")
    mark = request.POST.get("mark", "")[:80]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and "up" in request.POST:
        restore_remark(survey=survey, mark=mark, by=request.user)
        messages.success(request, _("The remark counts again."))
        return redirect("survey_remarks", pk=pk)
    if form.is_valid():
        try:
            set_aside(survey=survey, mark=mark, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("It may stay. Colleagues see your reason. New words bring the remark back.")
            )
        return redirect("survey_remarks", pk=pk)
    found = review(survey)
    may_mend = survey.state != SurveyState.CLOSED
    context = {
        "survey": survey,
        "form": form,
        "mark": mark,
        "stops": [remark for remark, _aside in found if remark.is_stop] if may_mend else [],
        "warnings": [remark for remark, aside in found if not remark.is_stop and not aside]
        if may_mend
        else [],
        "weighed": [(remark, aside) for remark, aside in found if aside],
        "may_change": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/remarks.html", context, status=422 if form.is_bound else 200)
