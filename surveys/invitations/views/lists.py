"""A list of addresses comes in, of houses that get a letter or of mailboxes; next somebody looks at what is in it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.errors import DomainError
from neighbourhoods.imports.forms.uploads import brought
from surveys.builder.views.desk import find_published
from surveys.invitations.forms import ListForm
from surveys.models import AddressList, LetterRun


def list_new(
    request: HttpRequest,
    pk: int,
    *,
    form: type[ListForm],
    bring_in: Callable[..., LetterRun | AddressList],
    template: str,
    then: str,
) -> HttpResponse:
    """`bring_in` gets what the form says; `then` is the page of what it made."""
    survey = find_published(request, pk, to_change=True)
    filled = form(**brought(request), survey=survey)
    if filled.is_valid():
        try:
            found = bring_in(survey=survey, by=request.user, content=filled.content, **filled.said)
        except DomainError as error:
            filled.add_error("file", str(error))
        else:
            return redirect(then, pk, found.pk)
    context = {"survey": survey, "form": filled}
    return render(request, template, context, status=422 if filled.is_bound else 200)
