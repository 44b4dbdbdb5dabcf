"""What readers say to an answer: “does this answer you?”, and replies to our mail.

A no reopens the debts; the latest reaction counts.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accounts.models import Contact, Event, Receipt, User
from core.errors import DomainError
from core.rows import get_or_gone, refresh_or_gone
from feedback.contacts.services.conversation import withdrawn_on
from feedback.contributions.services.closing import find_owners_again, lock_promises
from feedback.delivery.returned import ParsedMail
from feedback.delivery.services import delivery
from feedback.models import (
    AnswerOwed,
    Contribution,
    FollowUpItem,
    Incoming,
    Message,
    NamedDebt,
    Reaction,
    SecondReading,
    Topic,
)
from feedback.screening import mask
from feedback.states import (
    ANSWERED_STATES,
    ContributionKind,
    DeliveryKind,
    IncomingState,
    Owed,
    Reading,
    WhyByHand,
)

REPLY_TERM = timedelta(days=14)
"""When the reader hears more after a no."""


@transaction.atomic
def react(*, item: FollowUpItem, answers_me: bool, reason: str = "", now: datetime | None = None) -> Reaction:
    """Save a reader's reaction to one answer. Idempotent.

    A no reopens the debts that this answer settled, with a new date, and keeps the reason as a
    contribution with a debt of its own. A yes after a no settles them again. Raises DomainError if the
    reader withdrew: nothing is owed to them, and their words would be erased with the rest, perhaps
    unread.
    """
    now = now or timezone.now()
    # First, in the lock order of erasing.
    receipt = get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=item.receipt_id)
    if withdrawn_on(receipt):
        raise DomainError(_("You withdrew your answer. Put it back first."))
    if not answers_me:
        lock_promises(answered_sources(item), now=now)
    items = FollowUpItem.objects.select_for_update(of=("self",)).select_related("follow_up", "receipt")
    item = get_or_gone(items, pk=item.pk)
    reaction, _created = Reaction.objects.get_or_create(item=item, defaults={"answers_me": answers_me})
    if answers_me:
        _settle(item, reaction, now=now)
    else:
        _reopen(item, now=now)
        if reason.strip():
            reaction.reason = save_reaction(item, slot=f"reaction:{item.pk}", words=reason.strip(), now=now)
        find_owners_again(AnswerOwed.objects.filter(receipt=item.receipt_id))
    reaction.answers_me = answers_me
    reaction.said_on = timezone.localdate(now)
    reaction.save()
    Event.log("reacted", item.follow_up, by=None, answered=N_("yes") if answers_me else N_("no"))
    return reaction


def _named(item: FollowUpItem) -> "list[int]":
    named = NamedDebt.objects.filter(follow_up=item.follow_up_id, receipt=item.receipt_id)
    return list(named.values_list("owed_id", flat=True))


def answered_sources(item: FollowUpItem) -> list[str]:
    """Sources of the contributions that this item answers."""
    named = NamedDebt.objects.filter(follow_up=item.follow_up_id, receipt=item.receipt_id)
    return list(named.order_by().values_list("owed__topic__source", flat=True).distinct())


def reply_due_on(now: datetime) -> date:
    return timezone.localdate(now) + REPLY_TERM


def _reopen(item: FollowUpItem, *, now: datetime) -> None:
    AnswerOwed.objects.filter(pk__in=_named(item), state__in=ANSWERED_STATES).move(
        Owed.OPEN, reason="", due_on=reply_due_on(now), reopened=F("reopened") + 1
    )


def _settle(item: FollowUpItem, reaction: Reaction, *, now: datetime) -> None:
    """Settle what a no had reopened, and waive the debt for its reason."""
    AnswerOwed.objects.filter(pk__in=_named(item), state=Owed.OPEN, reopened__gt=0).move(
        Owed.PUBLISHED, now=now
    )
    if reaction.reason_id:
        AnswerOwed.objects.filter(contribution=reaction.reason_id, state=Owed.OPEN).move(
            Owed.WAIVED, now=now, reason=_("You said that our answer is clear now.")
        )


def save_reaction(item: FollowUpItem, *, slot: str, words: str, now: datetime) -> Contribution:
    """Save a reader's reply to one answer as a contribution with a debt. One per slot: another text
    replaces the first.

    Without words (a no is enough) it counts as read."""
    topic = topic_of(item)
    said, created = Contribution.objects.get_or_create(
        receipt=item.receipt,
        slot=slot,
        defaults={
            "topic": topic,
            "kind": ContributionKind.REACTION,
            **Contribution.words(words),
            "reading": Reading.UNREAD if words else Reading.CLEAR,
            "language": item.receipt.language,
            "said_on": timezone.localdate(now),
        },
    )
    mended = not created and bool(words) and said.text != words
    if mended:
        Contribution.objects.filter(pk=said.pk).rewrite(words)
        SecondReading.objects.filter(contribution=said).delete()
        refresh_or_gone(said)
    debt, _created = AnswerOwed.objects.get_or_create(
        contribution=said,
        topic=topic,
        defaults={
            "receipt": item.receipt,
            "owner": item.follow_up.owner,
            "since": timezone.localdate(now),
            "due_on": reply_due_on(now),
        },
    )
    if debt.state != Owed.OPEN and (mended or debt.state == Owed.WAIVED):
        debt.move(Owed.OPEN, due_on=reply_due_on(now), reason="")
    return said


def topic_of(item: FollowUpItem) -> Topic:
    """The topic of replies to one answer in one area. Raises FollowUpItem.DoesNotExist if it answers nothing."""
    follow_up = item.follow_up
    about = Topic.objects.filter(owed__named_by__follow_up=follow_up, owed__receipt=item.receipt_id).first()
    if about is None:
        raise FollowUpItem.DoesNotExist(f"Item {item.pk} answers nothing.")
    topic, _made = Topic.objects.get_or_create(
        source=about.source,
        key=f"reaction:{follow_up.pk}",
        area_id=about.area_id,
        defaults={"title": follow_up.title or about.title, "theme_id": about.theme_id},
    )
    return topic


# --- replies -------------------------------------------------------------------------------------
# Replies to our mail become contributions: read, masked, and owed an answer.
#
# Taken in automatically only if it replies to a mail with an answer of ours (or several by one colleague:
# then under the newest) and comes from the address we wrote to. All others wait for a person, who takes them
# in or discards them.


MOST_REPLIES = 20
"""Replies to one answer that are taken in automatically."""


@transaction.atomic
def store_incoming_mail(reply: ParsedMail, message: Message | None, *, now: datetime) -> Incoming:
    """Store one mail from a person, once per fingerprint."""
    receipt = message.receipt if message else None
    if receipt:
        receipt = Receipt.objects.select_for_update(no_key=True).filter(pk=receipt.pk).first()
        message = message if receipt else None  # erased meanwhile, with the mail
    known = Incoming.objects.filter(key=reply.key).first()
    if known:
        return known
    facts = {
        "key": reply.key,
        "message": message,
        "receipt": receipt,
        "had_attachments": reply.had_attachments,
    }
    item, why = _answered(reply, message, receipt)
    if item is None or not receipt:
        kept, new = Incoming.objects.get_or_create(
            key=reply.key,
            defaults={
                **facts,
                **Incoming.words(reply.text),
                "why": why or WhyByHand.UNKNOWN,
                "from_address": reply.sender if len(reply.sender) <= 254 else "",
                "subject": mask(reply.subject)[:250],
                "at": now,
            },
        )
        if new:
            Event.log("mail_came_in", kept, by=None)
        return kept
    said = add_reply(item=item, text=reply.text, now=now)
    if message:  # a reply proves delivery
        delivery.record(
            message=message, kind=DeliveryKind.DELIVERED, provider_event=f"mail:{reply.key}", now=now
        )
    return Incoming.objects.create(
        **facts, state=IncomingState.TAKEN, contribution=said, at=now, settled_at=now
    )


def _answered(
    found: ParsedMail, message: Message | None, receipt: Receipt | None
) -> tuple[FollowUpItem | None, str]:
    """The item this mail replies to, or the reason why a person must look."""
    if message is None:
        return None, WhyByHand.UNKNOWN
    if receipt is None:
        return None, WhyByHand.COLLEAGUE
    contact = Contact.objects.filter(receipt=receipt).first()
    if not contact or not contact.confirmed_at or contact.email.lower() != found.sender:
        return None, WhyByHand.OTHER_ADDRESS
    if not found.text:
        return None, WhyByHand.NO_WORDS
    if withdrawn_on(receipt):
        return None, WhyByHand.WITHDRAWN
    there = FollowUpItem.objects.shown().filter(message=message, receipt=receipt).select_related("follow_up")
    items = list(there.order_by("-pk"))
    if not items:
        return None, WhyByHand.NO_ANSWER
    # Several answers in one mail: safe if one colleague owns them all, who then reads a reply to any of them.
    if len({item.follow_up.owner_id for item in items}) > 1:
        return None, WhyByHand.SEVERAL
    if receipt.contributions.filter(slot__startswith=f"reply:{items[0].pk}:").count() >= MOST_REPLIES:
        return None, WhyByHand.TOO_MANY
    return items[0], ""


@transaction.atomic
def add_reply(*, item: FollowUpItem, text: str, now: datetime | None = None) -> Contribution:
    """Add a reader's reply to one answer as a contribution, owed an answer by the owner of that answer."""
    now = now or timezone.now()
    item = get_or_gone(FollowUpItem.objects.select_related("follow_up", "receipt"), pk=item.pk)
    lock_promises(answered_sources(item), now=now)
    said = _keep(item.receipt, topic_of(item), f"reply:{item.pk}", text, now)
    _owe(said, owner=item.follow_up.owner, now=now)
    Event.log("replied", item.follow_up, by=None)
    return said


def _keep(receipt: Receipt, topic: Topic, place: str, text: str, now: datetime) -> Contribution:
    there = receipt.contributions.filter(slot__startswith=f"{place}:").values_list("slot", flat=True)
    number = 1 + max((int(slot.rpartition(":")[2]) for slot in there), default=0)
    return Contribution.objects.create(
        receipt=receipt,
        topic=topic,
        slot=f"{place}:{number}",
        kind=ContributionKind.REACTION,
        **Contribution.words(text),
        language=receipt.language,
        said_on=timezone.localdate(now),
    )


def _owe(said: Contribution, *, owner: User, now: datetime) -> None:
    debt = AnswerOwed.objects.create(
        receipt_id=said.receipt_id,
        contribution=said,
        topic=said.topic,
        owner=owner,
        since=timezone.localdate(now),
        due_on=reply_due_on(now),
    )
    find_owners_again(AnswerOwed.objects.filter(pk=debt.pk))


# --- a person decides ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReplyTarget:
    """A possible target of an incoming mail: one of our answers, or a debt that is still open."""

    key: str
    title: dict[str, str]
    item: FollowUpItem | None = None
    debt: AnswerOwed | None = None


def reply_targets(incoming: Incoming) -> list[ReplyTarget]:
    """Newest first; empty if the sender is unknown."""
    if incoming.receipt_id is None:
        return []
    items = FollowUpItem.objects.shown().filter(receipt=incoming.receipt_id).select_related("follow_up")
    found = [
        ReplyTarget(f"item-{item.pk}", item.follow_up.title, item=item) for item in items.order_by("-pk")
    ]
    debts = AnswerOwed.objects.waiting().filter(receipt=incoming.receipt_id).select_related("topic", "owner")
    seen: set[int] = set()
    for debt in debts.exclude(topic__key__startswith="reaction:").order_by("pk"):
        if debt.topic_id not in seen:
            seen.add(debt.topic_id)
            found.append(ReplyTarget(f"owed-{debt.topic_id}", debt.topic.title, debt=debt))
    return found


@transaction.atomic
def link_incoming_mail(*, incoming: Incoming, to: str, by: User, now: datetime | None = None) -> Contribution:
    """Take in a mail whose sender and subject a colleague determined. Raises DomainError if it can't be."""
    now = now or timezone.now()
    if incoming.receipt_id is None:
        raise DomainError(_("We don't know whose mail this is."))
    receipt = get_or_gone(Receipt.objects.select_for_update(no_key=True), pk=incoming.receipt_id)
    incoming = get_or_gone(Incoming.objects.select_for_update(), pk=incoming.pk)
    place = next((place for place in reply_targets(incoming) if place.key == to), None)
    if place is None:
        raise DomainError(_("That is not there any more. Have another look."))
    if withdrawn_on(receipt):
        raise DomainError(_("They withdrew what they said; nothing can be added to it."))
    if not incoming.text:
        raise DomainError(_("There are no words in it to keep."))
    text = incoming.text
    incoming.move(IncomingState.TAKEN, now=now, settled_by=by)
    if place.item:
        said = add_reply(item=place.item, text=text, now=now)
    else:
        assert place.debt
        lock_promises([place.debt.topic.source], now=now)
        said = _keep(receipt, place.debt.topic, "mail", text, now)
        _owe(said, owner=place.debt.owner, now=now)
    Incoming.objects.filter(pk=incoming.pk).update(contribution=said)
    Event.log("took_in", incoming, by=by)
    return said


@transaction.atomic
def discard(*, incoming: Incoming, by: User, note: str = "", now: datetime | None = None) -> None:
    """Close a mail that is not for us or was handled otherwise. Its text is emptied."""
    incoming.move(IncomingState.DISCARDED, now=now, settled_by=by)
    Event.log("discarded", incoming, by=by, note=note)


def show_sender(*, incoming: Incoming, by: User) -> str:
    """The sender's address, for an answer by hand. Logs who looked."""
    if incoming.state != IncomingState.WAITING:
        return ""
    Event.log("contact shown", incoming, by=by)
    return incoming.from_address
