"""The sums of a follow-up: everybody it addressed, by what became of it. Always shown; the parts always add up."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from feedback.models import FollowUp, FollowUpItem, NamedDebt
from feedback.states import IN_HAND, FollowUpState, MessageState


@dataclass(frozen=True)
class DeliveryCounts:
    """Readers of one follow-up per state. The parts are counted one by one; `audience` was stored at release."""

    audience: int = 0
    page_only: int = 0
    on_hold: int = 0
    pending: int = 0
    in_hand: int = 0
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    suppressed: int = 0
    failed: int = 0
    uncertain: int = 0
    cancelled: int = 0
    erased: int = 0

    @property
    def parts(self) -> dict[str, int]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "audience"}

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def is_equal(self) -> bool:
        return self.audience == self.total


def reckon(follow_up: FollowUp) -> DeliveryCounts:
    """Count in one statement, so that all parts are from the same moment."""
    rows = items_by_part(follow_up).union(not_handed_out(follow_up), kept_numbers(follow_up), all=True)
    counted: dict[str, int] = {}
    for part, number in rows:
        counted[part] = counted.get(part, 0) + number
    return DeliveryCounts(**counted)


def items_by_part(follow_up: FollowUp) -> QuerySet:
    in_hand = Q(message__state__in=IN_HAND)
    part = Case(
        When(cancelled=True, then=Value("cancelled")),
        When(in_hand, then=Value("in_hand")),
        default=Coalesce("message__state", Value("page_only"), output_field=CharField()),
        output_field=CharField(),
    )
    items = FollowUpItem.objects.filter(follow_up=follow_up).order_by()
    return items.annotate(part=part).values("part").annotate(number=Count("pk")).values_list("part", "number")


def not_handed_out(follow_up: FollowUp) -> QuerySet:
    """Named readers after the cursor: on hold, or still to be fanned out."""
    part = Case(
        When(follow_up__state=FollowUpState.HOLD, then=Value("on_hold")),
        default=Value("pending"),
        output_field=CharField(),
    )
    ahead = Q(follow_up__cursor=None) | Q(receipt__gt=F("follow_up__cursor"))
    named = NamedDebt.objects.filter(ahead, follow_up=follow_up).order_by()
    return (
        named.annotate(part=part)
        .values("part")
        .annotate(number=Count("receipt", distinct=True))
        .values_list("part", "number")
    )


def kept_numbers(follow_up: FollowUp) -> QuerySet:
    this = FollowUp.objects.filter(pk=follow_up.pk).order_by()
    number = IntegerField()
    addressed = this.values_list(Value("audience"), Cast("addressed", number))
    return addressed.union(this.values_list(Value("erased"), Cast("erased", number)), all=True)


def by_carrier(follow_up: FollowUp) -> dict[str, int]:
    """Items of this follow-up per carrier; the others are on pages only."""
    items = FollowUpItem.objects.filter(
        follow_up=follow_up, cancelled=False, message__isnull=False
    ).order_by()
    counted = items.values("message__carrier").annotate(number=Count("pk"))
    return dict(counted.values_list("message__carrier", "number"))


def wait_for_their_day(follow_up: FollowUp, now: datetime) -> int:
    """How many pending items wait for the reader's schedule: weekly, monthly, or when all is answered."""
    later = Q(message__next_attempt_at=None) | Q(message__next_attempt_at__gt=now)
    return FollowUpItem.objects.filter(
        later, follow_up=follow_up, cancelled=False, message__state=MessageState.PENDING, message__attempts=0
    ).count()


def receipts_in(follow_up: FollowUp, part: str, *, after: UUID | None, most: int) -> list[UUID]:
    """The first `most` receipts after `after` that `reckon` counts under this part."""
    items = FollowUpItem.objects.filter(follow_up=follow_up)
    shown = items.filter(cancelled=False)
    sources: list[QuerySet[Any]] = [
        {
            "cancelled": items.filter(Q(cancelled=True) | Q(message__state=MessageState.CANCELLED)),
            "page_only": shown.filter(message=None),
            "in_hand": shown.filter(message__state__in=IN_HAND),
            "on_hold": shown.none(),
        }.get(part, shown.filter(message__state=part))
    ]
    on_hold = follow_up.state == FollowUpState.HOLD
    if part == ("on_hold" if on_hold else "pending"):
        ahead = NamedDebt.objects.filter(follow_up=follow_up)
        sources.append(ahead.filter(receipt__gt=follow_up.cursor) if follow_up.cursor else ahead)
    found: set[UUID] = set()
    for source in sources:
        source = source.filter(receipt__gt=after) if after else source
        found |= set(source.order_by("receipt").values_list("receipt", flat=True).distinct()[:most])
    return sorted(found)[:most]
