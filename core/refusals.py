"""Shows a refused or late form as a page with the reason, a link back and the text the user typed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from core.actions import typed_words
from core.errors import DomainError, InvalidTransition
from core.rows import Gone

REFUSALS = (DomainError, Gone)


class Refusals:
    """Middleware for refusals of services that no view handles, and for the status of refused library forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.method != "POST" or not isinstance(error, REFUSALS):
            return None
        return refusal(request, error)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """allauth renders a refused form with 200; Nabij uses 422."""
        form = (response.context_data or {}).get("form")
        if response.status_code == 200 and isinstance(form, BaseForm) and form.is_bound and form.errors:
            response.status_code = 422
        return response


def refusal(request: HttpRequest, error: Exception) -> HttpResponse:
    context: dict[str, Any] = {"typed": typed_words(request)}
    if isinstance(error, Gone):
        return render(request, "gone.html", context, status=410)
    context |= {"sentence": str(error), "back": _back(request)}
    return render(
        request, "refused.html", context, status=409 if isinstance(error, InvalidTransition) else 422
    )


def _back(request: HttpRequest) -> str:
    """The page that held the form, from the Referer header; "" if it is missing or from another site."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
