from initiatives.models.challenges import Challenge
from initiatives.models.initiatives import Approach, Initiative, Meeting, Picture, Task, Update
from initiatives.models.matching import Match, VolunteerRole
from initiatives.models.movement import MonthOfMovement
from initiatives.models.needs import Need, NeedLink, NeedSource, NeedStep, Note
from initiatives.models.offers import Clearance, ExpectationCard, Offer

__all__ = [
    "Approach",
    "Challenge",
    "Clearance",
    "ExpectationCard",
    "Initiative",
    "Match",
    "Meeting",
    "MonthOfMovement",
    "Need",
    "NeedLink",
    "NeedSource",
    "NeedStep",
    "Note",
    "Offer",
    "Picture",
    "Task",
    "Update",
    "VolunteerRole",
]
