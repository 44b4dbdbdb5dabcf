"""Monthly mail on the first workday: what moved, what is late and where help is needed, for backers and
subscribers."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.links import absolute
from accounts.models import Event, User
from core.deadlines import past_due
from core.i18n import pick
from feedback.delivery.services.outbox import queue_notice
from feedback.models import AnswerOwed, Message, Promise
from feedback.registries import daily_jobs
from feedback.states import PERSONAL_SOURCE_PREFIXES
from initiatives.movement.services.movement import Month, Movement, count_movement, month_of, months_until
from neighbourhoods.models import Area, Backing, Membership
from neighbourhoods.states import Role

_PROMISES_NAMED = 3
"""Number of late promises named; the page shows all."""
MAX_SEND_DELAY = timedelta(days=7)
"""If nothing ran on the first workday, the mail is sent at most this much later."""


def first_workday(month: date) -> date:
    """Monday to Friday, and not New Year's Day."""
    day = month.replace(day=1)
    while day.weekday() > 4 or (day.month, day.day) == (1, 1):
        day += timedelta(days=1)
    return day


def backers_and_signers() -> QuerySet[User]:
    """Users with the role of backer, or who signed for something that runs."""
    backers = Membership.objects.current().filter(role=Role.BACKER).order_by().values("user")
    signed = Backing.objects.valid().order_by().values("backer")
    return User.objects.filter(Q(pk__in=backers) | Q(pk__in=signed), is_active=True)


def readers() -> QuerySet[User]:
    """Recipients: backers unless they or an administrator opted out, and users who opted in."""
    asked = Q(monthly_mail=True) & Q(pk__in=Membership.objects.current().order_by().values("user"))
    by_role = Q(pk__in=backers_and_signers().values("pk")) & ~Q(monthly_mail=False)
    return User.objects.filter(asked | by_role, is_active=True).order_by("pk")


def receives_movement_mail(user: User) -> bool:
    return readers().filter(pk=user.pk).exists()


@transaction.atomic
def choose_movement_mail(*, user: User, wants: bool, by: User) -> None:
    """Turn the monthly mail on or off. Idempotent."""
    if User.objects.filter(pk=user.pk, is_active=True).exclude(monthly_mail=wants).update(monthly_mail=wants):
        Event.log("began the monthly mail" if wants else "stopped the monthly mail", user, by=by)
    user.refresh_from_db()


@daily_jobs.register("initiatives.movement_mail")
def queue_movement_mails(now: datetime | None = None) -> str:
    """Queue the mails of last month. Returns how many, as text."""
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    begins = first_workday(month_of(today))
    if not begins <= today < begins + MAX_SEND_DELAY:
        return "not today"
    month, _this = months_until(today, 2)
    wanted = {_key(month, user): user for user in readers()}
    known = Message.objects.filter(dedupe_key__in=list(wanted)).values_list("dedupe_key", flat=True)
    for key in known:
        del wanted[key]
    # Cached: most readers see the same areas, usually all.
    of = cache(lambda areas: count_movement(areas, today=today))
    return f"{sum(_queue_mail(user, today, moment, of) for user in wanted.values())} told"


def _key(month: date, user: User) -> str:
    return f"movement:{month:%Y-%m}:{user.pk}"


def _queue_mail(user: User, today: date, now: datetime, of: Callable[[tuple[int, ...]], Movement]) -> bool:
    areas = list(Area.objects.visible_to(user).order_by("name"))
    found = of(tuple(area.pk for area in areas))
    month = found.months[-2]
    if not has_news(found, month):
        return False
    with override(user.language):
        subject = _("What moved in %(month)s") % {"month": date_format(month.first, "F")}
        text = "\n\n".join(_paragraphs(found, month, areas, today))
    queue_notice(user, key=_key(month.first, user), subject=subject, text=text, now=now)
    return True


def has_news(found: Movement, month: Month) -> bool:
    """Whether there is anything to report: something moved, people wait too long, or a need has no link."""
    moved = (
        month.counts.answers
        or month.counts.answers_waived
        or month.counts.volunteers
        or month.counts.heard
        or month.counts.met
    )
    return bool(moved or month.counts.begun or found.total.late or found.total.without_link)


def _paragraphs(found: Movement, month: Month, areas: list[Area], today: date) -> Iterator[str]:
    yield _("This is what moved in %(month)s, %(where)s.") % {
        "month": date_format(month.first, "F Y"), "where": _areas_text(areas),
    }  # fmt: skip
    if moved := [*_movement_sentences(found, month)]:
        yield "\n".join(moved)
    yield "\n".join(_late(found, areas, today))
    if help_asked := [*_asks_help(found)]:
        yield "\n".join(help_asked)
    yield _("All of it, with how we count:") + "\n" + absolute(reverse("movement"))
    yield _("You get this on the first workday of each month. On that page you can stop it.")
    yield _("Nabij, the desk")


def _areas_text(areas: list[Area]) -> str:
    if len(areas) == 1:
        return _("in %(area)s") % {"area": areas[0].name}
    return _("where you work")


def _movement_sentences(found: Movement, month: Month) -> Iterator[str]:
    counts = month.counts
    if counts.answers_told:
        said = ngettext(
            "%(n)d answer was told, by mail, text message or letter or in person.",
            "%(n)d answers were told, by mail, text message or letter or in person.",
            counts.answers_told,
        )
        yield "- " + said % {"n": counts.answers_told}
    if counts.answers_page_only:
        said = ngettext(
            "%(n)d answer stands on somebody's own page only: they were not told.",
            "%(n)d answers stand on people's own page only: they were not told.",
            counts.answers_page_only,
        )
        yield "- " + said % {"n": counts.answers_page_only}
    if half := _half(counts.median):
        yield "- " + half
    if counts.answers_waived:
        said = ngettext(
            "%(n)d time we said why no answer comes.",
            "%(n)d times we said why no answer comes.",
            counts.answers_waived,
        )
        yield "- " + said % {"n": counts.answers_waived}
    if counts.volunteers:
        said = ngettext(
            "Of %(n)d volunteer who came forward, %(in_time)d was spoken to within 48 hours.",
            "Of %(n)d volunteers who came forward, %(in_time)d were spoken to within 48 hours.",
            counts.volunteers,
        )
        yield "- " + said % {"n": counts.volunteers, "in_time": counts.in_time}
    if counts.heard:
        said = ngettext("%(n)d need was heard.", "%(n)d needs were heard.", counts.heard)
        yield "- " + said % {"n": counts.heard}
    if counts.met:
        said = ngettext("%(n)d need was met.", "%(n)d needs were met.", counts.met)
        yield "- " + said % {"n": counts.met}
    if counts.begun:
        said = ngettext("%(n)d initiative began.", "%(n)d initiatives began.", counts.begun)
        yield "- " + said % {"n": counts.begun}


def _half(days: float | None) -> str:
    if days is None:
        return ""
    said = ngettext(
        "Half of these answers came within %(n)d day.",
        "Half of these answers came within %(n)d days.",
        round(days),
    )
    return said % {"n": round(days)}


def _late(found: Movement, areas: list[Area], today: date) -> Iterator[str]:
    late = found.total.late
    if not late:
        yield _("Nobody waits longer than we promised.")
        return
    said = ngettext(
        "%(n)d person waits longer than we promised.", "%(n)d people wait longer than we promised.", late
    )
    yield said % {"n": late}
    for promise in late_promises([area.pk for area in areas], today)[:_PROMISES_NAMED]:
        words = {
            "what": pick(promise.title, get_language() or ""), "day": date_format(promise.due_on, "j F Y"),
        }  # fmt: skip
        url = absolute(reverse("promise", args=[promise.pk]))
        yield "- " + _("%(what)s, promised before %(day)s") % words + f"\n  {url}"
    yield _("What can you free up, so that they hear from us?")


def late_promises(areas: list[int], today: date) -> list[Promise]:
    """Promises past their day with answers still owed in these areas, longest late first."""
    waiting = AnswerOwed.objects.late(on=today).filter(topic__area__in=areas)
    late = Promise.objects.filter(
        past_due("due_on", today), subject__in=waiting.order_by().values("topic__source")
    )
    for source in PERSONAL_SOURCE_PREFIXES:
        late = late.exclude(subject__startswith=source)
    return list(late.order_by("due_on", "pk"))


def _asks_help(found: Movement) -> Iterator[str]:
    if found.named.left:
        said = ngettext(
            "Of %(topics)d topics that people named, %(left)d has nothing yet.",
            "Of %(topics)d topics that people named, %(left)d have nothing yet.",
            found.named.left,
        )
        behind = ngettext(
            "%(n)d person stands behind that.", "%(n)d people stand behind that.", found.named.people_left
        )
        topics = said % {"topics": found.named.topics, "left": found.named.left}
        yield topics + " " + behind % {"n": found.named.people_left}
    if without := found.total.without_link:
        said = ngettext(
            "Nothing is there yet for %(n)d need of residents. Do you know a place, a party or somebody?",
            "Nothing is there yet for %(n)d needs of residents. Do you know a place, a party or somebody?",
            without,
        )
        yield said % {"n": without}
        yield absolute(reverse("needs")) + "?link=none"
