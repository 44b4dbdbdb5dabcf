from initiatives.models.approach import Approach
from initiatives.models.card import ExpectationCard
from initiatives.models.challenge import Challenge
from initiatives.models.initiative import Initiative, Meeting, Picture, Task, Update
from initiatives.models.movement import MonthOfMovement
from initiatives.models.need import Need, NeedLink, NeedSource, NeedStep
from initiatives.models.note import Note
from initiatives.models.offer import Clearance, Offer
from initiatives.models.role import Match, VolunteerRole

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
