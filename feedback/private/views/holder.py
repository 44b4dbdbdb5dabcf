"""Opens private links: checks the token, sets the language, and shows one page for every invalid link."""

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
    """Pass `receipt` and `key` of a token with this purpose to the view; any other token gets the same
    404.

    `gone(request, token)` may respond otherwise if the receipt does not exist (any more).
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
            except Receipt.DoesNotExist:  # erased by a double tap or another phone meanwhile
                return gone(request, token) if gone else invalid_link(request)

        return wrapper

    return mark


def invalid_link(request: HttpRequest) -> HttpResponse:
    """The same page for forged, expired, revoked, erased or other tokens, so that a stranger learns
    nothing.

    Text that was submitted is shown again, so that its writer does not lose it.
    """
    return render(request, "feedback/private/does_not_open.html", {"typed": typed_words(request)}, status=404)


def speak(request: HttpRequest, language: str) -> None:
    """Activate the language of the receipt, unless the reader chose another on this device."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and translation.check_for_language(language):
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
