"""Whom a follow-up is for. Colleagues see counts and channels here, never addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q

from accounts.models import Contact, Receipt, User
from accounts.states import DeliveryChannel
from feedback.models import AnswerOwed, FollowUp, NamedDebt
from feedback.models.contribution import AnswerOwedQuerySet
from feedback.states import ANSWERED_STATES, FollowUpState, Owed
from neighbourhoods.models import Area, has_everywhere
from neighbourhoods.states import Power


def reached(owed: AnswerOwedQuerySet) -> AnswerOwedQuerySet:
    """Of these, what an answer that is released now reaches: what waits, and is not on its way with another answer.

    Every number of people who would get an answer is counted over this.
    """
    on_its_way = NamedDebt.objects.filter(follow_up__state__in=[FollowUpState.HOLD, FollowUpState.RELEASED])
    return owed.waiting().exclude(pk__in=on_its_way.values("owed"))


def answerable(owed: AnswerOwedQuerySet, by: User) -> AnswerOwedQuerySet:
    """Of these, what this colleague reaches with one text for many: in the areas where they write."""
    found = reached(owed)
    if has_everywhere(by, least=Power.EDITOR):
        return found
    return found.filter(topic__area__in=Area.objects.where(by, least=Power.EDITOR).values("pk"))


def debts(follow_up: FollowUp) -> AnswerOwedQuerySet:
    """The answers owed that this follow-up would name if release were pressed now.

    An area counts for itself, as in a row of the board: what lies inside it is named beside it. A correction goes to
    whoever got what it corrects, answered already or asking again.
    """
    if follow_up.corrects_id:
        return AnswerOwed.objects.filter(
            named_by__follow_up=follow_up.corrects_id, state__in=[Owed.OPEN, *ANSWERED_STATES]
        )
    wanted = follow_up.audience
    found = reached(AnswerOwed.objects.filter(topic__source=wanted.get("source", "")))
    if "owed" in wanted:
        found = found.filter(pk__in=wanted["owed"])
    if key := wanted.get("key"):
        found = found.filter(topic__key__in=[key] if isinstance(key, str) else key)
    return narrow(found, wanted)


def narrow(owed: AnswerOwedQuerySet, wanted: Mapping[str, Any]) -> AnswerOwedQuerySet:
    """Of these, those of the people, theme, areas and owner that an audience names, whatever they said."""
    if wanted.get("first"):
        owed = owed.filter(reopened=0)
    if theme := wanted.get("theme"):
        owed = owed.filter(topic__theme=theme)
    if areas := wanted.get("areas"):
        owed = owed.filter(topic__area__in=areas)
    if owner := wanted.get("owner"):
        owed = owed.filter(owner=owner)
    return owed


def people_per_topic(owed: AnswerOwedQuerySet) -> list[tuple[int, int]]:
    """For each thing said, whatever the area: (people, one of its topics). What most people said comes first."""
    found = (
        owed.order_by().values("topic__key").annotate(n=Count("receipt", distinct=True), topic=Min("topic"))
    )
    return [(row["n"], row["topic"]) for row in found.order_by("-n", "topic__key")]


@dataclass(frozen=True)
class Reach:
    """How many readers, and how they are reached. `by_mail` and the others may turn out lower when messages leave."""

    readers: int
    by_mail: int
    languages: dict[str, int]
    by_text: int = 0
    by_letter: int = 0

    @property
    def page_only(self) -> int:
        return self.readers - self.by_mail - self.by_text - self.by_letter


def count_reach(owed: AnswerOwedQuerySet) -> Reach:
    """Counted over people, by language, in one query."""
    by = {
        f"by_{carrier}": Count("contact", filter=Q(contact__in=Contact.objects.reachable().by(carrier)))
        for carrier in DeliveryChannel.values
    }
    found = list(
        Receipt.objects.filter(pk__in=owed.values("receipt"))
        .values("language")
        .annotate(n=Count("pk"), **by)
        .order_by("-n", "language")
        .values_list("language", "n", *by)
    )
    return Reach(
        readers=sum(n for _language, n, *_by in found),
        languages={language: n for language, n, *_by in found},
        **{name: sum(row[2 + place] for row in found) for place, name in enumerate(by)},
    )
