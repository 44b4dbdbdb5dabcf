"""What the holder of a private link decides: which mails, following an area, leaving."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import LinkPurpose, is_signed, open_link, sign_link
from accounts.models import Contact, Receipt
from accounts.states import DeliveryChannel, ReceiptPurpose
from core import limits
from core.actions import domain_errors_in, typed_words
from core.errors import DomainError
from feedback.answers.services import talking_back
from feedback.answers.services.release import choose_how_often
from feedback.contacts.forms import CONTACT_FORMS, FollowForm, HearBackForm, HowOftenForm
from feedback.contacts.services import hearing_back
from feedback.contacts.services.conversation import next_promise
from feedback.contacts.services.hearing_back import follow_area as begin
from feedback.contacts.services.hearing_back import followed_area, leave_address
from feedback.delivery.services.outbox import number_of
from feedback.models import Message
from feedback.private import services as private
from feedback.private.services import TOO_OFTEN_MESSAGE
from feedback.states import MessagePurpose
from neighbourhoods.access import public, resident
from neighbourhoods.models import Area, Municipality

# --- the holder of a link -------------------------------------------------------------------------
# Opens private links: checks the token, sets the language, and shows one page for every invalid link.


View = Callable[..., HttpResponse]


def receipt_from_link(
    link: LinkPurpose, *, max_age: int | None = None, gone: Callable[..., HttpResponse] | None = None
) -> Callable[[View], View]:
    """Pass `receipt` and `key` of a token with this purpose to the view; any other token gets the same
    404.

    `gone(request, token)` may respond otherwise if the receipt does not exist (any more).
    """

    def mark(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *, token: str, **kwargs: Any) -> HttpResponse:
            try:
                receipt, key = open_link(token, link, max_age=max_age)
            except Receipt.DoesNotExist:
                return gone(request, token) if gone else invalid_link(request)
            activate_language(request, receipt.language)
            try:
                return view(request, receipt=receipt, key=key, token=token, **kwargs)
            except Receipt.DoesNotExist:  # erased by a double tap or another phone meanwhile
                return gone(request, token) if gone else invalid_link(request)

        return wrapper

    return mark


def invalid_link(request: HttpRequest) -> HttpResponse:
    """The same page for forged, expired, revoked, erased or other tokens, so that a stranger learns
    nothing.

    Text that was submitted is shown again, so that its writer does not lose it.
    """
    return render(request, "feedback/private/does_not_open.html", {"typed": typed_words(request)}, status=404)


def activate_language(request: HttpRequest, language: str) -> None:
    """Activate the language of the receipt, unless the reader chose another on this device."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and translation.check_for_language(language):
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]


# --- choices --------------------------------------------------------------------------------------


# Parts of the private page for leaving an address and choosing how often mail comes.


def available_carriers(receipt: Receipt) -> list[str]:
    """Carriers available to its holder: mail always, paid ones if the municipality set a price. Messages
    other than answers go by mail only."""
    municipality, answers = Municipality.current(), receipt.purpose in PURPOSES_WITH_CARRIERS
    by_text = answers and bool(settings.SMS_URL) and municipality.text_price is not None
    by_letter = answers and municipality.letter_price is not None
    return [DeliveryChannel.MAIL, *[DeliveryChannel.TEXT] * by_text, *[DeliveryChannel.LETTER] * by_letter]


def chosen_carrier(request: HttpRequest, receipt: Receipt) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in available_carriers(receipt) else DeliveryChannel.MAIL


def address_form(request: HttpRequest, receipt: Receipt) -> HearBackForm:
    return CONTACT_FORMS[chosen_carrier(request, receipt)](request.POST if request.method == "POST" else None)


def carrier_context(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """The chosen carrier and the alternatives, as template context."""
    chosen = chosen_carrier(request, receipt)
    return {"by": chosen, "other_ways": [way for way in available_carriers(receipt) if way != chosen]}


def unsubscribe_context(receipt: Receipt) -> dict[str, str]:
    """An unsubscribe link for readers who come from a text or a letter, which has no room for it; a mail has one."""
    contact = Contact.objects.filter(receipt=receipt, unsubscribed_at=None).first()
    if contact is None or contact.carrier not in (DeliveryChannel.TEXT, DeliveryChannel.LETTER):
        return {}
    token = sign_link(receipt, LinkPurpose.UNSUBSCRIBE)
    return {"by": contact.carrier, "stop_url": reverse("private_unsubscribe", args=[token])}


def save_address(request: HttpRequest, receipt: Receipt, form: HearBackForm) -> bool:
    """Save the address of a valid form. False if refused, with the reason at the field."""
    if limits.is_limit_reached(request, limits.MAIL_LIMIT):
        form.add_error(form.address_field, TOO_OFTEN_MESSAGE)
        return False
    limits.record_attempt(request, limits.MAIL_LIMIT)
    try:
        leave_address(
            receipt=receipt,
            **form.address,
            is_16_or_older=form.cleaned_data["is_16_or_older"],
            consent_sentence=form.consent_sentence,
        )
    except DomainError as error:
        form.add_error(form.address_field, str(error))
        return False
    return True


PURPOSES_WITH_CARRIERS = frozenset({ReceiptPurpose.PARTICIPATION, ReceiptPurpose.NOTE})
HEARS_ANSWERS = frozenset({ReceiptPurpose.PARTICIPATION, ReceiptPurpose.NOTE, ReceiptPurpose.INITIATIVE})
"""Purposes whose mails are answers, which can be combined."""


def may_choose_how_often(contact: Contact | None) -> bool:
    return bool(
        contact
        and contact.receipt.purpose in HEARS_ANSWERS
        and contact.confirmed_at
        and not contact.unsubscribed_at
    )


def how_often_form(request: HttpRequest, contact: Contact | None) -> HowOftenForm | None:
    """The form for how often, bound if submitted; None if there is no choice."""
    if contact is None or not may_choose_how_often(contact):
        return None
    sent = request.POST if request.POST.get("action") == "how_often" else None
    return HowOftenForm(sent, initial={"how_often": contact.how_often})


def save_how_often(receipt: Receipt, form: HowOftenForm | None) -> bool:
    """Save a submitted choice. Returns whether it was valid."""
    if form is None or not form.is_valid():
        return False
    with suppress(Contact.DoesNotExist):  # removed meanwhile: the page says that there is none
        choose_how_often(receipt=receipt, chosen=form.cleaned_data["how_often"])
    return True


# Targets of links in mails: each a page with a button. GET changes nothing.


@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.CONFIRM, max_age=hearing_back.CONFIRM_DAYS * 86_400)
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
            "follows": followed_area(receipt),
            "offers": receipt.purpose == ReceiptPurpose.OFFER,
            "took_on": receipt.purpose == ReceiptPurpose.TASK,
        },
    )


# CSRF-exempt: one-click unsubscribing (RFC 8058) comes from a mail program without a cookie. The signed URL
# is the proof; nobody can make a browser post to a URL they don't know.
@csrf_exempt
@resident
@require_http_methods(["GET", "HEAD", "POST"])
@receipt_from_link(LinkPurpose.UNSUBSCRIBE)
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
            "follows": followed_area(receipt),
            "invited": receipt.purpose == ReceiptPurpose.INVITATION,
            "took_on": receipt.purpose == ReceiptPurpose.TASK,
            "form": how_often or how_often_form(request, contact),
            "done": request.GET.get("done", ""),
        },
        status=422 if error or how_often else 200,
    )


# Following a neighbourhood: an address with its own consent.


@public
@require_http_methods(["GET", "HEAD", "POST"])
def follow_area_page(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.existing(), slug=slug)
    form = FollowForm(request.POST if request.method == "POST" else None)
    sent_to = ""
    if form.is_valid() and limits.is_limit_reached(request, limits.MAIL_LIMIT):
        form.add_error("email", TOO_OFTEN_MESSAGE)
    elif form.is_valid():
        limits.record_attempt(request, limits.MAIL_LIMIT)
        with domain_errors_in(form, "email"):
            contact = begin(
                area=area,
                email=form.cleaned_data["email"],
                language=get_language() or "nl",
                is_16_or_older=form.cleaned_data["is_16_or_older"],
                consent_sentence=form.consent_sentence,
            )
            sent_to = contact.email
    return render(
        request,
        "feedback/follow.html",
        {"area": area, "form": form, "sent_to": sent_to},
        status=422 if form.errors else 200,
    )


# Targets of links in texts and letters: the page that the message is about. GET changes nothing.


@resident
@require_safe
def short(request: HttpRequest, token: str) -> HttpResponse:
    """Show or redirect to what the message is about: answers, a talk-back, a confirmation, or a fresh link."""
    message = _message(token)
    if message is None or message.receipt is None:
        return invalid_link(request)
    receipt = message.receipt
    activate_language(request, receipt.language)
    if message.purpose == MessagePurpose.CONFIRM:
        return _confirm(request, message)
    if message.purpose == MessagePurpose.CODE:
        # The hour counts from the request, however often the link is opened.
        until = int(message.created_at.timestamp()) + private.FRESH_LINK_SECONDS
        if timezone.now().timestamp() > until:
            return invalid_link(request)
        return redirect("private_fresh", token=sign_link(receipt, LinkPurpose.ERASE, str(until)))
    if message.purpose == MessagePurpose.TALK_BACK:
        return _asked_along(request, receipt, message)
    items = list(
        message.items.filter(cancelled=False, receipt=receipt).select_related("follow_up").order_by("pk")
    )
    links = [(item, sign_link(receipt, LinkPurpose.ITEM, str(item.pk))) for item in items]
    if len(links) == 1:
        return redirect("private_item", token=links[0][1])
    if not links:
        return invalid_link(request)
    return render(request, "feedback/private/several.html", {"links": links} | unsubscribe_context(receipt))


def _message(token: str) -> Message | None:
    """The message of a short link; None if the signature is invalid or was revoked."""
    number = number_of(token.partition("-")[0])
    found = Message.objects.select_related("receipt").filter(pk=number).first() if number else None
    if found is None or found.receipt is None:
        return None
    return found if is_signed(token, token.partition("-")[0], found.receipt) else None


def _asked_along(request: HttpRequest, receipt: Receipt, message: Message) -> HttpResponse:
    talk_back = talking_back.talk_back_of_message(message)
    if talk_back is None:
        return invalid_link(request)
    when = talking_back.when_and_where(talk_back, receipt.language)
    context = {
        "talk_back": talk_back,
        "when": when,
        "is_to_come": talk_back.is_upcoming,
    } | unsubscribe_context(receipt)
    return render(request, "feedback/private/asked_along.html", context)


def _confirm(request: HttpRequest, message: Message) -> HttpResponse:
    contact = getattr(message.receipt, "contact", None)
    old = timezone.now() - message.created_at > timedelta(days=hearing_back.CONFIRM_DAYS)
    if old or contact is None or not hearing_back.is_confirmation_of(message, contact):
        return invalid_link(request)
    key = hearing_back.confirm_key(contact)
    return redirect("private_confirm", token=sign_link(contact.receipt, LinkPurpose.CONFIRM, key))
