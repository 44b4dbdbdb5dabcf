"""One need: making, changing and handing it over, and its steps."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in
from core.errors import DomainError, InvalidTransition
from core.rows import is_id
from initiatives.matching.services.owners import reassign
from initiatives.matching.views.matches import everything_form, hand_over_all_view
from initiatives.models import Need
from initiatives.needs.forms import LookForm, NeedFilterForm, NeedForm, SourceFilterForm, StateForm
from initiatives.needs.services import need_people, needs
from initiatives.needs.services.need_sources import (
    SourceFilter,
    add_sources,
    find_named_topics,
    recently_read_texts,
    topics_of,
    usable_texts,
)
from initiatives.needs.services.need_suggestions import Suggestions
from initiatives.needs.services.needs import cached_named_counts
from initiatives.needs.views.need import find_need, municipality_languages, need_page, refilled_form
from initiatives.states import NeedState, Urgency
from neighbourhoods.access import staff
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Area
from neighbourhoods.states import Power, Role

# --- one need ---------------------------------------------------------------------------------


@staff(Role.VIEWER)
@require_safe
def need(request: HttpRequest, pk: int) -> HttpResponse:
    return need_page(request, find_need(request, pk))


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def need_new(request: HttpRequest) -> HttpResponse:
    """Make a need from topics and texts. Ids in the URL are ticked, and fill in the form."""
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    sent = request.POST if request.method == "POST" else None
    topics = topics_of(request.user).filter(pk__in=selected_ids(request, "topic"))
    texts = usable_texts(request.user).filter(pk__in=uuids(request, "text"))
    form = NeedForm(
        sent,
        languages=municipality_languages(),
        areas=mine.existing(),
        beginning={} if sent else _initial_values(request, topics),
    )
    if sent is not None and form.is_valid():
        with domain_errors_in(form):
            made = needs.make_need(by=request.user, topics=topics, texts=texts, **form.changes())
            messages.success(request, _("This need is noted. What can be done about it?"))
            return redirect("need", pk=made.pk)
    return _picking_page(request, form)


def _initial_values(request: HttpRequest, topics: QuerySet) -> dict[str, Any]:
    """Initial values of the form: words, theme and area of the first topic chosen."""
    first = topics.order_by("pk").first()
    if first:
        return {"title": first.title, "theme": first.theme_id, "area": first.area_id}
    area = Area.objects.visible_to(request.user).filter(slug=slug_param(request, "area")).first()
    return {"area": area.pk} if area else {}


def _picking_page(request: HttpRequest, form: forms.Form, need: Need | None = None) -> HttpResponse:
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    filters = SourceFilterForm(request.GET, areas=mine)
    chosen = filters.chosen
    theme = chosen.get("theme")
    asked = SourceFilter(area=chosen.get("area"), theme=theme and theme.pk, words=chosen.get("q", ""))
    ticked_topics, ticked_texts = selected_ids(request, "topic"), uuids(request, "text")
    context = {
        "form": form,
        "need": need,
        "named": find_named_topics(request.user, asked, also=ticked_topics),
        "written": recently_read_texts(request.user, asked, also=ticked_texts),
        "ticked": {*ticked_topics, *ticked_texts},
        "filters": filters,
    }
    return render(request, "initiatives/need_form.html", context, status=422 if form.errors else 200)


def selected_ids(request: HttpRequest, name: str) -> list[int]:
    """Ids that were ticked, in the form or in the URL."""
    given = [*request.POST.getlist(name), *request.GET.getlist(name)]
    return list(dict.fromkeys(int(pk) for pk in given[:200] if is_id(pk)))


def uuids(request: HttpRequest, name: str) -> list[UUID]:
    found = []
    for text in [*request.POST.getlist(name), *request.GET.getlist(name)][:200]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def slug_param(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "")[:140].replace("\0", "")


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def need_change(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    mine = Area.objects.where(request.user, least=Power.COORDINATOR).existing()
    form = NeedForm(
        request.POST if request.method == "POST" else None,
        need=need,
        languages=municipality_languages(),
        areas=mine,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                needs.change_need(
                    need=need, seen=form.cleaned_data["seen"], by=request.user, **form.changes()
                )
            except InvalidTransition as error:
                # The colleague's version is shown beside it; saving once more replaces it.
                again = request.POST.copy()
                need.refresh_from_db()
                again["seen"] = needs.need_revision(need)
                form, status = NeedForm(again, need=need, languages=municipality_languages(), areas=mine), 409
                form.add_error(None, str(error))
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Saved."))
                return redirect("need", pk=need.pk)
    context = {"form": form, "need": need, "theirs": need if status == 409 else None}
    return render(request, "initiatives/need_change.html", context, status=status)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def need_sources(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    if request.method != "POST":
        return _picking_page(request, forms.Form(), need)
    topics = topics_of(request.user).filter(pk__in=selected_ids(request, "topic"))
    texts = usable_texts(request.user).filter(pk__in=uuids(request, "text"))
    try:
        new = add_sources(need=need, topics=topics, texts=texts, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("need", pk=need.pk)
    said = ngettext("%(n)d thing added.", "%(n)d things added.", new) % {"n": new}
    messages.success(request, said if new else _("Nothing new was chosen."))
    return redirect("need", pk=need.pk)


@staff(Role.COORDINATOR)
@require_POST
def need_step(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    form = StateForm(request.POST, need=need, languages=municipality_languages())
    # The state shown may be outdated: the service reports that, instead of an invalid choice.
    form.fields["to"].choices = NeedState.choices
    if form.is_valid():
        try:
            needs.change_need_state(
                need=need, to=form.cleaned_data["to"], seen=form.cleaned_data["seen"], words=form.texts("words"),
                by=request.user,
            )  # fmt: skip
        except DomainError as error:
            need.refresh_from_db()
            form = refilled_form(
                StateForm, _post_with(request, seen=need.state), need=need, languages=municipality_languages()
            )
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
            return need_page(request, need, status=status, state_form=form)
        messages.success(request, _("Kept. Whoever named it reads it on their own page."))
        return redirect("need", pk=need.pk)
    return need_page(request, need, status=422, state_form=form)


def _post_with(request: HttpRequest, **changes: str) -> Any:
    sent = request.POST.copy()
    sent.update(changes)
    return sent


@staff(Role.COORDINATOR)
@require_POST
def need_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    form = HandoverForm(request.POST, areas=[need.area_id], without=need.owner)
    if form.is_valid():
        with domain_errors_in(form):
            reassign(Need.objects.standing().filter(pk=pk), to=form.cleaned_data["to"], by=request.user)
            messages.success(request, _("Handed over."))
            return redirect("need", pk=need.pk)
    return need_page(request, need, status=422, hand_over_form=form)


@staff(Role.COORDINATOR)
@require_POST
def need_look(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    form, status = LookForm(request.POST), 422
    if form.is_valid():
        try:
            need_people.plan_look(need=need, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
        else:
            messages.success(request, _("Kept, with the day of the next look."))
            return redirect("need", pk=need.pk)
    return need_page(request, need, status=status, look_form=form)


# The list of needs: urgent first, filtered by neighbourhood, theme, state, link, owner and due day.


NEEDS_PAGE_SIZE = 25


@staff(Role.VIEWER)
@require_safe
def needs_list(request: HttpRequest) -> HttpResponse:
    """Urgent first, then by number of people. With `?link=none` each comes with suggestions to link."""
    everything = Need.objects.visible_to(request.user)
    found, filters = _filter_needs(request, everything)
    page = list(_page_after(found, request.GET.get("after", ""))[: NEEDS_PAGE_SIZE + 1])
    shown = page[:NEEDS_PAGE_SIZE]
    mine = set(Area.objects.where(request.user, least=Power.COORDINATOR).values_list("pk", flat=True))
    query, owner = filters.query, filters.chosen.get("owner")
    context = {
        "rows": _rows(request, shown, mine, with_suggestions="link" in filters.chosen),
        "filters": filters,
        "owner": owner,
        "form": everything_form(request, owner, Need.objects.open()) if owner else None,
        "figures": _figures(everything),
        "named": cached_named_counts(
            Area.objects.visible_to(request.user).values_list("pk", flat=True), request.user
        ),
        "is_empty": not everything.exists(),
        "may_make": bool(mine),
        "next_url": f"?{query}&after={_key(shown[-1])}" if len(page) > NEEDS_PAGE_SIZE else "",
        "first_url": f"?{query}" if request.GET.get("after") else "",
    }
    return render(request, "initiatives/needs.html", context)


def _filter_needs(request: HttpRequest, everything: QuerySet[Need]) -> tuple[QuerySet[Need], NeedFilterForm]:
    """The needs the URL asks for, within what the user may see, and the filter applied."""
    filters = NeedFilterForm(request.GET, areas=Area.objects.visible_to(request.user))
    chosen = filters.chosen
    if filters.has_unknown_value:
        raise Http404
    found = everything.standing()
    if "area" in chosen:
        found = found.inside(chosen["area"])
    state = chosen.get("state")
    if state is None:
        found = found.open()
    elif state != "all":
        found = found.filter(state=state)
    if "link" in chosen:
        found = found.without_link()
    if "due" in chosen:
        found = found.due(timezone.localdate())
    exact = {name: chosen[name] for name in ("theme", "owner") if name in chosen}
    return found.filter(**exact).select_related("area", "theme", "owner"), filters


def _key(need: Need) -> str:
    return f"{need.urgency}~{need.people}~{need.pk}"


def _page_after(found: QuerySet[Need], key: str) -> QuerySet[Need]:
    """Keyset pagination: needs after the last one of the previous page."""
    parts = key.split("~")
    if len(parts) != 3 or not all(is_id(part) for part in parts):
        return found
    urgency, people, pk = map(int, parts)
    less = Q(people__lt=people) | Q(people=people, pk__gt=pk)
    return found.filter(Q(urgency__lt=urgency) | Q(urgency=urgency) & less)


def _rows(
    request: HttpRequest, page: list[Need], mine: set[int], *, with_suggestions: bool
) -> list[dict[str, Any]]:
    counts = dict(
        Need.objects.filter(pk__in=[need.pk for need in page])
        .annotate(n=Count("links"))
        .values_list("pk", "n")
        .order_by()
    )
    asked = [need for need in page if with_suggestions and need.area_id in mine]
    suggest = Suggestions(request.user, asked) if asked else None
    return [
        {
            "need": need,
            "links": counts[need.pk],
            "suggestions": suggest.for_need(need, ()) if suggest and need in asked else [],
        }
        for need in page
    ]


def _figures(everything: QuerySet[Need]) -> list[dict[str, Any]]:
    standing, year = everything.standing(), timezone.localdate().replace(month=1, day=1)
    without = reverse("needs") + "?link=none"
    return [
        {"value": standing.open().count(), "text": _("open needs")},
        {"value": standing.without_link().count(), "text": _("without a link"), "url": without},
        {"value": standing.open().filter(urgency=Urgency.NOW).count(), "text": _("of them now")},
        {
            "value": standing.filter(state=NeedState.MET, state_on__gte=year).count(),
            "text": _("met this year"),
        },
    ]


# --- handing over everything ------------------------------------------------------------------


@staff(Role.COORDINATOR)
@require_POST
def needs_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    return hand_over_all_view(
        request, pk, in_hand=Need.objects.open(), back="needs",
        said=lambda n: ngettext("%(count)d need handed over.", "%(count)d needs handed over.", n) % {"count": n},
    )  # fmt: skip
