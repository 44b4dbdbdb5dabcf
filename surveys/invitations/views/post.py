"""Letters to addresses: the list, the letters, and the end of both."""

import secrets

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import limits
from core.actions import dispatch
from core.files import pdf_response
from core.posters import CantBeSet
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.answering.access_codes import format_access_code
from surveys.answering.services import codes
from surveys.answering.views.start import TOO_MANY_CODES
from surveys.builder.views.desk import find_published
from surveys.invitations.forms import LettersForm, NewCodeForm
from surveys.invitations.services import post as services
from surveys.invitations.views.lists import list_new
from surveys.models import LetterRun, Survey
from surveys.paper.services.paper import address_of, not_set, sample_letter, sheet_for_letters
from surveys.states import LetterState, Replacement


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def letters_new(request: HttpRequest, pk: int) -> HttpResponse:
    return list_new(
        request,
        pk,
        form=LettersForm,
        bring_in=services.create_letter_run,
        template="surveys/desk/letters_new.html",
        then="letters",
    )


@staff(Role.EDITOR)
@require_safe
def letters_run(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    """What the list says, how far the letters are, and what to do next."""
    survey = find_published(request, pk, to_change=True)
    run = _find(survey, run_pk)
    context = {
        "survey": survey,
        "run": run,
        "job": run,
        "total": run.letters,
        "channel": run.channel,
        "at_once": services.LETTERS_PER_FILE,
        "kept_days": services.LETTERS_KEPT_DAYS,
        "backups_until": services.backups_until(run),
    }
    if run.state in (LetterState.LOOKED_AT, LetterState.STUCK):
        sheet = sheet_for_letters(run.channel, window=run.window)
        context |= services.preview(run) | {"not_set": not_set(sheet, survey)}
    if run.state in (LetterState.MADE, LetterState.DESTROYED):
        context |= run.channel.codes.aggregate(
            used=Count("pk", filter=Q(spent=True)),
            replaced=Count("pk", filter=Q(replacement=Replacement.REPLACED)),
            twice=Count("pk", filter=Q(replacement=Replacement.FRESH, spent=True)),
        )
    return render(request, "surveys/desk/letters.html", context)


@staff(Role.EDITOR)
@require_safe
def letters_sample(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    """One letter as it will be, to nobody, with a code that does not exist."""
    run = _find(find_published(request, pk, to_change=True), run_pk)
    to = [_("The resident"), _("Example street 1"), f"1234 AB  {_('TOWN')}"]
    try:
        made = sample_letter(run.channel, to, window=run.window, reminder="reminder" in request.GET)
    except CantBeSet as error:
        messages.error(request, services.explain_letter_error(error))
        return redirect("letters", pk=pk, run_pk=run_pk)
    return pdf_response(f"example-{run.channel.code}", made)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def letters_code(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    """A new code for who calls because somebody else used theirs. It stands on this page, once."""
    survey = find_published(request, pk, to_change=True)
    run = _find(survey, run_pk)
    form = NewCodeForm(request.POST if request.method == "POST" else None)
    page = request.POST.get("submit_key", "")[:64]
    new = ""
    if form.is_valid():
        if limits.is_spent(request, codes.WRONG_LETTER_CODES):
            form.add_error("code", TOO_MANY_CODES)
        else:
            new = _replace(request, run, form, page)
    context = {
        "survey": survey,
        "channel": run.channel,
        "run": run,
        "form": form,
        "new": format_access_code(new) if new else "",
        "submit_key": page if len(page) >= 16 else secrets.token_urlsafe(24),
        # What is left for who lost the letter: they get no code, for nobody can know whether theirs was used.
        "open_address": next((address_of(way) for way in survey.channels.open_to_all()), ""),
    }
    status = 422 if form.errors else 200
    answer = render(request, "surveys/desk/letters_code.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _replace(request: HttpRequest, run: LetterRun, form: NewCodeForm, page: str) -> str:
    data = form.cleaned_data
    try:
        return codes.replace_code(
            channel=run.channel,
            typed=data["code"],
            reason=data["reason"],
            page=page if len(page) >= 16 else secrets.token_urlsafe(24),
            by=request.user,  # type: ignore[arg-type]
        )
    except codes.CodeRefused as refusal:
        if isinstance(refusal, codes.UnknownCode):
            limits.spend(request, codes.WRONG_LETTER_CODES)
        form.add_error("code", str(refusal))
        return ""


@staff(Role.EDITOR)
@require_POST
def letters_do(request: HttpRequest, pk: int, run_pk: int, verb: str) -> HttpResponseBase:
    run = _find(find_published(request, pk, to_change=True), run_pk)

    def download() -> FileResponse:
        path = services.log_letters_download(run=run, by=request.user)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"letters-{run.channel.code}.zip")

    def destroy() -> HttpResponse | None:
        was_made = run.state == LetterState.MADE
        services.destroy_letter_run(run=run, by=request.user)
        messages.success(request, _("Destroyed: the list, the letters and their order."))
        return None if was_made else redirect("survey_channels", pk=pk)

    def back() -> str:
        if LetterRun.objects.filter(pk=run_pk).exists():
            return reverse("letters", args=[pk, run_pk])
        return reverse("survey_channels", args=[pk])

    actions = {
        "make": lambda: services.start_making(run=run, by=request.user),
        "download": download,
        "destroy": destroy,
    }
    return dispatch(request, actions, verb, back=back)


def _find(survey: Survey, pk: int) -> LetterRun:
    runs = LetterRun.objects.filter(channel__survey=survey)
    return get_object_or_404(runs.select_related("channel__survey__current__backing", "channel__area"), pk=pk)
