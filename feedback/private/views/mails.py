"""Targets of links in mails: each a page with a button. GET changes nothing."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.links import LinkPurpose
from accounts.models import Contact, Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from feedback.contacts.forms import HowOftenForm
from feedback.contacts.services import hearing_back
from feedback.contacts.services.conversation import next_promise
from feedback.contacts.services.following import followed
from feedback.private.views.holder import holder, invalid_link
from feedback.private.views.leaving import how_often_form, save_how_often
from neighbourhoods.access import resident


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.CONFIRM, max_age=hearing_back.CONFIRM_DAYS * 86_400)
def private_confirm(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    contact = Contact.objects.filter(receipt=receipt).first()
    if contact is None or hearing_back.confirm_key(contact) != key:
        return invalid_link(request)
    if request.method == "POST":
        try:
            hearing_back.confirm_address(receipt=receipt, key=key)
        except Contact.DoesNotExist:
            return invalid_link(request)
        return redirect("private_confirm", token=token)
    return render(
        request,
        "feedback/private/confirm.html",
        {
            "contact": contact,
            "promise": next_promise(receipt),
            "follows": followed(receipt),
            "offers": receipt.purpose == ReceiptPurpose.OFFER,
            "took_on": receipt.purpose == ReceiptPurpose.TASK,
        },
    )


# CSRF-exempt: one-click unsubscribing (RFC 8058) comes from a mail program without a cookie. The signed URL
# is the proof; nobody can make a browser post to a URL they don't know.
@csrf_exempt
@resident
@require_http_methods(["GET", "HEAD", "POST"])
@holder(LinkPurpose.UNSUBSCRIBE)
def unsubscribe(request: HttpRequest, *, receipt: Receipt, key: str, token: str) -> HttpResponse:
    """Stop mail about this answer or all mail, and undo that."""
    if request.method == "POST":
        if request.POST.get("List-Unsubscribe") == "One-Click":
            hearing_back.unsubscribe(receipt=receipt)
            return HttpResponse(status=200, content_type="text/plain")
        if request.POST.get("action") == "how_often":
            return _less_often(request, receipt, token)
        try:
            _carry_out(request.POST.get("action", ""), receipt)
        except DomainError as error:
            return _unsubscribe_page(request, receipt, error=str(error))
        return redirect("private_unsubscribe", token=token)
    return _unsubscribe_page(request, receipt)


def _carry_out(action: str, receipt: Receipt) -> None:
    if action == "answer":
        hearing_back.unsubscribe(receipt=receipt)
    elif action == "everything":
        hearing_back.suppress_everything(receipt=receipt)
    elif action == "back":
        with suppress(Contact.DoesNotExist):  # erased meanwhile: the page says that there is no address
            hearing_back.resubscribe(receipt=receipt)


def _less_often(request: HttpRequest, receipt: Receipt, token: str) -> HttpResponse:
    contact = Contact.objects.select_related("receipt").filter(receipt=receipt).first()
    form = how_often_form(request, contact)
    if form and not save_how_often(receipt, form):
        return _unsubscribe_page(request, receipt, how_often=form)
    return redirect(f"{reverse('private_unsubscribe', args=[token])}?done=how-often")


def _unsubscribe_page(
    request: HttpRequest, receipt: Receipt, error: str = "", how_often: HowOftenForm | None = None
) -> HttpResponse:
    contact = Contact.objects.select_related("receipt").filter(receipt=receipt).first()
    return render(
        request,
        "feedback/private/unsubscribe.html",
        {
            "contact": contact,
            "nothing_at_all": contact is not None and hearing_back.is_suppressed(contact.address),
            "error": error,
            "follows": followed(receipt),
            "invited": receipt.purpose == ReceiptPurpose.INVITATION,
            "took_on": receipt.purpose == ReceiptPurpose.TASK,
            "form": how_often or how_often_form(request, contact),
            "done": request.GET.get("done", ""),
        },
        status=422 if error or how_often else 200,
    )
