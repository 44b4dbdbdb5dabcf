"""Targets of links in texts and letters: the page that the message is about. GET changes nothing."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.links import LinkPurpose, is_signed, sign_link
from accounts.models import Receipt
from feedback.answers.services import talking_back
from feedback.contacts.services import hearing_back
from feedback.delivery.services.outbox import number_of
from feedback.models import Message
from feedback.private.services import ways_in
from feedback.private.views.holder import invalid_link, speak
from feedback.private.views.leaving import way_to_stop
from feedback.states import MessagePurpose
from neighbourhoods.access import resident


@resident
@require_safe
def short(request: HttpRequest, token: str) -> HttpResponse:
    """Show or redirect to what the message is about: answers, a talk-back, a confirmation, or a fresh link."""
    message = _message(token)
    if message is None or message.receipt is None:
        return invalid_link(request)
    receipt = message.receipt
    speak(request, receipt.language)
    if message.purpose == MessagePurpose.CONFIRM:
        return _confirm(request, message)
    if message.purpose == MessagePurpose.CODE:
        # The hour counts from the request, however often the link is opened.
        until = int(message.created_at.timestamp()) + ways_in.FRESH
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
    return render(request, "feedback/private/several.html", {"links": links} | way_to_stop(receipt))


def _message(token: str) -> Message | None:
    """The message of a short link; None if the signature is invalid or was revoked."""
    number = number_of(token.partition("-")[0])
    found = Message.objects.select_related("receipt").filter(pk=number).first() if number else None
    if found is None or found.receipt is None:
        return None
    return found if is_signed(token, token.partition("-")[0], found.receipt) else None


def _asked_along(request: HttpRequest, receipt: Receipt, message: Message) -> HttpResponse:
    back = talking_back.of_message(message)
    if back is None:
        return invalid_link(request)
    when = talking_back.when_and_where(back, receipt.language)
    context = {"back": back, "when": when, "is_to_come": back.is_to_come} | way_to_stop(receipt)
    return render(request, "feedback/private/asked_along.html", context)


def _confirm(request: HttpRequest, message: Message) -> HttpResponse:
    contact = getattr(message.receipt, "contact", None)
    old = timezone.now() - message.created_at > timedelta(days=hearing_back.CONFIRM_DAYS)
    # Valid only for the number it was sent to; a changed number gets a confirmation of its own.
    asked = contact and message.dedupe_key.endswith(f":{hearing_back.confirm_key(contact)}")
    if old or not asked:
        return invalid_link(request)
    key = hearing_back.confirm_key(contact)
    return redirect("private_confirm", token=sign_link(contact.receipt, LinkPurpose.CONFIRM, key))
