"""Panels of feedback for pages of the apps below it, and for the front page."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Receipt
from core.forms import native_language_name
from feedback.answers.services import talking_back
from feedback.answers.services.board import count_waiting
from feedback.answers.services.compose import own_languages
from feedback.answers.services.talking_back import when_and_where
from feedback.contributions.services.contributions import can_be_quoted, quotes
from feedback.models import AnswerOwed, FinalReport, Following, FollowUp, Promise, Topic
from feedback.models.contributions import IS_PAGE_ONLY, IS_TOLD
from feedback.record.services.public_record import PILL_BY_OUTCOME, PUBLIC_STATES, public_record
from feedback.record.services.said_data import POSTER_SIZES
from feedback.states import Outcome, Owed
from neighbourhoods.models import Area, TalkBack
from neighbourhoods.registries import Action, AreaCount, Measure, Panel, PanelPage, panel

_MAX_ROWS = 3
ANSWERS_SHOWN = 10


@panel(PanelPage.FRONT, "feedback", order=20)
def latest_answers_panel() -> Panel | None:
    """The latest answers, and what is late. Late answers are shown on purpose: hiding them is worse than
    being late."""
    record = public_record(at_most=_MAX_ROWS)
    late = [owed for owed in record.owed if owed.late]
    if not record.answers and not late:
        return None
    return Panel(
        title=_("You said, we did"),
        template="feedback/panels/lately.html",
        context={"told": record.answers, "late": late},
    )


def _put_back(backs: list[TalkBack]) -> Panel | None:
    if not backs:
        return None
    language = get_language() or "nl"
    return Panel(
        title=_("Before we decide: do you support this?"),
        template="feedback/panels/talking_back.html",
        context={"backs": [(back, when_and_where(back, language)) for back in backs]},
    )


@panel(PanelPage.RESIDENTS, "feedback.talking_back", order=80)
def area_talk_back_panel(area: Area) -> Panel | None:
    """On the page of a neighbourhood: results put back to residents before the decision."""
    return _put_back(talking_back.talk_backs_of_area(area))


@panel(PanelPage.RESIDENTS, "feedback", order=90)
def area_record_panel(area: Area) -> Panel | None:
    """On the page of a neighbourhood: what was promised there and what came of it."""
    record = public_record(at_most=ANSWERS_SHOWN, area=area)
    if not record.answers and not record.owed:
        return None
    return Panel(
        title=_("You said, we did"),
        template="feedback/panels/said_here.html",
        context={"area": area, "told": record.answers, "owed": record.owed},
    )


@panel(PanelPage.RESIDENTS, "feedback.reports", order=100)
def area_reports_panel(area: Area) -> Panel | None:
    """On the page of a neighbourhood: the newest final report of each trajectory."""
    inside = Area.objects.inside([area.pk]).values("pk")
    published = (
        FinalReport.objects.published().filter(trajectory__areas__in=inside).select_related("trajectory")
    )
    newest: dict[int, FinalReport] = {}
    for report in published.distinct().order_by("-published_at", "-version"):
        newest.setdefault(report.trajectory_id, report)
    if not newest:
        return None
    return Panel(
        title=_("From beginning to end"),
        template="feedback/panels/reported_here.html",
        context={"reports": list(newest.values())[:ANSWERS_SHOWN]},
    )


@panel(PanelPage.RESIDENTS, "feedback.following", order=110)
def follow_area_panel(area: Area) -> Panel:
    """Last on the page of a neighbourhood: follow its news without answering anything."""
    return Panel(title=_("Stay posted"), template="feedback/panels/stay_posted.html", context={"area": area})


@panel(PanelPage.PRIVATE, "feedback.talking_back", order=100)
def receipt_talk_back_panel(receipt: Receipt) -> Panel | None:
    """On the private page of a participant: the results, and whether they support them."""
    panel = _put_back(talking_back.talk_backs_of_receipt(receipt))
    # The template reads `panel.backs`, as neighbourhood pages pass the context as `panel`; do so here as well.
    return panel and replace(panel, context={"panel": panel.context})


@panel(PanelPage.PRIVATE, "feedback", order=110)
def followed_area_panel(receipt: Receipt) -> Panel | None:
    """On the private page of a follower of a neighbourhood."""
    following = Following.objects.filter(receipt=receipt).select_related("area").first()
    if following is None:
        return None
    return Panel(
        title=_("You follow a neighbourhood"),
        template="feedback/panels/you_follow.html",
        context={"area": following.area, "since": following.since},
    )


@panel(PanelPage.PRIVATE, "feedback.quotes", order=120)
def quoting_consent_panel(receipt: Receipt) -> Panel | None:
    """On the private page of somebody who wrote texts: a consent switch per text, off by default."""
    texts = [text for text in can_be_quoted(receipt).order_by("said_on", "slot") if text.text]
    if not texts:
        return None
    return Panel(
        title=_("May your words be read by others?"),
        template="feedback/panels/may_be_quoted.html",
        context={"texts": texts},
    )


@panel(PanelPage.RESIDENTS, "feedback.quotes", order=120)
def area_quotes_panel(area: Area) -> Panel | None:
    """On the page of a neighbourhood: texts of residents who consented to publication."""
    found = quotes(area=area)
    if not found:
        return None
    return Panel(
        title=_("In their own words"),
        template="feedback/panels/quotes.html",
        context={"quotes": found},
    )


@panel(PanelPage.AREA, "feedback", order=70)
def desk_area_panel(area: Area) -> Panel:
    """On the desk page of an area: what was promised there, what came of it, and how many wait too long."""
    inside = Area.objects.inside([area.pk]).values("pk")
    people, late = count_waiting(AnswerOwed.objects.filter(topic__area__in=inside))
    sources = Topic.objects.filter(area__in=inside).values("source")
    promises = list(Promise.objects.filter(subject__in=sources).order_by("-due_on")[:_MAX_ROWS])
    told = list(
        FollowUp.objects.filter(state__in=PUBLIC_STATES, areas__in=inside)
        .distinct()
        .order_by("-released_at")[:_MAX_ROWS]
    )
    return Panel(
        title=_("What we promised, and what came of it"),
        template="feedback/panels/promised_here.html",
        context={
            "area": area,
            "promises": promises,
            "told": [
                (one, PILL_BY_OUTCOME.get(Outcome(one.outcome), "") if one.outcome else "") for one in told
            ],
            "people": people,
            "late": late,
            "posters": _posters(area) if told else [],
        },
        fresh=max((timezone.localdate(one.released_at) for one in told if one.released_at), default=None),
        missing="" if promises or told else _("Nothing was promised here yet."),
        action=Action(_("See who waits"), f"{reverse('waiting')}?inside={area.pk}") if people else None,
    )


def _posters(area: Area) -> list[tuple[str, str]]:
    """(name, URL) of each poster of “You said, we did”."""
    return [
        (
            f"{native_language_name(language)}, {size.upper()}",
            reverse("said_poster", args=[area.slug, language, size]),
        )
        for language in own_languages()
        for size in POSTER_SIZES
    ]


def owed_per_area(areas: list[int]) -> list[AreaCount]:
    """People who wait, and the shares of debts that were told, are on a page only, or get no answer."""

    def waiting() -> Mapping[int, tuple[float, float]]:
        rows = AnswerOwed.objects.waiting().filter(topic__area__in=areas).values_list("topic__area")
        return {area: (n, 0) for area, n in rows.annotate(n=Count("receipt", distinct=True)).order_by()}

    def part(which: Q) -> Callable[[], Mapping[int, tuple[float, float]]]:
        def read() -> Mapping[int, tuple[float, float]]:
            rows = AnswerOwed.objects.filter(topic__area__in=areas).exclude(state=Owed.WITHDRAWN)
            counted = rows.values_list("topic__area").annotate(
                done=Count("pk", filter=which), all=Count("pk")
            )
            return {area: (done, everything) for area, done, everything in counted.order_by()}

        return read

    return [
        AreaCount("answered", _("Told"), Measure.SHARE, part(IS_TOLD), question=_("Who was told already?")),
        AreaCount("page-only", _("Own page only"), Measure.SHARE, part(IS_PAGE_ONLY)),
        AreaCount("waived", _("No answer, with the reason"), Measure.SHARE, part(Q(state=Owed.WAIVED))),
        AreaCount("waiting", _("People who wait for an answer"), Measure.COUNT, waiting),
    ]
