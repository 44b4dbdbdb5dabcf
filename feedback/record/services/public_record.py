"""The public record: what was asked, what we answered, what came of it, and what is still owed. Read only.

Every number comes from the public snapshot through the `SourceHooks.published_count`. Below its threshold
there is no number, not even in a sentence, and no subject: who sees a neighbour answer and then a new
subject appear would know what that neighbour said. Texts of one person are never shown, only what they are
about.

For one neighbourhood an open subject is named only if its number in that neighbourhood was published: the
number over all areas says nothing about the few who live there. For one theme nothing unnamed is shown:
that somebody waits with “all kinds of things” under a theme would reveal what it was about. Pages, feeds
and open data read only this record.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.cache import cache
from django.db import models
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst as upper_first
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.deadlines import days_late
from core.i18n import Texts
from feedback.models import AnswerOwed, FollowUp, Progress, Promise, Topic
from feedback.registries import source_hooks
from feedback.states import PERSONAL_SOURCE_PREFIXES, FollowUpState, Outcome, ProgressKind
from neighbourhoods.models import Area, Theme

PUBLIC_STATES = (FollowUpState.FANNED_OUT, FollowUpState.CLOSED)
PILL_BY_OUTCOME = {
    Outcome.ADOPTED: "done",
    Outcome.PARTLY: "part",
    Outcome.NO: "no",
    Outcome.NOT_OURS: "elsewhere",
    Outcome.NOT_YET: "notyet",
}
OTHER_SUBJECTS_TITLE = {"nl": "allerlei dingen", "en": gettext_noop("all kinds of things")}
"""Replaces subjects that few people named."""
ALL_AREAS = 0
OWED_SECONDS = 60
ANSWERED_KIND, CORRECTED_KIND = "answered", "corrected"


@dataclass(frozen=True)
class Moment:
    """One event of an answer; `kind` is answered, corrected, or a ProgressKind."""

    on: date
    kind: str
    text: Texts = field(default_factory=dict)
    at: datetime | None = None

    @property
    def word(self) -> str:
        if self.kind == ANSWERED_KIND:
            return _("Answered")
        return (
            _("Corrected") if self.kind == CORRECTED_KIND else str(upper_first(ProgressKind(self.kind).label))
        )


@dataclass(frozen=True)
class PublicAnswer:
    """One answer in its current version: what people said, how many if public, and what came of it."""

    follow_up: FollowUp
    topic: Texts
    people: int | None
    outcome: str
    areas: tuple[Area, ...] = ()
    themes: tuple[Theme, ...] = ()
    first: int = 0
    """The id of the first version, which stays in the URL after corrections."""
    moments: tuple[Moment, ...] = ()
    promise: Promise | None = None
    is_of_all: bool = False
    """It answers all other answers together; `said` is then the survey's title, which nobody said."""

    @property
    def area(self) -> str:
        return self.areas[0].name if len(self.areas) == 1 else ""

    @property
    def url(self) -> str:
        return reverse("said_one", args=[self.first])

    @property
    def done_on(self) -> date | None:
        return next((one.on for one in self.moments if one.kind == ProgressKind.DONE), None)

    @property
    def is_stopped(self) -> bool:
        return bool(self.moments) and self.moments[-1].kind == ProgressKind.STOPPED

    @property
    def pill(self) -> str:
        """The status in one word; adopted is shown as “goes ahead”, as it is not done yet."""
        if self.is_stopped:
            return f"no:{_('Stopped')}"
        if self.done_on or not self.outcome:
            return "done" if self.done_on else ""
        return (
            f"done:{_('Goes ahead')}"
            if self.outcome == Outcome.ADOPTED
            else PILL_BY_OUTCOME[Outcome(self.outcome)]
        )

    @property
    def changed_at(self) -> datetime:
        return max(one.at for one in self.moments if one.at)

    @property
    def since(self) -> tuple[Moment, ...]:
        return self.moments[1:]

    @property
    def was_moved(self) -> bool:
        return self.promise is not None and self.promise.due_on != self.promise.first_due_on


@dataclass(frozen=True)
class OpenSubject:
    """A subject that residents still wait for an answer on."""

    topic: Texts
    people: int | None
    due_on: date
    who: str
    late_days: int = 0
    promised_on: date | None = None
    moved_reason: Texts = field(default_factory=dict)
    asked_in: Texts = field(default_factory=dict)
    """The title of the survey: “Green” may be open in two neighbourhoods."""

    @property
    def is_mixed(self) -> bool:
        """Several subjects that few people named, together; only the survey tells them apart."""
        return self.people is None

    @property
    def late(self) -> bool:
        return self.late_days > 0


@dataclass(frozen=True)
class RecordFigures:
    """Totals in subjects, as people may be counted only if published. A no counts as answered."""

    answered: int
    not_done: int
    done: int
    owed: int
    late: int
    longest: int


@dataclass(frozen=True)
class Record:
    answers: list[PublicAnswer]
    owed: list[OpenSubject]
    figures: RecordFigures
    before: int | None = None
    """The id after which the next page begins."""


def public_record(
    *,
    at_most: int = 50,
    area: Area | None = None,
    theme: Theme | None = None,
    before: int | None = None,
    on: date | None = None,
) -> Record:
    """The latest answers, newest first, and all that is owed, latest first; of one area or theme, or of all."""
    day = on or timezone.localdate()
    found = _selected_answer_ids(area, theme)
    page = found[found.index(before) + 1 :] if before in found else found
    owed = _cached_open_subjects(day, area, theme)
    return Record(
        answers=_public_answers(page[:at_most], area),
        owed=owed[:at_most],
        figures=_figures(found, owed),
        before=page[at_most - 1] if len(page) > at_most else None,
    )


def public_answer(pk: int) -> PublicAnswer | None:
    """The current version of the answer with this first id; None if not public."""
    chain = [pk]
    for here in chain:
        chain += FollowUp.objects.filter(corrects=here, state__in=PUBLIC_STATES).values_list("pk", flat=True)
    told = _public_answers(list(_public().filter(pk__in=chain).values_list("pk", flat=True)[:1]), None)
    return told[0] if told and told[0].first == pk else None


def published_people(source: str, key: str, area: int = ALL_AREAS) -> int | None:
    """The published number of people who said this, in one area or the whole survey; None if unknown."""
    counts = (hooks.published_count(source, key, area) for hooks in source_hooks)
    return next((count for count in counts if count is not None), None)


def chain_of(follow_up: FollowUp) -> list[int]:
    """Ids of an answer with all it corrects and all that correct it."""
    first = follow_up
    while first.corrects is not None:
        first = first.corrects
    found = [first.pk]
    for pk in found:
        found += FollowUp.objects.filter(corrects=pk).values_list("pk", flat=True)
    return found


def current_version(follow_up: FollowUp) -> FollowUp:
    """The latest released version of an answer; itself if there is no other."""
    out = FollowUp.objects.filter(pk__in=chain_of(follow_up), state__in=PUBLIC_STATES)
    return out.order_by("-released_at", "-pk").first() or follow_up


# --- what we answered -------------------------------------------------------------------------


def _public() -> models.QuerySet[FollowUp]:
    """Public answers, newest first, without corrected versions."""
    found = FollowUp.objects.for_everybody().filter(state__in=PUBLIC_STATES)
    return found.exclude(corrections__state__in=PUBLIC_STATES).order_by("-released_at", "-pk")


def _selected_answer_ids(area: Area | None, theme: Theme | None) -> list[int]:
    found = _public()
    if area:
        found = found.filter(areas__in=Area.objects.inside([area.pk]).values("pk")).distinct()
    if theme is None:
        return [pk for pk, _released in found.values_list("pk", "released_at")]
    about = set(Topic.objects.filter(theme=theme).values_list("source", "key").distinct())
    rows = found.values_list("pk", "audience", "released_at")
    return [pk for pk, asked, _at in rows if asked.get("theme") == theme.pk or about & set(_keys(asked))]


def _keys(asked: Mapping[str, object]) -> list[tuple[str, str]]:
    """(source, key) of each topic answered; empty if it answers the whole survey."""
    keys = asked.get("key") or []
    source = str(asked.get("source", ""))
    return [(source, str(key)) for key in (keys if isinstance(keys, list) else [keys])]


def _public_answers(pks: list[int], area: Area | None) -> list[PublicAnswer]:
    """These answers in this order. Constant number of queries, plus one per level of corrections."""
    found = FollowUp.objects.prefetch_related("areas").in_bulk(pks)
    chains = _chains(found)
    within = {one.pk: pk for pk, chain in chains.items() for one in chain}
    noted: dict[int, list[Progress]] = defaultdict(list)
    for progress in Progress.objects.shown().filter(follow_up__in=list(within)):
        noted[within[progress.follow_up_id]].append(progress)
    asked = [key for one in found.values() for key in _keys(one.audience)]
    sources = {str(one.audience.get("source", "")) for one in found.values()}
    topics: dict[tuple[str, str], list[Topic]] = defaultdict(list)
    named = Topic.objects.filter(source__in=sources, key__in={key for _source, key in asked})
    for topic in named.select_related("theme").order_by("-pk"):
        topics[topic.source, topic.key].append(topic)
    themes = Theme.objects.in_bulk({t for one in found.values() if (t := one.audience.get("theme"))})
    promises = {p.subject: p for p in Promise.objects.filter(subject__in=sources)}
    return [
        _build_public_answer(
            chains[pk],
            topics,
            themes,
            promises.get(str(found[pk].audience.get("source"))),
            area,
            _moments(chains[pk], noted[pk]),
        )
        for pk in pks
        if pk in found
    ]


def _chains(found: Mapping[int, FollowUp]) -> dict[int, list[FollowUp]]:
    """Per answer the chain from the current version back to the first."""
    known = dict(found)
    while missing := {one.corrects_id for one in known.values() if one.corrects_id} - known.keys():
        known |= FollowUp.objects.in_bulk(list(missing))
    chains = {}
    for pk, last in found.items():
        chain = chains[pk] = [last]
        while before := chain[-1].corrects_id:
            chain.append(known[before])
    return chains


def _build_public_answer(
    chain: list[FollowUp],
    topics: Mapping[tuple[str, str], list[Topic]],
    themes: Mapping[int, Theme],
    promise: Promise | None,
    area: Area | None,
    moments: tuple[Moment, ...],
) -> PublicAnswer:
    follow_up = chain[0]
    keys = _keys(follow_up.audience)
    topic = next(iter(topics.get(keys[0], [])), None) if len(keys) == 1 else None
    about = {t.theme.pk: t.theme for key in keys for t in topics.get(key, []) if t.theme}
    if chosen := themes.get(follow_up.audience.get("theme") or 0):
        about[chosen.pk] = chosen
    return PublicAnswer(
        follow_up=follow_up,
        topic=topic.title if topic else follow_up.title,
        people=published_people(topic.source, topic.key, area.pk if area else ALL_AREAS) if topic else None,
        outcome=follow_up.outcome,
        areas=tuple(follow_up.areas.all()),
        themes=tuple(sorted(about.values(), key=lambda one: (one.order, one.slug))),
        first=chain[-1].pk,
        moments=moments,
        promise=promise,
        is_of_all=topic is not None and topic.key == "rest",
    )


def _moments(chain: list[FollowUp], noted: list[Progress]) -> tuple[Moment, ...]:
    """Events by day. A follow-up that only tells a progress note is left out: the note itself is the event."""
    answered, *corrections = (
        Moment(
            timezone.localdate(one.released_at),
            CORRECTED_KIND if one.corrects_id else ANSWERED_KIND,
            {},
            one.released_at,
        )
        for one in reversed(chain)
        if one.released_at and not one.goes_on
    )
    steps = [Moment(one.on, one.kind, one.text, one.noted_at) for one in noted]
    return (answered, *sorted(corrections + steps, key=lambda one: one.on))


# --- what is owed -----------------------------------------------------------------------------


def _cached_open_subjects(day: date, area: Area | None, theme: Theme | None) -> list[OpenSubject]:
    """Cached for a minute, as it reads all open debts and is on the pages visited most."""
    where = f"{area.pk if area else ALL_AREAS}:{theme.pk if theme else 0}"
    found = cache.get_or_set(
        f"public-record:owed:{day}:{where}", lambda: _open_subjects(day, area, theme), OWED_SECONDS
    )
    return found or []


def _open_subjects(on: date, area: Area | None, theme: Theme | None) -> list[OpenSubject]:
    """Open subjects over all areas; those few people named are merged per source, with the earliest date.

    Reopened debts and replies are left out: what one reader misses in an answer is private.
    """
    waiting = AnswerOwed.objects.waiting()
    for source in PERSONAL_SOURCE_PREFIXES:
        waiting = waiting.exclude(topic__source__startswith=source)
    if area:
        waiting = waiting.filter(topic__area__in=Area.objects.inside([area.pk]).values("pk"))
    if theme:
        waiting = waiting.filter(topic__theme=theme)
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
        people = published_people(source, row["topic__key"], area.pk if area else ALL_AREAS) or None
        if not people and (theme or source in with_few):
            continue
        if not people:
            with_few.add(source)
        said = topics[row["topic"]].title if people else OTHER_SUBJECTS_TITLE
        owed.append(_build_open_subject(said, people, row["due"], row["owner"], promises.get(source), on))
    return owed


def _build_open_subject(
    said: Texts, people: int | None, due: date, who: str, promise: Promise | None, on: date
) -> OpenSubject:
    moved = promise is not None and promise.due_on != promise.first_due_on
    promised_on = promise.first_due_on if promise and moved else None
    return OpenSubject(
        topic=said,
        people=people,
        due_on=due,
        who=who,
        late_days=days_late(min(due, promised_on or due), on),
        promised_on=promised_on,
        moved_reason=promise.moved_reason if promise and moved else {},
        asked_in=promise.title if promise else {},
    )


def _figures(answers: list[int], owed: list[OpenSubject]) -> RecordFigures:
    """Totals over the whole selection, also what is on other pages."""
    found = list(FollowUp.objects.filter(pk__in=answers).values_list("outcome", "corrects"))
    outcomes = Counter(outcome for outcome, _corrects in found)
    versions, corrected = set(answers), {corrects for _outcome, corrects in found if corrects}
    while corrected:
        versions |= corrected
        before = FollowUp.objects.filter(pk__in=corrected, corrects__isnull=False)
        corrected = set(before.values_list("corrects_id", flat=True))
    done = Progress.objects.shown().filter(follow_up__in=versions, kind=ProgressKind.DONE)
    late = [one.late_days for one in owed if one.late]
    return RecordFigures(
        answered=len(answers),
        not_done=outcomes[Outcome.NO],
        done=done.count(),
        owed=len(owed),
        late=len(late),
        longest=max(late, default=0),
    )
