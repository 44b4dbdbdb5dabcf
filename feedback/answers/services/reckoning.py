"""Figures of follow-ups: the sums of each, what it costs, and whether answers answered people."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils.formats import number_format

from accounts.states import DeliveryChannel
from feedback.models import FollowUp, FollowUpItem, FulfilmentCheck, Message, NamedDebt, Reaction
from feedback.states import (
    HANDED_OVER_STATES,
    IN_HAND_STATES,
    UNSETTLED_STATES,
    FollowUpState,
    Happened,
    MessageState,
)
from neighbourhoods.models import Municipality


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


def count_delivery(follow_up: FollowUp) -> DeliveryCounts:
    """Count in one statement, so that all parts are from the same moment."""
    rows = items_by_part(follow_up).union(
        readers_not_fanned_out(follow_up), stored_counts(follow_up), all=True
    )
    counted: dict[str, int] = {}
    for part, number in rows:
        counted[part] = counted.get(part, 0) + number
    return DeliveryCounts(**counted)


def items_by_part(follow_up: FollowUp) -> QuerySet:
    in_hand = Q(message__state__in=IN_HAND_STATES)
    part = Case(
        When(cancelled=True, then=Value("cancelled")),
        When(in_hand, then=Value("in_hand")),
        default=Coalesce("message__state", Value("page_only"), output_field=CharField()),
        output_field=CharField(),
    )
    items = FollowUpItem.objects.filter(follow_up=follow_up).order_by()
    return items.annotate(part=part).values("part").annotate(number=Count("pk")).values_list("part", "number")


def readers_not_fanned_out(follow_up: FollowUp) -> QuerySet:
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


def stored_counts(follow_up: FollowUp) -> QuerySet:
    this = FollowUp.objects.filter(pk=follow_up.pk).order_by()
    number = IntegerField()
    addressed = this.values_list(Value("audience"), Cast("addressed", number))
    return addressed.union(this.values_list(Value("erased"), Cast("erased", number)), all=True)


def items_per_carrier(follow_up: FollowUp) -> dict[str, int]:
    """Items of this follow-up per carrier; the others are on pages only."""
    items = FollowUpItem.objects.filter(
        follow_up=follow_up, cancelled=False, message__isnull=False
    ).order_by()
    counted = items.values("message__carrier").annotate(number=Count("pk"))
    return dict(counted.values_list("message__carrier", "number"))


def count_scheduled_items(follow_up: FollowUp, now: datetime) -> int:
    """How many pending items wait for the reader's schedule: weekly, monthly, or when all is answered."""
    later = Q(message__next_attempt_at=None) | Q(message__next_attempt_at__gt=now)
    return FollowUpItem.objects.filter(
        later, follow_up=follow_up, cancelled=False, message__state=MessageState.PENDING, message__attempts=0
    ).count()


def receipts_in_part(follow_up: FollowUp, part: str, *, after: UUID | None, most: int) -> list[UUID]:
    """The first `most` receipts after `after` that `count_delivery` counts under this part."""
    items = FollowUpItem.objects.filter(follow_up=follow_up)
    shown = items.filter(cancelled=False)
    sources: list[QuerySet[Any]] = [
        {
            "cancelled": items.filter(Q(cancelled=True) | Q(message__state=MessageState.CANCELLED)),
            "page_only": shown.filter(message=None),
            "in_hand": shown.filter(message__state__in=IN_HAND_STATES),
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


# --- costs ---------------------------------------------------------------------------------------
# Cost of texts and letters, before and after sending, at the prices that the municipality set.


SENT_STATES = frozenset({*HANDED_OVER_STATES, MessageState.BOUNCED, MessageState.UNCERTAIN})
"""States that count as paid for, as far as we know; returned ones too."""


@dataclass(frozen=True)
class Cost:
    """A number of texts or letters and the price of one in cents; None if no price is set."""

    carrier: str
    number: int
    price: int | None

    @property
    def cents(self) -> int | None:
        return None if self.price is None else self.number * self.price

    @property
    def euros(self) -> str:
        """Formatted in the active language; "" without a price."""
        if self.cents is None:
            return ""
        return f"€ {number_format(Decimal(self.cents) / 100, 2)}"


def costs_of(numbers: dict[str, int]) -> list[Cost]:
    """Costs of the carriers that cost money and have messages."""
    municipality = Municipality.current()
    prices = {
        DeliveryChannel.TEXT: municipality.text_price,
        DeliveryChannel.LETTER: municipality.letter_price,
    }
    return [
        Cost(carrier, numbers[carrier], price) for carrier, price in prices.items() if numbers.get(carrier)
    ]


def estimated_costs(*, texts: int, letters: int) -> list[Cost]:
    return costs_of({DeliveryChannel.TEXT: texts, DeliveryChannel.LETTER: letters})


def actual_costs(follow_up: FollowUp) -> list[Cost]:
    """Cost of the messages that carry this answer. Each counts in full: a letter with two answers has one stamp."""
    went = Message.objects.filter(
        items__follow_up=follow_up, state__in=[*SENT_STATES, *UNSETTLED_STATES]
    ).order_by()
    counted = went.values("carrier").annotate(number=Count("pk", distinct=True))
    return costs_of(dict(counted.values_list("carrier", "number")))


# --- rates ---------------------------------------------------------------------------------------
# Rates: did our answers answer people, and did what they promised happen? Hidden below the smallest cell.
#
# A rate is for learning. It covers only readers who replied, and says so; it is shown to the writers of the
# answers and to the lead, sorted by name.


@dataclass(frozen=True)
class Rate:
    """`yes` of the `replied` readers who replied. If not `shown`, they are too few and the counts are zero."""

    yes: int
    partly: int
    replied: int
    shown: bool

    @property
    def percent(self) -> int:
        return round(100 * self.yes / self.replied) if self.replied else 0


@dataclass(frozen=True)
class Rates:
    answered: Rate
    happened: Rate

    def __bool__(self) -> bool:
        return bool(self.answered.replied or self.happened.replied)


def rates_of_survey(source: str) -> Rates:
    return _rates(FollowUp.objects.filter(audience__source=source))


def rates_of_owner(owner: int, seen: QuerySet[FollowUp]) -> Rates:
    """Over the answers of one colleague within `seen`, those visible to the user."""
    return _rates(seen.filter(owner=owner))


def answer_rates_by_owner(owners: Iterable[int], seen: QuerySet[FollowUp]) -> dict[int, Rate]:
    """Rate of answered people per owner, in one query."""
    rows = (
        Reaction.objects.filter(item__follow_up__in=seen.filter(owner__in=list(owners)).values("pk"))
        .order_by()
        .values_list("item__follow_up__owner")
        .annotate(yes=Count("pk", filter=Q(answers_me=True)), said=Count("pk"))
    )
    return {owner: _rate(yes, 0, said) for owner, yes, said in rows}


def rates_of_follow_up(follow_up: FollowUp) -> Rates:
    return _rates(FollowUp.objects.filter(pk=follow_up.pk))


def _rates(follow_ups: QuerySet[FollowUp]) -> Rates:
    mine = follow_ups.order_by().values("pk")
    answered = Reaction.objects.filter(item__follow_up__in=mine).aggregate(
        yes=Count("pk", filter=Q(answers_me=True)), said=Count("pk")
    )
    happened = (
        FulfilmentCheck.objects.filter(item__follow_up__in=mine)
        .exclude(happened="")
        .aggregate(
            yes=Count("pk", filter=Q(happened=Happened.YES)),
            partly=Count("pk", filter=Q(happened=Happened.PARTLY)),
            said=Count("pk"),
        )
    )
    return Rates(_rate(answered["yes"], 0, answered["said"]), _rate(**happened))


def _rate(yes: int, partly: int, said: int) -> Rate:
    shown = said >= Municipality.current().smallest_cell
    return Rate(yes if shown else 0, partly if shown else 0, said, shown)
