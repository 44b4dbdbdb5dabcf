"""Leaving an address on a page of one's own, and how often it is written to."""

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
from feedback.answers.services.digests import choose_how_often
from feedback.contacts.forms import CONTACT_FORMS, HearBackForm, HowOftenForm
from feedback.contacts.services.hearing_back import leave_address
from feedback.private.services.ways_in import TOO_OFTEN
from neighbourhoods.models import Municipality


def ways(receipt: Receipt) -> list[str]:
    """How its holder can be written to here: by mail always, by what costs money where the municipality said so. What
    is no answer goes by mail alone."""
    municipality, answers = Municipality.current(), receipt.purpose in BY_OTHER_WAYS
    by_text = answers and bool(settings.SMS_URL) and municipality.text_price is not None
    by_letter = answers and municipality.letter_price is not None
    return [DeliveryChannel.MAIL, *[DeliveryChannel.TEXT] * by_text, *[DeliveryChannel.LETTER] * by_letter]


def way_of(request: HttpRequest, receipt: Receipt) -> str:
    """The one that was chosen by a link beside the form."""
    asked = request.GET.get("by", "")
    return asked if asked in ways(receipt) else DeliveryChannel.MAIL


def address_form(request: HttpRequest, receipt: Receipt) -> HearBackForm:
    """For an address of the chosen kind, as it was sent or empty."""
    return CONTACT_FORMS[way_of(request, receipt)](request.POST if request.method == "POST" else None)


def other_ways(request: HttpRequest, receipt: Receipt) -> dict[str, Any]:
    """The kinds of address one can leave here, for the page: which is chosen, and which there are besides."""
    chosen = way_of(request, receipt)
    return {"by": chosen, "other_ways": [way for way in ways(receipt) if way != chosen]}


def way_to_stop(receipt: Receipt) -> dict[str, str]:
    """For who comes from a text or a letter, in which there is no room for it; a mail says so itself."""
    contact = Contact.objects.filter(receipt=receipt, unsubscribed_at=None).first()
    if contact is None or contact.carrier not in (DeliveryChannel.TEXT, DeliveryChannel.LETTER):
        return {}
    token = sign_link(receipt, LinkPurpose.UNSUBSCRIBE)
    return {"by": contact.carrier, "stop_url": reverse("private_unsubscribe", args=[token])}


def leave(request: HttpRequest, receipt: Receipt, form: HearBackForm) -> bool:
    """Whether the address of a valid form is kept; what is in the way stands at the field."""
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
"""Whose mails are answers, of which several can go together."""


def may_choose_how_often(contact: Contact | None) -> bool:
    return bool(
        contact
        and contact.receipt.purpose in HEARS_ANSWERS
        and contact.confirmed_at
        and not contact.unsubscribed_at
    )


def how_often_form(request: HttpRequest, contact: Contact | None) -> HowOftenForm | None:
    """The choice as it stands, or as it was sent just now; None for whom there is nothing to choose."""
    if contact is None or not may_choose_how_often(contact):
        return None
    sent = request.POST if request.POST.get("action") == "how_often" else None
    return HowOftenForm(sent, initial={"how_often": contact.how_often})


def save_how_often(receipt: Receipt, form: HowOftenForm | None) -> bool:
    """Whether a choice that was sent is kept."""
    if form is None or not form.is_valid():
        return False
    with suppress(Contact.DoesNotExist):  # taken away meanwhile: the page says that there is none
        choose_how_often(receipt=receipt, chosen=form.cleaned_data["how_often"])
    return True
