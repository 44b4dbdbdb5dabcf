"""The listening desk: texts one by one. Nothing is published or quoted before a person read it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Receipt
from core.errors import DomainError, InvalidTransition
from core.i18n import pick
from core.rows import is_id
from feedback.contributions.forms import FindForm, ListenForm, ManyForm, parse_ticked_rows
from feedback.contributions.services import contributions, suggestions
from feedback.contributions.services import listening as service
from feedback.contributions.services.contributions import surveys_of
from feedback.contributions.services.listening import LISTENING_BATCH_SIZE, save_readings
from feedback.models import (
    Contribution,
    ContributionTheme,
    Promise,
    Topic,
    is_for_second,
    texts_to_read_again,
    with_second_look,
)
from feedback.states import ContributionKind, Handover, Reading
from feedback.words import find_warning_words
from neighbourhoods.access import require, staff
from neighbourhoods.areas.maps import Map
from neighbourhoods.areas.services import map_of
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
        service.save_reading(
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
    ones = suggestions.suggestions_for_texts([row], themes).get(found.pk, [])
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
        "hints": find_warning_words(found.masked_text),
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


# All texts in a list: unread and read ones, and reading several at once.


PAGE, LONG_PAGE = 50, 1_000
_ROW_FIELDS = (
    "pk", "revision", "masked_text", "language", "said_on", "reading", "handover", "may_be_danger",
    "quoted_on", "read_by", "topic__area__name", "topic__source",
)  # fmt: skip


@dataclass(frozen=True)
class ListeningRow:
    """One text ready to display; kept light, as a page may have a thousand."""

    url: str
    value: str
    text: str
    language: str
    themes: str
    about: str  # where and when, the reading, and the themes
    suggested: str
    danger: bool
    ticked: bool


@staff(Role.COORDINATOR)
@require_GET
def listening_list(request: HttpRequest) -> HttpResponse:
    return _list_page(request, ManyForm())


@staff(Role.COORDINATOR)
@require_POST
def listening_many(request: HttpRequest) -> HttpResponse:
    """Add themes to the chosen texts. A text that can no longer be saved is skipped."""
    form = ManyForm(request.POST)
    rows = parse_ticked_rows(request.POST.getlist("text"))
    if not rows:
        form.add_error(None, _("Choose the texts first: the box before each of them."))
    elif len(rows) > LISTENING_BATCH_SIZE:
        form.add_error(None, _("Choose at most %(most)d texts at once.") % {"most": LISTENING_BATCH_SIZE})
    if not form.is_valid():
        return _list_page(request, form, ticked={str(row.pk) for row in rows})
    found = save_readings(
        chosen=rows,
        themes=list(form.cleaned_data["themes"]),
        reading=form.cleaned_data["reading"],
        suggested=form.cleaned_data["suggested"],
        by=request.user,
    )
    _tell(request, found)
    query = request.GET.urlencode()
    return redirect(reverse("listening_list") + (f"?{query}" if query else ""))


def _tell(request: HttpRequest, found: Any) -> None:
    if found.saved:
        kept = ngettext("%(n)d text kept.", "%(n)d texts kept.", found.saved)
        messages.success(request, kept % {"n": found.saved})
    skipped = [
        (found.stale, _("changed in the meantime (a colleague was first); look at what stands there now")),
        (found.danger, _("may be about danger; read those one by one")),
        (found.undecided, _("nobody read yet; say whether they may be repeated")),
        (found.missing, _("erased or withdrawn in the meantime, or not yours to read")),
    ]
    told = [f"{n}: {why}" for n, why in skipped if n]
    if told:
        messages.warning(request, _("Skipped: %(what)s.") % {"what": "; ".join(told)})


def _list_page(request: HttpRequest, form: ManyForm, ticked: Iterable[str] = ()) -> HttpResponse:
    language = get_language() or ""
    themes = list(Theme.objects.all())
    areas = list(Area.objects.where(request.user, least=Power.COORDINATOR).order_by("name"))
    find = FindForm(request.GET, themes=themes, areas=areas, sources=_list_sources(request, language))
    asked = find.asked
    most = LONG_PAGE if request.GET.get("long") else PAGE
    state = asked.get("state") or "unread"
    texts = _after(_found(request, asked, state), request.GET.get("after", ""))
    found = list(texts.order_by("-may_be_danger", "said_on", "pk").values(*_ROW_FIELDS)[: most + 1])
    page, more = found[:most], found[most:]
    rows = _rows(request, page, themes, set(ticked))
    query = {name: value for name, value in request.GET.items() if name != "after" and value}
    context = {
        "rows": rows,
        "find": find,
        "form": form,
        "asked": {name: value for name, value in asked.items() if (name, value) != ("state", "unread")},
        "many_url": reverse("listening_many") + (f"?{request.GET.urlencode()}" if request.GET else ""),
        "next_url": f"?{urlencode(query | {'after': _key(page[-1])})}" if more else "",
        "first_url": f"?{urlencode(query)}" if request.GET.get("after") else "",
        "long": most == LONG_PAGE,
        "long_url": f"?{urlencode(query | {'long': 1})}" if more and most == PAGE else "",
        # Translate once, not a thousand times.
        "danger": _("This may be about danger."),
        "open": _("Open"),
        "perhaps": _("Perhaps:"),
        "at_once": LISTENING_BATCH_SIZE,
        "with_suggestions": any(row.suggested for row in rows),
    }
    return render(
        request, "feedback/listening_list.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _list_sources(request: HttpRequest, language: str) -> list[tuple[str, str]]:
    """Surveys with texts that the user may read."""
    wrote = Contribution.objects.visible_to(request.user).texts().filter(topic=OuterRef("pk"))
    here = Topic.objects.filter(Exists(wrote)).values("source")
    return [
        (promise.subject, pick(promise.title, language))
        for promise in Promise.objects.filter(subject__in=here).order_by("-pk")
    ]


def _found(request: HttpRequest, asked: dict[str, str], state: str) -> QuerySet[Contribution]:
    texts = Contribution.objects.visible_to(request.user).texts()
    for word in asked.get("q", "").replace("\0", "").split()[:8]:
        texts = texts.filter(masked_text__icontains=word)
    if "theme" in asked:
        texts = texts.filter(
            Exists(ContributionTheme.objects.filter(contribution=OuterRef("pk"), theme__slug=asked["theme"]))
        )
    if "area" in asked:
        texts = texts.filter(topic__area__in=Area.objects.inside([int(asked["area"])]).values("pk"))
    if "source" in asked:
        texts = texts.filter(topic__source=asked["source"])
    read = ~Q(reading=Reading.UNREAD)
    given = Exists(ContributionTheme.objects.filter(contribution=OuterRef("pk")))
    return {
        "unread": lambda: texts.filter(reading=Reading.UNREAD),
        "read": lambda: texts.filter(read),
        "clear": lambda: texts.filter(reading=Reading.CLEAR),
        "sensitive": lambda: texts.filter(reading=Reading.SENSITIVE),
        "handed": lambda: texts.exclude(handover=Handover.NONE),
        "bare": lambda: texts.filter(read, ~given),
        "may_quote": lambda: texts.filter(may_quote_since__isnull=False, quoted_on=None),
        "quoted": lambda: texts.quotes(),
        "all": lambda: texts,
    }[state]()


def _key(row: dict[str, Any]) -> str:
    return f"{int(row['may_be_danger'])}~{row['said_on'].isoformat()}~{row['pk']}"


def _after(texts: QuerySet[Contribution], key: str) -> QuerySet[Contribution]:
    danger, _tilde, rest = key.partition("~")
    day, _tilde, pk = rest.partition("~")
    try:
        said_on, last = parse_date(day), UUID(pk)
    except ValueError:
        return texts
    if said_on is None:
        return texts
    alike = Q(may_be_danger=danger == "1")
    behind = alike & (Q(said_on__gt=said_on) | Q(said_on=said_on, pk__gt=last))
    return texts.filter(behind | Q(may_be_danger=False) if danger == "1" else behind)


def _rows(
    request: HttpRequest, page: list[dict[str, Any]], themes: list[Theme], ticked: set[str]
) -> list[ListeningRow]:
    language = get_language() or ""
    names = {theme.pk: pick(theme.name, language) for theme in themes}
    slugs = {theme.slug: names[theme.pk] for theme in themes}
    pks = [row["pk"] for row in page]
    given: dict[UUID, list[int]] = defaultdict(list)
    read = [row["pk"] for row in page if row["reading"] != Reading.UNREAD]
    if read:
        for pk, theme in (
            ContributionTheme.objects.filter(contribution__in=read)
            .order_by("theme__order", "theme__slug")
            .values_list("contribution", "theme")
        ):
            given[pk].append(theme)
    # A second reader must not see the first reader's result.
    kept_apart = set(texts_to_read_again(request.user).filter(pk__in=pks).values_list("pk", flat=True))
    # Only for as many as can be saved at once; a thousand would take too long.
    unread = [row for row in page if row["reading"] == Reading.UNREAD]
    suggest = suggestions.suggestions_for_texts(unread[:LISTENING_BATCH_SIZE], themes)
    nowhere = str(UUID(int=0))
    base = reverse("listen_to", args=[nowhere])
    days: dict[date, str] = {}
    readings = {str(value): str(label) for value, label in Reading.choices}

    def made(row: dict[str, Any]) -> ListeningRow:
        pk, said_on = row["pk"], row["said_on"]
        if said_on not in days:
            days[said_on] = date_format(said_on, "j F Y")
        found = suggest.get(pk, [])
        state = readings[row["reading"]]
        if row["quoted_on"]:
            state = f"{state}, {_('chosen as a quote')}"
        where = f"{row['topic__area__name']} · {days[said_on]}"
        of = (
            _("kept from you: read it a second time first")
            if pk in kept_apart
            else ", ".join(names[theme] for theme in given[pk])
        )
        return ListeningRow(
            url=base.replace(nowhere, str(pk)),
            value=f"{pk}~{row['revision']}~{','.join(one.label for one in found)}",
            text=row["masked_text"],
            language=row["language"],
            themes=of,
            about=f"{where} · {state} · {of}" if of else f"{where} · {state}",
            suggested="; ".join(f"{slugs[one.label]} ({', '.join(one.words)})" for one in found),
            danger=row["may_be_danger"] and row["reading"] == Reading.UNREAD,
            ticked=str(pk) in ticked,
        )

    return [made(row) for row in page]
