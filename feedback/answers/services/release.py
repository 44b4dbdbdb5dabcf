"""From pressing release to messages: hold, fan out, and the digests that carry several answers."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from accounts.models import Contact, Event, Receipt, User
from accounts.states import DeliveryChannel, HowOften
from core.errors import DomainError, InvalidTransition
from core.jobs import stopping
from core.rows import get_or_gone
from core.state_model import StateQuerySet
from feedback.answers.emails import FollowUpMail
from feedback.answers.services import compose, replies
from feedback.contacts.services import hearing_back
from feedback.contributions.services import audience
from feedback.delivery.returned import ParsedMail
from feedback.delivery.services import outbox
from feedback.delivery.services.guards import FAN_OUT_LEASE, hold_lease
from feedback.delivery.services.outbox import message_id, next_delivery_at, rank
from feedback.models import AnswerOwed, FollowUp, FollowUpItem, Message, NamedDebt, build_key
from feedback.registries import MessageHooks, MessageRenderer, message_hooks, source_hooks
from feedback.states import (
    ANSWERED_STATES,
    NEEDS_PERSON_STATES,
    UNSETTLED_STATES,
    FollowUpState,
    MessagePurpose,
    MessageState,
    Owed,
)


@transaction.atomic
def schedule_release(
    *, follow_up: FollowUp, by: User, seen: str | None = None, now: datetime | None = None
) -> FollowUp:
    """Freeze the debts it names and start the hold. Nothing is visible or sent before the hold ends.

    `seen` is the digest that was on screen (optimistic lock against a colleague's edit). Idempotent.
    Raises InvalidTransition if the text changed, and DomainError with what is missing, in which language
    and for how many readers, so that nobody gets another language unnoticed.
    """
    moment = now or timezone.now()
    until = moment + timedelta(seconds=settings.HOLD_SECONDS)
    lock_debts(follow_up)
    locked = get_or_gone(FollowUp.objects.select_for_update(no_key=True), pk=follow_up.pk)
    if locked.state != FollowUpState.DRAFT:
        return locked
    if locked.audience != follow_up.audience or (seen is not None and seen != locked.digest):
        raise InvalidTransition(_("A colleague changed this answer in the meantime. Read it once more."))
    refuse_unfinished(locked)
    compose.refuse_unread(locked)
    locked.move(
        FollowUpState.HOLD,
        hold_until=until,
        released_by=by,
        cursor=None,
        addressed=name_debts(locked),
    )
    Event.log("pressed release", locked, by=by, readers=locked.addressed, until=until)
    return locked


def refuse_unfinished(follow_up: FollowUp) -> None:
    if _is_overtaken(follow_up):
        raise DomainError(
            _("Another correction of this answer went first. Correct that one, once everybody has it.")
        )
    if not follow_up.outcome:
        raise DomainError(_("Choose what came of it: adopted, partly, no, not ours, or not yet."))
    languages = audience.count_reach(audience.debts(follow_up)).languages
    if not languages:
        raise DomainError(_("Nobody waits for this answer (any more)."))
    if gap := compose.first_gap(follow_up):
        raise DomainError(_("“%(gap)s” still has to be filled in. Write it, or take it out.") % {"gap": gap})
    for language, readers in languages.items():
        if not follow_up.language_for(language):
            raise DomainError(
                ngettext(
                    "%(language)s is missing or not complete. %(readers)s person answered in that language. "
                    "Translate it, or choose in which language they get it.",
                    "%(language)s is missing or not complete. %(readers)s people answered in that language. "
                    "Translate it, or choose in which language they get it.",
                    readers,
                )
                % {"language": language_name(language), "readers": readers}
            )


def _is_overtaken(follow_up: FollowUp) -> bool:
    """A released answer has one correction; the next one corrects that. Concurrent releases of two
    corrections serialise on their debts, which are the same."""
    others = FollowUp.objects.filter(corrects=follow_up.corrects_id).exclude(state=FollowUpState.DRAFT)
    return follow_up.corrects_id is not None and others.exists()


def language_name(code: str) -> str:
    try:
        return capfirst(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def lock_debts(follow_up: FollowUp) -> None:
    """Lock the debts while they are named. Lock order: debts before follow-ups.

    Without it two answers to the same people could name the same debt, and a reader erased at this moment
    would be in no sum.
    """
    owed = audience.debts(follow_up).select_for_update(of=("self",), no_key=True)
    list(owed.order_by("pk").values_list("pk", flat=True))


def name_debts(follow_up: FollowUp) -> int:
    """Freeze the debts with one INSERT ... SELECT, whatever their number. Returns how many readers they have."""
    chosen, params = audience.debts(follow_up).order_by().values("pk", "receipt_id").query.sql_with_params()
    table = connection.ops.quote_name(NamedDebt._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (follow_up_id, owed_id, receipt_id) "  # noqa: S608 - no value is put in
            f"SELECT DISTINCT CAST(%s AS bigint), chosen.* FROM ({chosen}) AS chosen",
            [follow_up.pk, *params],
        )
    return NamedDebt.objects.filter(follow_up=follow_up).values("receipt").distinct().count()


@transaction.atomic
def stop_release(*, follow_up: FollowUp, by: User, now: datetime | None = None) -> FollowUp:
    """Turn it back into a draft. Raises InvalidTransition once the hold ended: then only a correction helps."""
    stopped = FollowUp.objects.filter(pk=follow_up.pk).move(
        FollowUpState.DRAFT, hold_until=None, released_by=None, addressed=0, erased=0
    )
    if not stopped:
        raise InvalidTransition(_("It is too late to stop: the answer is on its way. Write a correction."))
    NamedDebt.objects.filter(follow_up=follow_up.pk).delete()
    follow_up.refresh_from_db()
    Event.log("stopped", follow_up, by=by)
    return follow_up


def end_holds(*, now: datetime | None = None) -> int:
    """T1. One conditional UPDATE each, so that concurrent sweeps release once. Returns how many were released."""
    moment = now or timezone.now()
    released = 0
    for follow_up in FollowUp.objects.hold_ended(moment):
        with transaction.atomic():
            ended = FollowUp.objects.hold_ended(moment).filter(pk=follow_up.pk)
            if ended.move(FollowUpState.RELEASED, released_at=moment):
                Event.log("released", follow_up, by=follow_up.released_by)
                for hooks in source_hooks:
                    hooks.when_released(follow_up)
                transaction.on_commit(outbox.notify_workers, robust=True)
                released += 1
    return released


# --- fan out -------------------------------------------------------------------------------------
# T2. Fan out a released follow-up: an item on the page of each named reader, and a message for those
# reachable.
#
# Each chunk is one transaction: items, debts, messages and the cursor. After a crash the next run resumes at
# the cursor; unique keys make repetition harmless.


LAST_CURSOR = UUID(int=2**128 - 1)
"""The cursor when done: after every id, and not the id of a reader."""


def fan_out_released(*, now: datetime | None = None, enough: Callable[[], bool] = lambda: False) -> int:
    """Fan out what is released, chunk by chunk, until `enough()`. Returns how many readers were reached."""
    released = FollowUp.objects.filter(state=FollowUpState.RELEASED).order_by("released_at", "pk")
    if not released.exists():
        return 0
    reached = 0
    with hold_lease(
        FAN_OUT_LEASE, seconds=min(20, settings.LEASE_SECONDS)
    ) as lease:  # other mail waits meanwhile
        while lease and not enough() and lease.renew() and (follow_up := released.first()):
            reached += fan_out_chunk(follow_up, now or timezone.now())
    return reached


@transaction.atomic
def fan_out_chunk(follow_up: FollowUp, now: datetime) -> int:
    """Fan out one chunk. Lock order: readers first, the follow-up last, as when a reader is erased.

    Raises InvalidTransition if another process took this chunk. Returns the number of readers."""
    named = NamedDebt.objects.filter(follow_up=follow_up)
    if follow_up.cursor:
        named = named.filter(receipt__gt=follow_up.cursor)
    receipts = list(
        named.order_by("receipt").values_list("receipt", flat=True).distinct()[: settings.FAN_OUT_CHUNK]
    )
    if receipts:
        create_items(follow_up, receipts, now)
    done = len(receipts) < settings.FAN_OUT_CHUNK
    here = FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.RELEASED, cursor=follow_up.cursor)
    if done:
        moved = here.move(FollowUpState.FANNED_OUT, cursor=LAST_CURSOR, fanned_out_at=now)
    else:
        moved = here.update(cursor=receipts[-1])
    if not moved:
        raise InvalidTransition("Another process handed out this chunk.")
    if done:
        hearing_back.notify_followers(follow_up, now=now)
    return len(receipts)


def create_items(follow_up: FollowUp, receipts: list[UUID], now: datetime) -> None:
    """Create items and messages and settle debts. Locks the readers, so that they can't be erased meanwhile."""
    readers = dict(
        Receipt.objects.select_for_update(no_key=True)
        .filter(pk__in=receipts)
        .order_by("pk")
        .values_list("pk", "language")
    )
    named = NamedDebt.objects.filter(follow_up=follow_up, receipt__in=receipts)
    answered = named.filter(owed__state__in=[Owed.OPEN, *ANSWERED_STATES])
    concerned = set(answered.values_list("receipt", flat=True))
    # Lock order: mails before debts, as everywhere. A gathering mail is locked while this answer is added.
    messages = add_to_digest(follow_up, {pk: readers[pk] for pk in concerned if pk in readers}, now)
    AnswerOwed.objects.filter(pk__in=named.values("owed"), state=Owed.OPEN).move(
        Owed.PUBLISHED, now=now, reason=""
    )
    FollowUpItem.objects.bulk_create(
        (
            FollowUpItem(
                follow_up=follow_up,
                receipt_id=pk,
                message_id=messages.get(pk),
                cancelled=pk not in concerned,
                created_at=now,
            )
            for pk in readers
        ),
        ignore_conflicts=True,
    )


def close_finished(*, now: datetime | None = None) -> int:
    """Close follow-ups whose messages are all settled and leave no task for a person. Returns how many."""
    open_ends = Message.objects.filter(items__follow_up=OuterRef("pk")).filter(
        Q(state__in=UNSETTLED_STATES) | Q(state__in=NEEDS_PERSON_STATES, resolved_by__isnull=True)
    )
    finished = FollowUp.objects.filter(~Exists(open_ends), state=FollowUpState.FANNED_OUT)
    return finished.move(FollowUpState.CLOSED) if finished.exists() else 0


# --- digests -------------------------------------------------------------------------------------
# Which mail carries an answer, and when it leaves: at once, or with others, as its reader chose.
#
# A mail with several answers is one message with several items. An item is in one mail, and a mail takes
# another only while no worker has claimed it: whatever is released, chosen or stopped meanwhile, no answer
# goes out twice or is left behind.


def add_to_digest(follow_up: FollowUp, languages: dict[UUID, str], now: datetime) -> dict[UUID, int]:
    """A message for each of these readers who can be reached: a new one, or a pending one that gathers
    answers.

    Returns message ids by receipt. Whether they may be mailed is checked again on sending; the check here
    only saves rows for readers without an address. Call it in the transaction that creates the items and
    locks the receipts.
    """
    reached = schedule_and_carrier(languages)
    chosen = {pk: choice for pk, (choice, _carrier) in reached.items()}
    # An unprinted letter always takes another answer along, whatever its reader chose: it costs one stamp.
    gathers = [
        pk
        for pk, (choice, carrier) in reached.items()
        if choice != HowOften.AT_ONCE or carrier == DeliveryChannel.LETTER
    ]
    found = _gathering(gathers) if gathers else {}
    keys = {build_key("follow-up", follow_up.pk, pk.hex): pk for pk in chosen if pk not in found}
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
                next_attempt_at=next_delivery_at(chosen[pk], here),
            )
            for key, pk in keys.items()
        ),
        ignore_conflicts=True,
    )
    queued = Message.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", "pk")
    return found | {keys[key]: pk for key, pk in queued}


def schedule_and_carrier(receipts: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """(how often, carrier) of each reachable receipt, in order of receipt."""
    contacts = Contact.objects.reachable().filter(receipt__in=list(receipts)).order_by("receipt")
    return {one.receipt_id: (one.how_often, one.carrier) for one in contacts if one.carrier}


def _gathering(receipts: list[UUID]) -> dict[UUID, int]:
    """The pending mail of each reader that can take another answer. Locked, so that no worker claims it
    meanwhile."""
    waiting = Message.objects.open_digests().filter(receipt__in=receipts).select_for_update(of=("self",))
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
    waiting = list(Message.objects.open_digests().filter(receipt=receipt).select_for_update(of=("self",)))
    if waiting:
        first, *others = waiting
        FollowUpItem.objects.filter(message__in=others).update(message=first)
        Message.objects.filter(pk__in=[other.pk for other in others]).move(
            MessageState.CANCELLED, settled_at=moment, resolution="went along with another mail"
        )
        leaves = next_delivery_at(chosen, timezone.localtime(moment))
        Message.objects.filter(pk=first.pk).update(next_attempt_at=leaves)
    return contact


def release_waiting_digests(*, now: datetime | None = None) -> int:
    """Make mails due that wait until everything is answered, of readers without open debts. Returns how many."""
    owed = AnswerOwed.objects.filter(receipt=OuterRef("receipt"), state=Owed.OPEN)
    ready = Message.objects.open_digests().filter(~Exists(owed), next_attempt_at=None)
    if not ready.exists():  # avoid a needless write lock on SQLite
        return 0
    return ready.update(next_attempt_at=now or timezone.now())


# --- what messages carry -------------------------------------------------------------------------
# Hooks of answers for messages: they create messages and update debts on delivery results.


def debts_of(message: Message) -> StateQuerySet[AnswerOwed]:
    """The debts that this message answers: only those that its follow-ups name."""
    named = NamedDebt.objects.filter(follow_up__items__message=message, receipt=message.receipt_id)
    return AnswerOwed.objects.filter(pk__in=named.values("owed"))


FAN_OUT_SECONDS = 60
"""Longer than a turn of sending: 100,000 people must be able to read an answer within a minute."""


class CarriedAnswers:
    """A debt is sent if its message arrived, and published if the message came back."""

    def create_messages(self, *, now: datetime | None) -> None:
        """End holds, fan out what was released, and let digests go whose reader has all answers."""
        end_holds(now=now)
        ends = time.monotonic() + FAN_OUT_SECONDS
        fan_out_released(now=now, enough=lambda: stopping.is_set() or time.monotonic() > ends)
        release_waiting_digests(now=now)

    def accepted(self, rendered: list[MessageRenderer], *, at: datetime) -> None:
        owed = [pk for mail in rendered if isinstance(mail, FollowUpMail) for pk in mail.owed]
        AnswerOwed.objects.filter(pk__in=owed, state=Owed.PUBLISHED).move(Owed.SENT, now=at)

    def take_reply(self, reply: ParsedMail, message: Message | None, *, at: datetime) -> None:
        replies.store_incoming_mail(reply, message, now=at)

    def arrived(self, message: Message, *, at: datetime) -> None:
        debts_of(message).filter(state=Owed.PUBLISHED).move(Owed.SENT, now=at)

    def came_back(self, message: Message, *, at: datetime) -> None:
        debts_of(message).filter(state=Owed.SENT).move(Owed.PUBLISHED, now=at)

    def took_back(self, message: Message, *, came_back_at: datetime, at: datetime) -> None:
        """Only debts that went back at that moment: others may have changed for another reason."""
        opened = debts_of(message).filter(state=Owed.PUBLISHED, settled_at=came_back_at)
        opened.move(Owed.SENT, now=at)


message_hooks.register("answers")(MessageHooks(carried=CarriedAnswers()))
