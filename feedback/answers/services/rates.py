"""Rates: did our answers answer people, and did what they promised happen? Hidden below the smallest cell.

A rate is for learning. It covers only readers who replied, and says so; it is shown to the writers of the
answers and to the lead, sorted by name.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from feedback.models import FollowUp, FulfilmentCheck, Reaction
from feedback.states import Happened
from neighbourhoods.models import Municipality


@dataclass(frozen=True)
class Rate:
    """`yes` of the `said` readers who replied. If not `shown`, they are too few and the counts are zero."""

    yes: int
    partly: int
    said: int
    shown: bool

    @property
    def percent(self) -> int:
        return round(100 * self.yes / self.said) if self.said else 0


@dataclass(frozen=True)
class Rates:
    answered: Rate
    happened: Rate

    def __bool__(self) -> bool:
        return bool(self.answered.said or self.happened.said)


def rates_of_survey(source: str) -> Rates:
    return _rates(FollowUp.objects.filter(audience__source=source))


def of_owner(owner: int, seen: QuerySet[FollowUp]) -> Rates:
    """Over the answers of one colleague within `seen`, those visible to the user."""
    return _rates(seen.filter(owner=owner))


def of_owners(owners: Iterable[int], seen: QuerySet[FollowUp]) -> dict[int, Rate]:
    """Rate of answered people per owner, in one query."""
    rows = (
        Reaction.objects.filter(item__follow_up__in=seen.filter(owner__in=list(owners)).values("pk"))
        .order_by()
        .values_list("item__follow_up__owner")
        .annotate(yes=Count("pk", filter=Q(answers_me=True)), said=Count("pk"))
    )
    return {owner: _rate(yes, 0, said) for owner, yes, said in rows}


def of_follow_up(follow_up: FollowUp) -> Rates:
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
