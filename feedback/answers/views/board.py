"""“Who is waiting”: by topic, survey, owner and area, late first. The page says how many late rows a
filter hides."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import User
from core.i18n import pick
from core.rows import is_id
from feedback.answers.services import board, reckoning
from feedback.contributions.services import audience
from feedback.contributions.services.contributions import distinguishing_labels
from feedback.models import AnswerOwed, FollowUp, Promise, Topic
from feedback.models.contributions import AnswerOwedQuerySet
from feedback.states import ContributionKind, Reading
from neighbourhoods.access import staff
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role

FILTERS = ("by", "source", "area", "inside", "owner", "day", "after")


@staff(Role.VIEWER)
@require_GET
def waiting_board(request: HttpRequest) -> HttpResponse:
    group = request.GET.get("by", "topic")
    if group not in board.GROUP_COLUMNS:
        raise Http404
    everything = AnswerOwed.objects.visible_to(request.user)
    asked = _board_selection(request, everything)
    chosen, filters = asked.owed, asked.said
    figures = everything.cached_result(request.user, board.board_figures)
    rows, more = chosen.cached_result(request.user, board.board_rows, group, _after(request))
    people, late = (
        chosen.cached_result(request.user, board.count_waiting) if filters else (figures.people, figures.late)
    )
    may_write = request.desk.has(Role.EDITOR)
    lines = _lines(rows, group, request, _answers(request, asked, group, rows) if may_write else {})
    context = {
        "figures": figures,
        "shown_figures": _figures(figures),
        "group": group,
        "groups": _groups(request, group),
        "lines": lines,
        "reaches_others": any(line["reached"] not in (None, line["row"].people) for line in lines),
        "filters": filters,
        "left_out": figures.people - people,
        "left_out_late": figures.late - late,
        "everybody_url": f"{reverse('waiting')}?{urlencode({'by': group})}",
        "next_url": _next_url(request, rows) if more else "",
        "first_url": _url_with(request, after="") if request.GET.get("after") else "",
        "areas": ", ".join(membership.area.name for membership in request.desk.memberships[:3]),
    }
    return render(request, "feedback/waiting.html", context)


@dataclass(frozen=True)
class BoardSelection:
    """The selected debts, the filters in words, and what an answer to them can be narrowed to."""

    owed: AnswerOwedQuerySet
    said: list[str]
    reached: AnswerOwedQuerySet
    """The same without the filter on the day: an answer goes to everybody who waits for it."""
    is_in_areas: bool
    owner: str


def _board_selection(request: HttpRequest, owed: AnswerOwedQuerySet) -> BoardSelection:
    said, is_in_areas = [], False
    if source := request.GET.get("source", "").replace("\0", ""):
        owed = owed.filter(topic__source=source)
        promise = Promise.objects.filter(subject=source).first()
        said.append(_title(promise.title) if promise else source)
    if is_id(area := request.GET.get("area", "")):
        owed, is_in_areas = owed.filter(topic__area=area), True
        said.append(str(Area.objects.filter(pk=area).first() or area))
    if is_id(inside := request.GET.get("inside", "")):
        owed, is_in_areas = owed.filter(topic__area__in=Area.objects.inside([int(inside)]).values("pk")), True
        here = Area.objects.filter(pk=inside).first() or inside
        said.append(_("%(area)s, with what lies inside it") % {"area": here})
    if is_id(owner := request.GET.get("owner", "")):
        owed = owed.filter(owner=owner)
        said.append(str(User.objects.filter(pk=owner).first() or owner))
    reached = owed
    if day := board.day_of(request.GET.get("day", "")):
        owed = owed.filter(due_on=day)
        said.append(_("promised before %(day)s") % {"day": date_format(day, "j F Y")})
    return BoardSelection(owed, said, reached, is_in_areas, owner if is_id(owner) else "")


@dataclass(frozen=True)
class ToAnswer:
    """For one row: how many people the answer reaches, and the URL to write it."""

    people: int
    url: str


def _answers(
    request: HttpRequest, asked: BoardSelection, group: str, rows: list[board.BoardRow]
) -> dict[Any, ToAnswer]:
    """Answers per row that one text can answer. The linked page counts over the same debts."""
    if group not in ("topic", "survey"):
        return {}
    keys = [row.key for row in rows]
    here = audience.answerable(asked.reached, request.user)
    people = here.cached_result(request.user, board.people_per_group, group, keys)
    narrowed = {"owner": asked.owner}
    if group == "topic":
        topics = Topic.objects.in_bulk(people)
        return {pk: ToAnswer(n, answer_url_for_topic(topics[pk], **narrowed)) for pk, n in people.items()}
    areas: dict[str, list[int]] = {source: [] for source in people}
    if asked.is_in_areas:
        spoken = here.filter(topic__source__in=people).order_by("topic__area")
        for source, area in spoken.values_list("topic__source", "topic__area").distinct():
            areas[source].append(area)
    return {
        source: ToAnswer(n, answer_url(source=source, area=areas[source], **narrowed))
        for source, n in people.items()
    }


def _after(request: HttpRequest) -> tuple[date, str] | None:
    day, _tilde, key = request.GET.get("after", "").replace("\0", "").partition("~")
    due = board.day_of(day)
    numbers = request.GET.get("by", "topic") != "survey"
    if not due or not key or (numbers and not is_id(key)):
        return None
    return due, key


def _url_with(request: HttpRequest, **changes: str) -> str:
    """This page with changed parameters; empty ones are left out."""
    kept = {name: request.GET.get(name, "") for name in FILTERS} | changes
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{reverse('waiting')}?{query}" if query else reverse("waiting")


def _next_url(request: HttpRequest, rows: list[board.BoardRow]) -> str:
    return _url_with(request, after=f"{rows[-1].due_on.isoformat()}~{rows[-1].key}")


def _groups(request: HttpRequest, group: str) -> list[dict[str, Any]]:
    names = {"topic": _("By topic"), "survey": _("By survey"), "owner": _("By owner"), "area": _("By area")}
    ways = [
        {"url": _url_with(request, by=name, after=""), "label": label, "current": name == group}
        for name, label in names.items()
    ]
    mine = reverse("owner", args=[request.user.pk])
    return [{"url": mine, "label": _("What waits for you"), "current": False}, *ways]


def _figures(figures: board.BoardFigures) -> list[dict[str, Any]]:
    days = ngettext("%(count)d day", "%(count)d days", figures.longest) % {"count": figures.longest}
    return [
        {"value": figures.people, "text": ngettext("person waits", "people wait", figures.people)},
        {"value": figures.late, "text": _("later than promised"), "late": figures.late > 0},
        {"value": days, "text": _("waits the longest")},
        {"value": f"{figures.share_told}%", "text": _told_sentence(figures)},
    ]


def _told_sentence(figures: board.BoardFigures) -> str:
    """Shares of what was said: told, on own pages only, or no answer. Counts debts, not people."""
    parts = [
        _("of what was said was told about"),
        ngettext("%(n)d answer on the own page alone", "%(n)d answers on own pages alone", figures.page_only)
        % {"n": figures.page_only},
        _("%(n)d without an answer, with the reason") % {"n": figures.waived},
    ]
    return " · ".join(parts)


def _title(texts: dict[str, str]) -> str:
    return pick(texts, get_language() or "")


def _lines(
    rows: list[board.BoardRow], group: str, request: HttpRequest, answers: dict[Any, ToAnswer]
) -> list[dict[str, Any]]:
    """Rows with names, owners and one example text, loaded in bulk."""
    owners = User.objects.in_bulk({row.owner_id for row in rows})
    named = {"topic": _topics, "survey": _surveys, "owner": _owners, "area": _areas}[group](rows, request)
    return [
        {
            "row": row,
            "owner": owners[row.owner_id]
            if row.owners == 1
            else ngettext("%(count)d owner", "%(count)d owners", row.owners) % {"count": row.owners},
            "status": status(row.days_left),
            "longest": ngettext("%(count)d day", "%(count)d days", row.longest) % {"count": row.longest},
            "reached": answers[row.key].people if row.key in answers else None,
            "answer_url": answers[row.key].url if row.key in answers else "",
            **named[row.key],
        }
        for row in rows
        if row.key in named
    ]


def status(days_left: int) -> tuple[str, str]:
    """(kind, text) of a promised date that is `days_left` days ahead."""
    if days_left < -13:
        weeks = -days_left // 7
        return "late", ngettext("%(count)d week late", "%(count)d weeks late", weeks) % {"count": weeks}
    if days_left < 0:
        return "late", ngettext("%(count)d day late", "%(count)d days late", -days_left) % {
            "count": -days_left
        }
    if days_left == 0:
        return "owed", _("today")
    return "owed", ngettext("%(count)d day left", "%(count)d days left", days_left) % {"count": days_left}


def with_quoted_text(topics: QuerySet[Topic], user: User) -> QuerySet[Topic]:
    """Annotate each topic with one masked text that was read and is not sensitive.

    Only where the user has coordinator power: a viewer reads no words of residents.
    """
    said = AnswerOwed.objects.filter(
        topic=OuterRef("pk"),
        contribution__kind__in=[ContributionKind.TEXT, ContributionKind.REACTION],
        contribution__reading=Reading.CLEAR,
        contribution__withdrawn_on=None,
    ).exclude(contribution__masked_text="")
    quoted_text = Subquery(said.order_by("-pk").values("contribution__masked_text")[:1])
    tapped = Q(key__startswith="option:") | Q(key="rest")  # no texts there, so skip the query
    elsewhere = ~Q(area__in=Area.objects.where(user, least=Power.COORDINATOR))
    return topics.annotate(quoted_text=Case(When(tapped | elsewhere, then=None), default=quoted_text))


def answer_url(**asked: Any) -> str:
    query = urlencode({name: value for name, value in asked.items() if value}, doseq=True)
    return f"{reverse('followup_new')}?{query}"


def answer_url_for_topic(topic: Topic, **narrowed: Any) -> str:
    return answer_url(source=topic.source, key=topic.key, area=topic.area_id, **narrowed)


def topic_url(pk: int, owner: str = "") -> str:
    return reverse("topic", args=[pk]) + (f"?owner={owner}" if is_id(owner) else "")


def topic_name(topic: Topic) -> str:
    """The name for the desk; residents see the title of the survey for “rest”."""
    return _("All other answers") if topic.key == "rest" else _title(topic.title)


def _topics(rows: list[board.BoardRow], request: HttpRequest) -> dict[int, dict[str, Any]]:
    found = Topic.objects.filter(pk__in=[row.key for row in rows]).select_related("area")
    topics = with_quoted_text(found, request.user)
    again = {row.key: row.reopened for row in rows}
    return {
        topic.pk: {
            "title": _("Came back: %(topic)s") % {"topic": topic_name(topic)}
            if again[topic.pk] or topic.key.startswith("reaction:")
            else topic_name(topic),
            "under": topic.area.name,
            "quoted_text": topic.quoted_text or "",
            "url": topic_url(topic.pk, request.GET.get("owner", "")),
        }
        for topic in topics
    }


def _surveys(rows: list[board.BoardRow], request: HttpRequest) -> dict[str, dict[str, Any]]:
    promises = {
        promise.subject: promise for promise in Promise.objects.filter(subject__in=[r.key for r in rows])
    }
    apart = distinguishing_labels(promises.values())
    return {
        row.key: {
            "title": _title(promises[row.key].title) if row.key in promises else row.key,
            "under": apart.get(row.key, ""),
            "url": _url_with(request, by="topic", source=row.key, after=""),
            "promise_url": reverse("promise", args=[promises[row.key].pk]) if row.key in promises else "",
        }
        for row in rows
    }


def _owners(rows: list[board.BoardRow], request: HttpRequest) -> dict[int, dict[str, Any]]:
    found = [row.key for row in rows]
    said = {}
    if request.desk.has(Role.ADMINISTRATOR):  # only for leads; others see their rates on their own page
        said = reckoning.answer_rates_by_owner(found, FollowUp.objects.led_by(request.user))
    return {
        user.pk: {
            "title": str(user),
            "url": reverse("owner", args=[user.pk]),
            "under": _rate_of(said[user.pk]) if user.pk in said else "",
        }
        for user in User.objects.filter(pk__in=found)
    }


def _rate_of(rate: reckoning.Rate) -> str:
    if not rate.shown:
        return _("too few said whether it answered them")
    return _("answered %(yes)d of %(said)d who said so") % {"yes": rate.yes, "said": rate.replied}


def _areas(rows: list[board.BoardRow], request: HttpRequest) -> dict[int, dict[str, Any]]:
    return {
        area.pk: {"title": area.name, "url": _url_with(request, by="topic", area=str(area.pk), after="")}
        for area in Area.objects.filter(pk__in=[row.key for row in rows])
    }
