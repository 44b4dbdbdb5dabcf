"""Panels of needs on pages of the apps below: the private page, the neighbourhood, and the area on the desk."""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Receipt
from core.i18n import Texts
from feedback.answers.services.promises import postponed_days
from feedback.models import AnswerOwed, Contribution, Topic
from feedback.states import Owed
from initiatives.matching.next_steps import label
from initiatives.models import Need, NeedSource
from initiatives.needs.services.need_suggestions import (
    ExistingResources,
    offer_url,
    public_people_count,
    resources_for_needs,
)
from initiatives.needs.services.needs import count_named_topics, sum_named_counts
from initiatives.states import NeedState
from neighbourhoods.models import Area
from neighbourhoods.registries import Action, AreaCount, Measure, Panel, PanelPage, panel
from neighbourhoods.states import Role

NEEDS_SHOWN, NEEDS_SHOWN_HERE = 20, 6


@panel(PanelPage.PRIVATE, "initiatives.needs", order=30)
def named_needs_panel(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the needs that the holder's words are part of, and what is there for each."""
    said = Contribution.objects.filter(receipt=receipt, withdrawn_on=None)
    owed = AnswerOwed.objects.filter(receipt=receipt, contribution__withdrawn_on=None)
    fed = NeedSource.objects.filter(
        Q(contribution__in=said)
        | Q(topic__in=said.values("topic"))
        | Q(topic__in=owed.exclude(state=Owed.WITHDRAWN).values("topic")),
        need__merged_into=None,
    )
    needs = list(
        Need.objects.filter(pk__in=fed.values("need"))
        .select_related("area", "theme")
        .prefetch_related("steps")
        .order_by("-state_on", "pk")[:NEEDS_SHOWN]
    )
    if not needs:
        return None
    there, named = resources_for_needs(needs), _named_titles(needs, said, owed)
    return Panel(
        title=_("Needs that your answer is part of"),
        template="initiatives/panels/what_you_named.html",
        context={"needs": [(need, list(need.steps.all()), there[need.pk], named[need.pk]) for need in needs]},
    )


def _named_titles(
    needs: list[Need], said: QuerySet[Contribution], owed: QuerySet[AnswerOwed]
) -> dict[int, list[Texts]]:
    """Per need the titles of what the holder chose or wrote about: the need itself has a colleague's words."""
    theirs = Topic.objects.filter(
        Q(pk__in=said.values("topic")) | Q(pk__in=owed.exclude(state=Owed.WITHDRAWN).values("topic"))
    )
    sources = NeedSource.objects.filter(need__in=needs).select_related("topic", "contribution__topic")
    found: dict[int, list[Texts]] = {need.pk: [] for need in needs}
    titles = {need.pk: need.title for need in needs}
    for source in sources.filter(Q(topic__in=theirs) | Q(contribution__in=said)).order_by("pk"):
        topic = source.topic or (source.contribution.topic if source.contribution else None)
        if topic and topic.title != titles[source.need_id] and topic.title not in found[source.need_id]:
            found[source.need_id].append(topic.title)
    return found


@panel(PanelPage.RESIDENTS, "initiatives.needs", order=30)
def public_needs_panel(area: Area) -> Panel | None:
    """Panel on the page of a neighbourhood: its needs, their states and what is there for each.

    A need named by few, and still in its first state, is hidden: a reader who saw a neighbour answer and then
    the need appear would know what that neighbour said.
    """
    needs = list(
        Need.objects.standing()
        .inside(area)
        .select_related("theme", "area")
        .order_by("-urgency", "-people", "pk")[:NEEDS_SHOWN]
    )
    topics: dict[int, list[Topic]] = defaultdict(list)
    for source in NeedSource.objects.filter(need__in=needs, topic__isnull=False).select_related("topic"):
        if source.topic:
            topics[source.need_id].append(source.topic)
    people = {need.pk: public_people_count(need, topics[need.pk]) for need in needs}
    shown = [need for need in needs if people[need.pk][0] or need.state != NeedState.HEARD]
    if not shown:
        return None
    there = resources_for_needs(shown)
    later = postponed_days({f"need:{need.pk}": need.next_action_on for need in shown})
    for need in shown:
        found = later.get(f"need:{need.pk}")
        need.moved_note = label(found) if found else ""  # type: ignore[attr-defined]
    return Panel(
        title=_("What is needed here"),
        template="initiatives/panels/needed_here.html",
        context={
            "area": area,
            "needs": [
                (need, *people[need.pk], there[need.pk], *_ways(need, there[need.pk])) for need in shown
            ],
        },
    )


def _ways(need: Need, there: ExistingResources) -> tuple[str, str]:
    """URLs to join in (only if there is a group to join) and to make an offer, which includes hands if there
    is none."""
    group = there.groups[0].initiative.pk if there.groups else None
    joining = offer_url(need.area, give="hands", theme=need.theme.slug, initiative=group) if group else ""
    return joining, offer_url(need.area, give="gift" if group else "", theme=need.theme.slug)


@panel(PanelPage.AREA, "initiatives.needs", order=20)
def needs_here(area: Area) -> Panel:
    """Panel on the page of an area: the most urgent open needs, and how many have no link."""
    here = Need.objects.inside(area)
    found = list(
        here.open().annotate(n=Count("links")).order_by("-urgency", "-people", "pk")[: NEEDS_SHOWN_HERE + 1]
    )
    without = here.without_link().count()
    begin = f"{reverse('need_new')}?area={area.slug}"
    return Panel(
        title=_("Needs"),
        template="initiatives/panels/needs_here.html",
        context={
            "area": area,
            "needs": found[:NEEDS_SHOWN_HERE],
            "more": len(found) > NEEDS_SHOWN_HERE,
            "without": without,
            "named": sum_named_counts(
                count_named_topics(Area.objects.inside([area.pk]).values_list("pk", flat=True)).values()
            ),
        },
        fresh=max((need.state_on for need in found), default=None),
        missing="" if found else _("Nobody noted down yet what people need here."),
        action=None if found else Action(_("Begin with what they named"), begin, Role.COORDINATOR),
    )


def needs_per_area(areas: list[int]) -> list[AreaCount]:
    def read() -> Mapping[int, tuple[float, float]]:
        rows = Need.objects.open().filter(area__in=areas).values_list("area")
        return {area: (n, 0) for area, n in rows.annotate(n=Count("pk")).order_by()}

    def without() -> Mapping[int, tuple[float, float]]:
        rows = Need.objects.without_link().filter(area__in=areas).values_list("area")
        return {area: (n, 0) for area, n in rows.annotate(n=Count("pk")).order_by()}

    return [
        AreaCount("needs", _("Open needs"), Measure.COUNT, read),
        AreaCount("needs-without", _("Needs without a link"), Measure.COUNT, without),
    ]
