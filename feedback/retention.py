"""Retention jobs of feedback. The number of days comes from config/retention.toml."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from accounts.models import Contact, Event, Receipt
from accounts.states import ReceiptPurpose
from feedback.answers.services import letters_by_post
from feedback.models import (
    AnswerOwed,
    Contribution,
    DeliveryAttempt,
    DeliveryEvent,
    Following,
    FollowUpItem,
    FulfilmentCheck,
    Incoming,
    Message,
    Promise,
)
from feedback.private.services import erase_for_good
from feedback.states import UNSETTLED_STATES, IncomingState, MessagePurpose, MessageState, Owed, Reading
from neighbourhoods.models import ParticipationRules
from neighbourhoods.registries import retention_jobs

ADDRESSES = N_("addresses after the last message")


@retention_jobs.register("unconfirmed")
def erase_unconfirmed(now: datetime, days: int) -> dict[str, int]:
    contacts = Contact.objects.unconfirmed_since(now - timedelta(days=days)).exclude(
        receipt__purpose=ReceiptPurpose.OFFER  # volunteers are called or mailed without confirming first
    )
    return {N_("unconfirmed addresses"): _erase_contacts(contacts.values_list("receipt", flat=True))}


@retention_jobs.register("addresses")
def erase_addresses(now: datetime, days: int) -> dict[str, int]:
    """Erase addresses no longer needed: all is answered, nothing is under way, and the last message is
    `days` old.

    A promise may have set a shorter term for its respondents.
    """
    gone = _erase_contacts(_served(now - timedelta(days=days)).values_list("receipt", flat=True))
    for promise in Promise.objects.filter(address_days__lt=days):
        assert promise.address_days is not None
        there = Contribution.objects.filter(topic__source=promise.subject)
        served = _served(now - timedelta(days=promise.address_days)).filter(
            receipt__in=there.values("receipt")
        )
        count = _erase_contacts(served.values_list("receipt", flat=True))
        if count:
            Event.log("erased_by_retention", promise, by=None, what=ADDRESSES, number=count)
        gone += count
    return {ADDRESSES: gone}


def _served(cutoff: datetime) -> QuerySet[Contact]:
    waiting = AnswerOwed.objects.filter(state=Owed.OPEN)
    under_way = Message.objects.filter(receipt__isnull=False, state__in=UNSETTLED_STATES)
    lately_mailed = Message.objects.filter(receipt__isnull=False, settled_at__gte=cutoff)
    lately_told = FollowUpItem.objects.filter(created_at__gte=cutoff)
    lately_asked = FulfilmentCheck.objects.filter(asked_on__gte=timezone.localdate(cutoff)).annotate(
        receipt=F("item__receipt")
    )
    # A promise with a day gets a look back: keep the address until then, plus a week for the job that asks.
    asked_by = timezone.localdate() - timedelta(days=ParticipationRules.current().days("look_back") + 7)
    to_ask = FollowUpItem.objects.shown().filter(follow_up__happens_on__gte=asked_by, look_back=None)
    # Offers and followed neighbourhoods have retention terms of their own.
    said = [ReceiptPurpose.PARTICIPATION, ReceiptPurpose.NOTE]
    contacts = Contact.objects.filter(confirmed_at__lt=cutoff, receipt__purpose__in=said)
    busy: list[QuerySet[Any]] = [waiting, under_way, lately_mailed, lately_told, lately_asked, to_ask]
    for rows in busy:
        contacts = contacts.exclude(receipt__in=rows.values("receipt"))
    return contacts


@transaction.atomic
def erase_contribution_texts(*, source: str) -> int:
    """Erase the text and location of read and answered contributions from `source`; the contributions and
    our answers stay. Returns how many."""
    waiting = AnswerOwed.objects.waiting().filter(contribution=OuterRef("pk"))
    answered = Contribution.objects.filter(~Exists(waiting), topic__source=source).exclude(text="")
    pks = list(answered.exclude(reading=Reading.UNREAD).values_list("pk", flat=True))
    return Contribution.objects.filter(pk__in=pks).update(
        text="",
        masked_text="",
        may_be_danger=False,
        longitude=None,
        latitude=None,
        place=None,
        revision=F("revision") + 1,
    )


@transaction.atomic
def _erase_contacts(receipts: Iterable[UUID]) -> int:
    found = list(receipts)
    Message.objects.filter(
        receipt__in=found, purpose__in=[MessagePurpose.CONFIRM, MessagePurpose.CODE]
    ).delete()
    Contact.objects.filter(receipt__in=found).delete()
    return len(found)


@retention_jobs.register("following")
def erase_followings(now: datetime, days: int) -> dict[str, int]:
    """Erase followings without a contact (never confirmed), or unsubscribed `days` ago."""
    stopped = Q(receipt__contact__unsubscribed_at__lt=now - timedelta(days=days))
    ended = Following.objects.filter(Q(receipt__contact=None) | stopped)
    return {N_("followed neighbourhoods"): erase_receipts(ended.values_list("receipt", flat=True))}


@retention_jobs.register("mail")
@transaction.atomic
def empty_old_mail(now: datetime, days: int) -> dict[str, int]:
    """Empty the texts of settled mail; erase old delivery attempts and events, and old mail no follow-up counts."""
    cutoff = now - timedelta(days=days)
    texts = (
        Message.objects.exclude(state__in=UNSETTLED_STATES)
        .exclude(state=MessageState.UNCERTAIN)  # a colleague may still resend it
        .exclude(state=MessageState.FAILED)
        .exclude(text="", html="", to_address="", subject="")
        .update(text="", html="", to_address="", subject="")
    )
    attempts, _rows = DeliveryAttempt.objects.filter(at__lt=cutoff).delete()
    events, _rows = DeliveryEvent.objects.filter(at__lt=cutoff).delete()
    # Mails of a follow-up are kept until its answers are erased: its sums count them.
    old = Message.objects.filter(settled_at__lt=cutoff).exclude(purpose=MessagePurpose.FOLLOW_UP)
    messages, _rows = old.exclude(
        pk__in=FollowUpItem.objects.filter(message__isnull=False).values("message")
    ).delete()
    return {
        N_("texts of mail"): texts,
        N_("delivery attempts"): attempts,
        N_("delivery events"): events,
        N_("settled mail"): messages,
    }


@retention_jobs.register("answer_letters")
def end_letters(now: datetime, days: int) -> dict[str, int]:
    """Expire old letter batches: unprinted letters wait again, printed but never posted ones become
    uncertain. Deletes the files."""
    gone = letters_by_post.expire_letter_batches(before=now - timedelta(days=days), now=now)
    return {N_("letters with answers"): gone + letters_by_post.sweep_files()}


@retention_jobs.register("incoming")
@transaction.atomic
def erase_old_incoming(now: datetime, days: int) -> dict[str, int]:
    """Erase incoming mail that nobody took up in time, and the fingerprints of settled mail."""
    old = Incoming.objects.filter(at__lt=now - timedelta(days=days))
    waiting, _rows = old.filter(state=IncomingState.WAITING).delete()
    # Keep mail that became a contribution: the page uses it to say that an attachment was not kept.
    old.filter(contribution=None).delete()
    return {N_("mail that nobody took up"): waiting}


@retention_jobs.register("withdrawn")
def erase_withdrawn(now: datetime, days: int) -> dict[str, int]:
    """Erase withdrawn contributions that were not put back in time, with their whole receipt."""
    day = timezone.localdate(now) - timedelta(days=days)
    receipts = Receipt.objects.filter(contributions__withdrawn_on__lt=day).distinct()
    return {N_("withdrawn answers"): erase_receipts(receipts.values_list("pk", flat=True))}


def erase_receipts(pks: Iterable[UUID]) -> int:
    """Erase in one transaction per receipt, so that a long run blocks nobody and a crash loses no
    progress. Returns how many."""
    return sum(erase_for_good(pk) for pk in list(pks))
