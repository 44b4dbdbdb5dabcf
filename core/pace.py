"""Prevents a timing side channel: response times must not tell whether an address is known."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ASKS_BY_ADDRESS = {"private_lost", "follow", "account_request_login_code", "account_reset_password"}
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
            and page.url_name in ASKS_BY_ADDRESS
            and response.status_code != 429
        ):
            time.sleep(RESPONSE_STEP_SECONDS - (time.monotonic() - began) % RESPONSE_STEP_SECONDS)
        return response
