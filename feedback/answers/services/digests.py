"""Which mail carries an answer, and when it leaves: at once, or with others, as its reader chose.

A mail with several answers is one message with several items. An item is in one mail, and a mail takes
another only while no worker has claimed it: whatever is released, chosen or stopped meanwhile, no answer
goes out twice or is left behind.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Contact, Event, Receipt
from accounts.states import DeliveryChannel, HowOften
from core.rows import get_or_gone
from feedback.delivery.services.outbox import leaves_at, message_id, rank
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message
from feedback.states import MessagePurpose, MessageState, Owed


def add_to_digest(follow_up: FollowUp, languages: dict[UUID, str], now: datetime) -> dict[UUID, int]:
    """A message for each of these readers who can be reached: a new one, or a pending one that gathers
    answers.

    Returns message ids by receipt. Whether they may be mailed is checked again on sending; the check here
    only saves rows for readers without an address. Call it in the transaction that creates the items and
    locks the receipts.
    """
    reached = how_reached(languages)
    chosen = {pk: choice for pk, (choice, _carrier) in reached.items()}
    # An unprinted letter always takes another answer along, whatever its reader chose: it costs one stamp.
    gathers = [
        pk
        for pk, (choice, carrier) in reached.items()
        if choice != HowOften.AT_ONCE or carrier == DeliveryChannel.LETTER
    ]
    found = _gathering(gathers) if gathers else {}
    keys = {f"follow-up:{follow_up.pk}:{pk.hex}": pk for pk in chosen if pk not in found}
    here = timezone.localtime(now)
    Message.objects.bulk_create(
        (
            Message(
                purpose=MessagePurpose.FOLLOW_UP,
                carrier=reached[pk][1],
                receipt_id=pk,
                dedupe_key=key,
                language=languages[pk],
                message_id=message_id(key),
                rank=rank(MessagePurpose.FOLLOW_UP),
                created_at=now,
                next_attempt_at=leaves_at(chosen[pk], here),
            )
            for key, pk in keys.items()
        ),
        ignore_conflicts=True,
    )
    queued = Message.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", "pk")
    return found | {keys[key]: pk for key, pk in queued}


def how_reached(receipts: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """(how often, carrier) of each reachable receipt, in order of receipt."""
    contacts = Contact.objects.reachable().filter(receipt__in=list(receipts)).order_by("receipt")
    return {one.receipt_id: (one.how_often, one.carrier) for one in contacts if one.carrier}


def _gathering(receipts: list[UUID]) -> dict[UUID, int]:
    """The pending mail of each reader that can take another answer. Locked, so that no worker claims it
    meanwhile."""
    waiting = Message.objects.gathering().filter(receipt__in=receipts).select_for_update(of=("self",))
    found: dict[UUID, int] = {}
    for receipt, pk in waiting.values_list("receipt", "pk"):
        found.setdefault(receipt, pk)
    return found


@transaction.atomic
def choose_how_often(*, receipt: Receipt, chosen: str, now: datetime | None = None) -> Contact:
    """Change how often a reader gets mail; pending mails are merged into one with the new schedule.

    Raises Contact.DoesNotExist if there is no address (any more).
    """
    moment = now or timezone.now()
    contact = get_or_gone(Contact.objects.select_for_update(), receipt=receipt)
    if contact.how_often == chosen:
        return contact
    contact.how_often = chosen
    contact.save(update_fields=["how_often"])
    Event.log("chose how often", contact, by=None)
    waiting = list(Message.objects.gathering().filter(receipt=receipt).select_for_update(of=("self",)))
    if waiting:
        first, *others = waiting
        FollowUpItem.objects.filter(message__in=others).update(message=first)
        Message.objects.filter(pk__in=[other.pk for other in others]).move(
            MessageState.CANCELLED, settled_at=moment, resolution="went along with another mail"
        )
        leaves = leaves_at(chosen, timezone.localtime(moment))
        Message.objects.filter(pk=first.pk).update(next_attempt_at=leaves)
    return contact


def release_waiting_digests(*, now: datetime | None = None) -> int:
    """Make mails due that wait until everything is answered, of readers without open debts. Returns how many."""
    owed = AnswerOwed.objects.filter(receipt=OuterRef("receipt"), state=Owed.OPEN)
    ready = Message.objects.gathering().filter(~Exists(owed), next_attempt_at=None)
    if not ready.exists():  # avoid a needless write lock on SQLite
        return 0
    return ready.update(next_attempt_at=now or timezone.now())
