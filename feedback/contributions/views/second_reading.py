"""Double reading of a share of the texts: agreement of the readers, and their differences."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Receipt
from core.actions import form_status
from core.errors import InvalidTransition
from core.i18n import pick
from feedback.contributions.forms import SecondReadingForm, SettleForm, ShareForm
from feedback.contributions.labelling import Agreement, agreement_per_label
from feedback.contributions.services import listening as service
from feedback.models import Contribution, DoubleReadingShare, Promise, SecondReading, texts_to_read_again
from neighbourhoods.access import require, staff
from neighbourhoods.models import Theme
from neighbourhoods.states import Role

GOOD, FAIR = 0.6, 0.4
MOST_TO_SETTLE = 20
MOST_READINGS = 5_000


@staff(Role.COORDINATOR)
@require_GET
def listening_second(request: HttpRequest) -> HttpResponse:
    """All surveys, or one: the share, the agreement, and the differences."""
    language = get_language() or ""
    source = request.GET.get("source", "").replace("\0", "")
    readings = SecondReading.objects.visible_to(request.user)
    looks = list(DoubleReadingShare.objects.all())
    waiting = texts_to_read_again(request.user, looks)
    promises = Promise.objects.filter(
        subject__in=Contribution.objects.visible_to(request.user).texts().values("topic__source")
    ).order_by("-pk")
    if source:
        readings = readings.filter(contribution__topic__source=source)
        waiting = waiting.filter(topic__source=source)
    themes = {theme.pk: pick(theme.name, language) for theme in Theme.objects.all()}
    shares = {look.source: look.percent for look in looks}
    first, n_waiting = waiting.annotate(n=Window(Count("pk"))).order_by("said_on", "pk").values_list(
        "pk", "n"
    ).first() or (None, 0)
    sums = readings.aggregate(
        n=Count("pk"),
        same=Count("pk", filter=Q(agrees=True)),
        to_settle=Count("pk", filter=SecondReading.objects.to_settle_q()),
    )
    whole, found, differ = _agreement(readings, themes, sums["to_settle"])
    polls = [
        {
            "source": promise.subject,
            "title": pick(promise.title, language),
            "percent": shares.get(promise.subject, 0),
            "form": ShareForm(
                initial={"source": promise.subject, "percent": shares.get(promise.subject, 0)},
                auto_id=f"%s-{promise.pk}",
            ),
        }
        for promise in promises
    ]
    context = {
        "polls": polls,
        "source": source,
        "title": next((poll["title"] for poll in polls if poll["source"] == source), ""),
        "waiting": n_waiting,
        "again_url": reverse("listen_again", args=[first]) + _query(source) if first else "",
        **sums,
        "whole": _told(whole),
        "per_theme": [
            {"name": themes.get(int(pk), ""), "both": one.both, "one": one.only_first + one.only_second}
            | _told(one)
            for pk, one in sorted(found.items(), key=lambda item: themes.get(int(item[0]), ""))
        ],
        "differ": differ,
        "query": _query(source),
    }
    return render(request, "feedback/listening_second.html", context)


def _agreement(
    readings: QuerySet[SecondReading], themes: dict[int, str], to_settle: int
) -> tuple[Agreement, dict[str, Agreement], list[dict[str, Any]]]:
    """Agreement overall and per theme, and the readings that differ."""
    newest = list(readings.order_by("-pk").values_list("pk", flat=True)[:MOST_READINGS])
    rows = readings.to_settle().select_related("contribution__topic__area", "first", "second").order_by("pk")
    differ = list(rows[:MOST_TO_SETTLE]) if to_settle else []
    first, second = (
        _found(side.through, {*newest, *(row.pk for row in differ)})
        for side in (SecondReading.first_themes, SecondReading.second_themes)
    )
    whole, per_theme = agreement_per_label((frozenset(first[pk]), frozenset(second[pk])) for pk in newest)
    told = [
        {
            "text": row.contribution,
            "first_by": row.first,
            "second_by": row.second,
            "first": [name for pk, name in themes.items() if str(pk) in first[row.pk]],
            "second": [name for pk, name in themes.items() if str(pk) in second[row.pk]],
        }
        for row in differ
    ]
    return whole, per_theme, told


def _found(side: Any, readings: set[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    if readings:
        for pk, theme in side.objects.filter(secondreading__in=readings).values_list(
            "secondreading", "theme"
        ):
            found[pk].add(str(theme))
    return found


def _told(one: Agreement) -> dict[str, Any]:
    """Kappa, and its meaning in a plain sentence."""
    kappa = one.kappa
    if kappa is None:
        return {"kappa": "", "means": _("cannot be said yet")}
    if kappa >= GOOD:
        means = _("good enough to build on")
    elif kappa >= FAIR:
        means = _("fair; talk about what the theme means")
    else:
        means = _("poor: the two mean different things by it")
    return {"kappa": number_format(round(kappa, 2), decimal_pos=2), "means": means, "low": kappa < FAIR}


@staff(Role.COORDINATOR)
@require_POST
def second_reading_set_share(request: HttpRequest) -> HttpResponse:
    form = ShareForm(request.POST)
    wrote = Contribution.objects.visible_to(request.user).texts()
    source = request.POST.get("source", "").replace("\0", "")
    # Only for surveys with texts that the user may read.
    known = Promise.objects.filter(subject__in=wrote.values("topic__source")).filter(subject=source).exists()
    if known and form.is_valid():
        service.set_share(source=source, percent=form.cleaned_data["percent"], by=request.user)
        messages.success(request, _("Kept."))
    else:
        messages.error(request, _("Choose one of the parts in the list."))
    return redirect(reverse("listening_second") + _query(source if known else ""))


@staff(Role.COORDINATOR)
@require_http_methods(["GET", "POST"])
def listen_again(request: HttpRequest, pk: str) -> HttpResponse:
    """One text for its second reader, without the first reader's result."""
    found = _text(request, pk)
    source = request.GET.get("source", "").replace("\0", "")
    require(request, Role.COORDINATOR, found.topic.area)
    form = SecondReadingForm(request.POST if request.method == "POST" else None, contribution=found)
    if request.method == "POST" and form.is_valid():
        try:
            service.save_second_reading(
                contribution=found,
                seen=form.cleaned_data["seen"],
                themes=list(form.cleaned_data["themes"]),
                by=request.user,
            )
        except (InvalidTransition, Receipt.DoesNotExist) as error:
            gone = _("Whoever wrote that text erased it in the meantime. Nothing is left to do.")
            messages.warning(request, str(error) if isinstance(error, InvalidTransition) else gone)
            return redirect(reverse("listening_second") + _query(source))
        waiting = texts_to_read_again(request.user).order_by("said_on", "pk")
        if source:
            waiting = waiting.filter(topic__source=source)
        following = waiting.values_list("pk", flat=True).first()
        messages.success(request, _("Kept. On to the next one.") if following else _("Kept."))
        url = reverse("listen_again", args=[following]) if following else reverse("listening_second")
        return redirect(url + _query(source))
    context = {
        "text": found,
        "form": form,
        "mine": texts_to_read_again(request.user).filter(pk=found.pk).exists(),
        "post_url": reverse("listen_again", args=[found.pk]) + _query(source),
        "back_url": reverse("listening_second") + _query(source),
    }
    return render(request, "feedback/listen_again.html", context, status=form_status(form))


@staff(Role.COORDINATOR)
@require_POST
def listening_settle(request: HttpRequest, pk: str) -> HttpResponse:
    found = _text(request, pk)
    require(request, Role.COORDINATOR, found.topic.area)
    form = SettleForm(request.POST)
    reading = SecondReading.objects.filter(contribution=found).first()
    if not form.is_valid() or reading is None:
        messages.error(request, _("Choose what the text is about."))
    else:
        take = form.cleaned_data["take"]
        themes = {*reading.first_themes.all()} if take != "second" else set()
        themes |= {*reading.second_themes.all()} if take != "first" else set()
        try:
            service.settle_second_reading(
                contribution=found, seen=form.cleaned_data["seen"], themes=list(themes), by=request.user
            )
            messages.success(request, _("Settled."))
        except InvalidTransition as error:
            messages.warning(request, str(error))
        except Receipt.DoesNotExist:
            messages.warning(
                request, _("Whoever wrote that text erased it in the meantime. Nothing is left to do.")
            )
    return redirect(reverse("listening_second") + _query(request.GET.get("source", "").replace("\0", "")))


def _text(request: HttpRequest, pk: str) -> Contribution:
    texts = Contribution.objects.visible_to(request.user).texts()
    return get_object_or_404(texts.select_related("topic__area"), pk=pk)


def _query(source: str) -> str:
    return f"?{urlencode({'source': source})}" if source else ""
