"""Approaches and the inventory of an area."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from core.actions import dispatch, domain_errors_in, form_status
from core.errors import DomainError
from core.files import csv_response
from core.forms import atomic_on_post
from core.i18n import pick
from core.rows import is_id
from initiatives.initiatives.approach_wording import (
    APPROACH_FIELD_LABELS,
    APPROACH_REASON_TEXTS,
    DEGREE_LABELS,
    EVIDENCE_TEXTS,
)
from initiatives.initiatives.approaches import (
    APPROACH_TEXT_FIELDS,
    SET_FIELDS,
    ApproachQuery,
    rank_approaches,
    serialise_approach,
)
from initiatives.initiatives.forms.begin import ApproachForm, FilterForm
from initiatives.initiatives.forms.filters import InitiativeFilterForm
from initiatives.initiatives.services import library
from initiatives.initiatives.services.library import Entry
from initiatives.initiatives.views.running import initiative_tabs
from initiatives.matching.views.matches import everything_form
from initiatives.models import Initiative
from initiatives.offers.forms.offer_care import InitiativeForm
from initiatives.states import PUBLIC_INITIATIVES, InitiativeState
from neighbourhoods.access import require, staff
from neighbourhoods.advice.services import advice_for
from neighbourhoods.models import Area, Municipality, Party, Theme
from neighbourhoods.profile.services.inventory import STALE_DAYS
from neighbourhoods.settings.views import require_municipality
from neighbourhoods.states import Power, Role

# The library of proven approaches: to browse, and to change for this municipality.


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
        "found": _fit_rows(found, area, form) if area else [{"entry": entry} for entry in found.values()],
        "left_out": sum(entry.hidden_on is None for entry in all_of_them) - len(found),
        "hidden": [entry for entry in all_of_them if entry.hidden_on],
        "may_change": request.desk.runs_municipality,
        "evidence": EVIDENCE_TEXTS,
    }
    context["tabs"] = initiative_tabs(request, "approaches")
    return render(request, "initiatives/approaches.html", context)


def _fit_rows(found: dict[str, Entry], area: Area, form: FilterForm) -> list[dict[str, Any]]:
    chosen = form.chosen
    advice = advice_for(area)
    if "money" in chosen:
        advice = replace(advice, inputs=replace(advice.inputs, budget=chosen["money"]))
    sought = ApproachQuery(chosen.get("theme", ""))
    return [
        {
            "entry": found[fit.approach.slug],
            "reasons": [APPROACH_REASON_TEXTS[mark] for mark in fit.reasons],
            "against": [APPROACH_REASON_TEXTS[mark] for mark in fit.against],
        }
        for fit in rank_approaches(advice, [entry.approach for entry in found.values()], sought)
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
        "evidence": EVIDENCE_TEXTS[entry.approach.evidence],
        "energy": [label for degree, label in DEGREE_LABELS.items() if degree in entry.approach.energy],
        "load": [label for degree, label in DEGREE_LABELS.items() if degree in entry.approach.load],
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
            "here": _value_text(name, ours[name], entry.changes[name]),
            "library": _value_text(name, theirs[name], entry.changes[name]),
        }
        for name in APPROACH_FIELD_LABELS
        if name in entry.changes and name in ours
    ]


def _value_text(name: str, value: Any, change: Any) -> str:
    """A value as text. Of a translated text only the changed languages."""
    if name in APPROACH_TEXT_FIELDS:
        return " / ".join(value.get(code, "") or "–" for code in change)
    if name == "evidence":
        return str(EVIDENCE_TEXTS[value])
    if name == "themes":
        language = get_language() or ""
        names = dict(Theme.objects.filter(slug__in=value).values_list("slug", "name"))
        return ", ".join(pick(names.get(each), language) or each for each in value) or str(_("any"))
    if name in SET_FIELDS:
        return ", ".join(str(DEGREE_LABELS[each]) for each in value)
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
    with atomic_on_post(request):
        row = None
        if request.method == "POST":
            row = library.lock_approach(slug)
            library.forget_cached()  # see a concurrent save, also from another process
        entry = _entry(slug)
        data = request.POST if request.method == "POST" else None
        form = ApproachForm(data, entry=entry, languages=Municipality.current().languages)
        if form.is_valid() and not form.has_conflicts():
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
    services = {"hide": library.hide, "show": library.show, "back": library.reset_to_library}
    actions = {name: partial(action, slug=slug, by=request.user) for name, action in services.items()}
    return dispatch(request, actions, verb, back=reverse("approach", args=[slug]), said=_("Noted."))


# The inventory of initiatives: a list, a form, and the list as CSV.


INITIATIVES_PAGE_SIZE = 100


@staff(Role.VIEWER)
@require_safe
def initiatives(request: HttpRequest) -> HttpResponse:
    found, filters = _filter_initiatives(request)
    if is_id(after := request.GET.get("after", "")):
        found = found.filter(pk__gt=after)
    page = list(found[: INITIATIVES_PAGE_SIZE + 1])
    query, here = filters.query, filters.chosen.get("area")
    mine = set(Area.objects.where(request.user, least=Power.COORDINATOR).values_list("pk", flat=True))
    context = {
        "initiatives": page[:INITIATIVES_PAGE_SIZE],
        "filters": filters,
        "query": query,
        "mine": mine,
        "may_add": bool(mine),
        "add_url": reverse("initiative_new") + (f"?area={here.slug}" if here else ""),
        "next_url": f"?{query}&after={page[INITIATIVES_PAGE_SIZE - 1].pk}"
        if len(page) > INITIATIVES_PAGE_SIZE
        else "",
        "first_url": f"?{query}" if after else "",
        "stale_before": timezone.localdate() - timedelta(days=STALE_DAYS),
    } | _owner_context(request, filters.chosen.get("owner"))
    context["tabs"] = initiative_tabs(request, "initiatives")
    return render(request, "initiatives/inventory.html", context)


def _owner_context(request: HttpRequest, owner: User | None) -> dict[str, Any]:
    """The owner that the list is filtered by, and the form to hand over all of theirs."""
    form = everything_form(request, owner, Initiative.objects.not_ended()) if owner else None
    return {"owner": owner, "form": form}


def _filter_initiatives(request: HttpRequest) -> tuple[QuerySet[Initiative], InitiativeFilterForm]:
    """The initiatives the URL asks for, within what the user may see, and the filter applied."""
    found = Initiative.objects.visible_to(request.user).select_related("area", "theme", "party", "owner")
    filters = InitiativeFilterForm(request.GET, areas=Area.objects.visible_to(request.user))
    chosen = filters.chosen
    if filters.has_unknown_value:
        raise Http404
    if "area" in chosen:
        found = found.inside(chosen["area"])
    state = chosen.get("state")
    if state == "stopped":
        found = found.filter(state=InitiativeState.ENDED)
    elif state is None:
        found = found.exclude(state=InitiativeState.ENDED)
    elif state != "all":
        found = found.filter(state=state)
    if "due" in chosen:
        found = found.due(timezone.localdate())
    if "q" in chosen:
        found = found.naming(chosen["q"], Municipality.current().languages)
    exact = {name: chosen[name] for name in ("theme", "owner") if name in chosen}
    return found.filter(**exact), filters


@staff(Role.VIEWER)
@require_safe
def initiatives_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as CSV, without pages, in the reader's language."""
    found = _filter_initiatives(request)[0]
    language = get_language() or ""
    head = [
        _("Name"), _("When, where, for whom"), _("Theme"), _("Where"), _("Who does it"), _("Since"),
        _("running"), _("Looked at"), _("Website"),
    ]  # fmt: skip
    rows = (
        [
            one.label, pick(one.description, language), pick(one.theme.name, language), one.area.name,
            one.party.name if one.party else "", one.since or "", _("yes") if one.is_running else _("no"),
            one.checked_on, one.url,
        ]
        for one in found.iterator()
    )  # fmt: skip
    return csv_response(_("initiatives"), head, rows)


# --- one initiative ---------------------------------------------------------------------------


def _form(request: HttpRequest, **more: Any) -> InitiativeForm:
    return InitiativeForm(
        request.POST if request.method == "POST" else None,
        languages=Municipality.current().languages,
        areas=Area.objects.where(request.user, least=Power.COORDINATOR).existing(),
        parties=Party.objects.visible_to(request.user).active(),
        **more,
    )


def _page(request: HttpRequest, form: InitiativeForm, initiative: Initiative | None = None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with domain_errors_in(form):
            saved = library.save_initiative(by=request.user, initiative=initiative, **form.changes())
            messages.success(request, _("Saved."))
            return redirect("initiative", pk=saved.pk) if saved.owner_id else redirect(_list_of(saved.area))
    return render(
        request,
        "initiatives/inventory_form.html",
        {"form": form, "initiative": initiative},
        status=form_status(form),
    )


def _list_of(area: Area) -> str:
    return f"{reverse('initiatives')}?{urlencode({'area': area.slug})}"


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_new(request: HttpRequest) -> HttpResponse:
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    here = mine.filter(slug=request.GET.get("area", "")[:140].replace("\0", "")).first()
    return _page(request, _form(request, here=here))


def _initiative(request: HttpRequest, pk: int) -> Initiative:
    found = Initiative.objects.visible_to(request.user).select_related("area", "theme")
    initiative = get_object_or_404(found, pk=pk)
    require(request, Role.COORDINATOR, initiative.area)
    return initiative


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def initiative_change(request: HttpRequest, pk: int) -> HttpResponse:
    initiative = _initiative(request, pk)
    return _page(request, _form(request, initiative=initiative), initiative)


@staff(Role.COORDINATOR)
@require_POST
def initiative_do(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    initiative = _initiative(request, pk)
    services = {
        "still-true": library.confirm_initiative,
        "stop": library.stop_initiative,
        "again": library.reopen_initiative,
    }
    actions = {
        name: partial(action, initiative=initiative, by=request.user) for name, action in services.items()
    }
    return dispatch(request, actions, verb, back=_list_of(initiative.area), said=_("Noted."))
