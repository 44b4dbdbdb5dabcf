"""Pages that must not tell by their pace whether an address is known here."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ASKS_BY_ADDRESS = {"private_lost", "follow", "account_request_login_code", "account_reset_password"}
RESPONSE_STEP_SECONDS = 0.1
"""Seconds. Writing a mail takes a few thousandths: what somebody could measure disappears in one step."""


class ConstantTimeMiddleware:
    """Answers to what was posted on these pages leave at whole steps. Around everything that takes time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        page = request.resolver_match
        # Who asked too often waits for nothing, and keeps nobody busy.
        if (
            request.method == "POST"
            and page
            and page.url_name in ASKS_BY_ADDRESS
            and response.status_code != 429
        ):
            time.sleep(RESPONSE_STEP_SECONDS - (time.monotonic() - began) % RESPONSE_STEP_SECONDS)
        return response
