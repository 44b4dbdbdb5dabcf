"""What the phone remembers while somebody answers: a signed cookie per survey, reduced when they are done.

While under way it holds the response, the private code (so that it can be shown again) and when the layer was
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
    """A code was spent but nothing has begun yet: this phone may still begin with it."""
    value = signing.dumps([channel_code, ticket], salt=_TICKET)
    _keep(answer, _TICKET_COOKIE, value, _WEEK)


def ticket(request: HttpRequest, channel_code: str) -> str:
    """The ticket that this phone holds for this channel, or ""."""
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
    """The participation on this phone, or None if there is none, it is over a week old or the cookie was forged."""
    try:
        response, code, since = signing.loads(request.COOKIES[_name(survey_id)], salt=_SALT, max_age=_WEEK)
        return UnderWay(UUID(response), code, since)
    except (KeyError, ValueError, TypeError, signing.BadSignature):
        return None


def has_answered(request: HttpRequest, survey_id: int) -> bool:
    return request.COOKIES.get(_name(survey_id)) == _ANSWERED


def remember_response(answer: HttpResponse, survey_id: int, response: UUID, code: str) -> None:
    """A participation, or another layer of it, has begun."""
    value = signing.dumps([response.hex, code, int(time.time())], salt=_SALT)
    _set(answer, survey_id, value, _WEEK)


def forget_response(answer: HttpResponse, survey_id: int) -> None:
    """They are done: keep only that somebody answered here."""
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
