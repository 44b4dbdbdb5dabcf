"""Public pages of “You said, we did”: what was asked, what came of it, and what is still owed.

Pages, feed, CSV and JSON show the same record: of the municipality, an area, a theme, or both.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import absolute
from core.files import csv_response, pdf_response
from core.http import READ_ONLY, allow_any_origin, as_json, conditional_response
from core.languages import offered_languages
from core.paper import TypesettingError
from core.rows import is_id
from feedback.answers.services import compose
from feedback.models import FollowUp
from feedback.record.services import said_data
from feedback.record.services.public_record import PUBLIC_STATES, Record, public_answer, public_record
from neighbourhoods.access import public, staff
from neighbourhoods.models import Area, Municipality, Theme
from neighbourhoods.states import Role

_PAGE_SIZE = 20
_MAX_ANSWERS = 200
"""Answers per CSV or page of JSON."""


@dataclass(frozen=True)
class RecordFilter:
    """The part of the record that a URL asks for."""

    area: Area | None
    theme: Theme | None
    before: int | None

    def record(self, at_most: int) -> Record:
        return public_record(at_most=at_most, area=self.area, theme=self.theme, before=self.before)

    @property
    def query(self) -> dict[str, str]:
        asked = {"area": self.area and self.area.slug, "theme": self.theme and self.theme.slug}
        return {name: value for name, value in asked.items() if value}

    def url(self, name: str, **more: Any) -> str:
        query = urlencode(self.query | more)
        return reverse(name) + (f"?{query}" if query else "")


def _part(request: HttpRequest, area: str, theme: str) -> RecordFilter:
    before = request.GET.get("before", "")
    return RecordFilter(
        area=get_object_or_404(Area, slug=area) if area else None,
        theme=get_object_or_404(Theme, slug=theme) if theme else None,
        before=int(before) if is_id(before) else None,
    )


def _asked(request: HttpRequest) -> RecordFilter:
    area, theme = (request.GET.get(name, "").replace("\0", "") for name in ("area", "theme"))
    return _part(request, area[:140], theme[:60])


@public
@require_safe
def said_page(request: HttpRequest, area: str = "", theme: str = "") -> HttpResponse:
    """Answers, newest first, then what is owed; late ones can't be hidden."""
    part = _part(request, area, theme)
    record = part.record(_PAGE_SIZE)
    language = get_language() or "nl"
    context = {
        "record": record,
        "area": part.area,
        "theme": part.theme,
        "is_first": part.before is None,
        "next_url": f"?before={record.before}" if record.before else "",
        "choices": _choices(part),
        "feed_url": part.url("said_feed", language=language),
        "csv_url": part.url("said_csv"),
        "json_url": part.url("api_said"),
    }
    return render(request, "feedback/said.html", context)


def _choices(part: RecordFilter) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Links to other parts as (question, current choice, links); areas without answers are left out."""
    answered = FollowUp.areas.through.objects.filter(followup__state__in=PUBLIC_STATES).values("area")
    areas = [*Area.objects.filter(pk__in=answered).order_by("name")]
    themes = [*Theme.objects.in_use()]
    if part.area and part.area not in areas:
        areas.append(part.area)
    if part.theme and part.theme not in themes:
        themes.append(part.theme)
    where = [(None, _("everywhere")), *((one, one.name) for one in areas)]
    about = [(None, _("everything")), *((one, one.name) for one in themes)]
    found = [
        (
            _("Where?"),
            part.area.name if part.area else _("everywhere"),
            [
                {"url": said_data.record_url(one, part.theme), "label": label, "current": one == part.area}
                for one, label in where
            ],
        ),
        (
            _("About what?"),
            part.theme.name if part.theme else _("everything"),
            [
                {"url": said_data.record_url(part.area, one), "label": label, "current": one == part.theme}
                for one, label in about
            ],
        ),
    ]
    return [choice for choice in found if len(choice[2]) > 1]


@public
@require_safe
def said_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer with everything since, at a permanent URL."""
    told = public_answer(pk) if is_id(str(pk)) else None
    if told is None:
        raise Http404
    return render(request, "feedback/said_one.html", {"told": told})


@public
@require_safe
def said_feed(request: HttpRequest) -> HttpResponse:
    """Atom, in the requested language or else the municipality's first."""
    part = _asked(request)
    asked, own = (
        request.GET.get("language", ""),
        offered_languages(Municipality.current().languages) or ["nl"],
    )
    language = asked if asked in dict(settings.LANGUAGES) else own[0]
    with translation.override(language):
        feed = said_data.record_feed(
            part.record(_PAGE_SIZE),
            area=part.area,
            theme=part.theme,
            language=language,
            url=absolute(part.url("said_feed", language=language)),
        )
        response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    return conditional_response(request, response, None)


@public
@require_safe
def said_csv(request: HttpRequest) -> HttpResponseBase:
    part = _asked(request)
    name = "-".join(["said", *part.query.values()])
    found = said_data.record_csv_rows(part.record(_MAX_ANSWERS), get_language() or "nl")
    return csv_response(name, said_data.record_csv_header(), found)


@staff(Role.VIEWER)
@require_safe
def said_poster(request: HttpRequest, slug: str, language: str, size: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.visible_to(request.user), slug=slug)
    if size not in said_data.POSTER_SIZES or language not in compose.own_languages():
        raise Http404
    try:
        made = said_data.said_poster_pdf(area, language=language, size=size)
    except said_data.NoAnswersYet:
        messages.error(request, _("Nothing was answered here yet. A poster needs at least one answer."))
    except TypesettingError:
        messages.error(
            request, _("This can't be set on a poster: a text is too long, or its letters are missing.")
        )
    else:
        return pdf_response(f"said-{slug}-{language}-{size}", made)
    return redirect("area", slug=slug)


@public
@require_http_methods(READ_ONLY)
@allow_any_origin
def api_said(request: HttpRequest) -> HttpResponse:
    part = _asked(request)
    record = part.record(_MAX_ANSWERS)
    following = absolute(part.url("api_said", before=record.before)) if record.before else ""
    found = said_data.record_json(record, area=part.area, theme=part.theme, following=following)
    return as_json(request, found, None)


@public
@require_http_methods(READ_ONLY)
@allow_any_origin
def api_said_schema(request: HttpRequest) -> HttpResponse:
    return as_json(request, said_data.SCHEMA, None)
