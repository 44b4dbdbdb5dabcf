"""Responses with open data: JSON and files, for every visitor and every origin, with conditional requests."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

_MAX_AGE_SECONDS = 300
READ_ONLY = ["GET", "HEAD", "OPTIONS"]


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Allow other origins (CORS): the data is the same for every visitor.

    A 404 is answered in JSON. The view is CSRF exempt, so that a POST gets the view's 405 and not a CSRF error.
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


def as_json(request: HttpRequest, found: dict[str, Any], changed: datetime | None) -> HttpResponse:
    """A JSON response with ETag and Last-Modified; 304 if the client already has it."""
    response = JsonResponse(found, encoder=DjangoJSONEncoder, json_dumps_params={"ensure_ascii": False})
    return unless_held(request, response, changed)


def unless_held(request: HttpRequest, response: HttpResponse, changed: datetime | None) -> HttpResponse:
    """The response with ETag and Last-Modified; 304 if the client already has exactly this."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={_MAX_AGE_SECONDS}"
    modified = int(changed.timestamp()) if changed else None
    if modified:
        response["Last-Modified"] = http_date(modified)
    return get_conditional_response(request, etag=etag, last_modified=modified, response=response) or response
