"""Retries a request once, unseen by the user, after a deadlock or serialization failure."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from core.refusals import REFUSALS, refusal

log = logging.getLogger("nabij.database")

SENT_AWAY = {"40001", "40P01"}
"""SQLSTATE codes of PostgreSQL for a serialization failure and a deadlock; the transaction is rolled back by then.
"""


class RetryOnDeadlockMiddleware:
    """Must be the last middleware, so that its process_exception runs first. Authentication and CSRF are done.

    Locks are taken in one order (docs/architecture.md), so this is rare: two requests that lock many rows at
    once. Each request is one transaction and idempotent, so a retry does nothing twice. Other errors are not
    retried.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        sent_away = (
            isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) in SENT_AWAY
        )
        view = request.resolver_match
        if not sent_away or view is None or request.method != "POST":
            return None
        log.warning("Two requests stood in each other's way; one is tried again.")
        try:
            return view.func(request, *view.args, **view.kwargs)
        except REFUSALS as refused:  # the retry sees what the other transaction did
            return refusal(request, refused)
