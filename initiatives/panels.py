"""Panels of initiatives on pages of the apps below it."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Count, F, Max, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.links import TYPED_MARK, LinkPurpose, sign_link
from accounts.models import Receipt
from core.i18n import pick
from initiatives.challenges import services as challenges
from initiatives.initiatives.approach_wording import APPROACH_REASON_TEXTS
from initiatives.initiatives.approaches import rank_approaches as fitting_here
from initiatives.initiatives.services import library
from initiatives.matching import moments
from initiatives.matching.services.owners import owner_for_area
from initiatives.models import Challenge, ExpectationCard, Initiative, Note, Offer, Task
from initiatives.offers.services.offers import is_old, steps
from initiatives.states import InitiativeState, Involvement, OfferKind, Skill
from neighbourhoods.advice.advice import Advice
from neighbourhoods.advice.services import FittingApproach
from neighbourhoods.models import Area
from neighbourhoods.registries import Action, AreaCount, Measure, Panel, PanelPage, panel
from neighbourhoods.states import Role

PANEL_ROWS_SHOWN = 12
_SKILLS_SHOWN = 6


def your_offer(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the state of the holder's offer. None without an offer."""
    offer = Offer.objects.filter(receipt=receipt).select_related("owner", "area", "card", "place").first()
    if offer is None:
        return None
    token = sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK)
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
    if area.is_ended or owner_for_area(area) is None:
        return None
    return Panel(
        title=_("Do you want to do something?"),
        template="initiatives/panels/offer_here.html",
        context={"area": area, "card": ExpectationCard.objects.invitation_card_for(area)},
    )


def your_tasks(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the tasks the holder took on, with links to report them done or give them
    back."""
    tasks = list(
        Task.objects.held_by(receipt).select_related("initiative").order_by("done_on", "before", "pk")
    )
    if not tasks:
        return None
    token = sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK)
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


def offered_spaces_panel(area: Area) -> Panel | None:
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


def running_initiatives_panel(area: Area) -> Panel:
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


def talks_panel(area: Area) -> Panel:
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


def fitting_approaches(advice: Advice) -> list[FittingApproach]:
    """Beside the advice for an area: proven approaches with at most one mark against them."""
    language = get_language() or ""
    return [
        FittingApproach(
            slug=one.approach.slug,
            name=pick(one.approach.name, language),
            about=pick(one.approach.needs, language),
            reasons=tuple(str(APPROACH_REASON_TEXTS[mark]) for mark in one.reasons),
            against=tuple(str(APPROACH_REASON_TEXTS[mark]) for mark in one.against),
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


# --- challenges and open tasks --------------------------------------------------------------------
# Panels about challenges and open tasks on pages of the apps below.


_TASKS_SHOWN = 12


@panel(PanelPage.RESIDENTS, "initiatives.tasks", order=50)
def open_tasks_panel(area: Area) -> Panel | None:
    """Panel on the page of a neighbourhood: tasks anybody can take on, earliest date first."""
    inside = Area.objects.inside([area.pk]).values("pk")
    found = Task.objects.open_to_take().filter(initiative__area__in=inside).select_related("initiative")
    tasks = list(found.order_by(F("before").asc(nulls_last=True), "pk")[:_TASKS_SHOWN])
    if not tasks:
        return None
    return Panel(
        title=_("Something small to do"),
        template="initiatives/panels/tasks_here.html",
        context={"tasks": tasks},
    )


@panel(PanelPage.PRIVATE, "initiatives.challenges", order=60)
def your_challenge(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the state of the holder's challenge. None without one."""
    challenge = Challenge.objects.filter(receipt=receipt).first()
    if challenge is None:
        return None
    return Panel(
        title=_("Your request"),
        template="initiatives/panels/your_challenge.html",
        context={
            "challenge": challenge,
            "answered": challenges.is_answered(challenge),
            "told": challenges.is_told(challenge),
        },
    )


@panel(PanelPage.RESIDENTS, "initiatives.challenges", order=60)
def challenge_panel(area: Area) -> Panel | None:
    """Panel on the page of a neighbourhood: the invitation to challenge the municipality, and the latest
    public challenges."""
    inside = Area.objects.inside([area.pk]).values("pk")
    found = Challenge.objects.published().filter(area__in=inside).select_related("area")
    if area.is_ended:
        return None
    return Panel(
        title=_("Can you do it better?"),
        template="initiatives/panels/challenge_here.html",
        context={"area": area, "challenges": list(found.order_by("-published_on", "-pk")[:3])},
    )


@panel(PanelPage.AREA, "initiatives.challenges", order=30)
def undecided_challenges_panel(area: Area) -> Panel | None:
    """Panel on the page of an area: the number of challenges that wait for a decision. None when there are none."""
    inside = Area.objects.inside([area.pk]).values("pk")
    there = Challenge.objects.undecided().filter(area__in=inside)
    found = there.order_by().aggregate(n=Count("pk"), first=Min("decide_before"), last=Max("asked_on"))
    if not found["n"]:
        return None
    return Panel(
        title=_("Requests to take over a task"),
        template="initiatives/panels/challenges_to_decide.html",
        context={"count": found["n"], "first": found["first"]},
        fresh=found["last"],
        action=Action(_("Read them"), reverse("challenges"), Role.COORDINATOR),
    )
