"""Access to the private page: by code, or by a link sent to those who lost it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy

from accounts.codes import new_code, normalise_private_code
from accounts.models import Contact, Event, Receipt
from accounts.states import ReceiptPurpose
from core.keyed import code_hash
from core.limits import mailbox_is_full
from feedback.delivery.services.outbox import queue_message
from feedback.delivery.services.sms import sleeps
from feedback.models import Message
from feedback.states import MessagePurpose

TOO_OFTEN = gettext_lazy(
    "This was asked for too often from here. Try again in an hour; your answer counts meanwhile."
)

FRESH = 3600
"""Seconds that a sent link proves a recent request by its holder."""

_MAX_MAILS = 5
"""Links sent per request: one mailbox may have answered several surveys."""


def receipt_of(typed: str) -> Receipt | None:
    """The receipt of a private code as typed; None if unknown."""
    code = normalise_private_code(typed)
    return Receipt.objects.filter(code_hash=code_hash(code)).first() if code else None


def is_code_of(receipt: Receipt, typed: str) -> bool:
    code = normalise_private_code(typed)
    return code is not None and constant_time_compare(code_hash(code), receipt.code_hash)


@transaction.atomic
def mail_link(*, receipt: Receipt, now: datetime | None = None) -> Message | None:
    """Send a fresh link to the confirmed address or number; None if there is none, or it had too many.

    None at night for a number as well: no text is sent then, and in the morning nobody waits for it.
    Idempotent within ten minutes.
    """
    now = now or timezone.now()
    contact = Contact.objects.filter(receipt=receipt, confirmed_at__isnull=False).first()
    if contact is None or not (contact.email or contact.mobile) or (contact.mobile and sleeps(now)):
        return None
    if mailbox_is_full(contact.address):
        return None
    return queue_message(
        purpose=MessagePurpose.CODE,
        dedupe_key=f"code:{receipt.pk}:{int(now.timestamp()) // 600}",
        language=receipt.language,
        receipt=receipt,
        carrier=contact.carrier,
        now=now,
    )


def mail_links_to(*, address: str, now: datetime | None = None) -> None:
    """Send links for every receipt this address was confirmed for. Does not reveal whether there are any."""
    contacts = (
        Contact.objects.filter(
            Q(email__iexact=address.strip()) | Q(mobile=address.strip()), confirmed_at__isnull=False
        )
        .exclude(receipt__purpose=ReceiptPurpose.INVITATION)  # has no private page
        .select_related("receipt")
        .order_by("-created_at")
    )
    for contact in contacts[:_MAX_MAILS]:
        mail_link(receipt=contact.receipt, now=now)


def renew_code(*, receipt: Receipt) -> str:
    """Create a new private code, to be shown once. Invalidates the old code and all earlier links."""
    while True:
        code = new_code()
        try:
            with transaction.atomic():
                Receipt.objects.filter(pk=receipt.pk).update(
                    code_hash=code_hash(code), revocation=receipt.revocation + 1
                )
                Event.objects.create(verb="renewed_code", kind=Receipt._meta.label_lower, key="")
        except IntegrityError:  # the code is taken
            continue
        receipt.refresh_from_db()
        return code
