"""Invitations to a survey: mailings, letters by post, and address lists."""

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import limits
from core.actions import dispatch, domain_errors_in
from core.files import pdf_response
from core.languages import offered_languages
from core.paper import TypesettingError
from feedback.states import HANDED_OVER_STATES, UNSETTLED_STATES, MessageState
from neighbourhoods.access import staff
from neighbourhoods.imports.forms.imports import upload_form_kwargs
from neighbourhoods.states import Role
from surveys.answering.access_codes import format_access_code
from surveys.answering.services import beginning
from surveys.answering.views.start import TOO_MANY_CODES
from surveys.builder.views.desk import find_published
from surveys.invitations.emails import invitation_mail
from surveys.invitations.forms import LettersForm, ListForm, MailListForm, NewCodeForm, PlanForm
from surveys.invitations.services import invitations, post
from surveys.models import AddressList, LetterRun, Survey
from surveys.paper.services.paper import address_of, languages_without_font, sample_letter, sheet_for_letters
from surveys.printing import services as files
from surveys.states import LetterState, Replacement

# --- lists -------------------------------------------------------------------------------------


def list_new(
    request: HttpRequest,
    pk: int,
    *,
    form: type[ListForm],
    bring_in: Callable[..., LetterRun | AddressList],
    template: str,
    then: str,
) -> HttpResponse:
    """`bring_in` gets the cleaned fields of the form; `then` is the URL name of the page of its result."""
    survey = find_published(request, pk, to_change=True)
    filled = form(**upload_form_kwargs(request), survey=survey)
    if filled.is_valid():
        with domain_errors_in(filled, "file"):
            found = bring_in(survey=survey, by=request.user, content=filled.content, **filled.stored_fields)
            return redirect(then, pk, found.pk)
    context = {"survey": survey, "form": filled}
    return render(request, template, context, status=422 if filled.is_bound else 200)


# --- mailings ----------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def mail_new(request: HttpRequest, pk: int) -> HttpResponse:
    return list_new(
        request,
        pk,
        form=MailListForm,
        bring_in=invitations.create_address_list,
        template="surveys/desk/mail_new.html",
        then="mail_list",
    )


@staff(Role.EDITOR)
@require_safe
def mail_list(request: HttpRequest, pk: int, list_pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    return _page(request, survey, _find_address_list(survey, list_pk))


@staff(Role.EDITOR)
@require_POST
def mail_do(request: HttpRequest, pk: int, list_pk: int, verb: str) -> HttpResponseBase:
    survey = find_published(request, pk, to_change=True)
    addresses = _find_address_list(survey, list_pk)

    def plan() -> HttpResponse | None:
        form = PlanForm(request.POST)
        if not form.is_valid():
            return _page(request, survey, addresses, form)
        invitations.plan_mailing(addresses=addresses, on=form.cleaned_data["on"], by=request.user)
        messages.success(request, _("Planned. You can stop it until it goes out."))
        return None

    def stop() -> None:
        if mailing := invitations.waiting_mailing(addresses):
            invitations.stop_mailing(mailing=mailing, by=request.user)
            messages.success(request, _("Stopped. Nobody gets this e-mail."))

    def destroy() -> HttpResponse | None:
        was_taken = addresses.taken_on is not None
        invitations.destroy_address_list(addresses=addresses, by=request.user)
        messages.success(request, _("Destroyed: all addresses of this list."))
        return None if was_taken else redirect("survey_channels", pk=pk)

    actions = {
        "take": lambda: invitations.create_invitations(addresses=addresses, by=request.user),
        "plan": plan,
        "stop": stop,
        "destroy": destroy,
    }
    return dispatch(request, actions, verb, back=reverse("mail_list", args=[pk, list_pk]))


def _page(
    request: HttpRequest, survey: Survey, addresses: AddressList, form: PlanForm | None = None
) -> HttpResponse:
    context = {"survey": survey, "addresses": addresses, "channel": addresses.channel, "form": None}
    shown: int | None = 0
    if addresses.taken_on is None:
        report = files.load(addresses.folder, files.REPORT) or {"columns": {}, "unused": [], "faults": []}
        context |= report | {"outlook": invitations.address_list_preview(addresses)}
    else:
        round, waiting = invitations.next_round(addresses), invitations.waiting_mailing(addresses)
        sums = invitations.mail_counts_per_round(addresses)
        shown = waiting.round if waiting else round
        context |= {
            "standing": invitations.address_list_status(addresses),
            "mailings": [
                (mailing, _mail_count_sentences(sums.get(mailing.round, {})))
                for mailing in addresses.mailings.all()
            ],
            "round": round,
            "waiting": waiting,
            "kept_days": invitations.ADDRESSES_KEPT_DAYS,
        }
        if round is not None and not addresses.destroyed_on:
            context["form"] = form or PlanForm(initial={"on": invitations.first_day(addresses)})
    if shown is not None and not addresses.destroyed_on:
        context["letters"] = _letters(addresses, shown)
    return render(request, "surveys/desk/mail_list.html", context, status=422 if form else 200)


def _letters(addresses: AddressList, round: int) -> list[dict[str, str]]:
    facts = invitations.invitation_facts(addresses, round, _("(a link of their own)"))
    found = []
    for language in offered_languages(addresses.channel.survey.languages):
        letter = invitation_mail(facts, _("(a link to unsubscribe)"), language=language)
        found.append({"language": language, "subject": letter.subject, "text": letter.text})
    return found


def _mail_count_sentences(sums: dict[str, int]) -> list[tuple[str, int]]:
    """What became of the mails of one round. The groups cover all states, so they add up."""
    groups = (
        (_("on their way"), UNSETTLED_STATES),
        (_("handed to the mail server"), HANDED_OVER_STATES),
        (_("bounced"), {MessageState.BOUNCED, MessageState.FAILED}),
        (_("uncertain"), {MessageState.UNCERTAIN}),
        (_("not sent: answered meanwhile, unsubscribed or no mail wanted"),
         {MessageState.SUPPRESSED, MessageState.CANCELLED}),
    )  # fmt: skip
    found = [(words, sum(sums.get(state, 0) for state in states)) for words, states in groups]
    return [(words, n) for words, n in found if n]


def _find_address_list(survey: Survey, pk: int) -> AddressList:
    lists = (
        AddressList.objects.filter(channel__survey=survey)
        .select_related("channel__survey__current")
        .prefetch_related("mailings")
    )
    return get_object_or_404(lists, pk=pk)


# --- post --------------------------------------------------------------------------------------


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def letters_new(request: HttpRequest, pk: int) -> HttpResponse:
    return list_new(
        request,
        pk,
        form=LettersForm,
        bring_in=post.create_letter_run,
        template="surveys/desk/letters_new.html",
        then="letters",
    )


@staff(Role.EDITOR)
@require_safe
def letters_run(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    run = _find_letter_run(survey, run_pk)
    context = {
        "survey": survey,
        "run": run,
        "job": run,
        "total": run.letters,
        "channel": run.channel,
        "at_once": post.LETTERS_PER_FILE,
        "kept_days": post.LETTERS_KEPT_DAYS,
        "backups_until": post.last_backup_day(run),
    }
    if run.state in (LetterState.LOOKED_AT, LetterState.STUCK):
        sheet = sheet_for_letters(run.channel, window=run.window)
        context |= post.preview(run) | {"not_set": languages_without_font(sheet, survey)}
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
    """A sample letter, to a made-up address, with a code that does not exist."""
    run = _find_letter_run(find_published(request, pk, to_change=True), run_pk)
    to = [_("The resident"), _("Example street 1"), f"1234 AB  {_('TOWN')}"]
    try:
        made = sample_letter(run.channel, to, window=run.window, reminder="reminder" in request.GET)
    except TypesettingError as error:
        messages.error(request, post.explain_letter_error(error))
        return redirect("letters", pk=pk, run_pk=run_pk)
    return pdf_response(f"example-{run.channel.code}", made)


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def letters_code(request: HttpRequest, pk: int, run_pk: int) -> HttpResponse:
    """A new code for somebody whose code was used by somebody else. Shown on this page, once."""
    survey = find_published(request, pk, to_change=True)
    run = _find_letter_run(survey, run_pk)
    form = NewCodeForm(request.POST if request.method == "POST" else None)
    page = request.POST.get("submit_key", "")[:64]
    new = ""
    if form.is_valid():
        if limits.is_limit_reached(request, beginning.WRONG_LETTER_CODES):
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
        # For somebody who lost the letter: they get no code, because nobody can know whether theirs was used.
        "open_address": next((address_of(way) for way in survey.channels.open_to_all()), ""),
    }
    status = 422 if form.errors else 200
    answer = render(request, "surveys/desk/letters_code.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _replace(request: HttpRequest, run: LetterRun, form: NewCodeForm, page: str) -> str:
    data = form.cleaned_data
    try:
        return beginning.replace_code(
            channel=run.channel,
            typed=data["code"],
            reason=data["reason"],
            page=page if len(page) >= 16 else secrets.token_urlsafe(24),
            by=request.user,  # type: ignore[arg-type]
        )
    except beginning.CodeRefused as refusal:
        if isinstance(refusal, beginning.UnknownCode):
            limits.record_attempt(request, beginning.WRONG_LETTER_CODES)
        form.add_error("code", str(refusal))
        return ""


@staff(Role.EDITOR)
@require_POST
def letters_do(request: HttpRequest, pk: int, run_pk: int, verb: str) -> HttpResponseBase:
    run = _find_letter_run(find_published(request, pk, to_change=True), run_pk)

    def download() -> FileResponse:
        path = post.log_letters_download(run=run, by=request.user)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"letters-{run.channel.code}.zip")

    def destroy() -> HttpResponse | None:
        was_made = run.state == LetterState.MADE
        post.destroy_letter_run(run=run, by=request.user)
        messages.success(request, _("Destroyed: the list, the letters and their order."))
        return None if was_made else redirect("survey_channels", pk=pk)

    def back() -> str:
        if LetterRun.objects.filter(pk=run_pk).exists():
            return reverse("letters", args=[pk, run_pk])
        return reverse("survey_channels", args=[pk])

    actions = {
        "make": lambda: post.start_making(run=run, by=request.user),
        "download": download,
        "destroy": destroy,
    }
    return dispatch(request, actions, verb, back=back)


def _find_letter_run(survey: Survey, pk: int) -> LetterRun:
    runs = LetterRun.objects.filter(channel__survey=survey)
    return get_object_or_404(runs.select_related("channel__survey__current__backing", "channel__area"), pk=pk)
