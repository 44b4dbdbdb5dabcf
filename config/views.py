"""The pages that show something of every app: the front page, and the first page of the desk (Today).

Today has the answers that are due soon or late, key persons to review and matching work; and until the first survey
opens the setup steps of an empty installation, in order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from core.deadlines import is_late
from feedback.answers.services import board
from feedback.answers.services.compose import approvals_waiting_for
from feedback.answers.views.board import topic_name, topic_url
from feedback.models import AnswerOwed, Topic
from initiatives.matching.services import overdue_items
from initiatives.models import Need, Offer
from initiatives.needs.services.needs import NamedTopicCounts, cached_named_counts
from neighbourhoods.access import Desk, public, staff
from neighbourhoods.models import Area, Figure, Invitation, Membership, Municipality, Party, Postcode
from neighbourhoods.profile.services.inventory import key_persons_to_review
from neighbourhoods.registries import PanelPage, panels_on
from neighbourhoods.states import Power, Role
from surveys.models import Snapshot, Survey
from surveys.states import SurveyState


@public
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Open surveys, promises, recent results, and the link to the desk."""
    panels = panels_on(PanelPage.FRONT)
    return render(
        request, "config/front.html", {"panels": panels, "taken_part": Snapshot.objects.times_taken_part()}
    )


@staff(Role.VIEWER)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    due = due_from(request.user)
    context = {
        "late": [answer for answer in due if answer.is_late],
        "soon": [answer for answer in due if not answer.is_late],
        "asked": approvals_waiting_for(request.user),
        "reviews": reviews_due(request.user),
        "hands": hands_due(request.user),
        "needs_without_link": needs_without_link(request.user),
        "named_topics": topics_left(request.user),
        "steps": first_steps(request.desk),  # type: ignore[attr-defined]
    }
    return render(request, "config/desk.html", context)


# --- today ----------------------------------------------------------------------------------------

_MAX_ROWS = 5


@dataclass(frozen=True)
class Due:
    title: str
    area: str
    people: int
    due_on: date
    days_left: int
    url: str

    @property
    def is_late(self) -> bool:
        return is_late(self.due_on)


def due_from(user: User) -> list[Due]:
    """Answers this colleague owns that are late or due within a week, late ones first; at most five topics."""
    rows, _more = AnswerOwed.objects.filter(owner=user).cached_result(user, board.board_rows, "topic")
    pressing = [row for row in rows if row.days_left <= board.SOON_DAYS.days][:_MAX_ROWS]
    topics = Topic.objects.select_related("area").in_bulk([row.key for row in pressing])
    return [
        Due(
            title=topic_name(topics[row.key]),
            area=topics[row.key].area.name,
            people=row.late or row.people,
            due_on=row.due_on,
            days_left=row.days_left,
            url=topic_url(row.key, owner=str(user.pk)),
        )
        for row in pressing
    ]


@dataclass(frozen=True)
class Review:
    """Key persons in one area whose permission is due for review; contains no names."""

    area: Area
    people: int
    due_on: date
    is_past: bool
    url: str


def reviews_due(user: User) -> list[Review]:
    """Per area where this colleague works, earliest review first; at most five."""
    today = timezone.localdate()
    per_area: dict[Area, list[date]] = {}
    for person in key_persons_to_review(user):
        per_area.setdefault(person.area, []).append(person.review_on or today)
    return [
        Review(area, len(days), days[0], days[0] <= today, reverse("key_persons", args=[area.slug]))
        for area, days in list(per_area.items())[:_MAX_ROWS]
    ]


@dataclass(frozen=True)
class Hands:
    """Offers, initiatives and needs that wait for this colleague."""

    late_offers: int
    due: list[overdue_items.DueToday]


def hands_due(user: User) -> Hands:
    """In areas where this colleague is coordinator: late offers, and at most five other items due by today."""
    mine = Area.objects.where(user, least=Power.COORDINATOR).values("pk")
    today = timezone.localdate()
    offers = Offer.objects.late(today).filter(area__in=mine)
    return Hands(offers.count(), overdue_items.items_due(user, today, most=_MAX_ROWS))


def needs_without_link(user: User) -> int:
    """Needs without a link in the areas where this colleague is coordinator."""
    mine = Area.objects.where(user, least=Power.COORDINATOR)
    return Need.objects.without_link().filter(area__in=mine).count()


def topics_left(user: User) -> NamedTopicCounts:
    """What people named in the areas where this colleague is coordinator, and how much of it has nothing yet."""
    return cached_named_counts(
        Area.objects.where(user, least=Power.COORDINATOR).values_list("pk", flat=True), user
    )


# --- first steps ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class FirstStep:
    title: str | Promise
    why: str | Promise
    url: str
    done: bool


def first_steps(desk: Desk) -> list[FirstStep]:
    """The steps, for administrators of the whole municipality; empty once a survey has opened."""
    if not desk.runs_municipality or _has_opened():
        return []
    return [FirstStep(title, why, address(), is_done()) for title, why, address, is_done in _STEPS]


def _has_opened() -> bool:
    return Survey.objects.exclude(state__in=[SurveyState.DRAFT, SurveyState.PUBLISHED]).exists()


def _parties() -> str:
    """The parties page of the first neighbourhood; the areas page if there are none."""
    first = Area.objects.existing().leaves().first()
    return reverse("parties", args=[first.slug]) if first else reverse("areas")


def _has_colleagues() -> bool:
    works = set(Membership.objects.values_list("user", flat=True))
    return len(works | set(Invitation.objects.open().values_list("user", flat=True))) > 1


_STEPS: list[tuple[str | Promise, str | Promise, Callable[[], str], Callable[[], bool]]] = [
    (
        _("Say how residents reach you"),
        _("Your e-mail address stands under every mail, your phone number on every page."),
        lambda: reverse("settings"),
        lambda: bool(Municipality.current().email),
    ),
    (
        _("Bring in the borders"),
        _("The map, and the codes by which figures find their neighbourhood."),
        lambda: reverse("import_new", args=["borders"]),
        lambda: Area.objects.leaves().exists(),
    ),
    (
        _("Bring in the postcodes"),
        _("With these, residents find their neighbourhood."),
        lambda: reverse("import_new", args=["postcodes"]),
        lambda: Postcode.objects.exists(),
    ),
    (
        _("Bring in the figures"),
        _("From CBS, RIVM or yourselves: how many people live there, and how life is."),
        lambda: reverse("import_new", args=["figures"]),
        lambda: Figure.objects.exists(),
    ),
    (
        _("Invite colleagues"),
        _("Who makes surveys, who answers, and who is in charge and signs."),
        lambda: reverse("colleague_invite"),
        _has_colleagues,
    ),
    (
        _("Note who is active already"),
        _("Parties, places and key persons of a neighbourhood: you begin with these."),
        _parties,
        lambda: Party.objects.exists(),
    ),
    (
        _("Make the first survey"),
        _("Begin small: one neighbourhood, one question, and a day on which they hear from you."),
        lambda: reverse("survey_new"),
        lambda: Survey.objects.exists(),
    ),
    (
        _("Open it"),
        _("After somebody in charge signed. From then on these steps are gone."),
        lambda: reverse("surveys"),
        _has_opened,
    ),
]
