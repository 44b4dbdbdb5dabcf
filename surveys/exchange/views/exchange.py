"""Surveys from, and as, form files for other tools (XLSForm)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.ids import is_id
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.builder.services.plans import plan_of_document
from surveys.builder.views.desk import find_survey
from surveys.exchange.forms.exchange import FormFileForm
from surveys.exchange.services import FormRefused, ImportReportLine, form_of, start_from_form
from surveys.questionnaire.document import parse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def from_form(request: HttpRequest) -> HttpResponse:
    """A draft from a form file, or why there is none."""
    form = FormFileForm(
        request.POST if request.method == "POST" else None, request.FILES or None, user=request.user
    )
    lines: list[ImportReportLine] = []
    if form.is_valid():
        areas = list(form.cleaned_data["areas"])
        require(request, Role.EDITOR, *areas)
        file = form.cleaned_data["file"]
        try:
            survey = start_from_form(
                content=file.read(), name=file.name, areas=areas, languages=form.languages, by=request.user
            )
        except FormRefused as refused:
            form.add_error("file", str(refused))
            lines = refused.lines
        else:
            left = len(survey.form_file.report)
            if not left:
                messages.success(request, _("Everything in the file was taken over."))
            return redirect("survey_reuse" if left else "survey_edit", pk=survey.pk)
    context = {"form": form, "lines": lines}
    return render(request, "surveys/desk/from_form.html", context, status=422 if form.is_bound else 200)


@staff(Role.VIEWER)
@require_safe
def as_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The survey as it stands, or one of its versions, as a form for other tools."""
    survey = find_survey(request, pk)
    number = request.GET.get("version", "")
    plan = None
    if number:
        if not is_id(number):
            raise Http404
        plan = plan_of_document(parse(get_object_or_404(survey.versions, number=number).document))
    response = HttpResponse(form_of(survey, plan).workbook(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="nabij-{survey.pk}.xlsx"'
    return response
