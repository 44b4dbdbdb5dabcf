"""A private code on the page after an action: visible for an hour, on this device only.

The server stores only a keyed hash, so the code can't be shown again.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.links import absolute

CODE_COOKIE, CODE_COOKIE_SECONDS = "code", 3_600


def set_code_cookie(request: HttpRequest, response: HttpResponse, code: str) -> HttpResponse:
    """Put the code in a cookie for the page that `response` redirects to, and no other."""
    response.set_signed_cookie(
        CODE_COOKIE,
        code,
        salt=response["Location"],
        max_age=CODE_COOKIE_SECONDS,
        path=response["Location"],
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def code_from_cookie(request: HttpRequest) -> str:
    """The code carried to this page; "" if there is none."""
    try:
        return request.get_signed_cookie(CODE_COOKIE, salt=request.path, max_age=CODE_COOKIE_SECONDS)
    except (KeyError, signing.BadSignature):
        return ""


def code_entry_address() -> str:
    """The address as printed on paper."""
    return absolute("/v/").removeprefix("https://").removeprefix("http://").rstrip("/")
