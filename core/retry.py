"""A request that the database sent away for another one is tried once more, unseen."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from core.refusals import REFUSALS, refusal

log = logging.getLogger("nabij.database")

SENT_AWAY = {"40001", "40P01"}
"""What PostgreSQL calls it: a serialization failure, a deadlock. What the request did is undone by then."""


class RetryOnDeadlockMiddleware:
    """The last middleware, so that it is asked first about an error. Who it is and whether it was forged is known.

    Locks are taken in one order (docs/architecture.md), so this is rare: two requests over many rows at once.
    Each is one transaction, and pressing twice is pressing once, so a second try does nothing double. Any other
    error is not tried again.
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
        except REFUSALS as refused:  # what the other one did is seen at the second look
            return refusal(request, refused)
