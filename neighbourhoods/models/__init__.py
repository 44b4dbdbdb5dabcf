"""Where and with whom: the municipality, its areas, themes, who may do what, and who backs what."""

from neighbourhoods.models.backing import Backing, BackingQuerySet
from neighbourhoods.models.membership import (
    Invitation,
    InvitationQuerySet,
    Membership,
    MembershipQuerySet,
    colleagues_in,
)
from neighbourhoods.models.municipality import Municipality, Theme, ThemeQuerySet
from neighbourhoods.models.place import Area, AreaImport, AreaQuerySet, AreaVersion, AreaVersionQuerySet

__all__ = [
    "Area",
    "AreaImport",
    "AreaQuerySet",
    "AreaVersion",
    "AreaVersionQuerySet",
    "Backing",
    "BackingQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Municipality",
    "Theme",
    "ThemeQuerySet",
    "colleagues_in",
]
