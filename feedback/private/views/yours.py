"""“This is yours”: the address, withdrawing, downloading and erasing. Downloading and erasing need proof.

The proof is the private code, typed again, or a fresh link sent to the holder: a private link alone may
have been forwarded or found in the history of a phone.
"""

from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from accounts.states import DeliveryChannel, ReceiptPurpose
from core import limits
from core.errors import DomainError
from core.keyed import keyed_hash
from feedback.contacts.forms import CONTACT_FORMS
from feedback.contacts.services import hearing_back
from feedback.contacts.services.conversation import withdrawn_on
from feedback.contributions.services import contributions
from feedback.delivery.services.sms import sleeps
from feedback.private.forms import UNKNOWN_CODE, CodeForm
from feedback.private.readable import as_blocks
from feedback.private.services import personal, ways_in
from feedback.private.views.holder import holder, invalid_link
from feedback.private.views.leaving import address_form, how_often_form, leave, other_ways, save_how_often
from neighbourhoods.access import resident

_GET_AND_POST = ["GET", "HEAD", "POST"]
SECOND_TAP = 600
"""Seconds in which erasing again from the same page shows the proof of erasure again."""


@resident
@require_http_methods(_GET_AND_POST)
@holder(LinkPurpose.PAGE)
def private_address(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    if receipt.without_contact:
        return _back(token)
    contact = Contact.objects.filter(receipt=receipt).first()
    if request.POST.get("action") == "remove":
        hearing_back.remove_address(receipt=receipt)
        return _back(token, "address-removed")
    page = {"token": token, "contact": contact, "withdrawn": withdrawn_on(receipt)}
    page |= other_ways(request, receipt)
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
    if may_leave and leave(request, receipt, form):
        return _back(token, "address-left")
    page |= {"form": form, "proof": proof}
    return render(request, "feedback/private/address.html", page, status=422 if form.is_bound else 200)


@resident
@require_http_methods(_GET_AND_POST)
@holder(LinkPurpose.PAGE)
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
@holder(LinkPurpose.PAGE)
def private_withdraw(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    if request.method == "POST" and request.POST.get("action") == "put_back":
        personal.put_back(receipt=receipt)
        return _back(token, "put-back")
    if request.method == "POST":
        personal.withdraw_receipt(receipt=receipt)
        return _back(token)
    return render(
        request,
        "feedback/private/withdraw.html",
        {
            "token": token,
            "until": personal.put_back_until(timezone.localdate()),
            "is_offer": receipt.purpose == ReceiptPurpose.OFFER,
            "is_task": receipt.purpose == ReceiptPurpose.TASK,
            "is_answer": receipt.purpose == ReceiptPurpose.PARTICIPATION,
        },
    )


@resident
@require_POST
@holder(LinkPurpose.PAGE)
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
@holder(LinkPurpose.PAGE)
def mail_link(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Send a fresh link as proof, for holders without their code at hand."""
    if limits.is_spent(request, limits.MAILS):
        return _back(token, "too-often")
    if sleeps() and Contact.objects.filter(receipt=receipt).exclude(mobile="").exists():
        return _back(token, "at-night")
    limits.spend(request, limits.MAILS)
    ways_in.mail_link(receipt=receipt)
    return _back(token, "link-mailed")


@resident
@require_http_methods(_GET_AND_POST)
@holder(LinkPurpose.PAGE)
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
@holder(LinkPurpose.PAGE, gone=_erased_just_now)
def erase(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    form, proven = _proof(request, receipt)
    if proven:
        return _erase(request, receipt, token)
    return _ask(request, "feedback/private/erase.html", receipt, token, form)


@resident
@require_http_methods(_GET_AND_POST)
@holder(LinkPurpose.ERASE, max_age=ways_in.FRESH, gone=_erased_just_now)
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
        context = {"code": ways_in.renew_code(receipt=receipt)}
    context["page_url"] = reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)])
    return render(request, "feedback/private/fresh.html", context)


def _proof(request: HttpRequest, receipt: Receipt) -> tuple[CodeForm, bool]:
    """The code form, and whether it holds the code of this receipt. Rate limited."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return form, False
    mine = receipt.pk.hex
    if limits.is_spent(request, limits.WRONG_PROOFS, about=mine):
        form.add_error(None, ways_in.TOO_OFTEN)
        return form, False
    if form.is_valid():
        if ways_in.is_code_of(receipt, form.cleaned_data["code"]):
            return form, True
        limits.spend(request, limits.WRONG_PROOFS, about=mine)
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
    everything = personal.download(receipt)
    if request.POST.get("as") == "file":
        response = JsonResponse(everything, json_dumps_params={"ensure_ascii": False, "indent": 2})
        response["Content-Disposition"] = f'attachment; filename="nabij-{timezone.localdate():%Y-%m-%d}.json"'
        return response
    context = {"everything": [(heading, as_blocks(data)) for heading, data in everything.items()]}
    return render(request, "feedback/private/everything.html", context)


def _erase(request: HttpRequest, receipt: Receipt, token: str) -> HttpResponse:
    erasure = personal.erase(receipt=receipt)
    cache.set(_proof_key(token), (erasure, get_language()), SECOND_TAP)
    return render(request, "feedback/private/erased.html", {"erasure": erasure})


def _back(token: str, done: str = "") -> HttpResponse:
    url = reverse("private_page", args=[token])
    return redirect(f"{url}?done={done}" if done else url)
