"""What stands in one mail, and whether it may still leave. Asked in T4, under the lock of the contact."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.keyed import address_hash
from accounts.links import Link, absolute, sign_link
from accounts.models import Contact, Receipt, Suppression, User
from accounts.states import ReceiptPurpose, SuppressionScope
from feedback import letters
from feedback.letters import Letter
from feedback.models import Contribution, FollowUpItem, Message, NamedDebt
from feedback.registries import invitations
from feedback.services.hearing_back import confirm_key
from feedback.states import ANSWERED, ASKED_FOR_NOW, SHORT_LIVED, MessagePurpose, MessageState
from neighbourhoods.models import Municipality

SHORT_LIFE = timedelta(minutes=15)


def _nothing() -> Letter:
    raise LookupError("There is nothing to write.")


@dataclass
class Parcel:
    """One message, whether it goes, and how to write it once the transaction is over."""

    message: Message
    municipality: Municipality
    state: str = MessageState.HANDING_OVER
    why_not: str = ""
    address: str = ""
    write: Callable[[], Letter] = _nothing
    unsubscribe_url: str = ""
    owed: list[int] = field(default_factory=list)

    @property
    def goes(self) -> bool:
        return self.state == MessageState.HANDING_OVER

    def leave_out(self, state: str, why: str) -> "Parcel":
        self.state, self.why_not = state, why
        return self


def pack(messages: list[Message], contacts: dict[UUID, Contact], *, now: datetime) -> list[Parcel]:
    """`messages` with their receipt and user loaded; `contacts` by receipt, locked by the caller."""
    blocked, municipality = suppressed_hashes(contacts.values()), Municipality.current()
    answers = Answers([m for m in messages if m.purpose == MessagePurpose.FOLLOW_UP], contacts)
    asked = asked_of([m for m in messages if m.purpose == MessagePurpose.SURVEY])
    parcels = [Parcel(message, municipality) for message in messages]
    return [pack_one(parcel, contacts, blocked, answers, asked, now) for parcel in parcels]


Asked = dict[int, letters.Invited | str]


def asked_of(messages: list[Message]) -> Asked:
    """What the apps that invite say of these, or why they must not leave: answered since, or closed."""
    found: Asked = {}
    for say in invitations if messages else ():
        found |= say(messages)
    return found


def pack_one(
    parcel: Parcel,
    contacts: dict[UUID, Contact],
    blocked: set[str],
    answers: "Answers",
    asked: Asked,
    now: datetime,
) -> Parcel:
    message = parcel.message
    if message.purpose in SHORT_LIVED and now - message.created_at > SHORT_LIFE:
        return parcel.leave_out(MessageState.CANCELLED, "nobody waits for it any more")
    if message.user:
        return to_colleague(parcel, message.user)
    contact = contacts.get(message.receipt_id) if message.receipt_id else None
    if contact is None or not contact.email:
        return parcel.leave_out(MessageState.CANCELLED, "there is no address any more")
    parcel.address = contact.email
    if message.purpose not in ASKED_FOR_NOW:
        if contact.unsubscribed_at:
            return parcel.leave_out(MessageState.SUPPRESSED, "unsubscribed")
        if address_hash(contact.email) in blocked:
            return parcel.leave_out(MessageState.SUPPRESSED, "no mail at all to this address")
        if not contact.confirmed_at:
            return parcel.leave_out(MessageState.CANCELLED, "the address is not confirmed")
        parcel.unsubscribe_url = private_url("private_unsubscribe", contact.receipt, Link.UNSUBSCRIBE)
    if message.purpose == MessagePurpose.SURVEY:
        return to_invited(parcel, asked.get(message.pk, "nobody invites any more"))
    return to_resident(parcel, contact, answers)


def to_invited(parcel: Parcel, facts: letters.Invited | str) -> Parcel:
    if isinstance(facts, str):
        return parcel.leave_out(MessageState.CANCELLED, facts)
    language = parcel.message.language
    parcel.write = lambda: letters.invited(facts, parcel.unsubscribe_url, language)
    return parcel


def suppressed_hashes(contacts: Iterable[Contact]) -> set[str]:
    hashes = [address_hash(contact.email) for contact in contacts if contact.email]
    if not hashes:
        return set()
    suppressed = Suppression.objects.filter(address_hash__in=hashes, scope=SuppressionScope.EVERYTHING)
    return set(suppressed.values_list("address_hash", flat=True))


def to_colleague(parcel: Parcel, user: User) -> Parcel:
    message = parcel.message
    if not user.is_active and message.purpose != MessagePurpose.INVITATION:
        return parcel.leave_out(MessageState.CANCELLED, "the colleague left")
    parcel.address = message.to_address or user.email
    parcel.write = lambda: Letter(message.subject, message.text, message.html)
    return parcel


def to_resident(parcel: Parcel, contact: Contact, answers: "Answers") -> Parcel:
    message, receipt = parcel.message, contact.receipt
    language = message.language
    if message.purpose == MessagePurpose.FOLLOW_UP:
        return answers.into(parcel, contact)
    if message.text:
        letter = Letter(message.subject, message.text, message.html)
        parcel.write = lambda: letters.with_links(letter, parcel.unsubscribe_url)
    elif message.purpose == MessagePurpose.CONFIRM:
        if contact.confirmed_at:
            return parcel.leave_out(MessageState.CANCELLED, "confirmed already")
        url = private_url("private_confirm", receipt, Link.CONFIRM, confirm_key(contact))
        follows = receipt.purpose == ReceiptPurpose.FOLLOWING
        area = area_of(receipt) or parcel.municipality.name
        facts = letters.Plain(parcel.municipality.name, area, url, follows)
        parcel.write = lambda: letters.confirm(facts, language)
    elif message.purpose == MessagePurpose.CODE:
        url = private_url("private_fresh", receipt, Link.ERASE)
        facts = letters.Plain(parcel.municipality.name, area_of(receipt) or parcel.municipality.name, url)
        parcel.write = lambda: letters.code(facts, language)
    else:
        return parcel.leave_out(MessageState.CANCELLED, "there is nothing to say")
    return parcel


def private_url(name: str, receipt: Receipt, link: Link, key: str = "") -> str:
    return absolute(reverse(name, args=[sign_link(receipt, link, key)]))


def area_of(receipt: Receipt) -> str:
    """What the holder of a receipt follows or answered about, as residents call it; "" when nothing is left."""
    if receipt.purpose == ReceiptPurpose.FOLLOWING:
        return receipt.following.area.name
    said = Contribution.objects.filter(receipt=receipt).select_related("topic__area").first()
    return said.topic.area.name if said else ""


class Answers:
    """The follow-ups in a group of messages, with everything their readers said, in a few queries."""

    def __init__(self, messages: list[Message], contacts: dict[UUID, Contact]) -> None:
        self._items: dict[int | None, FollowUpItem] = {}
        self._named: dict[tuple[int, UUID], list[NamedDebt]] = defaultdict(list)
        if not messages:
            return
        items = FollowUpItem.objects.filter(message__in=messages).prefetch_related("follow_up").order_by("pk")
        for item in items:
            self._items.setdefault(item.message_id, item)
        named = (
            NamedDebt.objects.filter(
                follow_up__in={item.follow_up_id for item in items}, receipt__in=list(contacts)
            )
            .select_related("owed__contribution")
            # Few topics and follow-ups, many readers: each is read once, not once per reader.
            .prefetch_related("owed__topic__area")
            .order_by("owed__contribution__said_on", "pk")
        )
        for debt in named:
            self._named[debt.follow_up_id, debt.receipt_id].append(debt)

    def into(self, parcel: Parcel, contact: Contact) -> Parcel:
        """Still true? Only what this answer names, and was not withdrawn since."""
        item = self._items.get(parcel.message.pk)
        if item is None or item.cancelled:
            return parcel.leave_out(MessageState.CANCELLED, "there is no answer on their page")
        named = [
            debt
            for debt in self._named[item.follow_up_id, item.receipt_id]
            if debt.owed.state in ANSWERED and debt.owed.contribution.withdrawn_on is None
        ]
        if not named:
            return parcel.leave_out(MessageState.CANCELLED, "withdrawn, or no longer answered by this")
        parcel.owed = [debt.owed_id for debt in named]
        facts = facts_for_reader(item, contact, named, parcel)
        language = parcel.message.language
        parcel.write = lambda: letters.follow_up(facts, language)
        return parcel


def facts_for_reader(
    item: FollowUpItem, contact: Contact, named: list[NamedDebt], parcel: Parcel
) -> letters.Answer:
    follow_up = item.follow_up
    first = named[0].owed
    given = contact.confirmed_at or contact.created_at
    return letters.Answer(
        municipality=parcel.municipality.name,
        area=first.topic.area.name,
        asked_on=first.contribution.said_on,
        address_given_on=timezone.localdate(given),
        said=things_said(named),
        item_url=private_url("private_item", contact.receipt, Link.ITEM, str(item.pk)),
        unsubscribe_url=parcel.unsubscribe_url,
        title=follow_up.title,
        outcome=follow_up.outcome,
        decided=follow_up.decided,
        why=follow_up.why,
        next_step=follow_up.next_step,
        signed_as=follow_up.signed_as,
        corrects=follow_up.corrects_id is not None,
    )


def things_said(named: list[NamedDebt]) -> list[letters.Said]:
    """Each thing once: a text with two themes is one text, unless its words stay on the page."""
    said = {}
    for debt in named:
        thing = debt.owed.contribution
        quoted = thing.text if thing.may_be_quoted else ""
        said[thing.pk if quoted else (thing.pk, debt.owed.topic_id)] = letters.Said(
            thing.kind, debt.owed.topic.title, quoted
        )
    return list(said.values())
