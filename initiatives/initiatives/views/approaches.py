"""The library of proven approaches: to browse, and to change for this municipality."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import dispatch
from core.errors import DomainError
from core.forms import held
from core.i18n import pick
from initiatives.initiatives.approach_wording import APPROACH_FIELD_LABELS, DEGREES, EVIDENCE, MARKS
from initiatives.initiatives.approaches import APPROACH_TEXT_FIELDS, SETS, Sought, fitting, serialise_approach
from initiatives.initiatives.forms.library import ApproachForm, FilterForm
from initiatives.initiatives.services import library
from initiatives.initiatives.services.library import Entry
from initiatives.initiatives.views.tabs import initiative_tabs
from initiatives.models import Initiative
from initiatives.states import PUBLIC_INITIATIVES, InitiativeState
from neighbourhoods.access import require, staff
from neighbourhoods.advice.services.advice import advice_for
from neighbourhoods.models import Area, Municipality, Theme
from neighbourhoods.settings.views import require_municipality
from neighbourhoods.states import Role

_INITIATIVES_SHOWN = 20


@staff(Role.VIEWER)
@require_safe
def approaches(request: HttpRequest) -> HttpResponse:
    """Approaches that match the filter; with a neighbourhood chosen, best fit first."""
    form = FilterForm(request.GET, areas=Area.objects.visible_to(request.user).existing())  # type: ignore[arg-type]
    all_of_them = library.entries()
    found = {
        entry.slug: entry for entry in all_of_them if entry.hidden_on is None and form.suits(entry.approach)
    }
    area = form.chosen.get("area")
    context = {
        "form": form,
        "area": area,
        "found": _fitting(found, area, form) if area else [{"entry": entry} for entry in found.values()],
        "left_out": sum(entry.hidden_on is None for entry in all_of_them) - len(found),
        "hidden": [entry for entry in all_of_them if entry.hidden_on],
        "may_change": request.desk.runs_municipality,
        "evidence": EVIDENCE,
    }
    context["tabs"] = initiative_tabs(request, "approaches")
    return render(request, "initiatives/approaches.html", context)


def _fitting(found: dict[str, Entry], area: Area, form: FilterForm) -> list[dict[str, Any]]:
    chosen = form.chosen
    advice = advice_for(area)
    if "money" in chosen:
        advice = replace(advice, inputs=replace(advice.inputs, budget=chosen["money"]))
    sought = Sought(chosen.get("theme", ""))
    return [
        {
            "entry": found[fit.approach.slug],
            "reasons": [MARKS[mark] for mark in fit.reasons],
            "against": [MARKS[mark] for mark in fit.against],
        }
        for fit in fitting(advice, [entry.approach for entry in found.values()], sought)
    ]


def _entry(slug: str) -> Entry:
    entry = library.find_approach(slug)
    if entry is None:
        raise Http404
    return entry


@staff(Role.VIEWER)
@require_safe
def approach(request: HttpRequest, slug: str) -> HttpResponse:
    """One approach, the initiatives that use it, and what this municipality changed."""
    entry = _entry(slug)
    themes = {theme.slug: theme.name for theme in Theme.objects.in_use()}
    there = Initiative.objects.visible_to(request.user).filter(approach=slug)  # type: ignore[arg-type]
    running = there.filter(state__in=PUBLIC_INITIATIVES).select_related("area", "theme")
    ended = there.filter(state=InitiativeState.ENDED).exclude(learned={}).select_related("area")
    context = {
        "entry": entry,
        "one": entry.approach,
        "evidence": EVIDENCE[entry.approach.evidence],
        "energy": [label for degree, label in DEGREES.items() if degree in entry.approach.energy],
        "load": [label for degree, label in DEGREES.items() if degree in entry.approach.load],
        "themes": [themes[each] for each in sorted(entry.approach.themes) if each in themes],
        "differences": _differences(entry),
        "running": running[:_INITIATIVES_SHOWN],
        "ended": ended[:_INITIATIVES_SHOWN],
        "may_change": request.desk.runs_municipality,
        "may_begin": request.desk.has(Role.COORDINATOR) and entry.hidden_on is None,
    }
    return render(request, "initiatives/approach.html", context)


def _differences(entry: Entry) -> list[dict[str, Any]]:
    """Each changed field, beside the library's value."""
    if entry.base is None:
        return []
    theirs, ours = serialise_approach(entry.base), serialise_approach(entry.approach)
    return [
        {
            "name": APPROACH_FIELD_LABELS[name],
            "here": _said(name, ours[name], entry.changes[name]),
            "library": _said(name, theirs[name], entry.changes[name]),
        }
        for name in APPROACH_FIELD_LABELS
        if name in entry.changes and name in ours
    ]


def _said(name: str, value: Any, change: Any) -> str:
    """A value as text. Of a translated text only the changed languages."""
    if name in APPROACH_TEXT_FIELDS:
        return " / ".join(value.get(code, "") or "–" for code in change)
    if name == "evidence":
        return str(EVIDENCE[value])
    if name == "themes":
        language = get_language() or ""
        names = dict(Theme.objects.filter(slug__in=value).values_list("slug", "name"))
        return ", ".join(pick(names.get(each), language) or each for each in value) or str(_("any"))
    if name in SETS:
        return ", ".join(str(DEGREES[each]) for each in value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_approach(request: HttpRequest, pk: int) -> HttpResponse:
    """Approaches that fit an initiative, with reasons for and against, and a form to choose one."""
    mine = Initiative.objects.visible_to(request.user)  # type: ignore[arg-type]
    initiative = get_object_or_404(mine.select_related("area__parent__parent", "theme"), pk=pk)
    require(request, Role.COORDINATOR, initiative.area)
    if request.method == "POST":
        try:
            library.choose_approach(
                initiative=initiative, slug=request.POST.get("approach", "")[:60], by=request.user
            )  # type: ignore[arg-type]
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Noted."))
        return redirect("initiative_approach", pk=pk)
    words = " ".join([*initiative.name.values(), *initiative.goal.values(), *initiative.description.values()])
    context = {
        "initiative": initiative,
        "approaches": library.approaches_for(initiative.area, initiative.theme, words=words),
        "chosen": library.find_approach(initiative.approach) if initiative.approach else None,
    }
    return render(request, "initiatives/initiative_approach.html", context)


# --- changing the library -----------------------------------------------------------------------


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def approach_new(request: HttpRequest) -> HttpResponse:
    require_municipality(request)
    data = request.POST if request.method == "POST" else None
    form = ApproachForm(data, languages=Municipality.current().languages)
    if form.is_valid():
        row = library.add_approach(values=form.values, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Added to the library."))
        return redirect("approach", slug=row.slug)
    return render(request, "initiatives/approach_form.html", {"form": form}, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def approach_change(request: HttpRequest, slug: str) -> HttpResponse:
    require_municipality(request)
    _entry(slug)
    with held(request):
        row = None
        if request.method == "POST":
            row = library.lock_approach(slug)
            library.forget_cached()  # see a concurrent save, also from another process
        entry = _entry(slug)
        data = request.POST if request.method == "POST" else None
        form = ApproachForm(data, entry=entry, languages=Municipality.current().languages)
        if form.is_valid() and not form.meet():
            library.change(slug=slug, values=form.values, by=request.user, held=row)  # type: ignore[arg-type]
            messages.success(request, _("Saved."))
            return redirect("approach", slug=slug)
    context = {"form": form, "entry": entry}
    return render(request, "initiatives/approach_form.html", context, status=form.status)


@staff(Role.ADMINISTRATOR)
@require_POST
def approach_do(request: HttpRequest, slug: str, verb: str) -> HttpResponseBase:
    require_municipality(request)
    _entry(slug)
    services = {"hide": library.hide, "show": library.show, "back": library.back_to_library}
    actions = {name: partial(action, slug=slug, by=request.user) for name, action in services.items()}
    return dispatch(request, actions, verb, back=reverse("approach", args=[slug]), said=_("Noted."))
