"""The audience of a follow-up. Colleagues see counts and channels, never addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q

from accounts.models import Contact, Receipt, User
from accounts.states import DeliveryChannel
from feedback.models import AnswerOwed, FollowUp, NamedDebt
from feedback.models.contributions import AnswerOwedQuerySet
from feedback.states import ANSWERED_STATES, FollowUpState, Owed
from neighbourhoods.models import Area, has_everywhere
from neighbourhoods.states import Power


def answerable_debts(owed: AnswerOwedQuerySet) -> AnswerOwedQuerySet:
    """The debts an answer released now would reach: open, and not named by another one that is being
    released.

    All counts of people who would get an answer use this.
    """
    on_its_way = NamedDebt.objects.filter(follow_up__state__in=[FollowUpState.HOLD, FollowUpState.RELEASED])
    return owed.waiting().exclude(pk__in=on_its_way.values("owed"))


def answerable(owed: AnswerOwedQuerySet, by: User) -> AnswerOwedQuerySet:
    """The debts this user can answer with one text for many: in areas where they may write."""
    found = answerable_debts(owed)
    if has_everywhere(by, least=Power.EDITOR):
        return found
    return found.filter(topic__area__in=Area.objects.where(by, least=Power.EDITOR).values("pk"))


def debts(follow_up: FollowUp) -> AnswerOwedQuerySet:
    """The debts that this follow-up would name if released now.

    An area excludes the areas inside it, as on the board. A correction goes to the readers of what it
    corrects, whether their debt is answered or reopened.
    """
    if follow_up.corrects_id:
        return AnswerOwed.objects.filter(
            named_by__follow_up=follow_up.corrects_id, state__in=[Owed.OPEN, *ANSWERED_STATES]
        )
    wanted = follow_up.audience
    found = answerable_debts(AnswerOwed.objects.filter(topic__source=wanted.get("source", "")))
    if "owed" in wanted:
        found = found.filter(pk__in=wanted["owed"])
    if key := wanted.get("key"):
        found = found.filter(topic__key__in=[key] if isinstance(key, str) else key)
    return narrow(found, wanted)


def narrow(owed: AnswerOwedQuerySet, wanted: Mapping[str, Any]) -> AnswerOwedQuerySet:
    """Narrow by the audience's first, theme, areas and owner; not by what was said."""
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
    """(people, id of one of its topics) per key, in all areas together; most people first."""
    found = (
        owed.order_by().values("topic__key").annotate(n=Count("receipt", distinct=True), topic=Min("topic"))
    )
    return [(row["n"], row["topic"]) for row in found.order_by("-n", "topic__key")]


@dataclass(frozen=True)
class Reach:
    """How many readers there are, and how they are reached. Fewer messages may be sent, as reachability is
    checked again then."""

    readers: int
    by_mail: int
    languages: dict[str, int]
    by_text: int = 0
    by_letter: int = 0

    @property
    def page_only(self) -> int:
        return self.readers - self.by_mail - self.by_text - self.by_letter


def count_reach(owed: AnswerOwedQuerySet) -> Reach:
    """Count people by language and carrier, in one query."""
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
