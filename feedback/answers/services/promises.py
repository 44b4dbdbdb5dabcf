"""Promises: moving one with a reason for those who wait, and telling its owner when it is nearly due."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts, pick
from feedback.models import AnswerOwed, MovedDay, Promise, Topic
from feedback.registries import due
from feedback.states import Owed
from neighbourhoods.models import Area, Membership
from neighbourhoods.states import Power, Role, power


@transaction.atomic
def move_promise(
    *, promise: Promise, due_on: date, reason: Texts, by: User, seen: date, today: date | None = None
) -> int:
    """Move the date for all open debts under this promise. Returns how many debts moved.

    `seen` is the date that was on screen, for an optimistic lock between two colleagues. The first date is
    kept, and residents see both. `reason` is per language, in every language needed. Raises DomainError
    for a bad date or no reason, InvalidTransition if it was moved meanwhile.
    """
    today = today or timezone.localdate()
    if due_on <= today:
        raise DomainError(_("Choose a date that is still to come."))
    if due_on == promise.due_on:
        raise DomainError(_("This is the date that was promised already."))
    if not any(words.strip() for words in reason.values()):
        raise DomainError(_("Write why the date moves: the people who wait read it."))
    if not Promise.objects.filter(pk=promise.pk, due_on=seen).update(due_on=due_on, moved_reason=reason):
        raise InvalidTransition(
            _("A colleague moved this date in the meantime. Look at the new date, then decide.")
        )
    moved = AnswerOwed.objects.filter(topic__source=promise.subject, state=Owed.OPEN, due_on=seen).update(
        due_on=due_on
    )
    Event.log("moved", promise, by=by, before=seen, now=due_on, people=moved)
    promise.refresh_from_db()
    return moved


# --- a day that an app above keeps itself ---------------------------------------------------------


def note_moved(*, thing: str, was: date | None, day: date | None, why: str) -> None:
    """Record that the day of `thing` moved; call it in the transaction that moves it.

    A later day needs a reason for those who wait: raises DomainError without one. An earlier day is not
    recorded."""
    if was is None or day is None or day <= was:
        return
    if not why.strip():
        raise DomainError(_("This is later than you said. Write why: who waits reads it."))
    MovedDay.objects.create(thing=thing, was=was, day=day, why=why.strip()[:300])


def moved(days: Mapping[str, date | None]) -> dict[str, MovedDay]:
    """Per thing (with its current day) that moved to later: the first day that was told, and the last reason."""
    found: dict[str, MovedDay] = {}
    for row in MovedDay.objects.filter(thing__in=list(days)).order_by("pk"):
        before = found.get(row.thing)
        if before and before.day == row.was:
            row.was = before.was  # moved twice: the first day told, and the last reason
        found[row.thing] = row
    return {thing: row for thing, row in found.items() if row.day == days[thing]}


def forget_moved(things: Iterable[str]) -> None:
    MovedDay.objects.filter(thing__in=list(things)).delete()


# --- whose day comes near, or is past -----------------------------------------------------------


@dataclass(frozen=True)
class AnswersDue:
    """People who wait for answers of one colleague, about one survey, by one day."""

    source: str
    day: date
    owner: User
    people: int
    areas: tuple[Area, ...]
    promise: Promise | None
    topic: Topic
    is_looked_after: bool

    lead_after = 0
    """Zero: the day was promised to residents, so the lead is told as soon as it is past."""

    @property
    def thing(self) -> str:
        return f"answers:{self.source}:{self.owner.pk}"

    @property
    def name(self) -> str:
        return pick(self.promise.title if self.promise else self.topic.title, get_language() or "")

    @property
    def action(self) -> str:
        said = ngettext("%(n)d person waits for an answer", "%(n)d people wait for an answer", self.people)
        return said % {"n": self.people}

    @property
    def url(self) -> str:
        """The board, filtered to the same people; it also shows their promise and its date."""
        asked: dict[str, str | int] = {
            "by": "survey",
            "source": self.source,
            "owner": self.owner.pk,
            "day": self.day.isoformat(),
        }
        return f"{reverse('waiting')}?{urlencode(asked)}"


@due.register("feedback.answers")
def answers_due(today: date, soon: date) -> Iterator[AnswersDue]:
    """Due answers, grouped by owner, source and promised day."""
    waiting = AnswerOwed.objects.waiting().filter(due_on__lte=soon).order_by()
    whose = ("owner", "topic__source", "due_on")
    rows = waiting.values_list(*whose).annotate(people=Count("receipt", distinct=True), topic=Min("topic"))
    groups = list(rows.order_by(*whose))
    areas: dict[tuple[int, str, date], list[int]] = defaultdict(list)
    for owner, source, day, area in waiting.values_list(*whose, "topic__area").distinct():
        areas[owner, source, day].append(area)
    places = Area.objects.select_related("parent").in_bulk({area for here in areas.values() for area in here})
    owners = User.objects.in_bulk({row[0] for row in groups})
    promises = {p.subject: p for p in Promise.objects.filter(subject__in={row[1] for row in groups})}
    topics = Topic.objects.in_bulk({row[4] for row in groups})
    works = _where_they_work(owners)
    for owner, source, day, people, topic in groups:
        around = {pk for area in areas[owner, source, day] for pk in _up_from(places[area])}
        yield AnswersDue(
            source=source,
            day=day,
            owner=owners[owner],
            people=people,
            areas=tuple(places[area] for area in sorted(areas[owner, source, day])),
            promise=promises.get(source),
            topic=topics[topic],
            is_looked_after=not around.isdisjoint(works[owner]),
        )


def _up_from(area: Area) -> set[int]:
    found = {area.pk}
    if area.parent:
        found |= {area.parent.pk} | ({area.parent.parent_id} if area.parent.parent_id else set())
    return found


def _where_they_work(users: Iterable[int]) -> dict[int, set[int]]:
    roles = [role for role in Role if power(role) >= Power.COORDINATOR]
    found: dict[int, set[int]] = defaultdict(set)
    current = Membership.objects.current().filter(user__in=list(users), user__is_active=True, role__in=roles)
    for user, area in current.order_by().values_list("user", "area"):
        found[user].add(area)
    return found
