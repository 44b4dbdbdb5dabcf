"""Daily reminders: owners hear of due dates before and after the day, and their lead if it stays late.

The apps report what has a due date (`registries.due`). A colleague gets one mail with everything new to
them. The lead is the administrator of the area: told once a thing is later than its app allows, or at once
if it has no active owner any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.links import absolute
from accounts.models import User
from core.deadlines import days_late, is_late
from core.revision import revision
from feedback.delivery.services.outbox import queue_notice
from feedback.models import ToldDue
from feedback.registries import Due, daily_jobs, due
from feedback.states import ReminderStage
from neighbourhoods.models import Area, ParticipationRules, colleagues_in
from neighbourhoods.states import Power

REMINDER_ITEMS_NAMED = 10
"""Things named in one mail; the desk shows all."""

News = dict[ReminderStage, list[Due]]
_ReminderKey = tuple[str, date, str, int]


@daily_jobs.register("feedback.due")
def tell_what_is_due(now: datetime | None = None) -> str:
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
    stands = {(one.thing, one.day) for one in found}
    gone = [row.pk for row in ToldDue.objects.all() if (row.thing, row.day) not in stands]
    ToldDue.objects.filter(pk__in=gone).delete()


def _whom(found: list[Due], today: date) -> dict[User, News]:
    people: dict[User, News] = defaultdict(lambda: defaultdict(list))
    leads = Leads()
    for one in found:
        if one.is_looked_after and one.owner:
            stage = ReminderStage.LATE if is_late(one.day, today) else ReminderStage.SOON
            people[one.owner][stage].append(one)
            if days_late(one.day, today) <= one.lead_after:
                continue
        for lead in leads.of(one.areas):
            if lead != one.owner:
                people[lead][ReminderStage.LEAD].append(one)
    return people


@dataclass
class Leads:
    """Administrators per area, cached."""

    known: dict[int, list[User]] = field(default_factory=dict)

    def of(self, areas: Iterable[Area]) -> list[User]:
        return list(dict.fromkeys(lead for area in areas for lead in self._in(area.pk)))

    def _in(self, area: int) -> list[User]:
        if area not in self.known:
            here = colleagues_in([area], least=Power.ADMINISTRATOR).filter(is_active=True)
            self.known[area] = list(here.order_by("pk"))
        return self.known[area]


def _tell(user: User, due_now: News, told: set[_ReminderKey], today: date, now: datetime) -> bool:
    news = {
        stage: fresh
        for stage in ReminderStage
        if (
            fresh := [
                one for one in due_now.get(stage, []) if (one.thing, one.day, stage, user.pk) not in told
            ]
        )
    }
    if not news:
        return False
    with transaction.atomic():
        ToldDue.objects.bulk_create(
            [
                ToldDue(thing=one.thing, day=one.day, stage=stage, to=user)
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
    return revision(sorted((stage, one.thing, one.day) for stage, things in news.items() for one in things))


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
    ordered = sorted(things, key=lambda one: (one.day, one.thing))
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
