"""Results for the desk: live counters, comparisons, crosstabs, exports, moderation."""

import hashlib
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.i18n import pick
from core.rows import is_id
from feedback.answers.services import reckoning
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area, Municipality
from neighbourhoods.states import Role
from surveys.answering.services.answer import DURATION_BUCKETS
from surveys.builder.services.retired_questions import RetiredQuestion, retired_questions
from surveys.builder.views.desk import find_published, find_survey
from surveys.models import Channel, DayCount, Export, Statement, Survey
from surveys.questionnaire.document import Shape
from surveys.questionnaire.published import published_version
from surveys.results.forms import AskExportForm, CloserForm, NameForm
from surveys.results.services import exports as services
from surveys.results.services.crosstab import (
    COMPARABLE_SHAPES,
    compare_areas,
    compare_rounds,
    cross_tabulate,
    filtered_question_result,
    layer_durations,
)
from surveys.results.services.moderation import decide_statements, decide_suspects
from surveys.results.services.moderation import suspects as find_suspects
from surveys.results.services.results import QuestionResult, ResponseFilter, Results, read_results
from surveys.states import SEEN_BY_RESIDENTS, ExportState, Respondent, StatementState, Suspicion

# Results: live for the desk, and dated tables for everybody.


_MAX_SURVEYS_SHOWN = 100
RENDERED_CACHE_SECONDS = 600


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
        .order_by("-opened_at")[:_MAX_SURVEYS_SHOWN]
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
    invited, ways = invited_filter_links(request, channels)
    selection = _selection(request, survey, areas, channels, invited)
    document = published_version(survey.current.pk, survey.current.digest).document
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
            "gone": _answered_retired_questions(survey, found),
            "threshold": found.threshold,
            "with_areas": len(areas) > 1,
            "with_channels": len(channels) > 1,
        }
        return {
            name: render_to_string(f"surveys/desk/parts/{name}.html", context) for name in ("layers", "came")
        }

    return cache.get_or_set(f"results:{shown}:{get_language()}", draw, RENDERED_CACHE_SECONDS)


def _answered_retired_questions(
    survey: Survey, found: Results
) -> list[tuple[QuestionResult, RetiredQuestion]]:
    """Retired questions that were answered, with the date since when."""
    known = retired_questions(survey, found.document) if found.retired_questions else {}
    return [
        (result, known[result.question.id])
        for result in found.retired_questions
        if result.question.id in known
    ]


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


def invited_filter_links(
    request: HttpRequest, channels: list[Channel]
) -> tuple[bool | None, list[dict[str, Any]]]:
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


# One question compared between areas, or between rounds over the years.


@staff(Role.VIEWER)
@require_safe
def comparing(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Survey.objects.visible_to(request.user).select_related("current").defer("current__document")
    survey = get_object_or_404(visible, pk=pk)
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    document = published_version(survey.current.pk, survey.current.digest).document
    gone = retired_questions(survey, document)
    questions = [
        one
        for one in document.questions
        if one.shape in COMPARABLE_SHAPES and (not one.retired or one.id in gone)
    ]
    questions.sort(key=lambda one: one.retired)
    asked = request.GET.get("question", "")
    question = next((one for one in questions if one.id == asked), questions[0] if questions else None)
    invited, ways = invited_filter_links(request, list(survey.channels.all()))
    by_round = request.GET.get("by") == "round"
    context: dict[str, Any] = {
        "survey": survey,
        "questions": questions,
        "question": question,
        "gone": gone.get(question.id) if question else None,
        "before": next((one for one in gone.values() if one.instead == question), None),
        "ways": ways,
        "invited": invited,
        "by_round": by_round,
        "threshold": Municipality.current().smallest_cell,
        "kinds": [("area", _("areas"), not by_round), ("round", _("rounds over the years"), by_round)],
    }
    if question:
        context["comparison"] = (
            compare_rounds(survey, question, invited=invited)
            if by_round
            else compare_areas(survey, question, survey.areas.order_by("name"), invited=invited)
        )
    return render(request, "surveys/desk/comparing.html", context)


# Ad hoc queries: one question among some people, or a crosstab of two.


@staff(Role.VIEWER)
@require_safe
def closer(request: HttpRequest, pk: int) -> HttpResponse:
    # Reads the published version, not the draft with all its rows.
    survey = get_object_or_404(
        Survey.objects.visible_to(request.user).select_related("current", "area"),
        pk=pk,
    )
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    document = published_version(survey.current.pk, survey.current.digest).document
    form = CloserForm(request.GET if "rows" in request.GET else None, survey=survey, document=document)
    context: dict[str, Any] = {
        "survey": survey,
        "form": form,
        "threshold": Municipality.current().smallest_cell,
    }
    if not form.is_bound:
        bounds = (*DURATION_BUCKETS, None)
        context |= {
            "paces": [
                (pace.layer, list(zip(bounds, pace.people, strict=True)))
                for pace in layer_durations(survey, document)
            ],
            "minutes": DURATION_BUCKETS,
        }
    if form.is_valid():
        rows, columns = form.cleaned_data["rows"], form.cleaned_data["columns"]
        if columns and columns != rows:
            context["crossing"] = cross_tabulate(
                survey, document, document.question(rows), document.question(columns), form.people
            )
        else:
            context["result"] = filtered_question_result(
                survey, document, document.question(rows), form.people
            )
    return render(request, "surveys/desk/closer.html", context, status=422 if form.errors else 200)


# Row-level exports of answers: for named colleagues, with a reason, for a day.


_EXPORTS_SHOWN = 20


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
        "exports": survey.exports.select_related("created_by", "version").defer("version__document")[
            :_EXPORTS_SHOWN
        ],
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
        services.revoke_export_permission(survey=survey, user=int(remove), by=request.user)
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


# Statements that neighbours want to put to each other: a colleague reads them first.


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


# Suspect responses, in groups: a colleague decides whether they count.


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
