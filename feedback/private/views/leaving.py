"""Parts of the private page for leaving an address and choosing how often mail comes."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from accounts.states import DeliveryChannel, ReceiptPurpose
from core import limits
from core.errors import DomainError
from feedback.answers.services.release import choose_how_often
from feedback.contacts.forms import CONTACT_FORMS, HearBackForm, HowOftenForm
from feedback.contacts.services.hearing_back import leave_address
from feedback.private.services.ways_in import TOO_OFTEN
from neighbourhoods.models import Municipality


def ways(receipt: Receipt) -> list[str]:
    """Carriers available to its holder: mail always, paid ones if the municipality set a price. Messages
    other than answers go by mail only."""
    municipality, answers = Municipality.current(), receipt.purpose in BY_OTHER_WAYS
    by_text = answers and bool(settings.SMS_URL) and municipality.text_price is not None
    by_letter = answers and municipality.letter_price is not None
    return [DeliveryChannel.MAIL, *[DeliveryChannel.TEXT] * by_text, *[DeliveryChannel.LETTER] * by_letter]


def way_of(request: HttpRequest, receipt: Receipt) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in ways(receipt) else DeliveryChannel.MAIL


def address_form(request: HttpRequest, receipt: Receipt) -> HearBackForm:
    return CONTACT_FORMS[way_of(request, receipt)](request.POST if request.method == "POST" else None)


def other_ways(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """The chosen carrier and the alternatives, as template context."""
    chosen = way_of(request, receipt)
    return {"by": chosen, "other_ways": [way for way in ways(receipt) if way != chosen]}


def way_to_stop(receipt: Receipt) -> dict[str, str]:
    """An unsubscribe link for readers who come from a text or a letter, which has no room for it; a mail has one."""
    contact = Contact.objects.filter(receipt=receipt, unsubscribed_at=None).first()
    if contact is None or contact.carrier not in (DeliveryChannel.TEXT, DeliveryChannel.LETTER):
        return {}
    token = sign_link(receipt, LinkPurpose.UNSUBSCRIBE)
    return {"by": contact.carrier, "stop_url": reverse("private_unsubscribe", args=[token])}


def leave(request: HttpRequest, receipt: Receipt, form: HearBackForm) -> bool:
    """Save the address of a valid form. False if refused, with the reason at the field."""
    if limits.is_spent(request, limits.MAILS):
        form.add_error(form.address_field, TOO_OFTEN)
        return False
    limits.spend(request, limits.MAILS)
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


BY_OTHER_WAYS = frozenset({ReceiptPurpose.PARTICIPATION, ReceiptPurpose.NOTE})
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
