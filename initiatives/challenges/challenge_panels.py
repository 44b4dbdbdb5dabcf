"""Panels about challenges and open tasks on pages of the apps below."""

from django.db.models import Count, F, Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Receipt
from initiatives.challenges import services as challenges
from initiatives.models import Challenge, Task
from neighbourhoods.models import Area
from neighbourhoods.registries import Action, Panel, PanelPage, panel
from neighbourhoods.states import Role

_TASKS_SHOWN = 12


@panel(PanelPage.RESIDENTS, "initiatives.tasks", order=50)
def tasks_here(area: Area) -> Panel | None:
    """Panel on the page of a neighbourhood: tasks anybody can take on, earliest date first."""
    inside = Area.objects.inside([area.pk]).values("pk")
    found = Task.objects.to_take().filter(initiative__area__in=inside).select_related("initiative")
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
def challenges_to_decide(area: Area) -> Panel | None:
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
