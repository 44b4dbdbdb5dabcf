"""When two people stood in each other's way: the one who came too late tries once more, unseen."""

import logging
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("nabij.database")

STOOD_IN_THE_WAY = {"40001", "40P01"}
"""What PostgreSQL calls it: a serialization failure, a deadlock. What the deed did is undone by then."""


class OnceMore:
    """The last middleware, so that it is asked first about an error. Who it is and whether it was forged is known.

    Locks are taken in one order (docs/architecture.md), so this is rare: two deeds over many rows at once.
    Each deed is one transaction, and pressing twice is pressing once, so a second try does nothing double. What
    somebody erased while a deed waited for it is not there any more at the second look, and the page says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        sent_away = isinstance(error, ObjectDoesNotExist) or (
            isinstance(error, OperationalError)
            and getattr(error.__cause__, "pgcode", None) in STOOD_IN_THE_WAY
        )
        view = request.resolver_match
        if not sent_away or view is None or request.method != "POST":
            return None
        log.warning("Two deeds stood in each other's way; one is tried again.")
        return view.func(request, *view.args, **view.kwargs)
