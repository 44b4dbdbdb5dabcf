"""A private code on the page after an action: there for an hour when it is loaded again, on this device alone.

Only its keyed hash is kept here, so nobody can show it a second time.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.links import absolute

COOKIE, SHOWN_SECONDS = "code", 3_600


def carry(request: HttpRequest, response: HttpResponse, code: str) -> HttpResponse:
    """Along to the page that `response` leads to, and to no other."""
    response.set_signed_cookie(
        COOKIE,
        code,
        salt=response["Location"],
        max_age=SHOWN_SECONDS,
        path=response["Location"],
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def carried(request: HttpRequest) -> str:
    """The code that came along to this page; "" for anybody else."""
    try:
        return request.get_signed_cookie(COOKIE, salt=request.path, max_age=SHOWN_SECONDS)
    except (KeyError, signing.BadSignature):
        return ""


def where_to_type_it() -> str:
    """As it stands on paper."""
    return absolute("/v/").removeprefix("https://").removeprefix("http://").rstrip("/")
