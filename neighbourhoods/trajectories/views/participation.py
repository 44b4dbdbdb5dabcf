"""How this municipality works with residents: to read, and to make its own section by section."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.forms.saving import held
from core.i18n import pick
from neighbourhoods import rules
from neighbourhoods.access import staff
from neighbourhoods.advice.services import rules as services
from neighbourhoods.models import Municipality, ParticipationRules
from neighbourhoods.settings.views.settings import require_municipality, settings_tabs
from neighbourhoods.states import Role
from neighbourhoods.trajectories.forms.participation import SECTIONS, TERM_LABELS, SectionForm
from neighbourhoods.wording import THRESHOLDS


@staff(Role.ADMINISTRATOR)
@require_safe
def participation(request: HttpRequest) -> HttpResponse:
    require_municipality(request)
    own = ParticipationRules.as_they_stand()
    sections = [
        {
            "slug": slug,
            "title": form.title,
            "about": form.about,
            "is_own": form.is_own(own),
            "lines": _lines(slug, own),
        }
        for slug, form in SECTIONS.items()
    ]
    return render(
        request,
        "neighbourhoods/participation.html",
        {"tabs": settings_tabs(request, "participation"), "sections": sections},
    )


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def participation_section(request: HttpRequest, section: str) -> HttpResponse:
    require_municipality(request)
    made = _form(section)
    with held(request):
        data = request.POST if request.method == "POST" else None
        own = ParticipationRules.as_they_stand() if data is None else services.lock_rules()
        form = made(data, own=own, languages=Municipality.current().languages)
        if form.is_valid() and not form.meet():
            services.change_rules(section=form.title, changes=form.changes(), by=request.user, held=own)
            messages.success(request, _("Saved."))
            return redirect("participation")
    context = {"form": form, "section": section, "tabs": settings_tabs(request, "participation")}
    return render(request, "neighbourhoods/participation_section.html", context, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_POST
def participation_default(request: HttpRequest, section: str) -> HttpResponse:
    require_municipality(request)
    form = _form(section)
    services.back_to_default(section=form.title, fields=form.fields_of, by=request.user)
    messages.success(request, _("Back to the default."))
    return redirect("participation")


def _form(section: str) -> type[SectionForm]:
    if section not in SECTIONS:
        raise Http404
    return SECTIONS[section]


def _lines(section: str, own: ParticipationRules) -> list[dict[str, Any]]:
    """What holds now, as pairs of a name and a value; lines without a name are a list."""
    language = get_language() or ""
    match section:
        case "ladder":
            return [{"name": own.level(each), "value": own.plain_level(each)} for each in rules.LADDER]
        case "roles":
            return [{"value": own.role(each)} for each in rules.ROLES]
        case "grounds":
            return [{"value": pick(texts, language)} for texts in own.waiver_grounds().values()]
        case "report":
            return [{"value": pick(texts, language)} for texts in own.sections().values()]
        case "answers":
            first = _("Every answer is read by a second colleague") if own.second_reader else ""
            return [
                {"name": _("A second reader"), "value": first or _("who writes decides whether to ask one")},
                {"name": _("When colleagues can be reached"), "value": pick(own.desk_hours, language)},
            ]
        case "terms":
            return [{"name": label, "value": own.days(term)} for term, label in TERM_LABELS.items()]
        case "advice":
            return [
                {"name": THRESHOLDS[name], "value": value} for name, value in asdict(own.limits()).items()
            ]
    return [
        {"name": _("First day"), "value": own.silent_from},
        {"name": _("Last day"), "value": own.silent_until},
    ]
