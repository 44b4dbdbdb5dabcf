"""All texts in a list: unread and read ones, and reading several at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.i18n import pick
from feedback.contributions.forms import FindForm, ManyForm, chosen
from feedback.contributions.services import suggestions
from feedback.contributions.services.listening import LISTENING_BATCH_SIZE, listen_to_many
from feedback.models import Contribution, ContributionTheme, Promise, Topic, to_read_again
from feedback.states import Handover, Reading
from neighbourhoods.access import staff
from neighbourhoods.models import Area, Theme
from neighbourhoods.states import Power, Role

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
    return _page(request, ManyForm())


@staff(Role.COORDINATOR)
@require_POST
def listening_many(request: HttpRequest) -> HttpResponse:
    """Add themes to the chosen texts. Each is saved or skipped by itself."""
    form = ManyForm(request.POST)
    rows = chosen(request.POST.getlist("text"))
    if not rows:
        form.add_error(None, _("Choose the texts first: the box before each of them."))
    elif len(rows) > LISTENING_BATCH_SIZE:
        form.add_error(None, _("Choose at most %(most)d texts at once.") % {"most": LISTENING_BATCH_SIZE})
    if not form.is_valid():
        return _page(request, form, ticked={str(row.pk) for row in rows})
    found = listen_to_many(
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
    if found.kept:
        kept = ngettext("%(n)d text kept.", "%(n)d texts kept.", found.kept)
        messages.success(request, kept % {"n": found.kept})
    skipped = [
        (found.stale, _("changed in the meantime (a colleague was first); look at what stands there now")),
        (found.danger, _("may be about danger; read those one by one")),
        (found.undecided, _("nobody read yet; say whether they may be repeated")),
        (found.gone, _("erased or withdrawn in the meantime, or not yours to read")),
    ]
    told = [f"{n}: {why}" for n, why in skipped if n]
    if told:
        messages.warning(request, _("Skipped: %(what)s.") % {"what": "; ".join(told)})


def _page(request: HttpRequest, form: ManyForm, ticked: Iterable[str] = ()) -> HttpResponse:
    language = get_language() or ""
    themes = list(Theme.objects.all())
    areas = list(Area.objects.where(request.user, least=Power.COORDINATOR).order_by("name"))
    find = FindForm(request.GET, themes=themes, areas=areas, sources=_sources(request, language))
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


def _sources(request: HttpRequest, language: str) -> list[tuple[str, str]]:
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
    kept_apart = set(to_read_again(request.user).filter(pk__in=pks).values_list("pk", flat=True))
    # Only for as many as can be saved at once; a thousand would take too long.
    unread = [row for row in page if row["reading"] == Reading.UNREAD]
    suggest = suggestions.for_texts(unread[:LISTENING_BATCH_SIZE], themes)
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
