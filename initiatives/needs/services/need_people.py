"""How many people stand behind a need: everybody who said what it was heard in, once."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from feedback.models import AnswerOwed, Contribution
from feedback.registries import daily_jobs
from feedback.states import Owed
from initiatives.models import Need, NeedSource


@dataclass(frozen=True)
class Sources:
    """What a need stands on, by id."""

    topics: list[int] = field(default_factory=list)
    texts: list[UUID] = field(default_factory=list)

    @classmethod
    def of(cls, need: Need) -> "Sources":
        rows = list(NeedSource.objects.filter(need=need.pk).values_list("topic", "contribution"))
        return cls([topic for topic, _text in rows if topic], [text for _topic, text in rows if text])

    def people(self) -> int:
        """Everybody who said one of these and did not withdraw it, once. What was read under a theme counts there
        by its debt, for the words themselves stay where they were asked."""
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

    def words(self) -> Q:
        """The texts among these: as a filter on contributions."""
        coded = AnswerOwed.objects.filter(topic__in=self.topics).values("contribution")
        return Q(topic__in=self.topics) | Q(pk__in=coded) | Q(pk__in=self.texts)


def recount_need_people(need: Need) -> int:
    """How many stand behind it now. Answers are erased in time, so the most that ever did is what stays."""
    people = Sources.of(need).people()
    Need.objects.filter(pk=need.pk, people__lt=people).update(people=people)
    need.people = max(need.people, people)
    return people


def left_of(most: int, before: int, after: int) -> int:
    """The number that stays when what a need stands on becomes less. Of what was erased meanwhile nobody knows to
    which part it belonged: there the parts are taken to have shrunk alike."""
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
