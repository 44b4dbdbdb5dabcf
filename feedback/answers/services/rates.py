"""Whether our answers answered people, and whether what they promised happened: never of so few that one shows.

A rate is there to learn from. It is of those who said something alone, and says so; it is shown to who wrote the
answers and to who leads there, in the order of names.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from feedback.models import FollowUp, FulfilmentCheck, Reaction
from feedback.states import Happened
from neighbourhoods.models import Municipality


@dataclass(frozen=True)
class Rate:
    """Out of `said` who said something, `yes` said yes. Without `shown` they are too few to tell how many that is."""

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
    """Of all answers to what was said in one poll."""
    return _rates(FollowUp.objects.filter(audience__source=source))


def of_owner(owner: int, seen: QuerySet[FollowUp]) -> Rates:
    """Of the answers of one colleague, among those the reader may see."""
    return _rates(seen.filter(owner=owner))


def of_owners(owners: Iterable[int], seen: QuerySet[FollowUp]) -> dict[int, Rate]:
    """Whether the answers of each answered people, in one query."""
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
