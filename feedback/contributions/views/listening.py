"""The listening desk: texts one by one. Nothing is published or quoted before a person read it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Receipt
from core.errors import DomainError, InvalidTransition
from core.ids import is_id
from feedback.contributions.forms import ListenForm
from feedback.contributions.services import contributions, suggestions
from feedback.contributions.services import listening as service
from feedback.contributions.services.contributions import surveys_of
from feedback.models import Contribution, ContributionTheme, is_for_second, with_second_look
from feedback.states import ContributionKind, Reading
from feedback.words import look_twice
from neighbourhoods.access import require, staff
from neighbourhoods.areas.maps import Map
from neighbourhoods.areas.services.spots import map_of
from neighbourhoods.models import Area, Theme
from neighbourhoods.states import Power, Role


@staff(Role.COORDINATOR)
@require_GET
def listening(request: HttpRequest) -> HttpResponse:
    """The first text in the queue, or an empty page when all are read."""
    first = _shown(request, _unread(request)).first()
    if first is None:
        sources = _sources(request)
        return render(
            request, "feedback/listening_empty.html", {"sources": sources, "source": _source(request)}
        )
    return _page(request, first)


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "POST"])
def listen_to(request: HttpRequest, pk: str) -> HttpResponse:
    found = _text(request, pk)
    if request.method == "GET":
        return _page(request, found)
    require(request, Role.COORDINATOR, found.topic.area)
    form = ListenForm(request.POST, contribution=found, themes=_themes(found))
    if not form.is_valid():
        return _page(request, found, form)
    try:
        service.listen(
            contribution=found,
            seen=form.cleaned_data["seen"],
            reading=form.cleaned_data["reading"],
            themes=list(form.cleaned_data["themes"]),
            hide=form.cleaned_data["hide"],
            handover=form.cleaned_data["handover"],
            by=request.user,
        )
    except Receipt.DoesNotExist:
        messages.info(request, _("Whoever wrote that text erased it in the meantime. Nothing is left to do."))
        return redirect(reverse("listening") + _query(request))
    except InvalidTransition as error:
        # Keep the user's choices and show the colleague's; saving again overwrites deliberately.
        found.refresh_from_db()
        again = request.POST.copy()
        again["seen"] = str(found.revision)
        form = ListenForm(again, contribution=found, themes=_themes(found))
        return _page(request, found, form, colleague=str(error))
    except DomainError as error:
        form.add_error("handover", str(error))
        return _page(request, found, form)
    following = _following(request, found)
    messages.success(request, _("Kept. On to the next one.") if following else _("Kept."))
    query = _query(request)
    return redirect(
        reverse("listen_to", args=[following]) + query if following else reverse("listening") + query
    )


@staff(Role.COORDINATOR)
@require_POST
def unmask(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the unmasked text once. Logs who looked."""
    found = _text(request, pk)
    require(request, Role.COORDINATOR, found.topic.area)
    return _page(request, found, unmasked=service.show_unmasked(contribution=found, by=request.user))


@staff(Role.COORDINATOR)
@require_POST
def listening_quote(request: HttpRequest, pk: str) -> HttpResponse:
    found = _text(request, pk)
    require(request, Role.COORDINATOR, found.topic.area)
    seen = request.POST.get("seen", "")
    chosen = request.POST.get("action") == "choose"
    try:
        contributions.choose_quote(
            contribution=found, seen=int(seen) if is_id(seen) else 0, chosen=chosen, by=request.user
        )
    except InvalidTransition as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Chosen as a quote.") if chosen else _("No longer a quote."))
    return redirect(reverse("listen_to", args=[found.pk]) + _query(request))


def _texts(request: HttpRequest) -> QuerySet[Contribution]:
    return Contribution.objects.visible_to(request.user).texts()


def _shown(request: HttpRequest, texts: QuerySet[Contribution]) -> QuerySet[Contribution]:
    """Load everything the page shows of a text with it."""
    mine = Area.objects.where(request.user, least=Power.COORDINATOR)
    return with_second_look(texts.select_related("topic__area", "read_by", "place")).annotate(
        is_mine=Q(topic__area__in=mine)
    )


def _text(request: HttpRequest, pk: str) -> Contribution:
    return get_object_or_404(_shown(request, _texts(request)), pk=pk)


def _themes(found: Contribution) -> list[Any]:
    """The themes to choose from, annotated with `given`; retired ones only if given."""
    given = ContributionTheme.objects.filter(contribution=found, theme=OuterRef("pk"))
    return [
        theme for theme in Theme.objects.annotate(given=Exists(given)) if theme.given or not theme.retired_on
    ]


def _source(request: HttpRequest) -> str:
    return request.GET.get("source", "").replace("\0", "")


def _query(request: HttpRequest) -> str:
    return f"?{urlencode({'source': _source(request)})}" if _source(request) else ""


def _unread(request: HttpRequest) -> QuerySet[Contribution]:
    unread = _texts(request).to_read()
    return unread.filter(topic__source=_source(request)) if _source(request) else unread


def _following(request: HttpRequest, here: Contribution) -> UUID | None:
    """The next unread text in the queue, else the first other one; None if there is none."""
    queue = _unread(request).exclude(pk=here.pk)
    later = Q(said_on__gt=here.said_on) | Q(said_on=here.said_on, pk__gt=here.pk)
    later &= Q(may_be_danger=here.may_be_danger)
    if here.may_be_danger:
        later |= Q(may_be_danger=False)
    first, next_ = queue.values("pk")[:1], queue.filter(later).values("pk")[:1]
    found = list(queue.filter(Q(pk__in=first) | Q(pk__in=next_)).values_list("pk", flat=True))
    return found[-1] if found else None


def _sources(request: HttpRequest) -> list[dict[str, Any]]:
    """Unread texts per survey, and how many may be about danger."""
    counted = (
        _texts(request)
        .unread()
        .order_by()
        .values_list("topic__source")
        .annotate(
            n=Count("pk", distinct=True), danger=Count("pk", distinct=True, filter=Q(may_be_danger=True))
        )
    )
    counts = {source: (count, danger) for source, count, danger in counted}
    surveys = surveys_of(counts) if counts else {}
    return [
        {
            "source": source,
            "title": surveys.get(source, (source, ""))[0],
            "apart": surveys.get(source, (source, ""))[1],
            "count": count,
            "danger": danger,
            "current": source == _source(request),
        }
        for source, (count, danger) in sorted(counts.items())
    ]


def _spot(found: Contribution) -> tuple[Map, tuple[int, int]] | None:
    """The map and the point on it: of the topic's area, or of the municipality if the point lies outside."""
    if found.longitude is None or found.latitude is None:
        return None
    near = map_of([found.topic.area_id])
    if near is None or not near.holds(found.longitude, found.latitude):
        near = map_of(None)
    return (near, near.at(found.longitude, found.latitude)) if near else None


def _ticked(request: HttpRequest) -> list[str]:
    """Slugs of suggested themes that the reader takes over: preselected, saved with the form."""
    return request.GET.get("tick", "")[:500].split(",") if request.GET.get("tick") else []


def _suggested(found: Contribution, themes: list[Any]) -> dict[str, Any]:
    """Suggested themes with the words that support them; none for a text that was read."""
    if found.reading != Reading.UNREAD:
        return {}
    row = {"pk": found.pk, "masked_text": found.masked_text, "language": found.language}
    ones = suggestions.for_texts([row], themes).get(found.pk, [])
    names = {theme.slug: theme.name for theme in themes}
    return {
        "themes": [(names[one.label], one.words) for one in ones],
        "tick": ",".join(one.label for one in ones),
    }


def _page(
    request: HttpRequest,
    found: Contribution,
    form: ListenForm | None = None,
    *,
    colleague: str = "",
    unmasked: str = "",
) -> HttpResponse:
    following = _following(request, found)
    sources = _sources(request)
    here = _source(request)
    danger = any(one["danger"] for one in sources if not here or one["current"])
    themes = _themes(found)
    context = {
        "text": found,
        "found_themes": [] if found.reading == Reading.UNREAD else [theme for theme in themes if theme.given],
        "form": form or ListenForm(contribution=found, themes=themes, ticked=_ticked(request)),
        "colleague": colleague,
        "unmasked": unmasked,
        "hints": look_twice(found.masked_text),
        "spot": _spot(found),
        "danger_first": not found.may_be_danger and danger,
        "first_url": reverse("listening") + _query(request),
        "is_masked": found.masked_text != found.text,
        "skip_url": reverse("listen_to", args=[following]) + _query(request) if following else "",
        "post_url": reverse("listen_to", args=[found.pk]) + _query(request),
        "unmask_url": reverse("listening_unmask", args=[found.pk]) + _query(request),
        "sources": sources,
        "source": here,
        "unread": sum(source["count"] for source in sources),
        "debts": found.owed.select_related("topic", "owner").order_by("pk"),
        "suggested": _suggested(found, themes),
        "quote_url": reverse("listening_quote", args=[found.pk]) + _query(request),
        "can_quote": found.kind == ContributionKind.TEXT and found.reading == Reading.CLEAR,
        "again_url": reverse("listen_again", args=[found.pk]) if is_for_second(found, request.user) else "",
        "may": found.is_mine,
    }
    return render(request, "feedback/listening.html", context, status=422 if form else 200)
