"""Published outcomes as open data: JSON that every site may read, and a page that explains it."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core.http import READ_ONLY, as_json, open_to_all
from core.ids import is_id
from neighbourhoods.access import public
from neighbourhoods.models import Municipality
from surveys.models import Publication
from surveys.results.openapi import describe
from surveys.results.services import open_data

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
@open_to_all
def openapi(request: HttpRequest) -> HttpResponse:
    described = describe(
        name=Municipality.current().name, server=settings.SITE_URL, licence=settings.OPEN_DATA_LICENCE
    )
    return as_json(request, described, None)


@public
@require_http_methods(READ_ONLY)
@open_to_all
def surveys(request: HttpRequest) -> HttpResponse:
    after, limit = request.GET.get("after", "0"), request.GET.get("limit", str(_PAGE_SIZE))
    found, changed = open_data.listed(
        after=int(after) if is_id(after) else 0,
        limit=min(max(int(limit) if is_id(limit) else _PAGE_SIZE, 1), open_data.MAX_SURVEYS_PER_PAGE),
        link=_link,
    )
    return as_json(request, found, changed)


@public
@require_http_methods(READ_ONLY)
@open_to_all
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    found, changed = open_data.one(_page(pk), link=_link)
    return as_json(request, found, changed)


@public
@require_http_methods(READ_ONLY)
@open_to_all
def snapshot(request: HttpRequest, pk: int, snapshot_pk: int) -> HttpResponse:
    page = _page(pk)
    found = get_object_or_404(page.survey.snapshots.defer("exact"), pk=snapshot_pk)
    return as_json(request, open_data.tables(found, link=_link), open_data.last_changed(page, found))


def _page(pk: int) -> Publication:
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
