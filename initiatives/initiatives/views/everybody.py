"""The public page of an initiative: why, what, when it meets, open roles, updates. Never the name of a person."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.links import absolute
from core.deadlines import days_late
from core.i18n import pick
from initiatives.initiatives.begun_panels import begin_url
from initiatives.initiatives.services.telling import to_come_and_lately_off
from initiatives.initiatives.views.tasks import open_tasks_part
from initiatives.matching import moments
from initiatives.matching.calendars import Entry, feed
from initiatives.matching.moved_wording import moved_said
from initiatives.matching.services.told import uid_of
from initiatives.models import Initiative, Picture
from initiatives.states import InitiativeState, Language, Motive, Skill
from neighbourhoods.access import public
from neighbourhoods.models import ParticipationRules
from neighbourhoods.rules import PLAIN_ROLES

UPDATES = 20


def _find(slug: str, pk: int) -> Initiative:
    """A public initiative, by the area in its URL. Raises Http404."""
    found = Initiative.objects.select_related("area__parent__parent", "theme", "party")
    initiative = get_object_or_404(found, pk=pk, area__slug=slug)
    if not initiative.has_a_page:
        raise Http404
    return initiative


@public
@require_safe
def initiative_public(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    initiative = _find(slug, pk)
    role = initiative.municipal_role
    context = {
        "initiative": initiative,
        "area": initiative.area,
        "ended": initiative.state == InitiativeState.ENDED,
        "motives": [Motive(motive).label for motive in initiative.motives if motive in Motive.values],
        "picture": Picture.objects.filter(initiative=initiative, is_read=True).defer("jpeg").first(),
        "meetings": initiative.meetings.shown().to_come(),
        "updates": initiative.updates.shown()[:UPDATES],
        "roles": [_as_shown(one) for one in initiative.roles.open().with_bound().select_related("card")],
        "step": _step(initiative),
        "begin_url": begin_url(initiative.area),
        "open_tasks": open_tasks_part(initiative),
        "municipal_role": ParticipationRules.current().role(role) if role else "",
        "plain_role": pick(PLAIN_ROLES.get(role), get_language() or "") if role else "",
        "calendar_url": reverse("initiative_calendar", args=[slug, pk]),
    }
    return render(request, "initiatives/public.html", context)


def _step(initiative: Initiative) -> dict[str, Any] | None:
    """Our next step, its day, and the days it is late."""
    day = initiative.next_action_on
    if day is None or initiative.owner is None:
        return None
    return {
        "who": initiative.owner.title,
        "on": day,
        "late": days_late(day),
        "moved": moved_said(f"initiative:{initiative.pk}", day),
    }


def _as_shown(role):
    return {
        "role": role,
        "is_full": role.bound >= role.people,
        "skills": Skill.said(role.skills),
        "languages": [Language(code).label for code in role.languages if code in Language.values],
        "when": moments.label(role.moments),
    }


@public
@cache_control(public=True, max_age=3600)
@require_safe
def initiative_picture(request: HttpRequest, digest: str) -> HttpResponse:
    """By digest, so a URL always gives the same picture, and only one that a colleague looked at."""
    # Several initiatives may have the same photo.
    read = Picture.objects.filter(digest=digest, is_read=True).select_related("initiative")
    picture = next((one for one in read if one.initiative.has_a_page), None)
    if picture is None:
        raise Http404
    response = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    response["ETag"] = f'"{digest[:32]}"'
    response["Content-Disposition"] = "inline"
    return response


@public
@cache_control(public=True, max_age=900)
@require_safe
def initiative_calendar(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Calendar feed of its meetings. Cancelled ones stay in it, as cancelled."""
    initiative = _find(slug, pk)
    language = get_language() or "nl"
    name, page = pick(initiative.name, language), absolute(reverse("initiative_public", args=[slug, pk]))
    entries = [
        Entry(
            uid=uid_of(meeting),
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            summary=name,
            where=meeting.where,
            description=pick(meeting.about, language),
            url=page,
            cancelled=meeting.cancelled_on is not None,
            changed=meeting.changed,
            language=language,
        )
        for meeting in to_come_and_lately_off(initiative)
    ]
    made = feed(entries=entries, name=name, url=absolute(request.path))
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="initiative-{pk}.ics"'
    return response
