"""Needs, from what was named to what became of it: made, changed, taken further, handed over."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.counting import cached_for_all_users
from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts
from core.revision import revision
from feedback.models import AnswerOwed, Contribution, FollowUp, Topic
from feedback.record.services.public_record import PUBLIC_STATES
from feedback.states import Outcome, Owed
from initiatives.models import Initiative, Need, NeedLink, NeedSource, NeedStep
from initiatives.needs.services.need_people import Sources, look_after_step, next_look
from initiatives.needs.services.need_sources import NO_NEED, add_sources, lock_needs
from initiatives.states import InitiativeState, LinkKind, NeedState
from neighbourhoods.models import Area, Theme, has_in_each
from neighbourhoods.profile.services.inventory import lock_areas as hold_areas
from neighbourhoods.states import Power


@transaction.atomic
def make_need(
    *,
    title: Texts,
    theme: Theme,
    area: Area,
    urgency: int,
    by: User,
    missing: Texts | None = None,
    topics: Iterable[Topic] = (),
    texts: Iterable[Contribution] = (),
    on: date | None = None,
) -> Need:
    """Make a need from what residents chose and wrote, in their words. Its maker owns it.

    Idempotent for a repeated submit. Raises DomainError without sources, if an open need with this title
    exists here, or if `by` is no coordinator here.
    """
    topics, texts = list(topics), list(texts)
    _refuse(title, area, by)
    if not topics and not texts:
        raise DomainError(_("Choose what it is made of: at least one thing that people named."))
    hold_areas([area])
    if there := Need.objects.open().filter(area=area, title=dict(title)).first():
        of = Sources.of(there)
        if {*of.topics} == {one.pk for one in topics} and {*of.texts} == {one.pk for one in texts}:
            return there
        raise DomainError(_("This need is noted here already. Add to that one what else it was heard in."))
    need = Need.objects.create(
        title=dict(title), theme=theme, area=area, urgency=urgency, owner=by, missing=dict(missing or {}),
        heard_on=on or timezone.localdate(), state_on=on or timezone.localdate(), next_action_on=next_look(),
    )  # fmt: skip
    NeedStep.objects.create(need=need, state=NeedState.HEARD, on=need.heard_on, by=by)
    Event.log("made", need, by=by)
    add_sources(need=need, topics=topics, texts=texts, by=by, is_new=True)
    return need


def _refuse(title: Texts, area: Area, by: User) -> None:
    if not any(words.strip() for words in title.values()):
        raise DomainError(_("Write in the words of residents what is needed."))
    if not has_in_each(by, [area], least=Power.COORDINATOR):
        raise DomainError(_("Choose an area in which you work yourself."))


def need_revision(need: Need) -> str:
    """The revision of the fields that can be changed."""
    return revision([need.title, need.missing, need.urgency, need.theme_id, need.area_id])


@transaction.atomic
def change_need(*, need: Need, seen: str, by: User, **fields: Any) -> Need:
    """Change words, theme, area or urgency. `seen` is the revision of what the form showed; raises
    InvalidTransition if it changed since."""
    (current,) = lock_needs([need])
    if current.merged_into_id:
        raise InvalidTransition(_("This need was taken into another one. Have another look."))
    if need_revision(current) != seen:
        raise InvalidTransition(_("A colleague changed this need in the meantime. Look at both and choose."))
    _refuse(fields.get("title", current.title), fields.get("area", current.area), by)
    for name, value in fields.items():
        setattr(current, name, value)
    current.save(update_fields=list(fields))
    Event.log("changed", current, by=by)
    return current


@transaction.atomic
def change_need_state(
    *, need: Need, to: str, seen: str, words: Texts, by: User, on: date | None = None
) -> NeedStep:
    """Move the need to a state, or tell something new in the same state. Residents who named it read the words later.

    `seen` is the state the form showed; raises InvalidTransition if it changed since. Raises DomainError
    without words if the need is not taken up or the state stays the same.
    """
    day, told = on or timezone.localdate(), {code: text for code, text in words.items() if text.strip()}
    (current,) = lock_needs([need])
    look = look_after_step(current, to)
    last = current.steps.last()
    if (
        last
        and (last.state, last.words, last.by_id, last.on) == (to, told, by.pk, day)
        and (told or seen != to)
    ):
        return last  # the second of two taps
    if current.state != seen or current.merged_into_id:
        raise InvalidTransition(_("Somebody was first. Have another look."))
    if to == NeedState.NOT_TAKEN_UP and not told:
        raise DomainError(_("Write why it is not taken up: whoever named it reads it."))
    if to == current.state:
        if not told:
            raise DomainError(_("Nothing changes. Choose another state, or write what there is to tell."))
        if to == NeedState.NOT_TAKEN_UP:
            Need.objects.filter(pk=current.pk).update(reason=told)
        Need.objects.filter(pk=current.pk).update(**look)
    else:
        current.move(to, on=day, reason=told if to == NeedState.NOT_TAKEN_UP else {}, **look)
    step = NeedStep.objects.create(need=current, state=to, on=day, words=told, by=by)
    Event.log("took a step", current, by=by, state=NeedState(to))
    need.refresh_from_db()
    return step


# Topics that people named, by what is there for them: a link, a decision, or nothing yet; and the number of
# people behind the latter. Includes topics without a need. Counted in the database; the number of queries does
# not depend on the number of areas.
#
# A topic is an option chosen in answer to a question about needs, or a theme a reader found in a text, in one
# area. It has a link when a need made from it has one; it has a decision when that need was met or not taken
# up, or when a released answer to it says more than “not yet”.


CHOSEN_TOPICS = Q(key__startswith="option:") | Q(key__startswith="theme:")


@dataclass
class NamedTopicCounts:
    """Counts of one area, or a sum of several, in which a person counts once per area."""

    topics: int = 0
    linked: int = 0
    decided: int = 0
    people: int = 0
    people_left: int = 0

    @property
    def left(self) -> int:
        return self.topics - self.linked - self.decided

    def add(self, other: "NamedTopicCounts") -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def named_topics() -> QuerySet[Any]:
    """Topics that were named and not withdrawn, annotated with `is_linked` and `is_decided`."""
    said = AnswerOwed.objects.filter(topic=OuterRef("pk")).exclude(state=Owed.WITHDRAWN)
    heard_in = NeedSource.objects.filter(topic=OuterRef("pk"), need__merged_into=None)
    links = NeedLink.objects.filter(need=OuterRef("need")).exclude(kind=LinkKind.DECISION)
    found = Topic.objects.filter(CHOSEN_TOPICS).exclude(NO_NEED).filter(Exists(said))
    return found.annotate(
        is_linked=Exists(heard_in.filter(Exists(links))),
        is_decided=Case(
            When(Exists(heard_in.filter(need__state__in=[NeedState.MET, NeedState.NOT_TAKEN_UP])), then=True),
            When(Exists(said.filter(named_by__follow_up__in=decisions())), then=True),
            default=False,
            output_field=BooleanField(),
        ),
    )


def decisions() -> list[int]:
    """Ids of valid answers to a particular topic or theme, with an outcome other than “not yet”."""
    out = (
        FollowUp.objects.for_everybody()
        .filter(state__in=PUBLIC_STATES)
        .exclude(outcome__in=["", Outcome.NOT_YET])
    )
    rows = out.exclude(corrections__state__in=PUBLIC_STATES).values_list("pk", "audience")
    return [pk for pk, asked in rows if asked.get("key") or asked.get("theme")]


def without_need(topics: QuerySet[Any]) -> QuerySet[Any]:
    return topics.filter(is_linked=False, is_decided=False)


def count_named_topics(areas: Iterable[int]) -> dict[int, NamedTopicCounts]:
    """Per area, without the areas inside it; only areas where something was named."""
    topics = named_topics().filter(area__in=list(areas))
    found: dict[int, NamedTopicCounts] = {}
    rows = topics.order_by().values_list("area", "is_linked", "is_decided").annotate(n=Count("pk"))
    for area, is_linked, is_decided, n in rows:
        linked, decided = (n if is_linked else 0), (n if is_decided and not is_linked else 0)
        found.setdefault(area, NamedTopicCounts()).add(
            NamedTopicCounts(topics=n, linked=linked, decided=decided)
        )
    owed = AnswerOwed.objects.exclude(state=Owed.WITHDRAWN).filter(topic__in=topics.values("pk")).order_by()
    people = Count("receipt", distinct=True)
    left = Count("receipt", distinct=True, filter=Q(topic__in=without_need(topics).values("pk")))
    for area, everybody, are_left in owed.values_list("topic__area").annotate(n=people, left=left):
        found[area].add(NamedTopicCounts(people=everybody, people_left=are_left))
    return found


def sum_named_counts(found: Iterable[NamedTopicCounts]) -> NamedTopicCounts:
    summed = NamedTopicCounts()
    for one in found:
        summed.add(one)
    return summed


def cached_named_counts(areas: Iterable[int], by: User) -> NamedTopicCounts:
    """The sum, cached for a minute, because it reads every topic named there."""
    wanted = sorted(areas)
    where = revision([timezone.localdate(), wanted])
    return cached_for_all_users(
        f"named:{where}", lambda: sum_named_counts(count_named_topics(wanted).values()), by=by
    )


# Input for the advice: which initiatives run in an area, and on which themes.


def known_initiatives(areas: list[int]) -> dict[int, dict[str, Any]]:
    """Running initiatives per area, including the areas inside it.

    An area is left out (unknown) unless an inventory was begun in its parent area; then no rows means none.
    """
    parents = dict(Area.objects.order_by().values_list("pk", "parent"))
    noted: set[int] = set()
    running: Counter[int] = Counter()
    themes: dict[int, set[str]] = defaultdict(set)
    for area, theme, state in Initiative.objects.values_list("area", "theme__slug", "state").order_by():
        here: int | None = area
        while here is not None:
            noted.add(here)
            if state == InitiativeState.RUNNING:
                running[here] += 1
                themes[here].add(theme)
            here = parents.get(here)
    return {
        area: {"running": running[area], "themes": frozenset(themes[area])}
        for area in areas
        if (parents.get(area) or area) in noted
    }
