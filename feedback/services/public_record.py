"""What everybody may read: what was asked, what we answered, what is still owed. Reads only.

Every number comes from the public snapshot through the registry `published_counts`; below its threshold there
is no number, also not in a sentence. What one person wrote is never shown, only what it was about.
"""

from dataclasses import dataclass, field
from datetime import date

from django.core.cache import cache
from django.db.models import Min
from django.utils import timezone

from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.registries import published_counts
from feedback.states import FollowUpState, Outcome

HANDED_OUT = (FollowUpState.FANNED_OUT, FollowUpState.CLOSED)
PILLS = {
    Outcome.ADOPTED: "done",
    Outcome.PARTLY: "part",
    Outcome.NO: "no",
    Outcome.NOT_OURS: "elsewhere",
    Outcome.NOT_YET: "notyet",
}
ALL_AREAS = 0
OWED_SECONDS = 60
Texts = dict[str, str]


@dataclass(frozen=True)
class Told:
    """One answer of ours: what neighbours said, how many if that may be known, and what we did with it."""

    follow_up: FollowUp
    said: Texts
    people: int | None
    pill: str
    area: str


@dataclass(frozen=True)
class StillOwed:
    """A subject that neighbours wait for an answer on."""

    said: Texts
    people: int | None
    due_on: date
    who: str
    late_days: int = 0
    promised_on: date | None = None
    moved_reason: Texts = field(default_factory=dict)
    asked_in: Texts = field(default_factory=dict)
    """The title of what they answered: “Green” can be waited for in two neighbourhoods."""

    @property
    def late(self) -> bool:
        return self.late_days > 0


@dataclass(frozen=True)
class Record:
    told: list[Told]
    owed: list[StillOwed]


def public_record(*, at_most: int = 50, on: date | None = None) -> Record:
    """The last answers, newest first, and everything owed, latest first."""
    day = on or timezone.localdate()
    # It goes over all that is owed, and stands on the page that everybody sees first.
    owed = cache.get_or_set(f"public-record:owed:{day}", lambda: _owed(day), OWED_SECONDS)
    return Record(told=_told(at_most), owed=(owed or [])[:at_most])


def how_many(source: str, key: str) -> int | None:
    """The published number of people who said this in all areas of a poll together, if any app knows one."""
    return next((n for ask in published_counts if (n := ask(source, key, ALL_AREAS)) is not None), None)


def _told(at_most: int) -> list[Told]:
    found = list(
        FollowUp.objects.filter(state__in=HANDED_OUT)
        .order_by("-released_at", "-pk")
        .prefetch_related("areas")[:at_most]
    )
    subjects = {follow_up.pk: _subject(follow_up) for follow_up in found}
    topics = {
        (topic.source, topic.key): topic
        for topic in Topic.objects.filter(
            source__in={source for source, _key in subjects.values()},
            key__in={key for _source, key in subjects.values()},
        ).order_by("-pk")
    }
    return [_as_told(follow_up, topics.get(subjects[follow_up.pk])) for follow_up in found]


def _subject(follow_up: FollowUp) -> tuple[str, str]:
    """Source and key of the one thing that was answered; an empty key when it was about more."""
    asked = follow_up.audience
    keys = asked.get("key") or ""
    if isinstance(keys, list):
        keys = keys[0] if len(keys) == 1 else ""
    return asked.get("source", ""), keys


def _as_told(follow_up: FollowUp, topic: Topic | None) -> Told:
    areas = list(follow_up.areas.all())
    return Told(
        follow_up=follow_up,
        said=topic.title if topic else follow_up.title,
        people=how_many(topic.source, topic.key) if topic else None,
        pill=PILLS.get(Outcome(follow_up.outcome), "") if follow_up.outcome else "",
        area=areas[0].name if len(areas) == 1 else "",
    )


def _owed(on: date) -> list[StillOwed]:
    """Per subject, whatever the area. What one reader still misses in an answer is nobody else's business."""
    rows = (
        AnswerOwed.objects.waiting()
        .filter(reopened=0)
        .exclude(topic__key__startswith="reaction:")
        .exclude(topic__key="rest")
        .values("topic__source", "topic__key")
        .annotate(due=Min("due_on"), topic=Min("topic"), owner=Min("owner__title"))
        .order_by("due", "topic")
    )
    topics = Topic.objects.in_bulk({row["topic"] for row in rows})
    promises = {p.subject: p for p in Promise.objects.filter(subject__in={t.source for t in topics.values()})}
    return [
        _as_owed(topics[row["topic"]], row["due"], row["owner"], promises.get(row["topic__source"]), on)
        for row in rows
    ]


def _as_owed(topic: Topic, due: date, who: str, promise: Promise | None, on: date) -> StillOwed:
    moved = promise is not None and promise.due_on != promise.first_due_on
    promised_on = promise.first_due_on if promise and moved else None
    return StillOwed(
        said=topic.title,
        people=how_many(topic.source, topic.key),
        due_on=due,
        who=who,
        late_days=max((on - min(due, promised_on or due)).days, 0),
        promised_on=promised_on,
        moved_reason=promise.moved_reason if promise and moved else {},
        asked_in=promise.title if promise else {},
    )
