"""Themes of a trajectory: what was said, what we replied, and which themes lack a reaction."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_noop

from core.i18n import Texts
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, FollowUp, ThemeReaction, Topic
from feedback.record.services.public_record import PUBLIC_STATES, published_people
from feedback.registries import topic_sources_in
from feedback.states import Outcome, Owed
from neighbourhoods.models import Municipality, Theme, Trajectory

OTHER_SUBJECT = "other"
OTHER_SUBJECTS = {"nl": "andere onderwerpen", "en": gettext_noop("other subjects")}
REST = "rest"
REACTION_KEY_PREFIX = "reaction:"


@dataclass(frozen=True)
class ReportTopic:
    """One topic in all areas; `people` is the published number, None if there is none."""

    source: str
    key: str
    title: Texts
    people: int | None


@dataclass(frozen=True)
class Reply:
    """What is done with a theme: an answer to residents, or a decision noted by hand."""

    about: Texts
    outcome: str
    decided: Texts
    why: Texts
    next_step: Texts
    owner: str
    on: date
    is_answer: bool = True
    """Whether residents got it as an answer; otherwise it was only noted."""

    def says_why(self, language: str) -> bool:
        return self.outcome == Outcome.ADOPTED or bool(self.why.get(language, "").strip())


@dataclass(frozen=True)
class ToAnswer:
    """How many people of one survey an answer on this theme reaches, and the URL to write it."""

    people: int
    url: str


@dataclass
class Subject:
    """A theme with its topics and reactions. `waiting` counts people with open debts, for colleagues only."""

    slug: str
    name: Texts
    theme: int | None
    said: list[ReportTopic] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    waiting: int = 0
    to_answer: list[ToAnswer] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        """Whether the theme may be named in public; if too few named it, a neighbour could be recognised."""
        return any(one.people for one in self.said)

    @property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(one.source for one in self.said))

    def lacks(self, language: str) -> bool:
        """Whether it has no reaction, or one that needs a reason and has none."""
        return not self.replies or not all(reply.says_why(language) for reply in self.replies)


def subjects_of(trajectory: Trajectory) -> list[Subject]:
    """Subjects in the order of the municipality's themes, those without a theme last. Constant number of queries."""
    sources = [asked.source for asked in topic_sources_in(trajectory)]
    topics = list(_topics(sources))
    themes = {theme.pk: theme for theme in Theme.objects.filter(pk__in={topic.theme_id for topic in topics})}
    found = {pk: Subject(theme.slug, theme.name, pk) for pk, theme in themes.items()} | {
        None: Subject(OTHER_SUBJECT, OTHER_SUBJECTS, None)
    }
    for topic in topics:
        there = found[topic.theme_id].said
        if not any((one.source, one.key) == (topic.source, topic.key) for one in there):
            there.append(
                ReportTopic(topic.source, topic.key, topic.title, published_people(topic.source, topic.key))
            )
    said = [subject for subject in found.values() if subject.said]
    _put_replies(trajectory, said, sources)
    _add_waiting_counts(said, sources)
    return said


def _add_waiting_counts(subjects: list[Subject], sources: list[str]) -> None:
    owed = AnswerOwed.objects.filter(topic__source__in=sources).exclude(topic__key=REST).order_by()
    owed = owed.exclude(topic__key__startswith=REACTION_KEY_PREFIX)
    people = Count("receipt", distinct=True)
    waits = dict(owed.waiting().values_list("topic__theme").annotate(n=people))
    reached = audience.answerable_debts(owed)
    per_source = list(
        reached.values_list("topic__theme", "topic__source").annotate(n=people).order_by("topic__source")
    )
    keys: dict[tuple[int | None, str], list[str]] = defaultdict(list)
    named = reached.order_by("topic__key").values_list("topic__theme", "topic__source", "topic__key")
    for theme, source, key in named.distinct():
        keys[theme, source].append(key)
    for subject in subjects:
        subject.waiting = waits.get(subject.theme, 0)
        subject.to_answer = [
            ToAnswer(n, _answer_url(source, keys[theme, source], theme))
            for theme, source, n in per_source
            if theme == subject.theme
        ]


def _answer_url(source: str, keys: list[str], theme: int | None) -> str:
    asked: dict[str, Any] = {"source": source, "key": keys} | ({"theme": theme} if theme else {})
    return f"{reverse('followup_new')}?{urlencode(asked, doseq=True)}"


def subjects_without_reaction(subjects: Iterable[Subject]) -> list[Subject]:
    main = (Municipality.current().languages or ["nl"])[0]
    return [subject for subject in subjects if subject.lacks(main)]


def _topics(sources: list[str]) -> Any:
    """Topics with contributions that are not withdrawn. Excludes “rest”, which needs no reaction, and replies."""
    still_said = AnswerOwed.objects.exclude(state=Owed.WITHDRAWN).filter(topic=OuterRef("pk"))
    topics = Topic.objects.filter(Exists(still_said), source__in=sources).exclude(key=REST)
    return topics.exclude(key__startswith=REACTION_KEY_PREFIX).order_by("source", "key", "pk")


def _put_replies(trajectory: Trajectory, subjects: list[Subject], sources: list[str]) -> None:
    noted = {one.subject: one for one in trajectory.theme_reactions.select_related("owner")}
    told = released_answers(sources)
    for subject in subjects:
        subject.replies = [_answer_reply(one) for one in told if _answers(one, subject)]
        if one := noted.get(subject.slug):
            subject.replies.append(_noted_reply(one, subject.name))


def released_answers(sources: list[str]) -> list[FollowUp]:
    """Released answers in their current version, oldest first."""
    mended = FollowUp.objects.filter(corrects=OuterRef("pk"), state__in=PUBLIC_STATES)
    found = FollowUp.objects.for_everybody().filter(
        ~Exists(mended), state__in=PUBLIC_STATES, audience__source__in=sources
    )
    return list(found.select_related("owner").order_by("released_at", "pk"))


def keys_of(follow_up: FollowUp) -> set[str]:
    """The keys it answers; empty if it answers the whole survey."""
    keys = follow_up.audience.get("key") or []
    return {keys} if isinstance(keys, str) else set(keys)


def _answers(follow_up: FollowUp, subject: Subject) -> bool:
    asked, keys = follow_up.audience, keys_of(follow_up)
    if asked.get("theme") and asked["theme"] != subject.theme:
        return False
    here = {one.key for one in subject.said if one.source == asked["source"]}
    return bool(here & keys) if keys else bool(here)


def _answer_reply(follow_up: FollowUp) -> Reply:
    assert follow_up.released_at is not None
    return Reply(
        about=follow_up.title,
        outcome=follow_up.outcome,
        decided=follow_up.decided,
        why=follow_up.why,
        next_step=follow_up.next_step,
        owner=follow_up.owner.title,
        on=timezone.localdate(follow_up.released_at),
    )


def _noted_reply(one: ThemeReaction, name: Texts) -> Reply:
    return Reply(
        name, one.outcome, one.decided, one.why, {}, one.owner.title, one.decided_on, is_answer=False
    )
