"""Inviting by e-mail: the list with its origin, the mails and reminders, and the end of the addresses."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch
from core.languages import offered
from feedback.delivery.emails import invited
from feedback.states import HANDED_OVER, UNSETTLED, MessageState
from neighbourhoods.access import staff
from neighbourhoods.states import Role
from surveys.builder.views.desk import find_published
from surveys.invitations.forms import MailListForm, PlanForm
from surveys.invitations.services import invitations as services
from surveys.invitations.views.lists import list_new
from surveys.models import AddressList, Survey
from surveys.printing.services import address_files as files


@staff(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def mail_new(request: HttpRequest, pk: int) -> HttpResponse:
    return list_new(
        request,
        pk,
        form=MailListForm,
        bring_in=services.create_address_list,
        template="surveys/desk/mail_new.html",
        then="mail_list",
    )


@staff(Role.EDITOR)
@require_safe
def mail_list(request: HttpRequest, pk: int, list_pk: int) -> HttpResponse:
    survey = find_published(request, pk, to_change=True)
    return _page(request, survey, _find(survey, list_pk))


@staff(Role.EDITOR)
@require_POST
def mail_do(request: HttpRequest, pk: int, list_pk: int, verb: str) -> HttpResponseBase:
    survey = find_published(request, pk, to_change=True)
    addresses = _find(survey, list_pk)

    def plan() -> HttpResponse | None:
        form = PlanForm(request.POST)
        if not form.is_valid():
            return _page(request, survey, addresses, form)
        services.plan_mailing(addresses=addresses, on=form.cleaned_data["on"], by=request.user)
        messages.success(request, _("Planned. You can stop it until it goes out."))
        return None

    def stop() -> None:
        if mailing := services.waiting_mailing(addresses):
            services.stop_mailing(mailing=mailing, by=request.user)
            messages.success(request, _("Stopped. Nobody gets this e-mail."))

    def destroy() -> HttpResponse | None:
        was_taken = addresses.taken_on is not None
        services.destroy_address_list(addresses=addresses, by=request.user)
        messages.success(request, _("Destroyed: all addresses of this list."))
        return None if was_taken else redirect("survey_channels", pk=pk)

    actions = {
        "take": lambda: services.create_invitations(addresses=addresses, by=request.user),
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
        context |= report | {"outlook": services.outlook(addresses)}
    else:
        round, waiting = services.next_round(addresses), services.waiting_mailing(addresses)
        sums = services.sums(addresses)
        shown = waiting.round if waiting else round
        context |= {
            "standing": services.address_list_status(addresses),
            "mailings": [
                (mailing, _in_words(sums.get(mailing.round, {}))) for mailing in addresses.mailings.all()
            ],
            "round": round,
            "waiting": waiting,
            "kept_days": services.ADDRESSES_KEPT_DAYS,
        }
        if round is not None and not addresses.destroyed_on:
            context["form"] = form or PlanForm(initial={"on": services.first_day(addresses)})
    if shown is not None and not addresses.destroyed_on:
        context["letters"] = _letters(addresses, shown)
    return render(request, "surveys/desk/mail_list.html", context, status=422 if form else 200)


def _letters(addresses: AddressList, round: int) -> list[dict[str, str]]:
    """The next mail as each language reads it."""
    facts = services.facts(addresses, round, _("(a link of their own)"))
    found = []
    for language in offered(addresses.channel.survey.languages):
        letter = invited(facts, _("(a link to unsubscribe)"), language=language)
        found.append({"language": language, "subject": letter.subject, "text": letter.text})
    return found


def _in_words(sums: dict[str, int]) -> list[tuple[str, int]]:
    """What became of the mails of one round: it always adds up."""
    groups = (
        (_("on their way"), UNSETTLED),
        (_("handed to the mail server"), HANDED_OVER),
        (_("bounced"), {MessageState.BOUNCED, MessageState.FAILED}),
        (_("uncertain"), {MessageState.UNCERTAIN}),
        (_("not sent: answered meanwhile, unsubscribed or no mail wanted"),
         {MessageState.SUPPRESSED, MessageState.CANCELLED}),
    )  # fmt: skip
    found = [(words, sum(sums.get(state, 0) for state in states)) for words, states in groups]
    return [(words, n) for words, n in found if n]


def _find(survey: Survey, pk: int) -> AddressList:
    lists = (
        AddressList.objects.filter(channel__survey=survey)
        .select_related("channel__survey__current")
        .prefetch_related("mailings")
    )
    return get_object_or_404(lists, pk=pk)
