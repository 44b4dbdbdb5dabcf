"""Topics that people named, by what is there for them: a link, a decision, or nothing yet; and the number of
people behind the latter. Includes topics without a need. Counted in the database; the number of queries does
not depend on the number of areas.

A topic is an option chosen in answer to a question about needs, or a theme a reader found in a text, in one
area. It has a link when a need made from it has one; it has a decision when that need was met or not taken
up, or when a released answer to it says more than “not yet”.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from accounts.counting import counted_for_all
from accounts.models import User
from core.revision import revision
from feedback.models import AnswerOwed, FollowUp, Topic
from feedback.record.services.public_record import HANDED_OUT
from feedback.states import Outcome, Owed
from initiatives.models import NeedLink, NeedSource
from initiatives.needs.services.need_picking import NO_NEED
from initiatives.states import LinkKind, NeedState

BY_CHOICE = Q(key__startswith="option:") | Q(key__startswith="theme:")


@dataclass
class Named:
    """Counts of one area, or a sum of several, in which a person counts once per area."""

    topics: int = 0
    linked: int = 0
    decided: int = 0
    people: int = 0
    people_left: int = 0

    @property
    def left(self) -> int:
        return self.topics - self.linked - self.decided

    def add(self, other: "Named") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def named_topics() -> QuerySet[Any]:
    """Topics that were named and not withdrawn, annotated with `is_linked` and `is_decided`."""
    said = AnswerOwed.objects.filter(topic=OuterRef("pk")).exclude(state=Owed.WITHDRAWN)
    heard_in = NeedSource.objects.filter(topic=OuterRef("pk"), need__merged_into=None)
    links = NeedLink.objects.filter(need=OuterRef("need")).exclude(kind=LinkKind.DECISION)
    found = Topic.objects.filter(BY_CHOICE).exclude(NO_NEED).filter(Exists(said))
    return found.annotate(
        is_linked=Exists(heard_in.filter(Exists(links))),
        is_decided=Case(
            When(Exists(heard_in.filter(need__state__in=[NeedState.MET, NeedState.NOT_TAKEN_UP])), then=True),
            When(Exists(said.filter(named_by__follow_up__in=decisions())), then=True),
            default=False,
            output_field=BooleanField(),
        ),
    )


def decisions() -> list[int]:
    """Ids of valid answers to a particular topic or theme, with an outcome other than “not yet”."""
    out = (
        FollowUp.objects.for_everybody()
        .filter(state__in=HANDED_OUT)
        .exclude(outcome__in=["", Outcome.NOT_YET])
    )
    rows = out.exclude(corrections__state__in=HANDED_OUT).values_list("pk", "audience")
    return [pk for pk, asked in rows if asked.get("key") or asked.get("theme")]


def left_of(topics: QuerySet[Any]) -> QuerySet[Any]:
    return topics.filter(is_linked=False, is_decided=False)


def named(areas: Iterable[int]) -> dict[int, Named]:
    """Per area, without the areas inside it; only areas where something was named."""
    topics = named_topics().filter(area__in=list(areas))
    found: dict[int, Named] = {}
    rows = topics.order_by().values_list("area", "is_linked", "is_decided").annotate(n=Count("pk"))
    for area, is_linked, is_decided, n in rows:
        linked, decided = (n if is_linked else 0), (n if is_decided and not is_linked else 0)
        found.setdefault(area, Named()).add(Named(topics=n, linked=linked, decided=decided))
    owed = AnswerOwed.objects.exclude(state=Owed.WITHDRAWN).filter(topic__in=topics.values("pk")).order_by()
    people = Count("receipt", distinct=True)
    left = Count("receipt", distinct=True, filter=Q(topic__in=left_of(topics).values("pk")))
    for area, everybody, are_left in owed.values_list("topic__area").annotate(n=people, left=left):
        found[area].add(Named(people=everybody, people_left=are_left))
    return found


def total(found: Iterable[Named]) -> Named:
    summed = Named()
    for one in found:
        summed.add(one)
    return summed


def named_lately(areas: Iterable[int], by: User) -> Named:
    """The sum, cached for a minute, because it reads every topic named there."""
    wanted = sorted(areas)
    where = revision([timezone.localdate(), wanted])
    return counted_for_all(f"named:{where}", lambda: total(named(wanted).values()), by=by)
