"""What is said of a pair: why, why not, and what is weighed beside it. The words of all marks stand in
initiatives.wording."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Detail = tuple[str | int, ...]
SideKey = Callable[[Any], Hashable]
"""What is looked at on one side of a pair: many look alike."""


def nothing(_one: Any) -> None:
    return None


class Mark(StrEnum):
    # why not
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
    # why
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
    # beside it
    WAITS = "waits"
    NOBODY_YET = "nobody_yet"
    LOAD = "load"
    PROPOSED_THIS_WEEK = "proposed_this_week"


class FitTopic(StrEnum):
    """The five parts of the fit."""

    SKILLS = "skills"
    AVAILABILITY = "availability"
    DISTANCE = "distance"
    ACCESS = "access"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or why not: a mark, what it is worth, and what its words need."""

    mark: Mark
    points: int = 0
    detail: Detail = ()
