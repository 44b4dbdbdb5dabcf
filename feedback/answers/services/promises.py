"""Promises and due dates: moving one with a reason, and daily reminders."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core.deadlines import days_late, is_late
from core.errors import DomainError, InvalidTransition
from core.i18n import Texts, pick
from core.revision import revision
from feedback.delivery.services.outbox import queue_notice
from feedback.models import AnswerOwed, MovedDay, Promise, ToldDue, Topic
from feedback.registries import Due, daily_jobs, due
from feedback.states import Owed, ReminderStage
from neighbourhoods.models import Area, Membership, ParticipationRules, colleagues_in
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


# --- due dates stored by higher apps --------------------------------------------------------------


def record_postponement(*, key: str, was: date | None, day: date | None, why: str) -> None:
    """Record that the day of `key` moved; call it in the transaction that moves it.

    A later day needs a reason for those who wait: raises DomainError without one. An earlier day is not
    recorded."""
    if was is None or day is None or day <= was:
        return
    if not why.strip():
        raise DomainError(_("This is later than you said. Write why: who waits reads it."))
    MovedDay.objects.create(thing=key, was=was, day=day, why=why.strip()[:300])


def postponed_days(days: Mapping[str, date | None]) -> dict[str, MovedDay]:
    """Per key (with its current day) that moved to later: the first day that was told, and the last reason."""
    found: dict[str, MovedDay] = {}
    for row in MovedDay.objects.filter(thing__in=list(days)).order_by("pk"):
        before = found.get(row.thing)
        if before and before.day == row.was:
            row.was = before.was  # moved twice: the first day told, and the last reason
        found[row.thing] = row
    return {key: row for key, row in found.items() if row.day == days[key]}


def delete_postponements(keys: Iterable[str]) -> None:
    MovedDay.objects.filter(thing__in=list(keys)).delete()


# --- due and overdue answers --------------------------------------------------------------------


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
    def key(self) -> str:
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


# --- reminders -----------------------------------------------------------------------------------
# Daily reminders: owners hear of due dates before and after the day, and their lead if it stays late.
#
# The apps report what has a due date (`registries.due`). A colleague gets one mail with everything new to
# them. The lead is the administrator of the area: told once a thing is later than its app allows, or at once
# if it has no active owner any more.


REMINDER_ITEMS_NAMED = 10
"""Things named in one mail; the desk shows all."""

News = dict[ReminderStage, list[Due]]
_ReminderKey = tuple[str, date, str, int]


@daily_jobs.register("feedback.due", order=1)  # other jobs bring days forward
def send_due_reminders(now: datetime | None = None) -> str:
    """Send the reminders. Returns a line with how many colleagues were told something new."""
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    found = everything_due(today)
    _forget_what_is_due_no_more(found)
    told = {row.key for row in ToldDue.objects.all()}
    people = 0
    for user, news in _whom(found, today).items():
        people += _tell(user, news, told, today, moment)
    return f"{people} colleagues told"


def everything_due(today: date) -> list[Due]:
    soon = today + timedelta(days=ParticipationRules.current().days("remind_before"))
    return [one for read in due for one in read(today, soon)]


def _forget_what_is_due_no_more(found: list[Due]) -> None:
    stands = {(one.key, one.day) for one in found}
    gone = [row.pk for row in ToldDue.objects.all() if (row.thing, row.day) not in stands]
    ToldDue.objects.filter(pk__in=gone).delete()


def _whom(found: list[Due], today: date) -> dict[User, News]:
    people: dict[User, News] = defaultdict(lambda: defaultdict(list))
    leads = AdministratorsByArea()
    for one in found:
        if one.is_looked_after and one.owner:
            stage = ReminderStage.LATE if is_late(one.day, today) else ReminderStage.SOON
            people[one.owner][stage].append(one)
            if days_late(one.day, today) <= one.lead_after:
                continue
        for lead in leads.of_areas(one.areas):
            if lead != one.owner:
                people[lead][ReminderStage.LEAD].append(one)
    return people


@dataclass
class AdministratorsByArea:
    """Administrators per area, cached."""

    cache: dict[int, list[User]] = field(default_factory=dict)

    def of_areas(self, areas: Iterable[Area]) -> list[User]:
        return list(dict.fromkeys(lead for area in areas for lead in self._in(area.pk)))

    def _in(self, area: int) -> list[User]:
        if area not in self.cache:
            here = colleagues_in([area], least=Power.ADMINISTRATOR).filter(is_active=True)
            self.cache[area] = list(here.order_by("pk"))
        return self.cache[area]


def _tell(user: User, due_now: News, told: set[_ReminderKey], today: date, now: datetime) -> bool:
    news = {
        stage: fresh
        for stage in ReminderStage
        if (
            fresh := [one for one in due_now.get(stage, []) if (one.key, one.day, stage, user.pk) not in told]
        )
    }
    if not news:
        return False
    with transaction.atomic():
        ToldDue.objects.bulk_create(
            [
                ToldDue(thing=one.key, day=one.day, stage=stage, to=user)
                for stage, things in news.items()
                for one in things
            ],
            ignore_conflicts=True,
        )
        with override(user.language):
            subject, text = _subject(news), "\n\n".join([*_paragraphs(news), absolute(reverse("desk"))])
        key = f"due:{_news_revision(news)}:{user.pk}:{today.isoformat()}"
        queue_notice(user, key=key, subject=subject, text=text, now=now)
    return True


def _news_revision(news: News) -> str:
    """For the dedupe key: a repeated or concurrent run sends it once, later news is another mail."""
    return revision(sorted((stage, one.key, one.day) for stage, things in news.items() for one in things))


def _subject(news: dict[ReminderStage, list[Due]]) -> str:
    if late := len(news.get(ReminderStage.LATE, [])):
        said = ngettext(
            "%(count)d thing waits longer than it should",
            "%(count)d things wait longer than they should",
            late,
        )
        return said % {"count": late}
    if lead := len(news.get(ReminderStage.LEAD, [])):
        said = ngettext("%(count)d thing is not looked after", "%(count)d things are not looked after", lead)
        return said % {"count": lead}
    soon = len(news[ReminderStage.SOON])
    said = ngettext("%(count)d promise is nearly due", "%(count)d promises are nearly due", soon)
    return said % {"count": soon}


def _paragraphs(news: dict[ReminderStage, list[Due]]) -> Iterator[str]:
    leads = {
        ReminderStage.LATE: _("You look after this, and its day is past."),
        ReminderStage.LEAD: _(
            "Its day is past and whoever looks after it was told, or nobody looks after it any more. "
            "What can you free up, or who can take it over?"
        ),
        ReminderStage.SOON: _(
            "You promised this, and its day comes near. Does it not work out? Move the day, with a reason."
        ),
    }
    for stage, things in news.items():
        yield leads[stage]
        yield from _lines(things)


def _lines(things: list[Due]) -> Iterator[str]:
    """Oldest first, each with the URL of the page where it is done."""
    ordered = sorted(things, key=lambda one: (one.day, one.key))
    for one in ordered[:REMINDER_ITEMS_NAMED]:
        words = {"what": one.name, "action": one.action, "day": date_format(one.day, "j F Y")}
        if len(one.areas) == 1:
            said = _("%(what)s in %(area)s: %(action)s, before %(day)s") % (
                words | {"area": one.areas[0].name}
            )
        else:
            said = _("%(what)s: %(action)s, before %(day)s") % words
        yield f"{said}\n{absolute(one.url)}"
    if (more := len(things) - REMINDER_ITEMS_NAMED) > 0:
        yield ngettext("And %(count)d more.", "And %(count)d more.", more) % {"count": more}
