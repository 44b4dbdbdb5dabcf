"""The number of people behind a need: everybody who said something it was made from, counted once."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q

from feedback.models import AnswerOwed, Contribution
from feedback.registries import daily_jobs
from feedback.states import Owed
from initiatives.models import Need, NeedSource


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

    def words(self) -> Q:
        """Filter on contributions: the texts among these sources."""
        coded = AnswerOwed.objects.filter(topic__in=self.topics).values("contribution")
        return Q(topic__in=self.topics) | Q(pk__in=coded) | Q(pk__in=self.texts)


def recount_need_people(need: Need) -> int:
    """Count again and return the count now. Answers are erased in time, so `need.people` keeps the maximum."""
    people = Sources.of(need).people()
    Need.objects.filter(pk=need.pk, people__lt=people).update(people=people)
    need.people = max(need.people, people)
    return people


def left_of(most: int, before: int, after: int) -> int:
    """The maximum to keep after sources were taken away. Of people erased meanwhile the source is unknown, so
    the number is scaled in proportion."""
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
