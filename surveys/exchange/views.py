"""Import and export of surveys as files, and the library."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in
from core.errors import DomainError
from core.forms import search_text
from core.i18n import pick
from core.rows import is_id
from neighbourhoods.access import require, staff
from neighbourhoods.states import Role
from surveys.builder.services import library_items
from surveys.builder.services.start import plan_of_document
from surveys.builder.views.building import find_layer, find_question
from surveys.builder.views.desk import find_survey
from surveys.exchange.forms import FormFileForm, KeepInLibraryForm
from surveys.exchange.services import (
    FormRefused,
    ImportReportLine,
    inexpressible_features,
    report_of,
    start_from_form,
    xlsform_of_survey,
)
from surveys.models import Layer, Question, Survey
from surveys.questionnaire.document import parse
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.states import ItemKind, SurveyState

# --- exchange ----------------------------------------------------------------------------------


XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def from_form(request: HttpRequest) -> HttpResponse:
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
    """The draft, or one of the versions, as a form file for other tools."""
    survey = find_survey(request, pk)
    number = request.GET.get("version", "")
    plan = None
    if number:
        if not is_id(number):
            raise Http404
        plan = plan_of_document(parse(get_object_or_404(survey.versions, number=number).document))
    response = HttpResponse(xlsform_of_survey(survey, plan).workbook(), content_type=XLSX_CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="nabij-{survey.pk}.xlsx"'
    return response


# --- library -----------------------------------------------------------------------------------


MOST_SHOWN = 60


@staff(Role.VIEWER)
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    kind, search = request.GET.get("kind", ""), search_text(request)
    gone = "gone" in request.GET
    kinds = (
        [kind] if kind in ItemKind.values else ([*ItemKind.values] if search or gone else [ItemKind.SURVEY])
    )
    found = library_items.library_entries(kinds=kinds, search=search, retired=gone)
    return render(
        request,
        "surveys/desk/library.html",
        {
            "items": found[:MOST_SHOWN],
            "more": max(0, len(found) - MOST_SHOWN),
            "search": search,
            "kinds": [
                (value, label, value in kinds and len(kinds) == 1) for value, label in ItemKind.choices
            ],
            "kind": kind,
            "gone": gone,
        },
    )


@staff(Role.VIEWER)
@require_safe
def item(request: HttpRequest, slug: str) -> HttpResponse:
    found = _find_item(slug)
    return render(
        request,
        "surveys/desk/library_item.html",
        {
            "item": found,
            "layers": [
                (
                    layer,
                    [
                        (replace(each, text=without_tokens(each.text)), _type_said(each.type))
                        for each in layer.questions
                    ],
                )
                for layer in found.layers
            ],
            "may_start": request.desk.has(Role.EDITOR),  # type: ignore[attr-defined]
            "may_take_out": _may_take_out(request, found),
        },
    )


@staff(Role.EDITOR)
@require_POST
def item_do(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    found = _find_item(slug)
    if found.row is None or verb not in ("out", "back"):
        raise Http404
    if not _may_take_out(request, found):
        raise PermissionDenied
    library_items.set_retired(item=found.row, retired=verb == "out", by=request.user)
    messages.success(request, _("Taken out of the library.") if verb == "out" else _("Back in the library."))
    return redirect("library_item", slug=slug)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def keep_question(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    return _keep(request, survey, find_question(survey, question_pk))


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def keep_layer(request: HttpRequest, pk: int, layer_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    return _keep(request, survey, find_layer(survey, layer_pk))


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def keep_survey(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    return _keep(request, survey, survey)


def _keep(request: HttpRequest, survey: Survey, thing: Survey | Layer | Question) -> HttpResponse:
    name = pick(
        without_tokens(thing.text) if isinstance(thing, Question) else thing.title, get_language() or ""
    )
    form = KeepInLibraryForm(request.POST if request.method == "POST" else None, name=name)
    if form.is_valid():
        with domain_errors_in(form):
            row = library_items.keep_in_library(source=thing, by=request.user, **form.cleaned_data)
            messages.success(request, _("Kept. Colleagues find it in the library."))
            return redirect("library_item", slug=f"{library_items.OWN_SLUG_PREFIX}{row.pk}")
    context = {
        "survey": survey,
        "form": form,
        "what": ItemKind(thing._meta.model_name).label,
        "name": name,
        "left_behind": library_items.describe_removed_references(thing),
    }
    return render(request, "surveys/desk/library_keep.html", context, status=422 if form.is_bound else 200)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def add_from_library(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    layer = _asked_layer(request, survey)
    if request.method == "POST":
        found = _find_item(request.POST.get("item", ""))
        try:
            added = library_items.add_entry_to_survey(survey=survey, item=found, layer=layer, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("survey_library", pk=pk)
        said = _("Added. Change the words until they are yours.")
        messages.success(request, f"{said} {library_items.describe_removed_references(found.plan)}".strip())
        if isinstance(added, Question):
            return redirect("survey_question", pk=pk, question_pk=added.pk)
        return redirect("survey_layer", pk=pk, layer_pk=added.pk)
    search = search_text(request)
    kinds = [ItemKind.QUESTION] if layer else [ItemKind.LAYER]
    found_items = library_items.library_entries(kinds=kinds, search=search)
    return render(
        request,
        "surveys/desk/library_add.html",
        {
            "survey": survey,
            "layer": layer,
            "items": found_items[:MOST_SHOWN],
            "more": max(0, len(found_items) - MOST_SHOWN),
            "search": search,
        },
    )


@staff(Role.VIEWER)
@require_safe
def reuse(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be done with a survey as a whole: keep it, repeat it, export it as a form."""
    survey = find_survey(request, pk)
    form_file = getattr(survey, "form_file", None)
    return render(
        request,
        "surveys/desk/reuse.html",
        {
            "survey": survey,
            "may_change": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
            "is_draft": survey.state == SurveyState.DRAFT,
            "rounds": survey.rounds.visible_to(request.user),
            "earlier": Survey.objects.visible_to(request.user).filter(pk=survey.round_of_id).first(),
            "untold": inexpressible_features(xlsform_of_survey(survey)),
            "file": form_file,
            "report": report_of(form_file) if form_file else [],
        },
    )


@staff(Role.EDITOR)
@require_POST
def repeat_survey_view(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    new = library_items.repeat_survey(survey=survey, by=request.user)
    said = _("A new draft with the same questions. Choose its days; what you leave as it is can be compared.")
    messages.success(request, f"{said} {library_items.describe_removed_references(survey)}".strip())
    return redirect("survey_settings", pk=new.pk)


@staff(Role.EDITOR)
@require_POST
def part(request: HttpRequest, pk: int, question_pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    library_items.part_from_round(question=find_question(survey, question_pk), by=request.user)
    messages.success(request, _("This question stands by itself now. It is compared with no earlier one."))
    return redirect("survey_question", pk=pk, question_pk=question_pk)


def _may_take_out(request: HttpRequest, item: library_items.Item) -> bool:
    """The user who kept it, and users who work for the whole municipality."""
    if item.row is None or not request.desk.has(Role.EDITOR):  # type: ignore[attr-defined]
        return False
    return item.row.by == request.user or request.desk.runs_municipality  # type: ignore[attr-defined]


def _find_item(slug: str) -> library_items.Item:
    try:
        return library_items.find_library_item(slug)
    except LookupError as error:
        raise Http404 from error


def _asked_layer(request: HttpRequest, survey: Survey) -> Layer | None:
    asked = request.POST.get("layer") or request.GET.get("layer", "")
    return find_layer(survey, int(asked)) if is_id(asked) else None


def _type_said(type: str) -> str:
    return str(QUESTION_TYPES[type].label) if type in QUESTION_TYPES else type
