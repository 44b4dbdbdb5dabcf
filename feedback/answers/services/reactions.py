"""“Does this answer you?” A no reopens the debts; the latest reaction counts."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from accounts.models import Event, Receipt
from core.errors import DomainError
from core.rows import get_or_gone, refresh_or_gone
from feedback.contacts.services.conversation import withdrawn_on
from feedback.contributions.services.closing import find_owners_again, lock_promises
from feedback.models import AnswerOwed, Contribution, FollowUpItem, NamedDebt, Reaction, SecondReading, Topic
from feedback.states import ANSWERED_STATES, ContributionKind, Owed, Reading

AGAIN_WITHIN = timedelta(days=14)
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
        lock_promises(sources_of(item), now=now)
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


def sources_of(item: FollowUpItem) -> list[str]:
    """Sources of the contributions that this item answers."""
    named = NamedDebt.objects.filter(follow_up=item.follow_up_id, receipt=item.receipt_id)
    return list(named.order_by().values_list("owed__topic__source", flat=True).distinct())


def hears_on(now: datetime) -> date:
    return timezone.localdate(now) + AGAIN_WITHIN


def _reopen(item: FollowUpItem, *, now: datetime) -> None:
    AnswerOwed.objects.filter(pk__in=_named(item), state__in=ANSWERED_STATES).update(
        state=Owed.OPEN, settled_at=None, reason="", due_on=hears_on(now), reopened=F("reopened") + 1
    )


def _settle(item: FollowUpItem, reaction: Reaction, *, now: datetime) -> None:
    """Settle what a no had reopened, and waive the debt for its reason."""
    AnswerOwed.objects.filter(pk__in=_named(item), state=Owed.OPEN, reopened__gt=0).update(
        state=Owed.PUBLISHED, settled_at=now
    )
    if reaction.reason_id:
        AnswerOwed.objects.filter(contribution=reaction.reason_id, state=Owed.OPEN).update(
            state=Owed.WAIVED, settled_at=now, reason=_("You said that our answer is clear now.")
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
            "due_on": hears_on(now),
        },
    )
    if debt.state != Owed.OPEN and (mended or debt.state == Owed.WAIVED):
        debt.move(Owed.OPEN, due_on=hears_on(now), reason="")
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
