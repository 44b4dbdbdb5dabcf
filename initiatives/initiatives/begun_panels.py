"""Panels of initiatives: for everybody in a neighbourhood, and for the beginner."""

from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.links import TYPED_MARK, LinkPurpose, sign_link
from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from feedback.registries import Moment, private_timeline
from initiatives.initiatives.services.beginning import initiative_of_beginner
from initiatives.matching.next_steps import moved_note
from initiatives.matching.services.owners import owner_for_area
from initiatives.models import Initiative, VolunteerRole
from initiatives.states import InitiativeState, RoleState
from neighbourhoods.models import Area
from neighbourhoods.registries import Panel, PanelPage, panel


@panel(PanelPage.RESIDENTS, "initiatives", order=40)
def join_here(area: Area) -> Panel | None:
    """Panel on the page of a neighbourhood: what neighbours can join, how many there are, and the way to
    begin something."""
    inside = Area.objects.inside([area.pk]).values("pk")
    open_roles = VolunteerRole.objects.filter(initiative=OuterRef("pk"), state=RoleState.OPEN)
    public = Initiative.objects.public().filter(area__in=inside).select_related("theme", "party", "area")
    found = list(public.annotate(looks=Exists(open_roles)).order_by("-looks", "-state", "pk")[:30])
    counts, url = _counts(inside), begin_url(area)
    if not (found or counts or url):
        return None
    return Panel(
        title=_("What you can join"),
        template="initiatives/panels/join_here.html",
        context={"initiatives": found, "counts": counts, "begin_url": url},
    )


def _counts(inside: Any) -> list[str]:
    """Numbers of public initiatives being prepared, running and ended, as text."""
    readable = Initiative.objects.filter(area__in=inside).exclude(name={})
    counted = dict(readable.order_by().values_list("state").annotate(n=Count("pk")))
    preparing, running, ended = (
        counted.get(state, 0)
        for state in (InitiativeState.PREPARING, InitiativeState.RUNNING, InitiativeState.ENDED)
    )
    words = (
        (preparing, ngettext("%(n)d is being prepared", "%(n)d are being prepared", preparing)),
        (running, ngettext("%(n)d is running", "%(n)d are running", running)),
        (ended, ngettext("%(n)d has ended", "%(n)d have ended", ended)),
    )
    return [sentence % {"n": n} for n, sentence in words if n]


def begin_url(area: Area) -> str:
    """URL to begin something; "" if nobody would answer."""
    if area.is_ended or owner_for_area(area) is None:
        return ""
    return reverse("begin_here", args=[area.slug])


@panel(PanelPage.PRIVATE, "initiatives.begun", order=40)
def your_initiative(receipt: Receipt) -> Panel | None:
    """Panel on the private page: the state of the holder's initiative."""
    initiative = initiative_of_beginner(receipt)
    if initiative is None:
        return None
    url = reverse("own_initiative", args=[sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK)])
    return Panel(
        title=_("What you began"),
        template="initiatives/panels/your_initiative.html",
        context={"initiative": initiative, "url": url},
    )


@panel(PanelPage.PRIVATE, "initiatives.begin", order=50)
def begin_yourself(receipt: Receipt) -> Panel | None:
    """Panel on the private page of a survey participant: the way to begin something, which gives a code of its own."""
    if receipt.purpose != ReceiptPurpose.PARTICIPATION or receipt.without_contact:
        return None
    said = (
        receipt.contributions.filter(withdrawn_on=None).select_related("topic__area__parent__parent").first()
    )
    url = begin_url(said.topic.area) if said else ""
    if not url:
        return None
    return Panel(
        title=_("Start something yourself"),
        template="initiatives/panels/begin_yourself.html",
        context={"url": url},
    )


@private_timeline.register("initiatives", order=20)
def initiative_timeline(receipt: Receipt) -> list[Moment]:
    """On the timeline of the private page: how far the initiative is, and what comes next."""
    initiative = initiative_of_beginner(receipt)
    if initiative is None:
        return []
    said = {
        InitiativeState.PREPARING: _("It is being prepared. Neighbours can read of it."),
        InitiativeState.RUNNING: _("It is running."),
        InitiativeState.ENDED: _("It ended."),
    }
    moments: list[Moment] = []
    if initiative.state in said:
        moments.append(Moment(on=initiative.state_on, text=said[InitiativeState(initiative.state)]))
    if initiative.next_action_on and initiative.owner:
        text = _("%(who)s does the next step.") % {
            "who": capfirst(initiative.owner.title or _("A colleague of the municipality"))
        }
        text += moved_note(f"initiative:{initiative.pk}", initiative.next_action_on)
        moments.append(Moment(on=initiative.next_action_on, text=text, before=True))
    return moments
