"""The listening desk: open answers, one after another. Nothing is public or quoted without a reader."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback.forms.listening import ListenForm
from feedback.hints import find_signals
from feedback.models import Contribution, Promise
from feedback.services import listen as service
from feedback.states import ContributionKind, Handover, Reading
from neighbourhoods.access import require, staff
from neighbourhoods.errors import DomainError, InvalidTransition
from neighbourhoods.states import Role


@staff(Role.COORDINATOR)
@require_GET
def listening(request: HttpRequest) -> HttpResponse:
    """The oldest text that nobody read yet, or the street when all are read."""
    first = _ahead(request, None)
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
    form = ListenForm(request.POST, contribution=found)
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
    except InvalidTransition as error:
        # What was chosen is kept and what the colleague found stands beside it: saving again is a choice.
        found.refresh_from_db()
        again = request.POST.copy()
        again["seen"] = str(found.revision)
        return _page(request, found, ListenForm(again, contribution=found), colleague=str(error))
    except DomainError as error:
        form.add_error("handover", str(error))
        return _page(request, found, form)
    following = _ahead(request, found)
    messages.success(request, _("Kept. On to the next one.") if following else _("Kept."))
    query = _query(request)
    return redirect(
        reverse("listen_to", args=[following.pk]) + query if following else reverse("listening") + query
    )


@staff(Role.COORDINATOR)
@require_POST
def unmask(request: HttpRequest, pk: str) -> HttpResponse:
    """What was masked, for once. That somebody looked is kept."""
    found = _text(request, pk)
    require(request, Role.COORDINATOR, found.topic.area)
    return _page(request, found, unmasked=service.show_unmasked(contribution=found, by=request.user))


def _texts(request: HttpRequest) -> QuerySet[Contribution]:
    return Contribution.objects.visible_to(request.user).filter(
        kind__in=[ContributionKind.TEXT, ContributionKind.REACTION], withdrawn_on=None
    )


def _text(request: HttpRequest, pk: str) -> Contribution:
    return get_object_or_404(_texts(request).select_related("topic__area", "read_by"), pk=pk)


def _source(request: HttpRequest) -> str:
    return request.GET.get("source", "").replace("\0", "")


def _query(request: HttpRequest) -> str:
    return f"?{urlencode({'source': _source(request)})}" if _source(request) else ""


def _unread(request: HttpRequest) -> QuerySet[Contribution]:
    unread = _texts(request).unread()
    return unread.filter(topic__source=_source(request)) if _source(request) else unread


def _ahead(request: HttpRequest, here: Contribution | None) -> Contribution | None:
    """The unread text after this one in the order of the queue, else the first of all but this one."""
    queue = _unread(request).select_related("topic__area", "read_by").order_by("said_on", "pk")
    if here is None:
        return queue.first()
    queue = queue.exclude(pk=here.pk)
    later = queue.filter(said_on__gt=here.said_on) | queue.filter(said_on=here.said_on, pk__gt=here.pk)
    return later.first() or queue.first()


def _sources(request: HttpRequest) -> list[dict[str, Any]]:
    """How many texts are unread, per survey."""
    counts = dict(
        _texts(request).unread().order_by().values_list("topic__source").annotate(Count("pk", distinct=True))
    )
    titles = dict(Promise.objects.filter(subject__in=counts).values_list("subject", "title"))
    return [
        {
            "source": source,
            "title": titles.get(source, source),
            "count": count,
            "current": source == _source(request),
        }
        for source, count in sorted(counts.items())
    ]


def _page(
    request: HttpRequest,
    found: Contribution,
    form: ListenForm | None = None,
    *,
    colleague: str = "",
    unmasked: str = "",
) -> HttpResponse:
    following = _ahead(request, found)
    sources = _sources(request)
    context = {
        "text": found,
        "found_themes": [] if found.reading == Reading.UNREAD else list(found.themes.all()),
        "form": form or ListenForm(contribution=found),
        "colleague": colleague,
        "unmasked": unmasked,
        "hints": [
            (Handover(str(signal.topic)).label, found.masked_text[signal.start : signal.end])
            for signal in find_signals(found.masked_text)
        ],
        "is_masked": found.masked_text != found.text,
        "skip_url": reverse("listen_to", args=[following.pk]) + _query(request) if following else "",
        "post_url": reverse("listen_to", args=[found.pk]) + _query(request),
        "unmask_url": reverse("listening_unmask", args=[found.pk]) + _query(request),
        "sources": sources,
        "unread": sum(source["count"] for source in sources),
        "debts": found.owed.select_related("topic", "owner").order_by("pk"),
        "may": request.desk.can(Role.COORDINATOR, [found.topic.area]),
    }
    return render(request, "feedback/listening.html", context)
