"""Leaving a way to be reached, confirming it, and being left alone again.

The address is used only after its holder pressed the button in a mail. Unsubscribing ends mail about one
answer; “no mail at all” ends all mail of this municipality until the holder confirms an address again.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.keyed import address_hash
from accounts.limits import mailbox_is_full
from accounts.models import Contact, Event, Receipt, Suppression
from accounts.states import SuppressionReason, SuppressionScope
from feedback.models import Message
from feedback.services.outbox import queue_message
from feedback.services.quarantine import journal_resubscribed, journal_unsubscribed
from feedback.states import MessagePurpose, MessageState
from neighbourhoods.errors import DomainError

CONFIRM_DAYS = 7
"""An address that was not confirmed by then is erased; its link stops working on the same day."""

SAME_REQUEST = timedelta(minutes=10)
"""The same address left again within this time is a double tap; later it asks for the mail once more."""


@transaction.atomic
def leave_address(
    *,
    receipt: Receipt,
    email: str,
    is_16_or_older: bool,
    consent_sentence: str,
    now: datetime | None = None,
) -> Contact:
    """Keep `email` for this receipt, not yet confirmed, and ask its holder by mail whether it is theirs.

    Another address replaces the first one. An address that was confirmed already is not asked again, unless
    it gets no mail of this municipality at all: then only its holder can lift that.
    Raises DomainError when the resident is younger than 16, or when the mailbox was asked too often.
    """
    if not is_16_or_older:
        raise DomainError(_("We can't keep the address of somebody younger than 16. Your answer counts."))
    if receipt.without_contact:
        raise DomainError(
            _(
                "Here nobody leaves an address, because people under 16 take part. Your code shows you everything."
            )
        )
    now = now or timezone.now()
    email = email.strip()
    # A double tap waits here for the first one.
    Receipt.objects.select_for_update(no_key=True).get(pk=receipt.pk)
    contact = Contact.objects.filter(receipt=receipt).first()
    if contact and contact.email.lower() == email.lower():
        if contact.confirmed_at and not is_suppressed(email):
            Contact.objects.filter(pk=contact.pk).update(unsubscribed_at=None, consent=consent_sentence)
            contact.refresh_from_db()
            return contact
        if contact.confirmed_at is None and now - contact.created_at < SAME_REQUEST:
            return contact
    contact, _created = Contact.objects.update_or_create(
        receipt=receipt,
        defaults={
            "email": email,
            "is_16_or_older": True,
            "consent": consent_sentence,
            "created_at": now,
            "confirmed_at": None,
            "unsubscribed_at": None,
        },
    )
    _ask(contact, now=now)
    Event.log("left_address", contact, by=None)
    return contact


def _ask(contact: Contact, *, now: datetime) -> None:
    if mailbox_is_full(contact.email):
        raise DomainError(
            _(
                "We sent this address a few mails already. Have a look among unwanted mail, or try again "
                "in an hour."
            )
        )
    queue_message(
        purpose=MessagePurpose.CONFIRM,
        dedupe_key=f"confirm:{contact.receipt_id}:{confirm_key(contact)}",
        language=contact.receipt.language,
        receipt=contact.receipt,
        now=now,
    )


def confirm_key(contact: Contact) -> str:
    """Ties a confirming link to the address it was mailed to: another address has another key."""
    return f"{contact.pk}.{contact.created_at.timestamp():.6f}"


@transaction.atomic
def confirm(*, receipt: Receipt, key: str, now: datetime | None = None) -> Contact:
    """The holder of the mailbox says it is theirs. Saying it twice is saying it once.

    Raises Contact.DoesNotExist when the address was changed or erased since the mail.
    """
    now = now or timezone.now()
    contact = Contact.objects.select_for_update().get(receipt=receipt)
    if confirm_key(contact) != key:
        raise Contact.DoesNotExist
    if Contact.objects.filter(pk=contact.pk, confirmed_at=None).update(confirmed_at=now):
        Suppression.objects.of(contact.email).filter(scope=SuppressionScope.EVERYTHING).delete()
        Event.log("confirmed_address", contact, by=None)
    contact.refresh_from_db()
    return contact


@transaction.atomic
def unsubscribe(*, receipt: Receipt, now: datetime | None = None) -> bool:
    """No more mail about this answer. True when that is so; False when there is no address (any more)."""
    contact = Contact.objects.select_for_update().filter(receipt=receipt).first()
    if contact is None:
        return False
    changed = Contact.objects.filter(pk=contact.pk, unsubscribed_at=None).update(
        unsubscribed_at=now or timezone.now()
    )
    if changed:
        journal_unsubscribed(receipt.pk)
        Event.log("unsubscribed", contact, by=None)
    return True


@transaction.atomic
def suppress_everything(*, receipt: Receipt, now: datetime | None = None) -> bool:
    """No mail at all from this municipality to the address of this receipt, whatever it is about."""
    if not unsubscribe(receipt=receipt, now=now):
        return False
    contact = Contact.objects.get(receipt=receipt)
    if contact.email:
        suppression, created = Suppression.objects.get_or_create(
            address_hash=address_hash(contact.email),
            scope=SuppressionScope.EVERYTHING,
            defaults={"reason": SuppressionReason.ASKED},
        )
        if created:
            Event.log("suppressed_address", suppression, by=None)
    return True


@transaction.atomic
def resubscribe(*, receipt: Receipt, now: datetime | None = None) -> Contact:
    """It was a mistake. After “no mail at all” the holder of the mailbox confirms once more.

    Raises Contact.DoesNotExist when there is no address any more.
    """
    now = now or timezone.now()
    contact = Contact.objects.select_for_update().get(receipt=receipt)
    if contact.unsubscribed_at is None:
        return contact
    if is_suppressed(contact.email):
        contact.created_at, contact.confirmed_at = now, None
    contact.unsubscribed_at = None
    contact.save(update_fields=["created_at", "confirmed_at", "unsubscribed_at"])
    transaction.on_commit(lambda: journal_resubscribed(receipt.pk))
    if contact.confirmed_at is None:
        _ask(contact, now=now)
    Event.log("resubscribed", contact, by=None)
    return contact


@transaction.atomic
def remove_address(*, receipt: Receipt) -> None:
    """The address is gone, and with it every mail that still waited for it. The answers stay."""
    contact = Contact.objects.select_for_update().filter(receipt=receipt).first()
    if contact:
        Message.objects.filter(receipt=receipt, state=MessageState.PENDING).move(
            MessageState.CANCELLED, settled_at=timezone.now()
        )
        Event.log("removed_address", contact, by=None)
        contact.delete()


def is_suppressed(email: str) -> bool:
    """Whether this address gets no mail of this municipality at all."""
    return Suppression.objects.of(email).filter(scope=SuppressionScope.EVERYTHING).exists()
