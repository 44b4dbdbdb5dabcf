from feedback.models.approval import Approval
from feedback.models.contribution import AnswerOwed, Contribution, ContributionTheme, Promise, Topic
from feedback.models.follow_up import FollowUp, FollowUpItem, FulfilmentCheck, NamedDebt, Reaction
from feedback.models.following import Following, FollowingQuerySet
from feedback.models.incoming import Incoming
from feedback.models.letter_batch import LetterBatch
from feedback.models.message import DeliveryAttempt, DeliveryEvent, Heartbeat, Lease, Message, OutboxEpoch
from feedback.models.progress import Progress
from feedback.models.report import EnvironmentNotice, FinalReport, ThemeReaction
from feedback.models.second_reading import (
    DoubleReadingShare,
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
    "DoubleReadingShare",
    "EnvironmentNotice",
    "FinalReport",
    "FollowUp",
    "FollowUpItem",
    "Following",
    "FollowingQuerySet",
    "FulfilmentCheck",
    "Heartbeat",
    "Incoming",
    "Lease",
    "LetterBatch",
    "Message",
    "MovedDay",
    "NamedDebt",
    "OutboxEpoch",
    "Progress",
    "Promise",
    "Reaction",
    "SecondReading",
    "ThemeReaction",
    "ToldDue",
    "Topic",
    "is_for_second",
    "to_read_again",
    "with_second_look",
]
