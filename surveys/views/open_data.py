"""Published outcomes as open data: JSON to read, for everybody and from every site, and a page that explains it."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from neighbourhoods.access import public
from neighbourhoods.ids import is_id
from neighbourhoods.models import Municipality
from surveys.models import Publication
from surveys.openapi import describe
from surveys.services import open_data

PAGE = 50
SECONDS = 300


def _open(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Readable by the pages of other sites too: there is nothing in it that a visitor may see and others may not.

    What is not there is said in JSON as well, and whoever writes hears that nobody can.
    """

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = (
                HttpResponse(status=204) if request.method == "OPTIONS" else view(request, *args, **kwargs)
            )
        except Http404:
            response = JsonResponse({"detail": "Not there, or not published."}, status=404)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, HEAD"
        response["Access-Control-Expose-Headers"] = "ETag, Last-Modified"
        return response

    return wrapper


@public
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """For people: what is there, under which licence, and how to read it."""
    pages = Publication.objects.with_title().order_by("-published_at")[:PAGE]
    context = {
        "pages": pages,
        "licence": settings.OPEN_DATA_LICENCE,
        "site": settings.SITE_URL,
        "threshold": Municipality.current().smallest_cell,
    }
    return render(request, "surveys/open_data.html", context)


@public
@require_http_methods(["GET", "HEAD", "OPTIONS"])
@_open
def openapi(request: HttpRequest) -> HttpResponse:
    described = describe(
        name=Municipality.current().name, server=settings.SITE_URL, licence=settings.OPEN_DATA_LICENCE
    )
    return _answer(request, described, None)


@public
@require_http_methods(["GET", "HEAD", "OPTIONS"])
@_open
def surveys(request: HttpRequest) -> HttpResponse:
    after, limit = request.GET.get("after", "0"), request.GET.get("limit", str(PAGE))
    found, changed = open_data.listed(
        after=int(after) if is_id(after) else 0,
        limit=min(max(int(limit) if is_id(limit) else PAGE, 1), open_data.MOST),
        link=_link,
    )
    return _answer(request, found, changed)


@public
@require_http_methods(["GET", "HEAD", "OPTIONS"])
@_open
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    found, changed = open_data.one(_page(pk), link=_link)
    return _answer(request, found, changed)


@public
@require_http_methods(["GET", "HEAD", "OPTIONS"])
@_open
def snapshot(request: HttpRequest, pk: int, snapshot_pk: int) -> HttpResponse:
    page = _page(pk)
    found = get_object_or_404(page.survey.snapshots.defer("exact"), pk=snapshot_pk)
    return _answer(request, open_data.tables(found, link=_link), open_data.changed(page, found))


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


def _answer(request: HttpRequest, found: dict[str, Any], changed: datetime | None) -> HttpResponse:
    """JSON that need not be sent again to who holds it already."""
    response = JsonResponse(found, encoder=DjangoJSONEncoder, json_dumps_params={"ensure_ascii": False})
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={SECONDS}"
    modified = int(changed.timestamp()) if changed else None
    if modified:
        response["Last-Modified"] = http_date(modified)
    return get_conditional_response(request, etag=etag, last_modified=modified, response=response) or response
