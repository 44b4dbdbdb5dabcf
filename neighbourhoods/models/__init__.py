"""The municipality, its areas and what is known of them, roles, backing and trajectories."""

from neighbourhoods.models.backing import Backing, BackingQuerySet
from neighbourhoods.models.decision import ApproachDecision, ApproachDecisionQuerySet, AreaResources
from neighbourhoods.models.figures import (
    ColumnMapping,
    Figure,
    FigureQuerySet,
    Indicator,
    IndicatorQuerySet,
    Source,
)
from neighbourhoods.models.imports import Import, ImportQuerySet
from neighbourhoods.models.membership import (
    Invitation,
    InvitationQuerySet,
    Membership,
    MembershipQuerySet,
    colleagues_in,
    colleagues_in_each,
    held_by,
)
from neighbourhoods.models.municipality import Municipality, Theme, ThemeQuerySet
from neighbourhoods.models.parties import (
    KeyPerson,
    KeyPersonQuerySet,
    Party,
    PartyQuerySet,
    Place,
    PlaceQuerySet,
)
from neighbourhoods.models.place import (
    Area,
    AreaQuerySet,
    AreaVersion,
    AreaVersionQuerySet,
    Postcode,
    Succession,
    SuccessionQuerySet,
    has_everywhere,
    has_in_each,
)
from neighbourhoods.models.rules import ParticipationRules
from neighbourhoods.models.trajectory import (
    ParticipationPlan,
    ParticipationPlanQuerySet,
    TalkBack,
    Trajectory,
    TrajectoryQuerySet,
    TrajectoryStep,
)

__all__ = [
    "ApproachDecision",
    "ApproachDecisionQuerySet",
    "Area",
    "AreaQuerySet",
    "AreaResources",
    "AreaVersion",
    "AreaVersionQuerySet",
    "Backing",
    "BackingQuerySet",
    "ColumnMapping",
    "Figure",
    "FigureQuerySet",
    "Import",
    "ImportQuerySet",
    "Indicator",
    "IndicatorQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "KeyPerson",
    "KeyPersonQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Municipality",
    "ParticipationPlan",
    "ParticipationPlanQuerySet",
    "ParticipationRules",
    "Party",
    "PartyQuerySet",
    "Place",
    "PlaceQuerySet",
    "Postcode",
    "Source",
    "Succession",
    "SuccessionQuerySet",
    "TalkBack",
    "Theme",
    "ThemeQuerySet",
    "Trajectory",
    "TrajectoryQuerySet",
    "TrajectoryStep",
    "colleagues_in",
    "colleagues_in_each",
    "has_everywhere",
    "has_in_each",
    "held_by",
]
