"""Row-level exports of answers: for named colleagues, with a reason, for a day."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.i18n import pick
from core.ids import is_id
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.builder.views.desk import find_published
from surveys.models import Export, Survey
from surveys.results.forms import AskExportForm, NameForm
from surveys.results.services import exports as services
from surveys.states import SEEN_BY_RESIDENTS, ExportState

_SHOWN = 20


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows who is named and what was requested, and takes requests."""
    survey = find_published(request, pk)
    if survey.current_id is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    named = list(survey.may_export.select_related("user"))
    is_named = any(one.user_id == request.user.pk for one in named)
    posted = request.method == "POST"
    if posted and not is_named:
        raise PermissionDenied
    form = AskExportForm(request.POST if posted else None, survey=survey) if is_named else None
    if form and form.is_valid():
        export = services.ask_export(
            survey=survey, by=request.user, language=get_language() or "", **form.cleaned_data
        )
        return redirect("survey_taken", pk=pk, export_pk=export.pk)
    may_name = _may_name(request, survey)
    context = {
        "survey": survey,
        "form": form,
        "named": named,
        "may_name": may_name,
        "name_form": NameForm(survey=survey) if may_name else None,
        "exports": survey.exports.select_related("created_by", "version").defer("version__document")[:_SHOWN],
    }
    return render(request, "surveys/desk/exports.html", context, status=422 if posted else 200)


@staff(Role.EDITOR)
@require_POST
def exports_name(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner of the survey, or an administrator of its areas, names a colleague or revokes that."""
    survey = find_published(request, pk)
    if not _may_name(request, survey):
        raise PermissionDenied
    if is_id(remove := request.POST.get("remove", "")):
        services.unname_colleague(survey=survey, user=int(remove), by=request.user)
        messages.success(request, _("Taken back."))
    else:
        form = NameForm(request.POST, survey=survey)
        if form.is_valid():
            services.name_colleague(survey=survey, user=form.cleaned_data["user"], by=request.user)
            messages.success(request, _("Named. They may take answers of this survey along."))
        else:
            messages.error(request, _("Choose a colleague."))
    return redirect("survey_exports", pk=pk)


def _may_name(request: HttpRequest, survey: Survey) -> bool:
    if survey.owner_id == request.user.pk:
        return True
    return bool(request.desk.can(Role.ADMINISTRATOR, survey.areas.all()))  # type: ignore[attr-defined]


def _find(request: HttpRequest, pk: int, export_pk: int) -> Export:
    """Files of others are listed, but cannot be opened."""
    survey = find_published(request, pk)
    mine = survey.exports.filter(created_by=request.user).select_related("version").defer("version__document")
    return get_object_or_404(mine, pk=export_pk)


@staff(Role.VIEWER)
@require_safe
def export_page(request: HttpRequest, pk: int, export_pk: int) -> HttpResponse:
    one = _find(request, pk, export_pk)
    context = {"survey": one.survey, "export": one, "job": one, "total": one.total}
    return render(request, "surveys/desk/export.html", context)


@staff(Role.VIEWER)
@require_POST
def export_do(request: HttpRequest, pk: int, export_pk: int, verb: str) -> HttpResponseBase:
    one = _find(request, pk, export_pk)
    if verb == "download":
        try:
            content = services.open_export(export=one, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("survey_taken", pk=pk, export_pk=export_pk)
        ending = "xlsx" if one.form == "xlsx" else "zip"
        response = StreamingHttpResponse(content, content_type="application/octet-stream")
        name = slugify(pick(one.survey.title, get_language() or ""))[:60] or "survey"
        response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
        response["Cache-Control"] = "no-store"
        return response
    if verb == "destroy":
        if one.state != ExportState.DESTROYED:
            services.destroy_export(export=one, by=request.user)
        messages.success(request, _("Destroyed."))
        return redirect("survey_exports", pk=pk)
    raise Http404
