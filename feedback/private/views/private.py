"""The private page and what happened."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.codes import code_prefix
from accounts.links import TYPED_MARK, LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from accounts.states import DeliveryChannel, ReceiptPurpose
from core import limits
from core.actions import form_status
from core.errors import DomainError
from core.keyed import keyed_hash
from feedback.answers.services import looking_back, replies
from feedback.contacts.forms import CONTACT_FORMS
from feedback.contacts.services import hearing_back
from feedback.contacts.services.conversation import (
    contributions_answered_by,
    conversation,
    reopened_due_on,
    replies_to,
    withdrawn_on,
)
from feedback.contributions.services import contributions
from feedback.delivery.services.sms import in_quiet_hours
from feedback.models import FollowUpItem
from feedback.private import services as private
from feedback.private.forms import UNKNOWN_CODE, CodeForm, HappenedForm, LostForm, ReactionForm
from feedback.private.views.choices import (
    address_form,
    available_carriers,
    carrier_context,
    how_often_form,
    invalid_link,
    may_choose_how_often,
    receipt_from_link,
    save_address,
    save_how_often,
    unsubscribe_context,
)
from neighbourhoods.access import resident
from neighbourhoods.models import Municipality
from neighbourhoods.registries import PanelPage, panels_on

# The private page: their words, our answers, and “does this answer you?”


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def private_code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    begins = code_prefix(request.POST.get("code", ""))
    too_often = request.method == "POST" and limits.is_limit_reached(
        request, limits.WRONG_CODE_LIMIT, about=begins
    )
    if request.method == "POST" and not too_often and form.is_valid():
        receipt = private.receipt_of(form.cleaned_data["code"])
        if receipt:
            return redirect("private_page", token=sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK))
        limits.record_attempt(request, limits.WRONG_CODE_LIMIT, about=begins)
        form.add_error("code", UNKNOWN_CODE)
    return render(
        request,
        "feedback/private/code.html",
        {"form": form, "too_often": too_often},
        status=429 if too_often else form_status(form),
    )


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    """What to do without the code. The response does not reveal whether the address is known."""
    municipality = Municipality.current()
    by_text = bool(settings.SMS_URL) and municipality.text_price is not None
    form = LostForm(request.POST if request.method == "POST" else None, by_text=by_text)
    too_often = request.method == "POST" and limits.is_limit_reached(request, limits.MAIL_LIMIT)
    asked = request.method == "POST" and not too_often and form.is_valid()
    if asked:
        limits.record_attempt(request, limits.MAIL_LIMIT)
        private.mail_links_to(address=form.cleaned_data["email"])
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
        status=429 if too_often else 200 if asked else form_status(form),
    )


@resident
@require_safe
@receipt_from_link(LinkPurpose.PAGE)
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
    for item in (item for exchange in talk.exchanges for item in exchange.items):
        item.reaction_form = mistaken if mistaken and mistaken.item == item.pk else ReactionForm(about=item)
        if hasattr(item, "look_back"):
            item.happened_form = unclear if unclear and unclear.item == item.pk else HappenedForm(about=item)
    contact = Contact.objects.select_related("receipt").filter(receipt=receipt).first()
    return render(
        request,
        "feedback/private/page.html",
        {
            "token": token,
            "talk": talk,
            "put_back_until": talk.withdrawn_on and private.withdrawal_undo_until(talk.withdrawn_on),
            "contact": contact,
            "other_ways": len(available_carriers(receipt)) > 1,
            "asleep": in_quiet_hours(),
            "may_leave_address": not receipt.without_contact,
            "may_choose_how_often": may_choose_how_often(contact),
            "is_offer": receipt.purpose == ReceiptPurpose.OFFER,
            "is_task": receipt.purpose == ReceiptPurpose.TASK,
            "is_answer": receipt.purpose == ReceiptPurpose.PARTICIPATION,
            "panels": [
                (panel.title, render_to_string(panel.template, panel.context, request))
                for panel in panels_on(PanelPage.PRIVATE, receipt)
            ],
            "done": request.GET.get("done", ""),
            "mistaken": mistaken,
            "unclear": unclear,
        },
        status=422 if mistaken or unclear else 200,
    )


@resident
@require_POST
@receipt_from_link(LinkPurpose.PAGE)
def react(request: HttpRequest, *, receipt: Receipt, key: str, token: str, item: int) -> HttpResponse:
    shown = get_object_or_404(FollowUpItem.objects.shown(), pk=item, receipt=receipt)
    form = ReactionForm(request.POST, about=shown)
    if not form.is_valid():
        form.item = shown.pk
        return private_page(request, receipt, token, mistaken=form)
    if not _save_reaction(shown, form):
        form.item = shown.pk if form.cleaned_data["reason"] else None
        return private_page(request, receipt, token, mistaken=form)
    return redirect(reverse("private_page", args=[token]) + f"#item-{shown.pk}")


def _save_reaction(shown: FollowUpItem, form: ReactionForm) -> bool:
    """Save the reaction. False if refused, with the reason on the form."""
    try:
        replies.react(item=shown, answers_me=form.answers_me, reason=form.cleaned_data["reason"])
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.ITEM)
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
    form = ReactionForm(request.POST or None, about=shown, initial={"answer": chosen})
    if form.is_valid() and _save_reaction(shown, form):
        return redirect("private_item", token=token)
    return render(
        request,
        "feedback/private/item.html",
        {
            "token": token,
            "item": shown,
            "said": contributions_answered_by(shown),
            "replies": replies_to(shown),
            "again_on": reopened_due_on(shown),
            "chosen": chosen,
            "form": form,
            "withdrawn": withdrawn_on(receipt),
        }
        | unsubscribe_context(receipt),
        status=422 if form.is_bound else 200,
    )


# “This is yours”: the address, withdrawing, downloading and erasing. Downloading and erasing need proof.
#
# The proof is the private code, typed again, or a fresh link sent to the holder: a private link alone may
# have been forwarded or found in the history of a phone.


_GET_AND_POST = ["GET", "HEAD", "POST"]
DOUBLE_TAP_SECONDS = 600
"""Seconds in which erasing again from the same page shows the proof of erasure again."""


@resident
@require_http_methods(_GET_AND_POST)
@receipt_from_link(LinkPurpose.PAGE)
def private_address(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    if receipt.without_contact:
        return _back(token)
    contact = Contact.objects.filter(receipt=receipt).first()
    if request.POST.get("action") == "remove":
        hearing_back.remove_address(receipt=receipt)
        return _back(token, "address-removed")
    page = {"token": token, "contact": contact, "withdrawn": withdrawn_on(receipt)}
    page |= carrier_context(request, receipt)
    if request.POST.get("action") == "back" and contact:
        try:
            with suppress(Contact.DoesNotExist):  # removed meanwhile: the page says that there is none
                hearing_back.resubscribe(receipt=receipt)
        except DomainError as error:
            page |= {"form": CONTACT_FORMS[page["by"]](), "proof": CodeForm(), "error": str(error)}
            return render(request, "feedback/private/address.html", page, status=422)
        return _back(token, "address-back")
    form = address_form(request, receipt)
    # Needs proof, as an address can request the link that erases; a forwarded private link must not suffice
    # to set one.
    proof, proven = _proof(request, receipt)
    may_leave = form.is_bound and form.is_valid() and proven and not page["withdrawn"]
    if may_leave and save_address(request, receipt, form):
        return _back(token, "address-left")
    page |= {"form": form, "proof": proof}
    return render(request, "feedback/private/address.html", page, status=422 if form.is_bound else 200)


@resident
@require_http_methods(_GET_AND_POST)
@receipt_from_link(LinkPurpose.PAGE)
def how_often(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    contact = Contact.objects.select_related("receipt").filter(receipt=receipt).first()
    form = how_often_form(request, contact)
    if form is None:
        return _back(token)
    if save_how_often(receipt, form):
        return _back(token, "how-often")
    context = {"token": token, "form": form}
    return render(request, "feedback/private/how_often.html", context, status=422 if form.is_bound else 200)


@resident
@require_http_methods(_GET_AND_POST)
@receipt_from_link(LinkPurpose.PAGE)
def private_withdraw(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    if request.method == "POST" and request.POST.get("action") == "put_back":
        private.undo_withdrawal(receipt=receipt)
        return _back(token, "put-back")
    if request.method == "POST":
        private.withdraw_receipt(receipt=receipt)
        return _back(token)
    return render(
        request,
        "feedback/private/withdraw.html",
        {
            "token": token,
            "until": private.withdrawal_undo_until(timezone.localdate()),
            "is_offer": receipt.purpose == ReceiptPurpose.OFFER,
            "is_task": receipt.purpose == ReceiptPurpose.TASK,
            "is_answer": receipt.purpose == ReceiptPurpose.PARTICIPATION,
        },
    )


@resident
@require_POST
@receipt_from_link(LinkPurpose.PAGE)
def quote(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    found = (
        contributions.can_be_quoted(receipt)
        .filter(slot=request.POST.get("slot", "").replace("\0", ""))
        .first()
    )
    if found is None:
        return _back(token)
    allowed = request.POST.get("action") == "allow"
    contributions.allow_quoting(contribution=found, allowed=allowed)
    return _back(token, "quote-allowed" if allowed else "quote-taken-back")


@resident
@require_POST
@receipt_from_link(LinkPurpose.PAGE)
def mail_link(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Send a fresh link as proof, for holders without their code at hand."""
    if limits.is_limit_reached(request, limits.MAIL_LIMIT):
        return _back(token, "too-often")
    if in_quiet_hours() and Contact.objects.filter(receipt=receipt).exclude(mobile="").exists():
        return _back(token, "at-night")
    limits.record_attempt(request, limits.MAIL_LIMIT)
    private.mail_link(receipt=receipt)
    return _back(token, "link-mailed")


@resident
@require_http_methods(_GET_AND_POST)
@receipt_from_link(LinkPurpose.PAGE)
def download(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    form, proven = _proof(request, receipt)
    if proven:
        return _everything(request, receipt)
    return _ask(request, "feedback/private/download.html", receipt, token, form)


def _erased_just_now(request: HttpRequest, token: str) -> HttpResponse:
    """After a double tap: shows the proof again, as the first response never reached the screen and it is
    shown only here."""
    proof = cache.get(_proof_key(token)) if request.method == "POST" else None
    if proof is None:
        return invalid_link(request)
    erasure, language = proof
    with translation.override(language):
        return render(request, "feedback/private/erased.html", {"erasure": erasure})


def _proof_key(token: str) -> str:
    return f"erased:{keyed_hash(token, purpose='erased')}"


@resident
@require_http_methods(_GET_AND_POST)
@receipt_from_link(LinkPurpose.PAGE, gone=_erased_just_now)
def erase(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    form, proven = _proof(request, receipt)
    if proven:
        return _erase(request, receipt, token)
    return _ask(request, "feedback/private/erase.html", receipt, token, form)


@resident
@require_http_methods(_GET_AND_POST)
@receipt_from_link(LinkPurpose.ERASE, max_age=private.FRESH_LINK_SECONDS, gone=_erased_just_now)
def fresh(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Actions that otherwise need the code, from a link that was just requested. `key` is its expiry as a
    timestamp, if sooner than an hour after signing."""
    if key and timezone.now().timestamp() > int(key):
        return invalid_link(request)
    action = request.POST.get("action", "")
    if action == "download":
        return _everything(request, receipt)
    if action == "erase":
        return _erase(request, receipt, token)
    context: dict[str, Any] = {"token": token}
    if action == "code":
        context = {"code": private.renew_code(receipt=receipt)}
    context["page_url"] = reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)])
    return render(request, "feedback/private/fresh.html", context)


def _proof(request: HttpRequest, receipt: Receipt) -> tuple[CodeForm, bool]:
    """The code form, and whether it holds the code of this receipt. Rate limited."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return form, False
    mine = receipt.pk.hex
    if limits.is_limit_reached(request, limits.WRONG_PROOF_LIMIT, about=mine):
        form.add_error(None, private.TOO_OFTEN_MESSAGE)
        return form, False
    if form.is_valid():
        if private.is_code_of(receipt, form.cleaned_data["code"]):
            return form, True
        limits.record_attempt(request, limits.WRONG_PROOF_LIMIT, about=mine)
        form.add_error("code", UNKNOWN_CODE)
    return form, False


def _ask(request: HttpRequest, template: str, receipt: Receipt, token: str, form: CodeForm) -> HttpResponse:
    contact = Contact.objects.filter(receipt=receipt, confirmed_at__isnull=False).first()
    by = contact.carrier if contact else ""
    has_address = by if by in (DeliveryChannel.MAIL, DeliveryChannel.TEXT) else ""
    context = {
        "token": token,
        "form": form,
        "has_address": has_address,
        "is_offer": receipt.purpose == ReceiptPurpose.OFFER,
        "is_task": receipt.purpose == ReceiptPurpose.TASK,
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


def _everything(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    everything = private.download(receipt)
    if request.POST.get("as") == "file":
        response = JsonResponse(everything, json_dumps_params={"ensure_ascii": False, "indent": 2})
        response["Content-Disposition"] = f'attachment; filename="nabij-{timezone.localdate():%Y-%m-%d}.json"'
        return response
    context = {"everything": [(heading, private.as_blocks(data)) for heading, data in everything.items()]}
    return render(request, "feedback/private/everything.html", context)


def _erase(request: HttpRequest, receipt: Receipt, token: str) -> HttpResponse:
    erasure = private.erase(receipt=receipt)
    cache.set(_proof_key(token), (erasure, get_language()), DOUBLE_TAP_SECONDS)
    return render(request, "feedback/private/erased.html", {"erasure": erasure})


def _back(token: str, done: str = "") -> HttpResponse:
    url = reverse("private_page", args=[token])
    return redirect(f"{url}?done={done}" if done else url)


# “Did what was promised happen?”: from the private page, or from a mail. GET changes nothing.


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.ITEM)
def happened(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """From a mail: what was promised, and the question whether it happened."""
    asked = FollowUpItem.objects.shown().select_related("follow_up", "look_back__words")
    try:
        item = asked.get(pk=int(key), receipt=receipt, look_back__isnull=False)
    except (FollowUpItem.DoesNotExist, ValueError):
        return invalid_link(request)
    form = HappenedForm(request.POST if request.method == "POST" else None, about=item)
    if form.is_valid() and _save_happened(item, form):
        return redirect("private_happened", token=token)
    form.item = item.pk if form.is_bound else None
    context = {"token": token, "item": item, "form": form, "withdrawn": withdrawn_on(receipt)}
    status = 422 if form.is_bound else 200
    return render(request, "feedback/private/happened.html", context, status=status)


@resident
@require_POST
@receipt_from_link(LinkPurpose.PAGE)
def happened_here(request: HttpRequest, *, receipt: Receipt, key: str, token: str, item: int) -> HttpResponse:
    """From the private page."""
    asked = FollowUpItem.objects.shown().filter(look_back__isnull=False)
    found = get_object_or_404(asked, pk=item, receipt=receipt)
    form = HappenedForm(request.POST, about=found)
    if form.is_valid() and _save_happened(found, form):
        return redirect(reverse("private_page", args=[token]) + f"#happened-{found.pk}")
    form.item = found.pk
    return private_page(request, receipt, token, unclear=form)


def _save_happened(item: FollowUpItem, form: HappenedForm) -> bool:
    """Save the reply. False if refused, with the reason on the form."""
    said = form.cleaned_data
    try:
        looking_back.save_fulfilment_reply(item=item, happened=said["happened"], words=said["words"])
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True
