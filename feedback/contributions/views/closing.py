"""Rounding off a promise: who still waits and how to answer them, and reopening it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.actions import domain_errors_in
from core.errors import DomainError
from feedback.contributions.services import closing
from feedback.models import Promise
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role
from neighbourhoods.trajectories.forms.trajectories import ReopenForm


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def promise_round_off(request: HttpRequest, pk: int) -> HttpResponse:
    """What is still owed, each with the quickest honest way to settle it; the button once nothing is."""
    found = _find(request, pk)
    refusal = ""
    if request.method == "POST":
        try:
            closing.round_off(promise=found, by=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, _("Rounded off. Everybody heard from us, and residents see that."))
            return redirect("promise", pk=found.pk)
    return _page(request, found, refusal=refusal)


@staff(Role.EDITOR)
@require_POST
def promise_take_up(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    form = ReopenForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form):
            closing.resume_promise(promise=found, why=form.texts("why"), by=request.user)  # type: ignore[arg-type]
            messages.success(request, _("It goes on, and your reason stands beside it."))
            return redirect("promise", pk=found.pk)
    return _page(request, found, form=form)


def _find(request: HttpRequest, pk: int) -> Promise:
    """A promise the user owns, or with the role in all areas with topics under it."""
    mine = Promise.objects.visible_to(request.user).select_related("owner")  # type: ignore[arg-type]
    found = get_object_or_404(mine, pk=pk)
    if found.owner != request.user:
        require(request, Role.EDITOR, *Area.objects.filter(topics__source=found.subject).distinct())
    return found


def _page(
    request: HttpRequest, found: Promise, *, refusal: str = "", form: ReopenForm | None = None
) -> HttpResponse:
    context = {
        "promise": found,
        "refusal": refusal,
        "owing": closing.open_debts_per_topic([found.subject]),
        "mails": closing.mail_to_read([found.subject]),
        "in_the_way": closing.round_off_blockers(found),
        "form": form or ReopenForm(),
    }
    refused = refusal or (form is not None and form.is_bound)
    return render(request, "feedback/promise_round_off.html", context, status=422 if refused else 200)
