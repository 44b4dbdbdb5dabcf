"""Panels of initiatives on pages of the apps below it."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.links import TYPED, LinkPurpose, sign_link
from accounts.models import Receipt
from core.i18n import pick
from initiatives.initiatives.approach_wording import MARKS
from initiatives.initiatives.approaches import fitting as fitting_here
from initiatives.initiatives.services import library
from initiatives.matching import moments
from initiatives.matching.services.owners import who_looks_after
from initiatives.models import ExpectationCard, Initiative, Note, Offer, Task
from initiatives.offers.services.offers import is_old, steps
from initiatives.states import InitiativeState, Involvement, OfferKind, Skill
from neighbourhoods.advice.advice import Advice
from neighbourhoods.advice.registries import Fitting
from neighbourhoods.models import Area
from neighbourhoods.registries import Action, AreaCount, Measure, Panel
from neighbourhoods.states import Role

PANEL_ROWS_SHOWN = 12
_SKILLS_SHOWN = 6


def your_offer(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the state of the holder's offer. None without an offer."""
    offer = Offer.objects.filter(receipt=receipt).select_related("owner", "area", "card", "place").first()
    if offer is None:
        return None
    token = sign_link(receipt, LinkPurpose.PAGE, TYPED)
    return Panel(
        title=_("Your offer"),
        template="initiatives/panels/your_offer.html",
        context={
            "offer": offer,
            "steps": steps(offer),
            "words": moments.label(offer.moments),
            "is_old": is_old(offer),
            "token": token,
            "url": reverse("private_withdraw", args=[token]),
        },
    )


def offer_panel(area: Area) -> Panel | None:
    """Panel on the page of a neighbourhood, for every reader: join in or offer something. None when no
    colleague owns the area."""
    if area.is_ended or who_looks_after(area) is None:
        return None
    return Panel(
        title=_("Do you want to do something?"),
        template="initiatives/panels/offer_here.html",
        context={"area": area, "card": ExpectationCard.objects.inviting_in(area)},
    )


def your_tasks(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the tasks the holder took on, with links to report them done or give them
    back."""
    tasks = list(
        Task.objects.of_who_took(receipt).select_related("initiative").order_by("done_on", "before", "pk")
    )
    if not tasks:
        return None
    token = sign_link(receipt, LinkPurpose.PAGE, TYPED)
    return Panel(
        title=_("What you took on"),
        template="initiatives/panels/your_tasks.html",
        context={
            "tasks": [
                (task, *(reverse("task_mine", args=[token, task.pk, verb]) for verb in ("done", "back")))
                for task in tasks
            ]
        },
    )


def spaces_here(area: Area) -> Panel | None:
    """Panel beside the places of an area: spaces offered now, where and when."""
    inside = Area.objects.inside([area.pk]).values("pk")
    there = Offer.objects.waiting().filter(
        Q(area__in=inside) | Q(place__area__in=inside), kind=OfferKind.SPACE
    )
    there = there.filter(Q(until=None) | Q(until__gte=timezone.localdate()))
    spaces = [
        (one, moments.label(one.moments)) for one in there.select_related("place", "party")[:PANEL_ROWS_SHOWN]
    ]
    if not spaces:
        return None
    return Panel(
        title=_("Spaces that are offered"),
        template="initiatives/panels/spaces_here.html",
        context={"spaces": spaces},
    )


def running_here(area: Area) -> Panel:
    """Panel on the page of an area: its initiatives that have not ended."""
    there = Initiative.objects.exclude(state=InitiativeState.ENDED).inside(area)
    found = list(there.select_related("theme", "area", "party")[: PANEL_ROWS_SHOWN + 1])
    add = reverse("initiative_new") + f"?area={area.slug}"
    return Panel(
        title=_("What is going on already"),
        template="initiatives/panels/running_here.html",
        context={
            "initiatives": found[:PANEL_ROWS_SHOWN],
            "more": len(found) > PANEL_ROWS_SHOWN,
            "area": area,
        },
        fresh=max((one.checked_on for one in found), default=None),
        missing="" if found else _("No initiative is noted here yet."),
        action=Action(_("Note an initiative"), add, Role.COORDINATOR),
    )


def talks_here(area: Area) -> Panel:
    """Panel on the page of an area: the number of talks noted in the last year, and a link to note one."""
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


def fitting(advice: Advice) -> list[Fitting]:
    """Beside the advice for an area: proven approaches with at most one mark against them."""
    language = get_language() or ""
    return [
        Fitting(
            slug=one.approach.slug,
            name=pick(one.approach.name, language),
            about=pick(one.approach.needs, language),
            reasons=tuple(str(MARKS[mark]) for mark in one.reasons),
            against=tuple(str(MARKS[mark]) for mark in one.against),
            url=reverse("approach", args=[one.approach.slug]),
        )
        for one in fitting_here(advice, library.approaches())
        if len(one.against) < 2
    ]


def hands_here(area: Area) -> Panel:
    """Panel on the page of an area: skills and offers as counts only; the names stand under Hands."""
    offers = Offer.objects.waiting().filter(area__in=Area.objects.inside([area.pk]).values("pk"))
    found = list(offers.values_list("kind", "way", "skills", "offered_on"))
    hands = [(way, skills) for kind, way, skills, _day in found if kind == OfferKind.HANDS]
    ways = Counter(way for way, _skills in hands)
    skills = Counter(skill for _way, skills in hands for skill in skills if skill in Skill.values)
    gifts = Counter(kind for kind, *_rest in found if kind != OfferKind.HANDS)
    return Panel(
        title=_("Skills and offers"),
        template="initiatives/panels/hands_here.html",
        context={
            "people": len(hands),
            "ways": [
                (Involvement(way).label, n) for way, n in ways.most_common() if way in Involvement.values
            ],
            "skills": [(Skill(skill).label, n) for skill, n in skills.most_common(_SKILLS_SHOWN)],
            "gifts": [(OfferKind(kind).label, n) for kind, n in gifts.most_common()],
        },
        fresh=max((day for *_rest, day in found), default=None),
        missing="" if found else _("Nobody offered anything here yet. A survey asks who wants to join in."),
        action=Action(_("See who"), reverse("hands"), Role.COORDINATOR) if found else None,
    )


def running_per_area(areas: list[int]) -> list[AreaCount]:
    def read() -> Mapping[int, tuple[float, float]]:
        rows = Initiative.objects.running().filter(area__in=areas).values_list("area")
        return {area: (n, 0) for area, n in rows.annotate(n=Count("pk")).order_by()}

    name = _("Running initiatives per 1,000 residents")
    return [AreaCount("initiatives", name, Measure.PER_THOUSAND, read)]
