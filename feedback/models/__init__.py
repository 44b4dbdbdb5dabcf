from feedback.models.contribution import AnswerOwed, Contribution, ContributionTheme, Promise, Topic
from feedback.models.follow_up import FollowUp, FollowUpItem, NamedDebt, Reaction
from feedback.models.following import Following, FollowingQuerySet
from feedback.models.message import DeliveryAttempt, DeliveryEvent, Heartbeat, Lease, Message, Outbox
from feedback.models.second_reading import (
    SecondLook,
    SecondReading,
    is_for_second,
    to_read_again,
    with_second_look,
)

__all__ = [
    "AnswerOwed",
    "Contribution",
    "ContributionTheme",
    "DeliveryAttempt",
    "DeliveryEvent",
    "FollowUp",
    "FollowUpItem",
    "Following",
    "FollowingQuerySet",
    "Heartbeat",
    "Lease",
    "Message",
    "NamedDebt",
    "Outbox",
    "Promise",
    "Reaction",
    "SecondLook",
    "SecondReading",
    "Topic",
    "is_for_second",
    "to_read_again",
    "with_second_look",
]
