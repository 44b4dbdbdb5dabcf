from feedback.models.approval import Approval
from feedback.models.contribution import AnswerOwed, Contribution, ContributionTheme, Promise, Topic
from feedback.models.follow_up import FollowUp, FollowUpItem, LookBack, NamedDebt, Reaction
from feedback.models.following import Following, FollowingQuerySet
from feedback.models.incoming import Incoming
from feedback.models.letter_batch import LetterBatch
from feedback.models.message import DeliveryAttempt, DeliveryEvent, Heartbeat, Lease, Message, Outbox
from feedback.models.progress import Progress
from feedback.models.report import EnvironmentNotice, FinalReport, ThemeReaction
from feedback.models.second_reading import (
    SecondLook,
    SecondReading,
    is_for_second,
    to_read_again,
    with_second_look,
)
from feedback.models.told import MovedDay, ToldDue

__all__ = [
    "AnswerOwed",
    "Approval",
    "Contribution",
    "ContributionTheme",
    "DeliveryAttempt",
    "DeliveryEvent",
    "EnvironmentNotice",
    "FinalReport",
    "FollowUp",
    "FollowUpItem",
    "Following",
    "FollowingQuerySet",
    "Heartbeat",
    "Incoming",
    "Lease",
    "LetterBatch",
    "LookBack",
    "Message",
    "MovedDay",
    "NamedDebt",
    "Outbox",
    "Progress",
    "Promise",
    "Reaction",
    "SecondLook",
    "SecondReading",
    "ThemeReaction",
    "ToldDue",
    "Topic",
    "is_for_second",
    "to_read_again",
    "with_second_look",
]
