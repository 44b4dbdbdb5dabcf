"""Opening a private link: who holds it, in which language, and one page for every link that doesn't open."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from accounts.links import LinkPurpose, open_link
from accounts.models import Receipt
from core.actions import typed_words

View = Callable[..., HttpResponse]


def holder(
    link: LinkPurpose, *, max_age: int | None = None, gone: Callable[..., HttpResponse] | None = None
) -> Callable[[View], View]:
    """The view gets `receipt` and `key` of a token of this purpose; any other token gets the same 404.

    `gone(request, token)` may know better what to answer when there is no such receipt (any more).
    """

    def mark(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *, token: str, **kwargs: Any) -> HttpResponse:
            try:
                receipt, key = open_link(token, link, max_age=max_age)
            except Receipt.DoesNotExist:
                return gone(request, token) if gone else invalid_link(request)
            speak(request, receipt.language)
            try:
                return view(request, receipt=receipt, key=key, token=token, **kwargs)
            except Receipt.DoesNotExist:  # erased by a double tap, or from another phone meanwhile
                return gone(request, token) if gone else invalid_link(request)

        return wrapper

    return mark


def invalid_link(request: HttpRequest) -> HttpResponse:
    """Forged, of another purpose, too old, revoked, or erased: a stranger learns nothing from a difference.

    What somebody wrote before pressing the button is theirs: they get it back.
    """
    return render(request, "feedback/private/does_not_open.html", {"typed": typed_words(request)}, status=404)


def speak(request: HttpRequest, language: str) -> None:
    """The language of the receipt, unless the reader chose another one on this phone."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and translation.check_for_language(language):
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
