"""The number of people behind a need: everybody who said something it was made from, counted once."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from feedback.answers.services.promises import record_postponement
from feedback.models import AnswerOwed, Contribution
from feedback.registries import daily_jobs
from feedback.states import Owed
from initiatives.models import Need, NeedSource
from initiatives.states import OPEN_NEEDS
from neighbourhoods.models import ParticipationRules


@dataclass(frozen=True)
class Sources:
    """Ids of the topics and contributions a need is made from."""

    topics: list[int] = field(default_factory=list)
    texts: list[UUID] = field(default_factory=list)

    @classmethod
    def of(cls, need: Need) -> "Sources":
        rows = list(NeedSource.objects.filter(need=need.pk).values_list("topic", "contribution"))
        return cls([topic for topic, _text in rows if topic], [text for _topic, text in rows if text])

    def people(self) -> int:
        """People who said one of these and did not withdraw it, each once. A text coded under a theme counts
        through its answer owed, because the text keeps its own topic."""
        said = Contribution.objects.filter(withdrawn_on=None).order_by()
        owed = AnswerOwed.objects.filter(topic__in=self.topics, contribution__withdrawn_on=None).order_by()
        return (
            said.filter(topic__in=self.topics)
            .values("receipt")
            .union(
                owed.exclude(state=Owed.WITHDRAWN).values("receipt"),
                said.filter(pk__in=self.texts).values("receipt"),
            )
            .count()
        )

    def texts_filter(self) -> Q:
        """Filter on contributions: the texts among these sources."""
        coded = AnswerOwed.objects.filter(topic__in=self.topics).values("contribution")
        return Q(topic__in=self.topics) | Q(pk__in=coded) | Q(pk__in=self.texts)


def recount_need_people(need: Need) -> int:
    """Count again and return the count now. Answers are erased in time, so `need.people` keeps the maximum."""
    people = Sources.of(need).people()
    Need.objects.filter(pk=need.pk, people__lt=people).update(people=people)
    need.people = max(need.people, people)
    return people


def people_after_removal(most: int, before: int, after: int) -> int:
    """Return the new maximum after sources are removed. The sources of erased people are unknown, so the old
    maximum is scaled by after / before."""
    if before <= 0:
        return most
    return after if before >= most else round(most * after / before)


@daily_jobs.register("initiatives.needs")
def recount_needs() -> str:
    changed = 0
    for need in Need.objects.standing().order_by("pk").iterator(chunk_size=200):
        before = need.people
        recount_need_people(need)
        changed += need.people > before
    return f"{changed} needs have more people behind them"


# The next look at a need: every open one has a day for it.


def next_look(today: date | None = None) -> date:
    """The default day of the next look."""
    return (today or timezone.localdate()) + timedelta(days=ParticipationRules.current().days("need_look"))


def look_after_step(need: Need, to: str) -> dict[str, Any]:
    """Fields of the next look after a step, which counts as a look. A later day, chosen with a reason, stays;
    a closed need has no next look."""
    if to not in OPEN_NEEDS:
        return {"next_action": "", "next_action_on": None}
    usual = next_look()
    if need.next_action_on and need.next_action_on > usual:
        return {}
    return {"next_action": "", "next_action_on": usual}


@transaction.atomic
def plan_look(*, need: Need, on: date, why: str, by: User, today: date | None = None) -> Need:
    """Move the next look, with a reason. Raises DomainError without a reason or for a day in the past."""
    if not why.strip():
        raise DomainError(_("Write why then: who takes over and residents read it."))
    if on < (today or timezone.localdate()):
        raise DomainError(_("Choose a day that is still to come."))
    told = Need.objects.select_for_update(no_key=True).open().filter(pk=need.pk).first()
    if told is None:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    Need.objects.filter(pk=need.pk).update(next_action=why.strip()[:120], next_action_on=on)
    record_postponement(key=f"need:{need.pk}", was=told.next_action_on, day=on, why=why)
    Event.log("planned", need, by=by, next_on=on)
    need.refresh_from_db()
    return need
