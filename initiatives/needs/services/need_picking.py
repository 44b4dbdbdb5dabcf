"""What a need can be made from: topics by number of people, and texts that were read."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from feedback.models import AnswerOwed, Contribution, Topic
from feedback.states import BETWEEN_TWO, Owed, Reading
from initiatives.models import Need, NeedSource
from neighbourhoods.models import Area
from neighbourhoods.states import Power

TOPICS, TEXTS = 24, 12
"""Numbers shown; other topics and texts are found with a filter."""
# Topics that are no need: “rest” options, reactions to an answer, and words between one resident and us.
NO_NEED = reduce(
    or_,
    (Q(source__startswith=source) for source in BETWEEN_TWO),
    Q(key="rest") | Q(key__startswith="reaction:"),
)
BETWEEN_US = reduce(or_, (Q(topic__source__startswith=source) for source in BETWEEN_TWO))


@dataclass(frozen=True)
class SourceFilter:
    """Filter: one area with the areas inside it, a theme, and words."""

    area: Area | None = None
    theme: int | None = None
    words: str = ""


@dataclass(frozen=True)
class Named:
    """A topic, the number of people who named it, and the needs it feeds."""

    topic: Topic
    people: int
    feeds: list[Need] = field(default_factory=list)


def topics_of(user: User) -> QuerySet[Topic]:
    """Topics in areas where `user` is coordinator; viewers may not change needs."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).values("pk")
    return Topic.objects.filter(area__in=mine).exclude(NO_NEED)


def usable_texts(user: User) -> QuerySet[Contribution]:
    """Texts that a colleague read and marked as not sensitive."""
    read = Contribution.objects.visible_to(user).texts().filter(reading=Reading.CLEAR).exclude(masked_text="")
    return read.exclude(BETWEEN_US)


def named(user: User, asked: SourceFilter, *, also: list[int]) -> list[Named]:
    """Topics matching `asked`, most people first; `also` are ids to include in any case."""
    topics = _narrowed(topics_of(user), asked, "")
    if asked.words:
        titles = Q()
        for code in ("nl", "en"):
            titles |= Q(**{f"title__{code}__icontains": asked.words})
        topics = topics.filter(titles)
    wanted = topics.values("pk")
    counted = dict(
        Contribution.objects.filter(withdrawn_on=None, topic__in=wanted)
        .values_list("topic")
        .annotate(n=Count("receipt", distinct=True))
        .order_by("-n", "topic")[:TOPICS]
    )
    # A text coded under a theme counts there through its answer owed.
    counted |= dict(
        AnswerOwed.objects.filter(topic__in=wanted, topic__key__startswith="theme:", contribution__withdrawn_on=None)
        .exclude(state=Owed.WITHDRAWN)
        .values_list("topic")
        .annotate(n=Count("receipt", distinct=True))
        .order_by("-n", "topic")[:TOPICS]
    )  # fmt: skip
    most = sorted(counted, key=lambda pk: (-counted[pk], pk))[:TOPICS]
    found = topics_of(user).select_related("area", "theme").in_bulk({*most, *also})
    feeds: dict[int, list[Need]] = defaultdict(list)
    for source in NeedSource.objects.filter(topic__in=found).select_related("need").order_by("pk"):
        feeds[source.topic_id].append(source.need)  # type: ignore[index]
    order = [*also, *(pk for pk in most if pk not in also)]
    return [Named(found[pk], counted.get(pk, 0), feeds[pk]) for pk in order if pk in found]


def recently_read_texts(user: User, asked: SourceFilter, *, also: list[UUID]) -> list[Contribution]:
    """Texts matching `asked`, newest first; `also` are ids to include in any case."""
    texts = _narrowed(usable_texts(user), asked, "topic__")
    if asked.words:
        texts = texts.filter(masked_text__icontains=asked.words)
    texts = texts.select_related("topic__area").prefetch_related("themes").order_by("-said_on", "pk")
    chosen = usable_texts(user).filter(pk__in=also).select_related("topic__area").prefetch_related("themes")
    first = list(chosen.order_by("-said_on", "pk")) if also else []
    return [*first, *[text for text in texts[:TEXTS] if text.pk not in also]]


def _narrowed(found: QuerySet, asked: SourceFilter, way: str) -> QuerySet:
    if asked.area:
        found = found.filter(**{f"{way}area__in": Area.objects.inside([asked.area.pk]).values("pk")})
    if asked.theme and way:
        found = found.filter(themes=asked.theme)
    elif asked.theme:
        found = found.filter(theme=asked.theme)
    return found
