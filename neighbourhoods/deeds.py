"""What comes of what was sent: buttons of one page, each of which does one deed, and forms that come back."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from neighbourhoods.errors import DomainError

Deed = Callable[[], Any]


def refused(form: BaseForm) -> int:
    """The status of a page with a form on it: 422 when what was sent came back, else 200."""
    return 422 if form.is_bound else 200


def do(
    request: HttpRequest,
    deeds: Mapping[str, Deed],
    verb: str,
    *,
    back: str | Callable[[], str],
    said: str = "",
) -> HttpResponseBase:
    """The deed of this verb, and back with what was `said`, or with why it is refused.

    A deed that ends elsewhere (a file, another page) returns that response. `back` is asked afterwards, when it is not
    known before.
    """
    if verb not in deeds:
        raise Http404
    try:
        found = deeds[verb]()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if isinstance(found, HttpResponseBase):
            return found
        if said:
            messages.success(request, said)
    return redirect(back() if callable(back) else back)
