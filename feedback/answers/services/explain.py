"""Explains why a person got, or did not get, a message. For system administrators; without addresses and
texts.

After the term of the rule "mail" (config/retention.toml) attempts and reports of all mail are missing, and mail that
is no answer. After its reader erased themselves all of it is missing.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact, Receipt, Suppression, User
from accounts.states import DeliveryChannel, HowOften
from core.i18n import pick
from core.phone_numbers import NotAMobileNumber, parse_mobile_number
from feedback.answers.services.reckoning import count_delivery
from feedback.contacts.services.hearing_back import CONFIRM_DAYS
from feedback.delivery.services.delivery import health
from feedback.delivery.services.guards import RELAY_SERVICE, TEXTS, circuit_is_open
from feedback.delivery.services.pump import fan_out_is_running
from feedback.models import FollowUp, FollowUpItem, Heartbeat, Message, NamedDebt, build_key
from feedback.states import (
    IN_HAND_STATES,
    REQUESTED_PURPOSES,
    FollowUpState,
    MessagePurpose,
    MessageState,
    Owed,
)

# What each state means for the reader.
MEANS = {
    MessageState.CLAIMED: "a process has it in hand",
    MessageState.HANDING_OVER: "it is being handed to the relay; when that process died, it becomes uncertain",
    MessageState.SENT: "the relay took it; whether it reached the mailbox only a report could say",
    MessageState.DELIVERED: "it reached the mailbox: a report, a provider, a reply or a colleague said so",
    MessageState.BOUNCED: "it came back; it waits for a person, and the answer counts as not sent",
    MessageState.FAILED: "the relay refused it, or said later too often; it waits for a person",
    MessageState.UNCERTAIN: "it may have arrived: the line or the process broke off after it was begun, the database "
    "was restored from a backup, or a letter was not noted as posted. A person decides",
}

LEFT_OUT_EXPLANATION = "it was left out of its mail when that left: withdrawn, or no longer answered by this"
"""See `render_follow_up_messages`, which takes the item out of the mail."""

LOST_LINE_CODES = (None, 421)
"""Codes of an attempt that ended with the line: no reply, or a server that closed it (`settle_other`)."""

# How a debt is settled without a follow-up.
SETTLED_WITHOUT_EXPLANATIONS = {
    Owed.PUBLISHED: "answered in person, with a note on their page,",
    Owed.WAIVED: "no answer, with the reason on their page,",
    Owed.WITHDRAWN: "withdrawn by themselves",
}


def explain_address(address: str) -> Iterator[str]:
    """Everything sent, or not sent, to an address; the output does not repeat the address."""
    found = False
    if suppression := Suppression.objects.of(_number(address) or address).first():
        found = True
        yield f"No mail at all since {suppression.created_on}: {suppression.get_reason_display()}."
    for contact in (
        Contact.objects.filter(Q(email__iexact=address.strip()) | Q(mobile=_number(address)))
        .exclude(email="", mobile="")
        .select_related("receipt")
        .order_by("pk")
    ):
        found = True
        yield f"Receipt {contact.receipt_id}, {contact.receipt.get_purpose_display()}:"
        yield from (f"  {line}" for line in explain_receipt(contact.receipt))
    for user in User.objects.filter(email__iexact=address.strip()):
        found = True
        yield f"A colleague, {'at work' if user.is_active else 'gone'}:"
        for message in user.messages.order_by("pk"):
            yield from (f"  {line}" for line in explain_message(message))
    if not found:
        yield "Nobody left this address here, or it was erased: then nothing is known any more."


def explain_receipt(receipt: Receipt) -> Iterator[str]:
    contact = Contact.objects.filter(receipt=receipt).first()
    yield contact_status(contact)
    shown: set[int] = set()
    for item in receipt.items.select_related("follow_up", "message").order_by("pk"):
        yield from explain_item(item, contact)
        if item.message and item.message_id not in shown:
            shown.add(item.message.pk)
            yield from (f"  {line}" for line in explain_message(item.message))
    yield from _not_handed_out(receipt)
    for debt in receipt.owed.waiting().select_related("topic", "owner").order_by("pk"):
        again = ", opened again by a no" if debt.reopened else ""
        yield f"Still owed: “{pick(debt.topic.title, 'en')}”, before {debt.due_on}, by {debt.owner}{again}."
    yield from _settled_without(receipt)
    for message in receipt.messages.exclude(pk__in=shown).order_by("pk"):
        yield from explain_message(message)
    for mail in receipt.incoming.order_by("pk"):
        why = f", because {mail.get_why_display()}" if mail.why and mail.state == "waiting" else ""
        yield f"A mail of theirs came in {moment(mail.at)}: {mail.get_state_display()}{why}."


def contact_status(contact: Contact | None) -> str:
    if contact is None:
        return "No address: answered on their page alone."
    if not contact.address:
        return "A telephone number and no e-mail address: answered on their page, or called."
    if suppression := Suppression.objects.of(contact.address).first():
        reason = suppression.get_reason_display()
        return f"Nothing at all to this address since {suppression.created_on}: {reason}."
    if contact.unsubscribed_at:
        return f"Unsubscribed {moment(contact.unsubscribed_at)}."
    if contact.confirmed_at is None:
        return f"An address ({contact.carrier}) since {moment(contact.created_at)}, not confirmed."
    often = contact.get_how_often_display()
    return f"An address, confirmed {moment(contact.confirmed_at)}; {contact.carrier}: {often}."


def _number(typed: str) -> str:
    """The normalised mobile number; "" if it is none."""
    with suppress(NotAMobileNumber):
        return parse_mobile_number(typed)
    return ""


def explain_item(item: FollowUpItem, contact: Contact | None) -> Iterator[str]:
    title = pick(item.follow_up.title, "en")
    where = "withdrawn before it was handed out" if item.cancelled else "on their page"
    yield f"Follow-up {item.follow_up_id}, “{title}”: {where} since {moment(item.created_at)}"
    if item.cancelled:
        return
    if item.message is None:
        yield f"  no mail: {reason_not_mailed(item, contact)}"
        return
    together = item.message.items.exclude(pk=item.pk).count()
    with_others = f", together with {together} other answers" if together else ""
    yield f"  by {item.message.carrier}: message {item.message_id}{with_others}"


def reason_not_mailed(item: FollowUpItem, contact: Contact | None) -> str:
    """Why an answer is in no mail, judged by the contact as it is now and the mails of its reader."""
    theirs = Message.objects.filter(receipt=item.receipt_id, purpose=MessagePurpose.FOLLOW_UP)
    if theirs.filter(dedupe_key=build_key("follow-up", item.follow_up_id, item.receipt_id.hex)).exists():
        return LEFT_OUT_EXPLANATION
    if contact is None:
        return "no address was left, or it was taken away since"
    if not contact.address:
        return "a telephone number was left, and no e-mail address"
    if contact.created_at > item.created_at:
        return "the address was left after this answer"
    if contact.confirmed_at is None or contact.confirmed_at > item.created_at:
        return "the address was not confirmed at that moment"
    if contact.unsubscribed_at and contact.unsubscribed_at <= item.created_at:
        return "they had unsubscribed"
    if theirs.filter(created_at__lte=item.created_at, handed_over_at__gte=item.created_at).exists():
        return LEFT_OUT_EXPLANATION
    return "they could not be mailed at that moment; since then that changed"


def _not_handed_out(receipt: Receipt) -> Iterator[str]:
    """Answers that name their debts but are not on their page yet."""
    told = receipt.items.values("follow_up")
    named = NamedDebt.objects.filter(receipt=receipt).exclude(follow_up__in=told).select_related("follow_up")
    for follow_up in {one.follow_up_id: one.follow_up for one in named.order_by("follow_up")}.values():
        if follow_up.state == FollowUpState.HOLD and follow_up.hold_until:
            yield f"Follow-up {follow_up.pk}: on hold until {moment(follow_up.hold_until)}; nothing shows yet."
        elif follow_up.state == FollowUpState.RELEASED:
            yield f"Follow-up {follow_up.pk}: being handed out; their turn comes."


def _settled_without(receipt: Receipt) -> Iterator[str]:
    told = receipt.items.filter(cancelled=False).values("follow_up")
    settled = receipt.owed.filter(state__in=SETTLED_WITHOUT_EXPLANATIONS).exclude(
        named_by__follow_up__in=told
    )
    for debt in settled.select_related("topic").order_by("pk"):
        on = moment(debt.settled_at) if debt.settled_at else ""
        yield f"“{pick(debt.topic.title, 'en')}”: {SETTLED_WITHOUT_EXPLANATIONS[Owed(debt.state)]} {on}."


def explain_follow_up(follow_up: FollowUp) -> Iterator[str]:
    summed = count_delivery(follow_up)
    yield f"Follow-up {follow_up.pk}, “{pick(follow_up.title, 'en')}”: {follow_up.get_state_display()}"
    for what, at in (
        ("hold ends", follow_up.hold_until),
        ("released", follow_up.released_at),
        ("handed out", follow_up.fanned_out_at),
    ):
        if at:
            yield f"  {what:14}{moment(at)}"
    yield f"  {'audience':14}{summed.audience:8}"
    for part, number in summed.parts.items():
        if number:
            yield f"  {part.replace('_', ' '):14}{number:8}"
    if not summed.is_equal:
        yield f"  THIS DOES NOT ADD UP: {summed.audience} were addressed and {summed.total} are accounted for."


def explain_message(message: Message) -> Iterator[str]:
    """Everything except the address and the text."""
    yield f"Message {message.pk}, {message.get_purpose_display()}, {message.message_id}"
    yield f"  queued   {moment(message.created_at)}"
    for attempt in message.tries.order_by("at", "pk"):
        yield f"  tried    {moment(attempt.at)}  {attempt.code or 'no answer'} {attempt.said}"
    for event in message.events.order_by("at", "pk"):
        yield f"  told     {moment(event.at)}  {event.kind} {event.detail}"
    for mail in message.answered_with.order_by("pk"):
        yield f"  answered {moment(mail.at)}  {mail.get_state_display()}"
    if message.state == MessageState.PENDING:
        at_the_end = "when everything of theirs is answered, as they chose"
        yield f"  next     {moment(message.next_attempt_at) if message.next_attempt_at else at_the_end}"
        yield f"  waits    {waiting_reason(message)}"
    elif message.state in IN_HAND_STATES and message.lease_until:
        yield f"  in hand  until {moment(message.lease_until)}: {MEANS[MessageState(message.state)]}"
    elif meaning := MEANS.get(MessageState(message.state)):
        yield f"  means    {meaning}"
    taken = f" (taken up by {message.resolved_by})" if message.resolved_by else ""
    why = f": {message.resolution}" if message.resolution else ""
    yield f"  is now   {message.get_state_display()}{why}{taken}"


def waiting_reason(message: Message) -> str:
    now = timezone.now()
    house = health(now=now)
    if house.hold:
        return f"the outbox is on hold: {house.hold.reason}"
    if message.carrier == DeliveryChannel.LETTER:
        return "for who prints the letters" if message.batch_id is None else "to be noted as posted"
    if house.silent:
        return "no jobs run: start runjobs, or the worker and the beat"
    if message.next_attempt_at is None:
        return "something of theirs is still unanswered, and they chose one mail at the end"
    if message.next_attempt_at > now:
        return not_due_reason(message)
    if message.rank and fan_out_is_running(now):
        return "an answer is being put on everybody's page first"
    if message.carrier == DeliveryChannel.TEXT:
        if trouble := house.texts or circuit_note(TEXTS, now):
            return f"the service for texts does not take them: {trouble}"
    elif trouble := house.relay or circuit_note(RELAY_SERVICE, now):
        return f"the relay does not take mail: {trouble}"
    return "it is due, and its turn comes"


def not_due_reason(message: Message) -> str:
    contact = Contact.objects.filter(receipt=message.receipt_id).first() if message.receipt_id else None
    if contact and contact.confirmed_at is None and message.purpose not in REQUESTED_PURPOSES:
        return f"the address is not confirmed; unless it is within {CONFIRM_DAYS} days, it is erased"
    last = message.tries.order_by("at", "pk").last()
    if last and last.code in LOST_LINE_CODES:
        return "the line was lost at the last attempt; it is tried again then"
    if message.attempts:
        return f"the server said later, {message.attempts} times"
    at_once = message.purpose in REQUESTED_PURPOSES or (contact and contact.how_often == HowOften.AT_ONCE)
    if message.carrier == DeliveryChannel.TEXT and at_once:
        return "texts leave in the daytime only"
    return "it is not due yet; its reader chose to hear less often, and answers until then go along"


def circuit_note(server: str, now: datetime) -> str:
    """The last error of a server that is left alone at this moment; "" if it is not."""
    if not circuit_is_open(server, now=now):
        return ""
    return Heartbeat.objects.filter(name=server).values_list("note", flat=True).first() or ""


def moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
