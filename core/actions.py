"""Runs the action of a pressed button, and handles forms that are shown again because they were refused."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from core.errors import DomainError

Action = Callable[[], Any]

# Field names that carry hidden state or a secret; they are never shown back to the user.
_UNTYPED_FIELD_NAMES = re.compile(
    r"(^|[-_])(was|seen|key|token|language|next|go|mark|pass|password\d*|oldpassword|otp|code)$"
    r"|csrfmiddlewaretoken"
)
# Values that were chosen or carried along rather than written: ids, dates, colours, signed links.
_NOT_WORDS = re.compile(
    r"[\W_]*|\d{1,7}|\d{4}-\d\d-\d\d(T\d\d:\d\d)?|\d\d:\d\d"
    r"|on|[0-9a-f-]{32,36}|#?[0-9a-f]{6}|[{\[].*[}\]]|\S+:\S+:\S+"
)


def form_status(form: BaseForm) -> int:
    """HTTP status of a page with a form: 422 when the submitted form is shown again, else 200."""
    return 422 if form.is_bound else 200


@contextmanager
def domain_errors_in(form: BaseForm, field: str | None = None) -> Iterator[None]:
    """Show a DomainError on the form, or at one field: the page goes on after the block, with the form refused."""
    try:
        yield
    except DomainError as error:
        form.add_error(field, str(error))


def typed_words(request: HttpRequest) -> list[str]:
    """The free text of a POST that could not be stored, so that the user can copy it.

    Empty if no view was resolved, because then the CSRF check has not run.
    """
    if request.method != "POST" or request.resolver_match is None:
        return []
    sent = [
        value.strip()
        for name, values in request.POST.lists()
        for value in values
        if not _UNTYPED_FIELD_NAMES.search(name) and not _NOT_WORDS.fullmatch(value.strip())
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
    """Run the action for this verb and redirect back with the message `said`, or with the DomainError as message.

    If the action returns a response (a file, another page), that response is returned. `back` may be a
    callable; it is called after the action, for when the address is not known before. Raises Http404 for an
    unknown verb.
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
