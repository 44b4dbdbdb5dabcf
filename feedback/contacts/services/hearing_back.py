"""Leaving a way to be reached, confirming it, and being left alone again.

An e-mail address or a number is used only after its holder pressed the button behind the link that was sent there.
A house can't be asked: an address for letters counts at once, and a letter never quotes. Unsubscribing ends messages
about one answer; “nothing at all” ends all of this municipality until the holder confirms an address again.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Event, Receipt, Suppression, User
from accounts.states import SuppressionReason, SuppressionScope
from core.errors import DomainError
from core.keyed import address_hash
from core.limits import mailbox_is_full
from core.rows import get_or_gone, refresh_or_gone
from feedback.delivery.rhythm import leaves_at
from feedback.delivery.services.outbox import queue_message
from feedback.delivery.services.quarantine import journal_resubscribed, journal_unsubscribed
from feedback.models import Message
from feedback.states import (
    ASKED_FOR_NOW,
    BY_LETTER,
    WITH_LETTERS,
    BatchState,
    MessagePurpose,
    MessageState,
)

CONFIRM_DAYS = 7
"""An address that was not confirmed by then is erased; its link stops working on the same day."""

NO_LETTERS = _("No letters go to this address any more. Call us if you want them again.")

SAME_REQUEST = timedelta(minutes=10)
"""The same address left again within this time is a double tap; later it asks for the mail once more."""


@transaction.atomic
def leave_address(
    *,
    receipt: Receipt,
    email: str = "",
    mobile: str = "",
    postal: str = "",
    is_16_or_older: bool,
    consent_sentence: str,
    now: datetime | None = None,
) -> Contact:
    """Keep one of `email`, `mobile` (as core.phone_numbers writes it) and `postal` for this receipt.

    An e-mail address or a number is not confirmed yet: its holder is asked there whether it is theirs. Another address
    replaces the first one. One that was confirmed already is not asked again, unless it gets nothing of this
    municipality at all: then only its holder can lift that.
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
    address = email or mobile or postal
    # A double tap waits here for the first one.
    get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=receipt.pk)
    contact = Contact.objects.filter(receipt=receipt).first()
    if contact and contact.address.lower() == address.lower():
        if contact.confirmed_at and not is_suppressed(address):
            Contact.objects.filter(pk=contact.pk).update(unsubscribed_at=None, consent=consent_sentence)
            refresh_or_gone(contact)
            return contact
        if contact.confirmed_at is None and now - contact.created_at < SAME_REQUEST:
            return contact
    if postal and is_suppressed(postal):
        raise DomainError(NO_LETTERS)
    asked_until = waits_until(contact) if contact else None
    contact, _created = Contact.objects.update_or_create(
        receipt=receipt,
        defaults={
            "email": email,
            "mobile": mobile,
            "postal": postal,
            "is_16_or_older": True,
            "consent": consent_sentence,
            "created_at": now,
            "confirmed_at": now if postal else None,
            "unsubscribed_at": None,
        },
    )
    go_another_way(contact, now, asked_until)
    if not postal:
        _ask(contact, now=now)
    Event.log("left_address", contact, by=None)
    return contact


def go_another_way(contact: Contact, now: datetime, asked_until: datetime | None = None) -> None:
    """What waits to tell them an answer goes to where they are reached now; what asked about the old one is void.

    That holds for what was claimed and not begun, and for letters of which nobody took the file: it is found one short
    and made anew. Called with the contact locked, as who hands over and who takes letters do. `asked_until` is until
    when what waits waited for the address before this one to be confirmed, if it did.
    """
    theirs = Message.objects.filter(receipt=contact.receipt_id)
    theirs.filter(state=MessageState.CLAIMED).move(MessageState.PENDING)
    waiting = theirs.filter(state=MessageState.PENDING)
    waiting.filter(batch__state__in=WITH_LETTERS - {BatchState.TAKEN}).update(batch=None)
    waiting = waiting.filter(batch=None)
    other = waiting.exclude(carrier=contact.carrier)
    other.exclude(purpose__in=BY_LETTER).move(MessageState.CANCELLED, settled_at=now)
    other.filter(purpose__in=BY_LETTER).update(carrier=contact.carrier)
    if contact.confirmed_at is None:
        _wait_for_confirming(contact)
    elif asked_until:
        _let_leave(contact, asked_until, now)


def waits_until(contact: Contact) -> datetime | None:
    """When an address that was not confirmed is erased; None for one that was."""
    return None if contact.confirmed_at else contact.created_at + timedelta(days=CONFIRM_DAYS)


def _wait_for_confirming(contact: Contact) -> None:
    """What would leave before their holder said that the address is theirs waits for that, or ends with the address."""
    until = waits_until(contact)
    waiting = Message.objects.filter(receipt=contact.receipt_id, state=MessageState.PENDING, batch=None)
    sooner = Q(next_attempt_at=None) | Q(next_attempt_at__lt=until)
    waiting.filter(sooner).exclude(purpose__in=ASKED_FOR_NOW).update(next_attempt_at=until)


def _let_leave(contact: Contact, asked_until: datetime | None, now: datetime) -> None:
    """What waited until then for an address to be confirmed leaves as its reader chose."""
    leaves = leaves_at(contact.how_often, timezone.localtime(now))
    waited = Message.objects.filter(
        receipt=contact.receipt_id, state=MessageState.PENDING, batch=None, next_attempt_at=asked_until
    )
    waited.filter(purpose=MessagePurpose.FOLLOW_UP).update(next_attempt_at=leaves)
    # Only answers can be waited for until the last of them.
    waited.exclude(purpose=MessagePurpose.FOLLOW_UP).update(next_attempt_at=leaves or now)


def _ask(contact: Contact, *, now: datetime) -> None:
    if mailbox_is_full(contact.address):
        if contact.mobile:
            raise DomainError(_("We sent this number a few texts already. Try again in an hour."))
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
        carrier=contact.carrier,
        now=now,
    )


def ask_whether_theirs(contact: Contact, *, now: datetime) -> bool:
    """For who is called or written to by a person anyway: a mailbox that had enough is asked nothing, and no more.

    True when a mail goes out.
    """
    if not contact.email or contact.confirmed_at:
        return False
    try:
        _ask(contact, now=now)
    except DomainError:
        return False
    return True


def confirm_key(contact: Contact) -> str:
    """Ties a confirming link to the address it was mailed to: another address has another key."""
    return f"{contact.pk}.{contact.created_at.timestamp():.6f}"


@transaction.atomic
def confirm_address(*, receipt: Receipt, key: str, now: datetime | None = None) -> Contact:
    """The holder of the mailbox says it is theirs. Saying it twice is saying it once.

    Raises Contact.DoesNotExist when the address was changed or erased since the mail.
    """
    now = now or timezone.now()
    contact = get_or_gone(Contact.objects.select_for_update(), receipt=receipt)
    if confirm_key(contact) != key:
        raise Contact.DoesNotExist
    if Contact.objects.filter(pk=contact.pk, confirmed_at=None).update(confirmed_at=now):
        _let_leave(contact, waits_until(contact), now)
        Suppression.objects.of(contact.address).filter(scope=SuppressionScope.EVERYTHING).delete()
        Event.log("confirmed_address", contact, by=None)
    refresh_or_gone(contact)
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
    if contact.address:
        suppression, created = Suppression.objects.get_or_create(
            address_hash=address_hash(contact.address),
            scope=SuppressionScope.EVERYTHING,
            defaults={"reason": SuppressionReason.ASKED},
        )
        if created:
            Event.log("suppressed_address", suppression, by=None)
    return True


@transaction.atomic
def write_again_to(house: str, *, by: User) -> None:
    """Somebody who lives there called: this house may get letters again, whoever left it. Raises DomainError when it
    may already. `house` is what stands below the name on an envelope."""
    stops = Suppression.objects.of(f"\n{house}").filter(scope=SuppressionScope.EVERYTHING)
    stopped = stops.select_for_update().first()
    if stopped is None:
        raise DomainError(_("No letters are stopped for this house. Look at the number and the postcode."))
    Event.log("lifted stop", stopped, by=by)
    stopped.delete()


@transaction.atomic
def resubscribe(*, receipt: Receipt, now: datetime | None = None) -> Contact:
    """It was a mistake. After “no mail at all” the holder of the mailbox confirms once more.

    Raises Contact.DoesNotExist when there is no address any more, and DomainError for a house that gets nothing at all:
    nobody can be asked there whether who left it may lift that.
    """
    now = now or timezone.now()
    contact = get_or_gone(Contact.objects.select_for_update(), receipt=receipt)
    if contact.unsubscribed_at is None:
        return contact
    if is_suppressed(contact.address):
        if contact.postal:
            raise DomainError(NO_LETTERS)
        contact.created_at, contact.confirmed_at = now, None
    contact.unsubscribed_at = None
    contact.save(update_fields=["created_at", "confirmed_at", "unsubscribed_at"])
    transaction.on_commit(lambda: journal_resubscribed(receipt.pk))
    if contact.confirmed_at is None:
        _wait_for_confirming(contact)
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


def is_suppressed(address: str) -> bool:
    """Whether this address gets nothing of this municipality at all."""
    return Suppression.objects.of(address).filter(scope=SuppressionScope.EVERYTHING).exists()
