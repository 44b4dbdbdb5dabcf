"""Roles, levels, kinds of area, and the states of a backing."""

from enum import IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    DISTRICT = "district", _("district")
    NEIGHBOURHOOD = "neighbourhood", _("neighbourhood")


class Role(models.TextChoices):
    """A role holds in an area and everything inside it."""

    VIEWER = "viewer", _("viewer")
    BACKER = "backer", _("backer (alderman or team lead)")
    COORDINATOR = "coordinator", _("coordinator")
    EDITOR = "editor", _("editor (civil servant)")
    ADMINISTRATOR = "administrator", _("administrator")


class Power(IntEnum):
    """How far a role reaches where roles are compared. Backing is a power apart: it is never implied."""

    VIEWER = 1
    BACKER = 1
    COORDINATOR = 2
    EDITOR = 3
    ADMINISTRATOR = 4


def power(role: str) -> Power:
    return Power[role.upper()]


class Influence(models.TextChoices):
    """The participation ladder (Dutch: participatieladder); names are a municipal setting later on."""

    INFORM = "inform", _("you are told")
    CONSULT = "consult", _("you are asked")
    ADVISE = "advise", _("your advice weighs in")
    COPRODUCE = "coproduce", _("we make it together")
    DECIDE = "decide", _("you decide with us")


class ImportState(models.TextChoices):
    PREVIEWED = "previewed", _("waiting for a decision")
    APPLIED = "applied", _("carried out")
    DROPPED = "dropped", _("dropped")


class BackingState(models.TextChoices):
    REQUESTED = "requested", _("asked")
    SIGNED = "signed", _("backed")
    DECLINED = "declined", _("not backed")
    WITHDRAWN = "withdrawn", _("withdrawn")


# state -> the states it may go to
BACKING_TRANSITIONS: dict[str, frozenset[str]] = {
    BackingState.REQUESTED: frozenset({BackingState.SIGNED, BackingState.DECLINED, BackingState.WITHDRAWN}),
    BackingState.SIGNED: frozenset({BackingState.WITHDRAWN}),
    BackingState.DECLINED: frozenset(),
    BackingState.WITHDRAWN: frozenset(),
}
