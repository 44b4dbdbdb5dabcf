"""Decides whether a message may still leave, and what it says. Called in T4, with the contact locked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, absolute, sign_link, sign_short
from accounts.models import Contact, Receipt, Suppression, User
from accounts.states import DeliveryChannel, ReceiptPurpose, SuppressionScope
from core.keyed import address_hash
from feedback.answers import emails
from feedback.contacts.services.hearing_back import confirm_key
from feedback.delivery.letters import RenderedMail, with_links
from feedback.delivery.services import sms
from feedback.models import AnswerOwed, Contribution, FollowUpItem, Message, NamedDebt, Promise
from feedback.registries import MessageRenderer, message_hooks
from feedback.states import ANSWERED_STATES, ASKED_FOR_NOW, SHORT_LIVED, MessagePurpose, MessageState
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
    unsubscribe_url: str = ""
    # For a text or letter: the short link to what this message is about.
    short_url: str = ""
    owed: list[int] = field(default_factory=list)
    answers: list[emails.AnswerForReader] = field(default_factory=list)
    # Items dropped from this mail, because all they answer was withdrawn.
    left: list[int] = field(default_factory=list)

    @property
    def goes(self) -> bool:
        return self.state == MessageState.HANDING_OVER

    def leave_out(self, state: str, why: str) -> "PreparedMessage":
        self.state, self.why_not = state, why
        return self


def prepare_messages(
    messages: list[Message], contacts: dict[UUID, Contact], *, now: datetime
) -> list[PreparedMessage]:
    """Requires `messages` with receipt and user loaded; `contacts` by receipt, locked by the caller."""
    blocked, municipality = suppressed_hashes(contacts.values()), Municipality.current()
    answers = FollowUpMails([m for m in messages if m.purpose == MessagePurpose.FOLLOW_UP], contacts)
    above = from_above(messages)
    parcels = [PreparedMessage(message, municipality) for message in messages]
    return [prepare_message(parcel, contacts, blocked, answers, above, now) for parcel in parcels]


Above = dict[int, MessageRenderer | str]


def from_above(messages: list[Message]) -> Above:
    """Renderers of the apps above, or the reason why a message must not leave: answered since, or closed."""
    found: Above = {}
    for hooks in message_hooks:
        if mine := [message for message in messages if message.purpose == hooks.purpose]:
            found |= dict.fromkeys((message.pk for message in mine), "there is nothing to say any more")
            found |= hooks.renderers(mine)
    return found


def prepare_message(
    parcel: PreparedMessage,
    contacts: dict[UUID, Contact],
    blocked: set[str],
    answers: "FollowUpMails",
    above: Above,
    now: datetime,
) -> PreparedMessage:
    message = parcel.message
    if message.purpose in SHORT_LIVED and now - message.created_at > SHORT_LIFE:
        return parcel.leave_out(MessageState.CANCELLED, "nobody waits for it any more")
    if message.user:
        return to_colleague(parcel, message.user, above)
    contact = contacts.get(message.receipt_id) if message.receipt_id else None
    if contact is None or contact.carrier != message.carrier:
        return parcel.leave_out(MessageState.CANCELLED, "there is no address any more")
    parcel.address = contact.address
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
    if message.pk in above:
        return written_by(parcel, above[message.pk])
    return to_resident(parcel, contact, answers)


def written_by(parcel: PreparedMessage, writer: MessageRenderer | str) -> PreparedMessage:
    if isinstance(writer, str):
        return parcel.leave_out(MessageState.CANCELLED, writer)
    parcel.write = lambda: writer(parcel.unsubscribe_url)
    return parcel


def suppressed_hashes(contacts: Iterable[Contact]) -> set[str]:
    hashes = [address_hash(contact.address) for contact in contacts if contact.address]
    if not hashes:
        return set()
    suppressed = Suppression.objects.filter(address_hash__in=hashes, scope=SuppressionScope.EVERYTHING)
    return set(suppressed.values_list("address_hash", flat=True))


def to_colleague(parcel: PreparedMessage, user: User, above: Above) -> PreparedMessage:
    message = parcel.message
    if not user.is_active and message.purpose != MessagePurpose.INVITATION:
        return parcel.leave_out(MessageState.CANCELLED, "the colleague left")
    parcel.address = message.to_address or user.email
    if message.pk in above:
        return written_by(parcel, above[message.pk])
    parcel.write = lambda: RenderedMail(message.subject, message.text, message.html)
    return parcel


def to_resident(parcel: PreparedMessage, contact: Contact, answers: "FollowUpMails") -> PreparedMessage:
    message, receipt = parcel.message, contact.receipt
    language = message.language
    if message.purpose == MessagePurpose.FOLLOW_UP:
        return answers.into(parcel, contact)
    if message.text:
        letter = RenderedMail(message.subject, message.text, message.html)
        parcel.write = lambda: with_links(letter, parcel.unsubscribe_url)
    elif message.purpose == MessagePurpose.CONFIRM:
        if contact.confirmed_at:
            return parcel.leave_out(MessageState.CANCELLED, "confirmed already")
        url = private_url("private_confirm", receipt, LinkPurpose.CONFIRM, confirm_key(contact))
        follows = receipt.purpose == ReceiptPurpose.FOLLOWING
        area = area_of(receipt) or parcel.municipality.name
        offers = receipt.purpose == ReceiptPurpose.OFFER
        took_on = receipt.purpose == ReceiptPurpose.TASK
        facts = emails.Plain(
            parcel.municipality.name, area, url, follows, offers, took_on, asked=answered_poll_title(receipt)
        )
        parcel.write = lambda: emails.render_confirmation_mail(facts, language)
    elif message.purpose == MessagePurpose.CODE:
        url = private_url("private_fresh", receipt, LinkPurpose.ERASE)
        facts = emails.Plain(
            parcel.municipality.name,
            area_of(receipt) or parcel.municipality.name,
            url,
            asked=answered_poll_title(receipt),
        )
        parcel.write = lambda: emails.render_code_mail(facts, language)
    else:
        return parcel.leave_out(MessageState.CANCELLED, "there is nothing to say")
    return parcel


def private_url(name: str, receipt: Receipt, link: LinkPurpose, key: str = "") -> str:
    return absolute(_path(name).replace(_LINK_PLACEHOLDER, sign_link(receipt, link, key)))


@cache
def _path(name: str) -> str:
    """The path with a placeholder for the token, resolved once instead of for each of 100,000 mails."""
    return reverse(name, args=[_LINK_PLACEHOLDER])


_LINK_PLACEHOLDER = "TOKEN"
_BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def short_url(message: Message, receipt: Receipt) -> str:
    """Shortest link to what one message is about."""
    return absolute(reverse("private_short", args=[sign_short(short_name(message.pk), receipt)]))


def short_name(number: int) -> str:
    name = ""
    while number:
        number, sign = divmod(number, len(_BASE36_DIGITS))
        name = _BASE36_DIGITS[sign] + name
    return name


def number_of(name: str) -> int | None:
    """Inverse of `short_name`; None for anything else."""
    if not 0 < len(name) <= 12 or set(name) - set(_BASE36_DIGITS):
        return None
    number = int(name, len(_BASE36_DIGITS))
    return number if number < 2**63 else None


def area_of(receipt: Receipt) -> str:
    """The area a receipt follows or answered about, by its name for residents; "" if nothing is left."""
    if receipt.purpose == ReceiptPurpose.FOLLOWING:
        return receipt.following.area.name
    said = Contribution.objects.filter(receipt=receipt).select_related("topic__area").first()
    return said.topic.area.name if said else ""


def answered_poll_title(receipt: Receipt) -> dict[str, str]:
    """The title of the survey a receipt answered; {} if they came to us with something else."""
    if receipt.purpose != ReceiptPurpose.PARTICIPATION:
        return {}
    source = Contribution.objects.filter(receipt=receipt).values_list("topic__source", flat=True).first()
    return titles_of([source]).get(source, {}) if source else {}


class FollowUpMails:
    """The follow-ups in a group of messages, with all contributions of their readers, in a few queries."""

    def __init__(self, messages: list[Message], contacts: dict[UUID, Contact]) -> None:
        self._items: dict[int | None, list[FollowUpItem]] = defaultdict(list)
        self._named: dict[tuple[int, UUID], list[NamedDebt]] = defaultdict(list)
        self._titles: dict[str, dict[str, str]] = {}
        if not messages:
            return
        items = FollowUpItem.objects.filter(message__in=messages).prefetch_related("follow_up").order_by("pk")
        for item in items:
            self._items[item.message_id].append(item)
        named = (
            NamedDebt.objects.filter(
                follow_up__in={item.follow_up_id for item in items}, receipt__in=list(contacts)
            )
            .select_related("owed__contribution")
            # Prefetch, not join: few topics and follow-ups but many readers, so each is read once.
            .prefetch_related("owed__topic__area")
            .order_by("owed__contribution__said_on", "pk")
        )
        for debt in named:
            self._named[debt.follow_up_id, debt.receipt_id].append(debt)
        sources = {debt.owed.topic.source for found in self._named.values() for debt in found}
        self._titles = titles_of(sources)

    def into(self, parcel: PreparedMessage, contact: Contact) -> PreparedMessage:
        """Drop items that no longer hold: each needs a named debt that is answered and not withdrawn."""
        items = [item for item in self._items[parcel.message.pk] if not item.cancelled]
        if not items:
            return parcel.leave_out(MessageState.CANCELLED, "there is no answer on their page")
        stands = {item: named for item in items if (named := self._still_named(item))}
        if not stands:
            return parcel.leave_out(MessageState.CANCELLED, "withdrawn, or no longer answered by this")
        parcel.owed = [debt.owed_id for named in stands.values() for debt in named]
        parcel.left = [item.pk for item in items if item not in stands]
        facts = [
            facts_for_reader(item, contact, named, parcel, self._titles) for item, named in stands.items()
        ]
        language = parcel.message.language
        parcel.answers = facts
        parcel.write = lambda: emails.follow_up(facts, language)
        return parcel

    def _still_named(self, item: FollowUpItem) -> list[NamedDebt]:
        return [
            debt
            for debt in self._named[item.follow_up_id, item.receipt_id]
            if debt.owed.state in ANSWERED_STATES and debt.owed.contribution.withdrawn_on is None
        ]


def facts_for_reader(
    item: FollowUpItem,
    contact: Contact,
    named: list[NamedDebt],
    parcel: PreparedMessage,
    titles: Mapping[str, dict[str, str]],
) -> emails.AnswerForReader:
    follow_up = item.follow_up
    first = named[0].owed
    given = contact.confirmed_at or contact.created_at
    return emails.AnswerForReader(
        municipality=parcel.municipality.name,
        area=first.topic.area.name,
        asked_on=first.contribution.said_on,
        address_given_on=timezone.localdate(given),
        said=things_said(debt.owed for debt in named),
        item_url=private_url("private_item", contact.receipt, LinkPurpose.ITEM, str(item.pk)),
        unsubscribe_url=parcel.unsubscribe_url,
        outcome=follow_up.outcome,
        **follow_up.texts_for(parcel.message.language),
        corrects=follow_up.corrects_id is not None,
        goes_on=follow_up.goes_on,
        told=contact.receipt.purpose != ReceiptPurpose.PARTICIPATION,
        asked=titles.get(first.topic.source, {}),
    )


def titles_of(sources: Iterable[str]) -> dict[str, dict[str, str]]:
    return dict(Promise.objects.filter(subject__in=set(sources)).values_list("subject", "title"))


def things_said(debts: Iterable[AnswerOwed]) -> list[emails.QuotedContribution]:
    """Each contribution once: a text with two themes is quoted once; without a quote each topic is named."""
    said = {}
    for debt in debts:
        thing = debt.contribution
        quoted = thing.text if thing.may_be_quoted else ""
        said[thing.pk if quoted else (thing.pk, debt.topic_id)] = emails.QuotedContribution(
            thing.kind, debt.topic.title, quoted
        )
    return list(said.values())
