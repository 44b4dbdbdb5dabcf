"""Middleware of every request, and responses with open data.

| middleware | what it does |
|---|---|
| PolicyMiddleware | sets the Content-Security-Policy and the Permissions-Policy |
| ConstantTimeMiddleware | hides by its timing whether an address is known |
| SessionTimeoutMiddleware | ends sessions of colleagues, by their age and when nothing is asked |
| RefusalMiddleware | shows a refused or late form as a page with the reason, a link back and what was typed |
| RetryOnDeadlockMiddleware | retries a POST once after a deadlock or serialization failure |

The order in `settings.MIDDLEWARE` matters: see the docstrings.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError
from django.dispatch import receiver
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response
from django.utils.functional import cached_property
from django.utils.http import http_date, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core.actions import typed_words
from core.errors import DomainError, InvalidTransition
from core.rows import Gone

# --- refusals -------------------------------------------------------------------------------------


REFUSALS = (DomainError, Gone)


class RefusalMiddleware:
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


# --- the end of a session -------------------------------------------------------------------------


@receiver(user_logged_in)
def begin_session(request: HttpRequest, **_signal: object) -> None:
    request.session["begun"] = request.session["seen"] = int(time.time())


class SessionTimeoutMiddleware:
    """Ends a session SESSION_HOURS after signing in, and SESSION_IDLE_MINUTES after the last request.

    Must come after AuthenticationMiddleware and MessageMiddleware. A form that arrives too late is answered by the
    view's access mark, which shows what was typed.
    """

    SEEN_INTERVAL_SECONDS = 60
    """Seconds between two writes of the last request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie nobody is signed in, and the page must stay the same for all caches.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._end_or_note(request)
        return self.get_response(request)

    def _end_or_note(self, request: HttpRequest) -> None:
        session, now = request.session, int(time.time())
        # A session from before this middleware begins now.
        begun, seen = session.setdefault("begun", now), session.setdefault("seen", now)
        is_old = now - begun >= settings.SESSION_HOURS * 3_600
        if is_old or now - seen >= settings.SESSION_IDLE_MINUTES * 60:
            logout(request)
            messages.info(
                request,
                _("You signed in %(count)s hours ago. Please sign in again.")
                % {"count": settings.SESSION_HOURS}
                if is_old
                else _("You did nothing here for %(count)s minutes, so we signed you out.")
                % {"count": settings.SESSION_IDLE_MINUTES},
            )
        elif now - seen >= self.SEEN_INTERVAL_SECONDS:
            session["seen"] = now


# --- retry after a deadlock -----------------------------------------------------------------------


log = logging.getLogger("nabij.database")

RETRYABLE_SQLSTATES = {"40001", "40P01"}
"""SQLSTATE codes of PostgreSQL for a serialization failure and a deadlock; the transaction is rolled back by then.
"""


class RetryOnDeadlockMiddleware:
    """Must be the last middleware, so that its process_exception runs first. Authentication and CSRF are done.

    Locks are taken in one order (docs/architecture.md), so this is rare: two requests that lock many rows at
    once. A service is one transaction and finds what an earlier run of it did, so a retry does nothing twice. Other
    errors are not retried.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        cause = error.__cause__
        code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)  # psycopg 3, psycopg 2
        sent_away = isinstance(error, OperationalError) and code in RETRYABLE_SQLSTATES
        view = request.resolver_match
        if not sent_away or view is None or request.method != "POST":
            return None
        log.warning("Two requests stood in each other's way; one is tried again.")
        try:
            return view.func(request, *view.args, **view.kwargs)
        except REFUSALS as refused:  # the retry sees what the other transaction did
            return refusal(request, refused)


# --- constant time --------------------------------------------------------------------------------


CONSTANT_TIME_VIEWS = {"private_lost", "follow", "account_request_login_code", "account_reset_password"}
RESPONSE_STEP_SECONDS = 0.1
"""Seconds. Sending a mail takes a few milliseconds, so the measurable difference disappears within one step."""


class ConstantTimeMiddleware:
    """Delay responses to POSTs on these pages to whole steps. Must be the outermost middleware that takes time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        page = request.resolver_match
        # A rate-limited request is not delayed, so that it does not occupy a worker.
        if (
            request.method == "POST"
            and page
            and page.url_name in CONSTANT_TIME_VIEWS
            and response.status_code != 429
        ):
            time.sleep(RESPONSE_STEP_SECONDS - (time.monotonic() - began) % RESPONSE_STEP_SECONDS)
        return response


# --- security headers -----------------------------------------------------------------------------


class PolicyMiddleware(CSPMiddleware):
    """Sets both headers. Nearly every page has the policy of the settings, so that one is built only once."""

    @cached_property
    def usual(self) -> str:
        return build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        # Attributes set by django-csp's decorators and nonces. In debug, django-csp skips Django's own error
        # pages.
        is_special = any(name.startswith("_csp_") for name in (*vars(request), *vars(response)))
        if is_special or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        return response


# --- open data ------------------------------------------------------------------------------------


_MAX_AGE_SECONDS = 300
READ_ONLY = ["GET", "HEAD", "OPTIONS"]


def allow_any_origin(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
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
    return conditional_response(request, response, changed)


def conditional_response(
    request: HttpRequest, response: HttpResponse, changed: datetime | None
) -> HttpResponse:
    """The response with ETag and Last-Modified; 304 if the client already has exactly this."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={_MAX_AGE_SECONDS}"
    modified = int(changed.timestamp()) if changed else None
    if modified:
        response["Last-Modified"] = http_date(modified)
    return get_conditional_response(request, etag=etag, last_modified=modified, response=response) or response
