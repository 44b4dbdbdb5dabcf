"""One need: making, changing and handing it over, and its steps."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actions import domain_errors_in
from core.errors import DomainError, InvalidTransition
from core.ids import is_id
from initiatives.matching.services.owners import reassign
from initiatives.models import Need
from initiatives.needs.forms import LookForm, NeedForm, StateForm
from initiatives.needs.services import need_looks, need_picking, needs
from initiatives.needs.services.need_sources import add_sources
from initiatives.needs.views.need_page import find_need, municipality_languages, need_page, refilled_form
from initiatives.states import NeedState
from neighbourhoods.access import staff
from neighbourhoods.colleagues.forms import ColleagueForm
from neighbourhoods.models import Area, Theme
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
    topics = need_picking.topics_of(request.user).filter(pk__in=selected_ids(request, "topic"))
    texts = need_picking.usable_texts(request.user).filter(pk__in=uuids(request, "text"))
    form = NeedForm(
        sent,
        languages=municipality_languages(),
        areas=mine.existing(),
        beginning={} if sent else _beginning(request, topics),
    )
    if sent is not None and form.is_valid():
        with domain_errors_in(form):
            made = needs.make_need(by=request.user, topics=topics, texts=texts, **form.changes())
            messages.success(request, _("This need is noted. What can be done about it?"))
            return redirect("need", pk=made.pk)
    return _picking_page(request, form)


def _beginning(request: HttpRequest, topics: QuerySet) -> dict[str, Any]:
    """Initial values of the form: words, theme and area of the first topic chosen."""
    first = topics.order_by("pk").first()
    if first:
        return {"title": first.title, "theme": first.theme_id, "area": first.area_id}
    area = Area.objects.visible_to(request.user).filter(slug=asked_slug(request, "area")).first()
    return {"area": area.pk} if area else {}


def _picking_page(request: HttpRequest, form: forms.Form, need: Need | None = None) -> HttpResponse:
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    area = mine.filter(slug=asked_slug(request, "area")).first()
    theme = Theme.objects.filter(slug=asked_slug(request, "theme")).first()
    words = request.GET.get("q", "")[:80].replace("\0", "").strip()
    asked = need_picking.SourceFilter(area=area, theme=theme.pk if theme else None, words=words)
    ticked_topics, ticked_texts = selected_ids(request, "topic"), uuids(request, "text")
    context = {
        "form": form,
        "need": need,
        "named": need_picking.named(request.user, asked, also=ticked_topics),
        "written": need_picking.recently_read_texts(request.user, asked, also=ticked_texts),
        "ticked": {*ticked_topics, *ticked_texts},
        "chosen": {"area": area and area.slug, "theme": theme and theme.slug, "q": words},
        "areas": mine.existing(),
        "themes": Theme.objects.in_use(),
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


def asked_slug(request: HttpRequest, name: str) -> str:
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
    topics = need_picking.topics_of(request.user).filter(pk__in=selected_ids(request, "topic"))
    texts = need_picking.usable_texts(request.user).filter(pk__in=uuids(request, "text"))
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
            needs.take_step(
                need=need, to=form.cleaned_data["to"], seen=form.cleaned_data["seen"], words=form.texts("words"),
                by=request.user,
            )  # fmt: skip
        except DomainError as error:
            need.refresh_from_db()
            form = refilled_form(
                StateForm, _with(request, seen=need.state), need=need, languages=municipality_languages()
            )
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
            return need_page(request, need, status=status, state_form=form)
        messages.success(request, _("Kept. Whoever named it reads it on their own page."))
        return redirect("need", pk=need.pk)
    return need_page(request, need, status=422, state_form=form)


def _with(request: HttpRequest, **changes: str) -> Any:
    sent = request.POST.copy()
    sent.update(changes)
    return sent


@staff(Role.COORDINATOR)
@require_POST
def need_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    form = ColleagueForm(request.POST, areas=[need.area_id], without=need.owner)
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
            need_looks.plan_look(need=need, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
        else:
            messages.success(request, _("Kept, with the day of the next look."))
            return redirect("need", pk=need.pk)
    return need_page(request, need, status=status, look_form=form)
