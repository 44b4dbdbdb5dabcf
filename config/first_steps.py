"""The setup steps of an empty installation, in order; “Today” shows them until the first survey opens."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from neighbourhoods.access import Desk
from neighbourhoods.models import Area, Figure, Invitation, Membership, Municipality, Party, Postcode
from surveys.models import Survey
from surveys.states import SurveyState


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
