"""Paper forms: printing them, and entering a pile of them by number."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch, domain_errors_in, typed_words
from core.errors import DomainError
from core.files import pdf_response
from core.paper import TypesettingError
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role
from surveys.answering.views.answering import block
from surveys.builder.services.readiness import own_name
from surveys.builder.views.desk import find_published
from surveys.models import PaperForm, PaperRun, Survey
from surveys.paper.forms import EntryForm, OrderForm
from surveys.paper.services import paper_entry, paper_forms
from surveys.paper.services.paper_entry import AREA_KEY, RESPONDENT_KEY, FormRefused, FormUnknown, Values
from surveys.paper.services.paper_sheet import areas_of, document_of_run, sheet
from surveys.paper.views.helping import read_all
from surveys.printing import sheets
from surveys.printing.sheets import forms_pdf
from surveys.questionnaire.document import Document, Question, Shape
from surveys.questionnaire.question_types import AnswerError, type_of
from surveys.questionnaire.question_types.statements import STATEMENT_VIEW_LABELS, StatementAnswer
from surveys.states import ChannelKind, PaperState, Respondent


def _find(request: HttpRequest, pk: int) -> Survey:
    """A survey in whose areas this colleague is a coordinator. Raises Http404 if it is not visible."""
    survey = find_published(request, pk)
    require(request, Role.COORDINATOR, *survey.areas.all())
    return survey


# --- printing ---------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    form = OrderForm(request.POST if request.method == "POST" else None, survey=survey)
    if form.is_valid():
        with domain_errors_in(form):
            data = form.cleaned_data
            run = paper_forms.order_forms(
                survey=survey,
                channel=data["channel"],
                language=data["language"],
                forms=data["count"],
                hand_in=data["hand_in"],
                checked=data["checked"],
                by=request.user,  # type: ignore[arg-type]
            )
            return redirect("paper_run", pk=pk, run_pk=run.pk)
    context = {
        "survey": survey,
        "form": form,
        "has_way": survey.channels.filter(kind=ChannelKind.PAPER, closed_on=None).exists(),
    }
    return render(request, "surveys/desk/paper_new.html", context, status=422 if form.is_bound else 200)


@staff(Role.EDITOR)
@require_safe
def paper_run(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    run = _run(survey, run_pk)
    context = {
        "survey": survey,
        "run": run,
        "job": run,
        "total": run.forms,
        "channel": run.channel,
        "language": own_name(run.language),
        "first": sheets.format_form_number(run.first_number),
        "last": sheets.format_form_number(run.first_number + run.forms - 1),
        "kept_days": paper_forms.PAPER_FORMS_KEPT_DAYS,
    }
    return render(request, "surveys/desk/paper_run.html", context)


@staff(Role.EDITOR)
@require_safe
def paper_sample(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    run = _run(find_published(request, pk, to_change=True), run_pk)
    try:
        made = forms_pdf(sheet(run), [paper_forms.new_printed_form(0, "linde-000-kade-mus")])
    except TypesettingError as error:
        messages.error(request, paper_forms.explain_form_error(error))
        return redirect("paper_run", pk=pk, run_pk=run_pk)
    return pdf_response(f"example-{run.channel.code}", made)


@staff(Role.EDITOR)
@require_POST
def paper_do(request: HttpRequest, pk: int, run_pk: int, verb: str) -> HttpResponseBase:
    run = _run(find_published(request, pk, to_change=True), run_pk)

    def download() -> FileResponse:
        path = paper_forms.log_forms_download(run=run, by=request.user)  # type: ignore[arg-type]
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"forms-{run.channel.code}.zip")

    def destroy() -> None:
        paper_forms.destroy_paper_run(run=run, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Destroyed: the forms with their codes."))

    actions = {"make": lambda: paper_forms.try_again(run=run), "download": download, "destroy": destroy}
    return dispatch(request, actions, verb, back=reverse("paper_run", args=[pk, run_pk]))


def _run(survey: Survey, pk: int) -> PaperRun:
    runs = PaperRun.objects.filter(channel__survey=survey).select_related("channel__survey", "version")
    return get_object_or_404(runs, pk=pk)


# --- entering ---------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the number of the next form, and shows the state of each pile."""
    survey = _find(request, pk)
    if request.method == "POST":
        counted = paper_entry.count_single_entries(survey=survey, by=request.user)  # type: ignore[arg-type]
        messages.success(
            request,
            ngettext("%(n)s form counts now.", "%(n)s forms count now.", counted) % {"n": counted},
        )
        return redirect("survey_paper", pk=pk)
    typed = request.GET.get("form", "").strip()[:40]
    trouble = ""
    if typed:
        try:
            found = paper_entry.find_form(survey=survey, typed=typed)
            return redirect("paper_form", pk=pk, number=found.number)
        except FormUnknown as error:
            trouble = str(error)
    piles = paper_entry.paper_run_progress(survey)
    context = {
        "survey": survey,
        "typed": typed,
        "trouble": trouble,
        "piles": [(pile, own_name(pile.run.language)) for pile in piles],
        "to_check": [
            sheets.format_form_number(form.number)
            for form in paper_entry.forms_to_check(survey, by=request.user)  # type: ignore[arg-type]
        ],
        "to_settle": [
            (form.number, sheets.format_form_number(form.number))
            for form in paper_entry.forms_to_settle(survey)
        ],
        "waiting": sum(pile.once for pile in piles),
        "may_print": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
    }
    return render(request, "surveys/desk/paper.html", context, status=422 if trouble else 200)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_form(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """All questions as on this form, to enter what was ticked."""
    survey = _find(request, pk)
    form = _form(survey, number)
    if request.method == "GET" and form.state == PaperState.DIFFERS:
        return redirect("paper_settle", pk=pk, number=number)
    document = document_of_run(form.run)
    who = EntryForm(request.POST if request.method == "POST" else None, areas=areas_of(form.run))
    errors: dict[str, AnswerError] = {}
    trouble = ""
    if request.method == "POST":
        answers, errors = read_all(request, document)
        if not errors:
            values = paper_entry.entry_values(
                answers, area=who.chosen(AREA_KEY), respondent=who.chosen(RESPONDENT_KEY)
            )
            tap = request.POST.get("submit_key", "")[:64] or secrets.token_urlsafe(24)
            if not values["answers"] and not who.chosen("empty"):
                trouble = _("Nothing is filled in yet. Is the form empty? Then say so below.")
            else:
                try:
                    entered = paper_entry.enter_form(number=number, values=values, tap=tap, by=request.user)  # type: ignore[arg-type]
                except DomainError as error:
                    trouble = str(error)
                else:
                    return _entered(request, pk, entered)
    try:
        paper_entry.check_can_enter(form, by=request.user)  # type: ignore[arg-type]
    except FormRefused as error:
        context = {
            "survey": survey,
            "number": number,
            "written": sheets.format_form_number(number),
            "trouble": str(error),
            "typed": typed_words(request),
            "may_begin_anew": form.entries.filter(by=request.user).exists() and form.state == PaperState.ONCE,
        }
        return render(request, "surveys/desk/paper_refused.html", context, status=422 if trouble else 200)
    return _sheet(request, survey, form, document, who, errors, trouble)


def _entered(request: HttpRequest, pk: int, entered: paper_entry.EntryResult) -> HttpResponse:
    said = {"number": sheets.format_form_number(entered.number)}
    if entered.state == PaperState.DIFFERS:
        messages.warning(
            request,
            _("Form %(number)s differs between its two entries. Look at the form once more.") % said,
        )
        return redirect("paper_settle", pk=pk, number=entered.number)
    if entered.state == PaperState.ONCE:
        messages.success(
            request, _("Form %(number)s is in. A colleague enters it the second time; lay it apart.") % said
        )
    else:
        messages.success(request, _("Form %(number)s counts.") % said)
    return redirect("survey_paper", pk=pk)


def _form(survey: Survey, number: int) -> PaperForm:
    forms = PaperForm.objects.select_related("run__channel__survey", "run__version")
    return get_object_or_404(forms.filter(run__channel__survey=survey), pk=number)


def _sheet(
    request: HttpRequest,
    survey: Survey,
    form: PaperForm,
    document: Document,
    who: EntryForm,
    errors: dict[str, AnswerError],
    trouble: str,
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    language = form.run.language
    with translation.override(language):
        layers = [
            (layer, [_block(asked, sent, errors.get(asked.id)) for asked in layer.asked])
            for layer in document.layers
            if layer.asked
        ]
    context = {
        "survey": survey,
        "form": form,
        "written": sheets.format_form_number(form.number),
        "is_second": form.state == PaperState.ONCE,
        "is_older": form.run.version_id != survey.current_id,
        "layers": layers,
        "who": who,
        "language": language,
        "errors": errors,
        "trouble": trouble,
        "submit_key": request.POST.get("submit_key") or secrets.token_urlsafe(24),
    }
    return render(request, "surveys/desk/paper_form.html", context, status=422 if errors or trouble else 200)


def _block(asked: Question, sent: Any, error: AnswerError | None) -> dict[str, Any]:
    """As for helping, but with the printed statements, in the printed order."""
    made = block(asked, sent=sent, error=error)
    if asked.shape is Shape.VIEWS:
        field = type_of(asked).field(asked)
        views = {option.id: sent.get(f"{field}-{option.id}", "") if sent else "" for option in asked.options}
        made["more"]["told"] = [
            (
                StatementAnswer(option.id, option.label, views[option.id]),
                [(view, label, view == views[option.id]) for view, label in STATEMENT_VIEW_LABELS.items()],
            )
            for option in asked.options
        ]
    return made


# --- settling ---------------------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_settle(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    survey = _find(request, pk)
    form = _form(survey, number)
    chosen = {
        name.removeprefix("d-"): int(value)
        for name, value in request.POST.items()
        if name.startswith("d-") and value in ("1", "2")
    }
    trouble = ""
    if request.method == "POST":
        try:
            paper_entry.settle_differences(number=number, chosen=chosen, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            trouble = str(error)
        else:
            messages.success(
                request, _("Form %(number)s counts.") % {"number": sheets.format_form_number(number)}
            )
            return redirect("survey_paper", pk=pk)
        form.refresh_from_db(fields=["state"])
    if form.state != PaperState.DIFFERS:
        return redirect("paper_form", pk=pk, number=number)
    document = document_of_run(form.run)
    context = {
        "survey": survey,
        "number": number,
        "written": sheets.format_form_number(number),
        "language": form.run.language,
        "rows": [
            {
                "key": key,
                "asked": _asked(document, key),
                "ways": [
                    (
                        time,
                        _entered_answer_texts(document, key, values, form.run.language),
                        chosen.get(key) == time,
                    )
                    for time, values in ((1, first), (2, second))
                ],
            }
            for key, first, second in paper_entry.differences(form)
        ],
        "trouble": trouble,
        "is_first": form.entries.filter(by=request.user, time=1).exists(),
    }
    return render(request, "surveys/desk/paper_settle.html", context, status=422 if trouble else 200)


@staff(Role.COORDINATOR)
@require_POST
def paper_anew(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    survey = _find(request, pk)
    form = _form(survey, number)
    try:
        paper_entry.reset_entries(number=form.number, by=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("survey_paper", pk=pk)
    return redirect("paper_form", pk=pk, number=number)


def _asked(document: Document, key: str) -> Any:
    if key == AREA_KEY:
        return _("Where do they live?")
    return (
        _("On behalf of an organisation or a business?")
        if key == RESPONDENT_KEY
        else document.question(key).text
    )


def _entered_answer_texts(document: Document, key: str, values: Values, language: str) -> list[str]:
    """One answer as entered; an empty list if left open."""
    if key == AREA_KEY:
        return [str(area) for area in Area.objects.filter(pk=values[AREA_KEY] or 0)]
    if key == RESPONDENT_KEY:
        return [str(Respondent(values[RESPONDENT_KEY]).label)]
    question, value = document.question(key), values["answers"].get(key)
    if value is None:
        return []
    if question.shape is Shape.TEXT:
        return [value["words"]]
    if question.shape is Shape.VIEWS:
        said = type_of(question).answer_text(question, value["views"], language) or []
        return [*said, *([value["own"]] if value["own"] else [])]
    said = type_of(question).answer_text(question, value, language) or []
    return [said] if isinstance(said, str) else said
