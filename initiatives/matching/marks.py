"""Marks: why a pair fits, why not, and adjustments. Their texts are in initiatives.wording."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Detail = tuple[str | int, ...]
SideKey = Callable[[Any], Hashable]
"""Reads the key of one side of a pair that a barrier or score depends on. Many rows share a key, so results
are cached."""


class ReasonCode(StrEnum):
    # barriers
    NO_CONSENT = "no_consent"
    UNREACHABLE = "unreachable"
    TOO_YOUNG = "too_young"
    NO_CLEARANCE = "no_clearance"
    NO_ROOM = "no_room"
    BUSY = "busy"
    CLASH = "clash"
    ENDS_BEFORE = "ends_before"
    SAID_NO = "said_no"
    TOO_FAR = "too_far"
    OTHER_MOMENTS = "other_moments"
    TOO_MUCH = "too_much"
    PAUSED = "paused"
    ALREADY = "already"
    # fit
    SKILLS = "skills"
    SKILLS_UNKNOWN = "skills_unknown"
    INTEREST = "interest"
    FREE = "free"
    TIMES_UNKNOWN = "times_unknown"
    OFTEN = "often"
    ONCE = "once"
    SAME_AREA = "same_area"
    NEAR = "near"
    SAME_TOWN = "same_town"
    PLACE_UNKNOWN = "place_unknown"
    SPEAKS = "speaks"
    NO_LANGUAGE_ASKED = "no_language_asked"
    LANGUAGE_UNKNOWN = "language_unknown"
    TOGETHER = "together"
    ALONE = "alone"
    EITHER = "either"
    WISHED_ROLE = "wished_role"
    WISHED_THEME = "wished_theme"
    # adjustments
    WAITS = "waits"
    NOBODY_YET = "nobody_yet"
    LOAD = "load"
    PROPOSED_THIS_WEEK = "proposed_this_week"


class FitTopic(StrEnum):
    """The five topics of the fit."""

    SKILLS = "skills"
    AVAILABILITY = "availability"
    DISTANCE = "distance"
    ACCESS = "access"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Reason:
    """A mark, its points, and the values its text needs."""

    mark: ReasonCode
    points: int = 0
    detail: Detail = ()
