"""What is published: the outcome page and open data."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in
from core.files import csv_response, xlsx_response
from core.http import READ_ONLY, allow_any_origin, as_json
from core.rows import is_id
from feedback.answers.services import talking_back
from feedback.contributions.services.contributions import quotes
from feedback.models import Promise
from feedback.record.services.public_record import public_record
from neighbourhoods.access import public, staff
from neighbourhoods.models import Municipality
from neighbourhoods.states import Role
from surveys.answering.views.start import find_channel
from surveys.builder.views.desk import find_survey
from surveys.models import Channel, Publication, Survey
from surveys.results.forms import OutcomeForm
from surveys.results.openapi import describe
from surveys.results.services import open_data
from surveys.results.services import outcome as outcomes
from surveys.states import SEEN_BY_RESIDENTS, SurveyState

# The outcome of a survey, for everybody: the page, the files, and the staff action that publishes them.


_ANSWERS = 6
MAX_QUOTES = 6


@public
@require_safe
def outcome(request: HttpRequest, code: str) -> HttpResponse:
    """The latest public tables, with their date. Nothing here is live."""
    channel = find_channel(code)
    if channel.survey.state not in SEEN_BY_RESIDENTS:
        return redirect("start", code=channel.code)
    page = Publication.objects.filter(survey=channel.survey).first()
    return render(request, "surveys/outcome.html", _page(channel.survey, channel, page))


@public
@require_safe
def outcome_file(request: HttpRequest, code: str, kind: str) -> HttpResponseBase:
    channel = find_channel(code)
    if kind not in ("csv", "xlsx") or not Publication.objects.filter(survey=channel.survey).exists():
        raise Http404
    found = outcomes.read_outcome(channel.survey)
    name = f"{_('outcome')}-{channel.code}"
    if kind == "csv":
        return csv_response(name, outcomes.outcome_heading(), outcomes.outcome_rows(found))
    return xlsx_response(name, outcomes.outcome_heading(), outcomes.outcome_rows(found))


@staff(Role.VIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def publish_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview of what residents would see, and the button that publishes it."""
    survey = find_survey(request, pk, to_change=request.method == "POST")
    if survey.current is None or survey.state not in SEEN_BY_RESIDENTS:
        return redirect("survey_opening", pk=pk)
    page = Publication.objects.filter(survey=survey).first()
    words = page.words if page else {}
    form = OutcomeForm(request.POST if request.method == "POST" else None, survey=survey, words=words)
    if form.is_valid():
        with domain_errors_in(form):
            outcomes.publish_page(survey=survey, words=form.words, by=request.user)
            messages.success(request, _("Everybody can read it now."))
            return redirect("survey_outcome", pk=pk)
    context = _page(survey, _way_in(survey), page) | {
        "form": form,
        "may_write": request.desk.can(Role.EDITOR, survey.areas.all()),  # type: ignore[attr-defined]
        "preview": True,
    }
    return render(request, "surveys/desk/publish_outcome.html", context, status=422 if form.errors else 200)


@staff(Role.EDITOR)
@require_POST
def take_outcome_back(request: HttpRequest, pk: int) -> HttpResponse:
    survey = find_survey(request, pk, to_change=True)
    outcomes.unpublish_page(survey=survey, by=request.user)
    messages.success(
        request, _("Nobody reads it any more. Files that people took along stay where they are.")
    )
    return redirect("survey_outcome", pk=pk)


def _way_in(survey: Survey) -> Channel | None:
    return survey.channels.open_to_all().first() or survey.channels.first()


def _page(survey: Survey, channel: Channel | None, page: Publication | None) -> dict[str, Any]:
    found = outcomes.read_outcome(survey)
    told = [
        told
        for told in public_record(area=survey.area).answers
        if told.follow_up.audience.get("source") == survey.subject
    ]
    return {
        "survey": survey,
        "channel": channel,
        "page": page,
        "outcome": found,
        "threshold": Municipality.current().smallest_cell,
        "promise": Promise.objects.filter(subject=survey.subject).first(),
        "told": told[:_ANSWERS],
        "put_back": talking_back.talk_backs_of_source(survey.subject),
        "quotes": quotes(survey.subject, at_most=MAX_QUOTES),
        "areas": list(survey.areas.order_by("name")),
        "is_open": survey.state == SurveyState.OPEN,
    }


# Published outcomes as open data: JSON that every site may read, and a page that explains it.


_PAGE_SIZE = 50


@public
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """A page for people: what there is, under which licence, and how to read it."""
    pages = Publication.objects.with_title().order_by("-published_at")[:_PAGE_SIZE]
    context = {
        "pages": pages,
        "licence": settings.OPEN_DATA_LICENCE,
        "site": settings.SITE_URL,
        "threshold": Municipality.current().smallest_cell,
    }
    return render(request, "surveys/open_data.html", context)


@public
@require_http_methods(READ_ONLY)
@allow_any_origin
def openapi(request: HttpRequest) -> HttpResponse:
    described = describe(
        name=Municipality.current().name, server=settings.SITE_URL, licence=settings.OPEN_DATA_LICENCE
    )
    return as_json(request, described, None)


@public
@require_http_methods(READ_ONLY)
@allow_any_origin
def surveys(request: HttpRequest) -> HttpResponse:
    after, limit = request.GET.get("after", "0"), request.GET.get("limit", str(_PAGE_SIZE))
    found, changed = open_data.survey_list(
        after=int(after) if is_id(after) else 0,
        limit=min(max(int(limit) if is_id(limit) else _PAGE_SIZE, 1), open_data.MAX_SURVEYS_PER_PAGE),
        link=_link,
    )
    return as_json(request, found, changed)


@public
@require_http_methods(READ_ONLY)
@allow_any_origin
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    found, changed = open_data.survey_detail(_published_page(pk), link=_link)
    return as_json(request, found, changed)


@public
@require_http_methods(READ_ONLY)
@allow_any_origin
def snapshot(request: HttpRequest, pk: int, snapshot_pk: int) -> HttpResponse:
    page = _published_page(pk)
    found = get_object_or_404(page.survey.snapshots.defer("exact"), pk=snapshot_pk)
    return as_json(request, open_data.tables(found, link=_link), open_data.last_changed(page, found))


def _published_page(pk: int) -> Publication:
    page = (
        Publication.objects.select_related("survey", "survey__current")
        .defer("survey__current__document")
        .filter(survey__id=pk, survey__snapshots__isnull=False)
        .first()
    )
    if page is None:
        raise Http404
    return page


def _link(name: str, *arguments: Any) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"
