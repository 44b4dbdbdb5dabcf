"""What initiatives shows on pages of the apps below it."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.links import Link, sign_link
from accounts.models import Receipt
from initiatives.approaches import Mark
from initiatives.approaches import fitting as fitting_here
from initiatives.models import Initiative, Note, Offer
from initiatives.states import Skill, Way
from neighbourhoods.advice import Advice
from neighbourhoods.models import Area
from neighbourhoods.registries import Action, Column, Fitting, Measure, Panel, area_figures
from neighbourhoods.states import Role
from neighbourhoods.texts import pick

SHOWN = 12
SKILLS = 6
MARKS: Mapping[str, str | Promise] = {
    Mark.ENERGY: gettext_lazy("fits the energy here"),
    Mark.TOO_LITTLE_ENERGY: gettext_lazy("asks more energy than there is"),
    Mark.MORE_IS_POSSIBLE: gettext_lazy("more is possible here"),
    Mark.LOAD: gettext_lazy("made for how life is here"),
    Mark.NOT_THIS_LOAD: gettext_lazy("not for how life is here"),
    Mark.FREE: gettext_lazy("costs nothing"),
    Mark.AFFORDABLE: gettext_lazy("affordable"),
    Mark.TOO_DEAR: gettext_lazy("costs more than there is"),
    Mark.HOURS: gettext_lazy("there are hours for it"),
    Mark.NO_HOURS: gettext_lazy("nobody has hours for it"),
    Mark.HELPS_TO_REACH: gettext_lazy("helps to reach people"),
    Mark.REACH_FIRST: gettext_lazy("reach people first"),
    Mark.THEME: gettext_lazy("about what is named most"),
    Mark.STREET: gettext_lazy("begins in a street"),
    Mark.ASSUMES_TIES: gettext_lazy("takes people who know each other"),
    Mark.ASK_FIRST: gettext_lazy("look first whether it fits the place"),
}


def your_offer(receipt: Receipt) -> Panel | None:
    """On the private page: where somebody's offer stands."""
    offer = Offer.objects.filter(receipt=receipt).select_related("owner").first()
    if offer is None:
        return None
    url = reverse("private_withdraw", args=[sign_link(receipt, Link.PAGE)])
    return Panel(
        title=_("Your offer"),
        template="initiatives/panels/your_offer.html",
        context={"offer": offer, "url": url},
    )


def running_here(area: Area) -> Panel:
    """On the page of an area: what is going on there."""
    running = Initiative.objects.running().inside(area).select_related("theme", "area", "party")
    found = list(running[: SHOWN + 1])
    add = reverse("initiative_new") + f"?area={area.slug}"
    return Panel(
        title=_("What is going on already"),
        template="initiatives/panels/running_here.html",
        context={"initiatives": found[:SHOWN], "more": len(found) > SHOWN, "area": area},
        fresh=max((one.checked_on for one in found), default=None),
        missing="" if found else _("No initiative is noted here yet."),
        action=Action(_("Note an initiative"), add, Role.COORDINATOR),
    )


def talks_here(area: Area) -> Panel:
    """On the page of an area: how many talks were noted, and noting one."""
    since = timezone.localdate() - timedelta(days=365)
    inside = Area.objects.inside([area.pk]).values("pk")
    found = (
        Note.objects.not_withdrawn()
        .filter(area__in=inside, noted_on__gte=since)
        .aggregate(n=Count("pk"), last=Max("noted_on"))
    )
    return Panel(
        title=_("Talks"),
        template="initiatives/panels/talks_here.html",
        context={"area": area, "count": found["n"]},
        fresh=found["last"],
        action=Action(_("Note a talk"), reverse("note_new", args=[area.slug]), Role.COORDINATOR),
    )


def join_here(area: Area) -> Panel | None:
    """On the page of a neighbourhood: what neighbours can join."""
    inside = Area.objects.inside([area.pk]).values("pk")
    running = Initiative.objects.running().filter(area__in=inside).select_related("theme", "party")
    if not (found := list(running[:30])):
        return None
    return Panel(
        title=_("What you can join"),
        template="initiatives/panels/join_here.html",
        context={"initiatives": found},
    )


def fitting(advice: Advice) -> list[Fitting]:
    """Beside the advice for an area: proven approaches with at most one thing against them."""
    language, url = get_language() or "", reverse("approaches")
    return [
        Fitting(
            slug=one.approach.slug,
            name=pick(one.approach.name, language),
            about=pick(one.approach.needs, language),
            reasons=tuple(str(MARKS[mark]) for mark in one.reasons),
            against=tuple(str(MARKS[mark]) for mark in one.against),
            url=f"{url}#{one.approach.slug}",
        )
        for one in fitting_here(advice)
        if len(one.against) < 2
    ]


def hands_here(area: Area) -> Panel:
    """On the page of an area: what people can do and want to do. Counts alone; who they are stands under Hands."""
    offers = Offer.objects.waiting().filter(area__in=Area.objects.inside([area.pk]).values("pk"))
    found = list(offers.values_list("way", "skills", "offered_on"))
    ways = Counter(way for way, _skills, _day in found)
    skills = Counter(skill for _way, skills, _day in found for skill in skills if skill in Skill.values)
    return Panel(
        title=_("Skills and offers"),
        template="initiatives/panels/hands_here.html",
        context={
            "people": len(found),
            "ways": [(Way(way).label, n) for way, n in ways.most_common() if way in Way.values],
            "skills": [(Skill(skill).label, n) for skill, n in skills.most_common(SKILLS)],
        },
        fresh=max((day for _way, _skills, day in found), default=None),
        missing="" if found else _("Nobody offered anything here yet. A survey asks who wants to join in."),
        action=Action(_("See who"), reverse("hands"), Role.COORDINATOR) if found else None,
    )


@area_figures.register("initiatives")
def running_per_area(areas: list[int]) -> list[Column]:
    def read() -> Mapping[int, tuple[float, float]]:
        rows = Initiative.objects.running().filter(area__in=areas).values_list("area")
        return {area: (n, 0) for area, n in rows.annotate(n=Count("pk")).order_by()}

    name = _("Running initiatives per 1,000 residents")
    return [Column("initiatives", name, Measure.PER_THOUSAND, read)]
