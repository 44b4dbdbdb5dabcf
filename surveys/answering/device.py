"""What the phone remembers while somebody answers: a signed cookie per survey, gone when they are done.

Under way it holds the response, the private code (so that it can be shown again) and when the layer was
begun; afterwards only "answered", so that the next person on the same phone is asked who they are.
"""

import time
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

_SALT = "nabij.under-way"
_WEEK = 7 * 86_400
_YEAR = 365 * 86_400
_ANSWERED = "answered"
_TICKET = "nabij.ticket"
_TICKET_COOKIE = "nabij-ticket"


@dataclass(frozen=True)
class UnderWay:
    response: UUID
    code: str
    since: int

    @property
    def minutes(self) -> float:
        """Minutes since this layer was begun."""
        return max(0, time.time() - self.since) / 60


def keep_ticket(answer: HttpResponse, channel_code: str, ticket: str) -> None:
    """A code was spent and nothing has begun yet: this phone may still begin with it."""
    value = signing.dumps([channel_code, ticket], salt=_TICKET)
    _keep(answer, _TICKET_COOKIE, value, _WEEK)


def ticket(request: HttpRequest, channel_code: str) -> str:
    """The ticket that this phone holds for this way in, or ""."""
    try:
        code, held = signing.loads(request.COOKIES[_TICKET_COOKIE], salt=_TICKET, max_age=_WEEK)
    except (KeyError, ValueError, TypeError, signing.BadSignature):
        return ""
    return str(held) if code == channel_code else ""


def drop_ticket(answer: HttpResponse) -> None:
    answer.delete_cookie(_TICKET_COOKIE, path="/p/", samesite="Lax")


def _name(survey_id: int) -> str:
    return f"nabij-{survey_id}"


def under_way(request: HttpRequest, survey_id: int) -> UnderWay | None:
    """Who answers on this phone, or None when nobody does, the week is over or the cookie was forged."""
    try:
        response, code, since = signing.loads(request.COOKIES[_name(survey_id)], salt=_SALT, max_age=_WEEK)
        return UnderWay(UUID(response), code, since)
    except (KeyError, ValueError, TypeError, signing.BadSignature):
        return None


def has_answered(request: HttpRequest, survey_id: int) -> bool:
    return request.COOKIES.get(_name(survey_id)) == _ANSWERED


def remember_response(answer: HttpResponse, survey_id: int, response: UUID, code: str) -> None:
    """Somebody is under way, or begins another layer."""
    value = signing.dumps([response.hex, code, int(time.time())], salt=_SALT)
    _set(answer, survey_id, value, _WEEK)


def forget_response(answer: HttpResponse, survey_id: int) -> None:
    """They are done: keep no more than that somebody answered here."""
    _set(answer, survey_id, _ANSWERED, _YEAR)


def _set(answer: HttpResponse, survey_id: int, value: str, age: int) -> None:
    _keep(answer, _name(survey_id), value, age)


def _keep(answer: HttpResponse, name: str, value: str, age: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=age,
        path="/p/",
        httponly=True,
        samesite="Lax",
        secure=settings.SITE_IS_SECURE,
    )
