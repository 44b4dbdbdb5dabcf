"""What comes of what was sent: buttons of one page, each of which does one action, and forms that come back."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from core.errors import DomainError

Action = Callable[[], Any]

# Names of fields that hold what a page gave the browser, or a secret: nothing to give back.
_NOT_TYPED = re.compile(
    r"(^|[-_])(was|seen|key|token|language|next|go|mark|pass|password\d*|oldpassword|otp|code)$"
    r"|csrfmiddlewaretoken"
)
# Ids, days, colours, links that are signed: chosen or carried along, not written.
_NOT_WORDS = re.compile(
    r"[\W_]*|\d{1,7}|\d{4}-\d\d-\d\d(T\d\d:\d\d)?|\d\d:\d\d"
    r"|on|[0-9a-f-]{32,36}|#?[0-9a-f]{6}|[{\[].*[}\]]|\S+:\S+:\S+"
)


def refused(form: BaseForm) -> int:
    """The status of a page with a form on it: 422 when what was sent came back, else 200."""
    return 422 if form.is_bound else 200


def typed_words(request: HttpRequest) -> list[str]:
    """The words in a form that could not be kept, to copy. None of a form that nobody checked for forgery."""
    if request.method != "POST" or request.resolver_match is None:
        return []
    sent = [
        value.strip()
        for name, values in request.POST.lists()
        for value in values
        if not _NOT_TYPED.search(name) and not _NOT_WORDS.fullmatch(value.strip())
    ]
    return list(dict.fromkeys(sent))


def dispatch(
    request: HttpRequest,
    actions: Mapping[str, Action],
    verb: str,
    *,
    back: str | Callable[[], str],
    said: str = "",
) -> HttpResponseBase:
    """The action of this verb, and back with what was `said`, or with why it is refused.

    An action that ends elsewhere (a file, another page) returns that response. `back` is called afterwards, when it is
    not known before.
    """
    if verb not in actions:
        raise Http404
    try:
        found = actions[verb]()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if isinstance(found, HttpResponseBase):
            return found
        if said:
            messages.success(request, said)
    return redirect(back() if callable(back) else back)
