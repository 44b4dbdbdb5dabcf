"""The page of one need, shared by all views that render it."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Event
from core.actions import dispatch
from core.errors import DomainError, InvalidTransition
from core.forms import search_text
from core.i18n import pick
from core.rows import is_id
from feedback.answers.views.board import answer_url
from feedback.contributions.services import audience
from feedback.models import AnswerOwed, Contribution, Promise
from feedback.states import Owed, Reading
from initiatives.initiatives.services.library import find_approach
from initiatives.models import Need, NeedLink, Offer
from initiatives.needs.forms import LinkForm, LookForm, MergeNeedForm, SplitForm, StateForm
from initiatives.needs.need_words import AGES_MISSING
from initiatives.needs.services import need_sources
from initiatives.needs.services.need_people import Sources, next_look
from initiatives.needs.services.need_suggestions import Suggestions
from initiatives.states import LinkKind
from neighbourhoods.access import require, staff
from neighbourhoods.advice.services import advice_for
from neighbourhoods.colleagues.forms import HandoverForm
from neighbourhoods.models import Area, Municipality
from neighbourhoods.states import Power, Role

MAX_QUOTED_TEXTS = 8


def municipality_languages() -> list[str]:
    return Municipality.current().languages or ["nl"]


def find_need(request: HttpRequest, pk: int, *, to_change: bool = False) -> Need:
    """404 if the need is not visible, 403 for a viewer who wants to change it."""
    there = Need.objects.visible_to(request.user)
    need = get_object_or_404(
        there.select_related("area__parent__parent", "theme", "owner", "merged_into"), pk=pk
    )
    if to_change:
        require(request, Role.COORDINATOR, need.area)
    return need


def refilled_form(form: type[forms.Form], data: Any, **more: Any) -> Any:
    """The form with the submitted values, validated but without errors."""
    made = form(data, **more)
    made.full_clean()
    made.errors.clear()
    return made


def need_page(request: HttpRequest, need: Need, *, status: int = 200, **bound: forms.Form) -> HttpResponse:
    may = request.desk.can(Role.COORDINATOR, [need.area]) and need.merged_into_id is None
    sources = list(need.sources.select_related("topic__area", "contribution__topic__area", "origin"))
    links = list(need.links.select_related("offer__party", "place__area", "initiative__area", "decision"))
    context = {
        "need": need,
        "may": may,
        "may_undo": request.desk.can(Role.COORDINATOR, [need.area]),
        "sources": _shown_sources(request, sources, need),
        "quoted_texts": _quoted_texts(request, need)
        if request.desk.can(Role.COORDINATOR, [need.area])
        else None,
        "links": [_shown_link(request, link) for link in links],
        "steps": need.steps.select_related("by"),
        "came_in": need.merged.all(),
        "split_off": need.parts.all(),
        "split_from": need.split_from,
        "log": Event.objects.about(need).select_related("actor")[:30],
        "answers": _answers(request, need),
        "bound": next(iter(bound.values()), None),
    }
    if may:
        there = Suggestions(request.user, [need])
        suggestions = there.for_need(need, links)
        find = search_text(request)
        other = Suggestions(request.user, [need], words=find) if find else there
        others = (
            Need.objects.standing()
            .filter(area__in=Area.objects.where(request.user, least=Power.COORDINATOR))
            .exclude(pk=need.pk)
            .select_related("area")
            .alike(need)
        )
        if find:
            others = others.naming(find, municipality_languages())
        more = other.others(need, links, suggestions)
        context |= {
            "suggestions": suggestions,
            "more": more,
            "link_form": LinkForm(found=more),
            "find": find,
            "left_behind": _underrepresented_ages(need),
            "state_form": bound.get("state_form") or StateForm(need=need, languages=municipality_languages()),
            "look_form": bound.get("look_form") or LookForm(initial={"on": need.next_action_on}),
            "usual_look": next_look(),
            "split_form": bound.get("split_form") or SplitForm(languages=municipality_languages()),
            "into_form": bound.get("into_form") or MergeNeedForm(needs=others),
            "has_others": others.exists(),
            "hand_over_form": bound.get("hand_over_form")
            or HandoverForm(areas=[need.area_id], without=need.owner),
        }
    return render(request, "initiatives/need.html", context, status=status)


def _shown_sources(request: HttpRequest, sources: list[Any], need: Need) -> list[dict[str, Any]]:
    """Each source once, with the number of people; the words of one person are visible to coordinators only."""
    topics = [source.topic_id for source in sources if source.topic_id]
    counted = dict(
        Contribution.objects.filter(topic__in=topics, withdrawn_on=None)
        .values_list("topic")
        .annotate(n=Count("receipt", distinct=True))
        .order_by()
    )
    counted |= dict(
        AnswerOwed.objects.filter(
            topic__in=topics, topic__key__startswith="theme:", contribution__withdrawn_on=None
        )
        .exclude(state=Owed.WITHDRAWN)
        .values_list("topic")
        .annotate(n=Count("receipt", distinct=True))
        .order_by()
    )
    subjects = {source.topic.source for source in sources if source.topic_id}
    surveys = {promise.subject: promise.title for promise in Promise.objects.filter(subject__in=subjects)}
    readable = set(
        Contribution.objects.visible_to(request.user)
        .filter(pk__in=[source.contribution_id for source in sources if source.contribution_id])
        .filter(reading=Reading.CLEAR, withdrawn_on=None)
        .values_list("pk", flat=True)
    )
    shown: dict[Any, dict[str, Any]] = {}
    for source in sources:
        shown.setdefault(
            source.topic_id or source.contribution_id,
            {
                "source": source,
                "topic": source.topic,
                "text": source.contribution if source.contribution_id in readable else None,
                "people": counted.get(source.topic_id, 0) if source.topic_id else 1,
                "survey": surveys.get(source.topic.source, {}) if source.topic_id else {},
                "came_with": source.origin if source.origin_id != need.pk else None,
            },
        )
    return sorted(shown.values(), key=lambda one: (-one["people"], one["source"].pk))


def _quoted_texts(request: HttpRequest, need: Need) -> dict[str, Any]:
    """Masked texts that were read and marked as not sensitive."""
    texts = (
        Contribution.objects.visible_to(request.user)
        .texts()
        .filter(Sources.of(need).texts_filter(), reading=Reading.CLEAR)
        .exclude(masked_text="")
        .order_by("-said_on", "pk")
    )
    found = list(texts[: MAX_QUOTED_TEXTS + 1])
    return {"shown": found[:MAX_QUOTED_TEXTS], "more": len(found) > MAX_QUOTED_TEXTS}


def _shown_link(request: HttpRequest, link: NeedLink) -> dict[str, Any]:
    """The target of a link. Only coordinators see whose offer it is; others read that something was offered."""
    language = get_language() or ""
    shown: dict[str, Any] = {
        "link": link,
        "kind": link.get_kind_display(),
        "name": "",
        "about": "",
        "url": "",
    }
    if link.kind == LinkKind.OFFER:
        if Offer.objects.visible_to(request.user).filter(pk=link.offer_id).exists():
            shown |= {
                "name": link.offer.what,
                "about": link.offer.masked_words,
                "url": reverse("hand", args=[link.offer_id]),
            }
            if link.offer.party:
                shown["name"] = f"{link.offer.party}: {link.offer.what}"
    elif link.kind == LinkKind.PLACE:
        url = reverse("place_change", args=[link.place_id])
        shown |= {"name": link.place.name, "about": link.place.free, "url": url}
    elif link.kind == LinkKind.INITIATIVE:
        one = link.initiative
        url = reverse("initiative", args=[one.pk])
        shown |= {"name": one.label, "about": pick(one.description, language), "url": url}
    elif link.kind == LinkKind.APPROACH:
        if entry := find_approach(link.approach):
            one, url = entry.approach, reverse("approach", args=[link.approach])
            shown |= {"name": pick(one.name, language), "about": pick(one.answers, language), "url": url}
    else:
        one = link.decision
        shown |= {"name": pick(one.title, language), "about": pick(one.decided, language)}
        shown["url"] = reverse("followup_progress", args=[one.pk])
    return shown


def _underrepresented_ages(need: Need) -> str:
    """Ages that took part for less than half their share in the last survey here: a hint for “who is missing”."""
    bands = advice_for(need.area).inputs.left_behind or ()
    return AGES_MISSING % {"ages": ", ".join(bands)} if bands else ""


def _answers(request: HttpRequest, need: Need) -> list[dict[str, Any]]:
    """Per survey or talk: a link to answer the people who still wait for an answer about this."""
    if not request.desk.has(Role.EDITOR):
        return []
    topics = Sources.of(need).topics
    waiting = audience.answerable(AnswerOwed.objects.filter(topic__in=topics), request.user)
    named: dict[tuple[str, int], set[str]] = defaultdict(set)
    for source, area, key in waiting.values_list("topic__source", "topic__area", "topic__key").distinct():
        named[source, area].add(key)
    # One answer goes to everybody who named one of these topics in one of these areas, so areas with other
    # topics are separate.
    alike: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for (source, area), keys in sorted(named.items()):
        alike[source, tuple(sorted(keys))].append(area)
    if not alike:
        return []
    titles = {
        promise.subject: promise.title
        for promise in Promise.objects.filter(subject__in={source for source, _keys in alike})
    }
    names = dict(Area.objects.filter(pk__in={area for _source, area in named}).values_list("pk", "name"))
    several = Counter(source for source, _keys in alike)
    return [
        {
            "survey": titles.get(source, {}),
            "areas": [names[area] for area in areas] if several[source] > 1 else [],
            "people": waiting.filter(topic__source=source, topic__area__in=areas)
            .values("receipt")
            .distinct()
            .count(),
            "url": answer_url(source=source, key=keys, area=areas),
        }
        for (source, keys), areas in sorted(alike.items())
    ]


# Sources and links of a need, merging and splitting.


def _return_url(request: HttpRequest, need: Need) -> str:
    """To the list if the button was there, else to the need."""
    if request.POST.get("back") == "list":
        return reverse("needs") + "?link=none"
    return reverse("need", args=[need.pk])


def _action(request: HttpRequest, need: Need, action: Callable[[], Any], said: str) -> HttpResponseBase:
    return dispatch(request, {"": action}, "", back=_return_url(request, need), said=said)


@staff(Role.COORDINATOR)
@require_POST
def need_link(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    form = LinkForm(request.POST)
    what = form.cleaned_data["what"] if form.is_valid() else ""
    return _action(
        request, need, lambda: need_sources.link_need(need=need, what=what, by=request.user), _("Linked.")
    )


@staff(Role.COORDINATOR)
@require_POST
def need_unlink(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    given = request.POST.get("link", "")
    link = need.links.filter(pk=given).first() if is_id(given) else None
    if link is None:  # removed already, perhaps by a double press
        return redirect("need", pk=need.pk)
    return _action(
        request, need, lambda: need_sources.unlink(link=link, by=request.user), _("No longer linked.")
    )


@staff(Role.COORDINATOR)
@require_POST
def need_source_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    given = request.POST.get("remove", "")
    source = need.sources.filter(pk=given).first() if is_id(given) else None
    if source is None:
        return redirect("need", pk=need.pk)
    return _action(
        request,
        need,
        lambda: need_sources.remove_source(need=need, source=source, by=request.user),
        _("Taken away. The number of people follows."),
    )


@staff(Role.COORDINATOR)
@require_POST
def need_merge(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    form = MergeNeedForm(
        request.POST, needs=Need.objects.standing().filter(area__in=mine).exclude(pk=need.pk)
    )
    if form.is_valid():
        try:
            into = need_sources.merge(need=need, into=form.cleaned_data["into"], by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
            need.refresh_from_db()
            return need_page(request, need, status=status, into_form=form)
        messages.success(
            request, _("Taken together. It can be undone from the page of the one that was taken in.")
        )
        return redirect("need", pk=into.pk)
    return need_page(request, need, status=422, into_form=form)


@staff(Role.COORDINATOR)
@require_POST
def need_undo_merge(request: HttpRequest, pk: int) -> HttpResponseBase:
    need = find_need(request, pk, to_change=True)
    return _action(
        request,
        need,
        lambda: need_sources.undo_merge(need=need, by=request.user),
        _("It stands alone again, with what it came with."),
    )


@staff(Role.COORDINATOR)
@require_POST
def need_split(request: HttpRequest, pk: int) -> HttpResponse:
    need = find_need(request, pk, to_change=True)
    form = SplitForm(request.POST, languages=municipality_languages())
    if form.is_valid():
        chosen = [int(one) for one in request.POST.getlist("source")[:500] if is_id(one)]
        try:
            part = need_sources.split(need=need, sources=chosen, title=form.texts("title"), by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, InvalidTransition) else 422
            need.refresh_from_db()
            return need_page(request, need, status=status, split_form=form)
        messages.success(request, _("Taken apart: this is the new need."))
        return redirect("need", pk=part.pk)
    return need_page(request, need, status=422, split_form=form)
