"""What everybody may read: what was asked, what we answered, what is still owed. Reads only.

Every number comes from the public snapshot through the registry `published_counts`; below its threshold there
is no number, also not in a sentence, and no subject either: who sees a neighbour answer, and then a new subject
appear, would know what that neighbour said. What one person wrote is never shown, only what it was about.
"""

from dataclasses import dataclass, field
from datetime import date

from django.core.cache import cache
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_noop

from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.registries import published_counts
from feedback.states import FollowUpState, Outcome
from neighbourhoods.models import Area

HANDED_OUT = (FollowUpState.FANNED_OUT, FollowUpState.CLOSED)
PILLS = {
    Outcome.ADOPTED: "done",
    Outcome.PARTLY: "part",
    Outcome.NO: "no",
    Outcome.NOT_OURS: "elsewhere",
    Outcome.NOT_YET: "notyet",
}
ALL_KINDS = {"nl": "allerlei dingen", "en": gettext_noop("all kinds of things")}
"""Stands for what few people said."""
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


def public_record(*, at_most: int = 50, area: Area | None = None, on: date | None = None) -> Record:
    """The last answers, newest first, and everything owed, latest first; of one area, or of all."""
    day = on or timezone.localdate()
    where = area.pk if area else ALL_AREAS
    # It goes over all that is owed, and stands on pages that everybody sees first.
    owed = cache.get_or_set(f"public-record:owed:{day}:{where}", lambda: _owed(day, area), OWED_SECONDS)
    return Record(told=_told(at_most, area), owed=(owed or [])[:at_most])


def how_many(source: str, key: str, area: int = ALL_AREAS) -> int | None:
    """The published number of people who said this, in one area or in all of a poll, if any app knows one."""
    return next((n for ask in published_counts if (n := ask(source, key, area)) is not None), None)


def _told(at_most: int, area: Area | None) -> list[Told]:
    handed_out = FollowUp.objects.filter(state__in=HANDED_OUT)
    if area:
        handed_out = handed_out.filter(areas__in=Area.objects.inside([area.pk]).values("pk")).distinct()
    found = list(handed_out.order_by("-released_at", "-pk").prefetch_related("areas")[:at_most])
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


def _owed(on: date, area: Area | None) -> list[StillOwed]:
    """Per subject, whatever the area; per source together what few people said, with the day of the first.

    What one reader still misses in an answer is nobody else's business.
    """
    waiting = AnswerOwed.objects.waiting()
    if area:
        waiting = waiting.filter(topic__area__in=Area.objects.inside([area.pk]).values("pk"))
    rows = (
        waiting.filter(reopened=0)
        .exclude(topic__key__startswith="reaction:")
        .values("topic__source", "topic__key")
        .annotate(due=Min("due_on"), topic=Min("topic"), owner=Min("owner__title"))
        .order_by("due", "topic")
    )
    topics = Topic.objects.in_bulk({row["topic"] for row in rows})
    promises = {p.subject: p for p in Promise.objects.filter(subject__in={t.source for t in topics.values()})}
    owed, with_few = [], set()
    for row in rows:
        source = row["topic__source"]
        people = how_many(source, row["topic__key"], area.pk if area else ALL_AREAS)
        if not people and source in with_few:
            continue
        if not people:
            with_few.add(source)
        said = topics[row["topic"]].title if people else ALL_KINDS
        owed.append(_as_owed(said, people, row["due"], row["owner"], promises.get(source), on))
    return owed


def _as_owed(
    said: Texts, people: int | None, due: date, who: str, promise: Promise | None, on: date
) -> StillOwed:
    moved = promise is not None and promise.due_on != promise.first_due_on
    promised_on = promise.first_due_on if promise and moved else None
    return StillOwed(
        said=said,
        people=people,
        due_on=due,
        who=who,
        late_days=max((on - min(due, promised_on or due)).days, 0),
        promised_on=promised_on,
        moved_reason=promise.moved_reason if promise and moved else {},
        asked_in=promise.title if promise else {},
    )
