"""The private page: their words, our answers, and “does this answer you?”"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.codes import beginning
from accounts.links import TYPED, LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core import limits
from core.actions import refused
from core.errors import DomainError
from feedback.answers.services import replies
from feedback.contacts.services.conversation import (
    again_on,
    answered_by,
    conversation,
    replies_to,
    withdrawn_on,
)
from feedback.delivery.services.sms import sleeps
from feedback.models import FollowUpItem
from feedback.private.forms import UNKNOWN_CODE, CodeForm, HappenedForm, LostForm, ReactionForm
from feedback.private.services import personal, ways_in
from feedback.private.views.holder import holder, invalid_link
from feedback.private.views.leaving import may_choose_how_often, way_to_stop, ways
from neighbourhoods.access import resident
from neighbourhoods.models import Municipality
from neighbourhoods.registries import Page, panels_on


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def private_code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    begins = beginning(request.POST.get("code", ""))
    too_often = request.method == "POST" and limits.is_spent(request, limits.WRONG_CODES, about=begins)
    if request.method == "POST" and not too_often and form.is_valid():
        receipt = ways_in.receipt_of(form.cleaned_data["code"])
        if receipt:
            return redirect("private_page", token=sign_link(receipt, LinkPurpose.PAGE, TYPED))
        limits.spend(request, limits.WRONG_CODES, about=begins)
        form.add_error("code", UNKNOWN_CODE)
    return render(
        request,
        "feedback/private/code.html",
        {"form": form, "too_often": too_often},
        status=429 if too_often else refused(form),
    )


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    """What to do without the code. The response does not reveal whether the address is known."""
    municipality = Municipality.current()
    by_text = bool(settings.SMS_URL) and municipality.text_price is not None
    form = LostForm(request.POST if request.method == "POST" else None, by_text=by_text)
    too_often = request.method == "POST" and limits.is_spent(request, limits.MAILS)
    asked = request.method == "POST" and not too_often and form.is_valid()
    if asked:
        limits.spend(request, limits.MAILS)
        ways_in.mail_links_to(address=form.cleaned_data["email"])
    return render(
        request,
        "feedback/private/lost.html",
        {
            "form": form,
            "asked": asked,
            "too_often": too_often,
            "by_text": by_text,
            "by_letter": municipality.letter_price is not None,
        },
        status=429 if too_often else 200 if asked else refused(form),
    )


@resident
@require_safe
@holder(LinkPurpose.PAGE)
def private_page_view(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Everything the holder of this link said, and what became of it."""
    return private_page(request, receipt, token)


def private_page(
    request: HttpRequest,
    receipt: Receipt,
    token: str,
    *,
    mistaken: ReactionForm | None = None,
    unclear: HappenedForm | None = None,
) -> HttpResponse:
    talk = conversation(receipt)
    contact = Contact.objects.select_related("receipt").filter(receipt=receipt).first()
    return render(
        request,
        "feedback/private/page.html",
        {
            "token": token,
            "talk": talk,
            "put_back_until": talk.withdrawn_on and personal.put_back_until(talk.withdrawn_on),
            "contact": contact,
            "other_ways": len(ways(receipt)) > 1,
            "asleep": sleeps(),
            "may_leave_address": not receipt.without_contact,
            "may_choose_how_often": may_choose_how_often(contact),
            "is_offer": receipt.purpose == ReceiptPurpose.OFFER,
            "is_task": receipt.purpose == ReceiptPurpose.TASK,
            "is_answer": receipt.purpose == ReceiptPurpose.PARTICIPATION,
            "panels": [
                (panel.title, render_to_string(panel.template, panel.context, request))
                for panel in panels_on(Page.PRIVATE, receipt)
            ],
            "done": request.GET.get("done", ""),
            "mistaken": mistaken,
            "unclear": unclear,
        },
        status=422 if mistaken or unclear else 200,
    )


@resident
@require_POST
@holder(LinkPurpose.PAGE)
def react(request: HttpRequest, *, receipt: Receipt, key: str, token: str, item: int) -> HttpResponse:
    form = ReactionForm(request.POST, auto_id=f"%s-{item}")
    shown = get_object_or_404(FollowUpItem.objects.shown(), pk=item, receipt=receipt)
    if not form.is_valid():
        form.item = shown.pk
        return private_page(request, receipt, token, mistaken=form)
    if not _reacted(shown, form):
        form.item = shown.pk if form.cleaned_data["reason"] else None
        return private_page(request, receipt, token, mistaken=form)
    return redirect(reverse("private_page", args=[token]) + f"#item-{shown.pk}")


def _reacted(shown: FollowUpItem, form: ReactionForm) -> bool:
    """Save the reaction. False if refused, with the reason on the form."""
    try:
        replies.react(item=shown, answers_me=form.answers_me, reason=form.cleaned_data["reason"])
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.ITEM)
def item(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """One answer, opened from a mail. `?answer=yes` or `no` preselects; only the button writes."""
    try:
        shown = (
            FollowUpItem.objects.shown()
            .select_related("follow_up", "reaction", "reaction__reason")
            .get(pk=int(key), receipt=receipt)
        )
    except (FollowUpItem.DoesNotExist, ValueError):
        return invalid_link(request)
    chosen = request.POST.get("answer", request.GET.get("answer", ""))
    chosen = chosen if chosen in ("yes", "no") else ""
    form = ReactionForm(request.POST or None, auto_id=f"%s-{shown.pk}")
    if form.is_valid() and _reacted(shown, form):
        return redirect("private_item", token=token)
    return render(
        request,
        "feedback/private/item.html",
        {
            "token": token,
            "item": shown,
            "said": answered_by(shown),
            "replies": replies_to(shown),
            "again_on": again_on(shown),
            "chosen": chosen,
            "chosen_yes": chosen == "yes",
            "chosen_no": chosen == "no",
            "form": form,
            "withdrawn": withdrawn_on(receipt),
        }
        | way_to_stop(receipt),
        status=422 if form.is_bound else 200,
    )
