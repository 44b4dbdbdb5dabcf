"""Decides whether a message may still leave, and who renders it. Called in T4, with the contact locked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID

from django.urls import reverse

from accounts.links import LinkPurpose, absolute, sign_link, sign_short
from accounts.models import Contact, Receipt, Suppression, User
from accounts.states import DeliveryChannel, SuppressionScope
from core.keyed import address_hash
from feedback.delivery.emails import RenderedMail, with_links
from feedback.delivery.services import sms
from feedback.delivery.services.outbox import short_name
from feedback.models import Message
from feedback.registries import MessageRenderer, message_hooks
from feedback.states import ASKED_FOR_NOW, SHORT_LIVED, MessagePurpose, MessageState
from neighbourhoods.models import Municipality

SHORT_LIFE = timedelta(minutes=15)


def _nothing() -> RenderedMail:
    raise LookupError("There is nothing to write.")


@dataclass
class PreparedMessage:
    """One message, whether it goes, and how to render it after the transaction."""

    message: Message
    municipality: Municipality
    state: str = MessageState.HANDING_OVER
    why_not: str = ""
    address: str = ""
    write: Callable[[], RenderedMail] = _nothing
    # What the registry gave for it; None if the message holds its own text.
    renderer: MessageRenderer | None = None
    unsubscribe_url: str = ""
    # For a text or letter: the short link to what this message is about.
    short_url: str = ""

    @property
    def goes(self) -> bool:
        return self.state == MessageState.HANDING_OVER

    def leave_out(self, state: str, why: str) -> "PreparedMessage":
        self.state, self.why_not = state, why
        return self


def prepare_messages(
    messages: list[Message], contacts: dict[UUID, Contact], *, now: datetime
) -> list[PreparedMessage]:
    """Requires `messages` with user loaded; `contacts` by receipt, locked by the caller."""
    blocked, municipality = suppressed_hashes(contacts.values()), Municipality.current()
    parcels = [
        check_recipient(PreparedMessage(message, municipality), contacts, blocked, now)
        for message in messages
    ]
    find_renderers([parcel for parcel in parcels if parcel.goes])
    return parcels


def check_recipient(
    parcel: PreparedMessage, contacts: dict[UUID, Contact], blocked: set[str], now: datetime
) -> PreparedMessage:
    message = parcel.message
    if message.purpose in SHORT_LIVED and now - message.created_at > SHORT_LIFE:
        return parcel.leave_out(MessageState.CANCELLED, "nobody waits for it any more")
    if message.user:
        return to_colleague(parcel, message.user)
    contact = contacts.get(message.receipt_id) if message.receipt_id else None
    if contact is None or contact.carrier != message.carrier:
        return parcel.leave_out(MessageState.CANCELLED, "there is no address any more")
    message.receipt, parcel.address = contact.receipt, contact.address
    if message.carrier == DeliveryChannel.TEXT and not sms.can_say(message.purpose):
        return parcel.leave_out(MessageState.CANCELLED, "no template for it was made")
    if message.carrier != DeliveryChannel.MAIL:
        parcel.short_url = short_url(message, contact.receipt)
    if message.purpose not in ASKED_FOR_NOW:
        if contact.unsubscribed_at:
            return parcel.leave_out(MessageState.SUPPRESSED, "unsubscribed")
        if address_hash(contact.address) in blocked:
            return parcel.leave_out(MessageState.SUPPRESSED, "no mail at all to this address")
        if not contact.confirmed_at:
            return parcel.leave_out(MessageState.CANCELLED, "the address is not confirmed")
        parcel.unsubscribe_url = private_url("private_unsubscribe", contact.receipt, LinkPurpose.UNSUBSCRIBE)
    return parcel


def to_colleague(parcel: PreparedMessage, user: User) -> PreparedMessage:
    if not user.is_active and parcel.message.purpose != MessagePurpose.INVITATION:
        return parcel.leave_out(MessageState.CANCELLED, "the colleague left")
    parcel.address = parcel.message.to_address or user.email
    return parcel


def suppressed_hashes(contacts: Iterable[Contact]) -> set[str]:
    hashes = [address_hash(contact.address) for contact in contacts if contact.address]
    if not hashes:
        return set()
    suppressed = Suppression.objects.filter(address_hash__in=hashes, scope=SuppressionScope.EVERYTHING)
    return set(suppressed.values_list("address_hash", flat=True))


def find_renderers(parcels: list[PreparedMessage]) -> None:
    """Ask those who registered for a purpose how its messages are rendered, or why one must not leave: answered
    since, or closed. A message of another purpose holds its own text."""
    registered: dict[int, MessageRenderer | str] = {}
    for hooks in message_hooks:
        if mine := [parcel.message for parcel in parcels if parcel.message.purpose == hooks.purpose]:
            registered |= dict.fromkeys((message.pk for message in mine), "there is nothing to say any more")
            registered |= hooks.renderers(mine)
    for parcel in parcels:
        message = parcel.message
        if message.pk in registered:
            rendered_by(parcel, registered[message.pk])
        elif message.user or message.text:
            own = RenderedMail(message.subject, message.text, message.html)
            parcel.write = partial(with_links, own, parcel.unsubscribe_url)
        else:
            parcel.leave_out(MessageState.CANCELLED, "there is nothing to say")


def rendered_by(parcel: PreparedMessage, renderer: MessageRenderer | str) -> None:
    if isinstance(renderer, str):
        parcel.leave_out(MessageState.CANCELLED, renderer)
    else:
        parcel.renderer, parcel.write = renderer, partial(renderer, parcel.unsubscribe_url)


# --- links ------------------------------------------------------------------------------------------


def private_url(name: str, receipt: Receipt, link: LinkPurpose, key: str = "") -> str:
    return absolute(_path(name).replace(_LINK_PLACEHOLDER, sign_link(receipt, link, key)))


@cache
def _path(name: str) -> str:
    """The path with a placeholder for the token, resolved once instead of for each of 100,000 mails."""
    return reverse(name, args=[_LINK_PLACEHOLDER])


_LINK_PLACEHOLDER = "TOKEN"


def short_url(message: Message, receipt: Receipt) -> str:
    """Shortest link to what one message is about."""
    return absolute(reverse("private_short", args=[sign_short(short_name(message.pk), receipt)]))
