"""Letter batches: started, taken once for printing, and noted as posted. No page shows an address."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.actions import dispatch, domain_errors_in, form_status
from core.errors import DomainError
from feedback.answers.forms import PostedForm, RetakeLettersForm
from feedback.answers.services import letters_by_post as services
from feedback.answers.services import reckoning, talking_back
from feedback.contacts.forms import HouseForm
from feedback.contacts.services import hearing_back
from feedback.models import LetterBatch
from neighbourhoods.access import require, staff
from neighbourhoods.models import Area
from neighbourhoods.states import Role

_BATCHES_SHOWN = 20


@staff(Role.ADMINISTRATOR)
@require_GET
def post(request: HttpRequest) -> HttpResponse:
    require(request, Role.ADMINISTRATOR, Area.root())
    return _all(request, HouseForm())


@staff(Role.ADMINISTRATOR)
@require_POST
def post_house(request: HttpRequest) -> HttpResponse:
    """Allow letters again to a house that had stopped all letters."""
    require(request, Role.ADMINISTRATOR, Area.root())
    form = HouseForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form, "street"):
            hearing_back.lift_letter_stop(form.house, by=request.user)  # type: ignore[arg-type]
            messages.success(
                request,
                _("This house may get letters again. Whoever stopped theirs starts them on their own page."),
            )
            return redirect("post")
    return _all(request, form)


def _all(request: HttpRequest, form: HouseForm) -> HttpResponse:
    waiting = services.count_waiting_letters()
    context = {
        "waiting": waiting,
        "at_once": min(waiting, services.LETTER_BATCH_SIZE),
        "costs": reckoning.estimated_costs(texts=0, letters=waiting),
        "batches": LetterBatch.objects.all()[:_BATCHES_SHOWN],
        "print_before": talking_back.last_print_day(),
        "form": form,
    }
    return render(request, "feedback/post.html", context, status=form_status(form))


@staff(Role.ADMINISTRATOR)
@require_POST
def post_start(request: HttpRequest) -> HttpResponse:
    require(request, Role.ADMINISTRATOR, Area.root())
    try:
        batch = services.start_letter_batch(by=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("post")
    return redirect("post_batch", pk=batch.pk)


@staff(Role.ADMINISTRATOR)
@require_GET
def post_batch(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


def _find(request: HttpRequest, pk: int) -> LetterBatch:
    require(request, Role.ADMINISTRATOR, Area.root())
    return get_object_or_404(LetterBatch.objects.select_related("created_by", "taken_by", "posted_by"), pk=pk)


def _page(request: HttpRequest, batch: LetterBatch, **bound: Any) -> HttpResponse:
    form = next(iter(bound.values()), None)
    context = {
        "batch": batch,
        "job": batch,
        "posted_form": bound.get("posted") or PostedForm(initial={"on": timezone.localdate()}),
        "again_form": bound.get("again") or RetakeLettersForm(),
        "bound": form,
    }
    return render(request, "feedback/post_batch.html", context, status=form_status(form) if form else 200)


@staff(Role.ADMINISTRATOR)
@require_POST
def post_posted(request: HttpRequest, pk: int) -> HttpResponse:
    batch, form = _find(request, pk), PostedForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form, "on"):
            services.note_posted(batch=batch, on=form.cleaned_data["on"], by=request.user)  # type: ignore[arg-type]
            messages.success(request, _("Kept: they are on their way. The file is gone."))
            return redirect("post_batch", pk=pk)
    return _page(request, batch, posted=form)


@staff(Role.ADMINISTRATOR)
@require_POST
def post_again(request: HttpRequest, pk: int) -> HttpResponse:
    batch, form = _find(request, pk), RetakeLettersForm(request.POST)
    if form.is_valid():
        with domain_errors_in(form, "note"):
            services.allow_retake(batch=batch, by=request.user, note=form.cleaned_data["note"])  # type: ignore[arg-type]
            return redirect("post_batch", pk=pk)
    return _page(request, batch, again=form)


@staff(Role.ADMINISTRATOR)
@require_POST
def post_do(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    batch = _find(request, pk)

    def take() -> FileResponse:
        path = services.take_letters_file(batch=batch, by=request.user)  # type: ignore[arg-type]
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"letters-{pk}.pdf")

    def drop() -> None:
        services.drop(batch=batch, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Not printed. They wait again, and the file is gone."))

    actions = {"take": take, "drop": drop, "make": lambda: services.requeue_batch(batch=batch)}
    return dispatch(request, actions, verb, back=reverse("post_batch", args=[pk]))
