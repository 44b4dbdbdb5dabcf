from feedback.models.contribution import AnswerOwed, Contribution, ContributionTheme, Promise, Topic
from feedback.models.follow_up import FollowUp, FollowUpItem, NamedDebt, Reaction
from feedback.models.message import DeliveryAttempt, DeliveryEvent, Heartbeat, Lease, Message, Outbox

__all__ = [
    "AnswerOwed",
    "Contribution",
    "ContributionTheme",
    "DeliveryAttempt",
    "DeliveryEvent",
    "FollowUp",
    "FollowUpItem",
    "Heartbeat",
    "Lease",
    "Message",
    "NamedDebt",
    "Outbox",
    "Promise",
    "Reaction",
    "Topic",
]
