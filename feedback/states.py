"""States and transitions of answers owed, answers and messages. docs/engine.md draws MESSAGE_TRANSITIONS."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContributionKind(models.TextChoices):
    CHOICE = "choice", _("chosen")
    TEXT = "text", _("written")
    REST = "rest", _("other answers")
    REACTION = "reaction", _("said back to our answer")


class Reading(models.TextChoices):
    """What a person found when reading a text."""

    UNREAD = "unread", _("not read yet")
    CLEAR = "clear", _("nothing sensitive")
    SENSITIVE = "sensitive", _("sensitive")


class Handover(models.TextChoices):
    NONE = "none", _("nobody")
    DANGER = "danger", _("danger, threat or abuse")
    DEFECT = "defect", _("street defect")


class Owed(models.TextChoices):
    """An answer owed. Published: on the reader's own page. Sent: also delivered to their address."""

    OPEN = "open", _("waiting for an answer")
    PUBLISHED = "published", _("answered on their page")
    SENT = "sent", _("answered and sent")
    WITHDRAWN = "withdrawn", _("withdrawn by the resident")
    WAIVED = "waived", _("waived, with a reason")


OWED_TRANSITIONS: dict[str, frozenset[str]] = {
    Owed.OPEN: frozenset({Owed.PUBLISHED, Owed.WITHDRAWN, Owed.WAIVED}),
    Owed.PUBLISHED: frozenset({Owed.SENT, Owed.OPEN, Owed.WITHDRAWN}),
    Owed.SENT: frozenset({Owed.PUBLISHED, Owed.OPEN, Owed.WITHDRAWN}),  # bounced; "this does not answer me"
    Owed.WITHDRAWN: frozenset({Owed.OPEN, Owed.PUBLISHED, Owed.SENT}),  # back to `withdrawn_from`
    Owed.WAIVED: frozenset({Owed.OPEN}),
}
ANSWERED_STATES = frozenset({Owed.PUBLISHED, Owed.SENT})


class Outcome(models.TextChoices):
    ADOPTED = "adopted", _("goes ahead")
    PARTLY = "partly", _("partly")
    NO = "no", _("no, because")
    NOT_OURS = "not_ours", _("not ours")
    NOT_YET = "not_yet", _("not yet")


class ProgressKind(models.TextChoices):
    """What happened since an answer was given."""

    BEGUN = "begun", _("begun")
    UPDATE = "update", _("how it stands now")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")


PROMISING_OUTCOMES = (Outcome.ADOPTED, Outcome.PARTLY, Outcome.NOT_YET)
"""Outcomes that can promise something for a day; readers are asked later whether it happened."""


class Happened(models.TextChoices):
    """Whether a promise was kept, according to the person it was made to."""

    YES = "yes", _("yes, it happened")
    PARTLY = "partly", _("partly")
    NO = "no", _("no, it did not happen")


class ApprovalState(models.TextChoices):
    """The verdict of a second colleague on an answer before release."""

    ASKED = "asked", _("asked")
    APPROVED = "approved", _("approved")
    SENT_BACK = "sent_back", _("sent back")
    TAKEN_BACK = "taken_back", _("taken back")


APPROVAL_TRANSITIONS: dict[str, frozenset[str]] = {
    ApprovalState.ASKED: frozenset(
        {ApprovalState.APPROVED, ApprovalState.SENT_BACK, ApprovalState.TAKEN_BACK}
    ),
    ApprovalState.APPROVED: frozenset({ApprovalState.TAKEN_BACK}),
    ApprovalState.SENT_BACK: frozenset({ApprovalState.TAKEN_BACK}),
    ApprovalState.TAKEN_BACK: frozenset(),
}


class FollowUpState(models.TextChoices):
    DRAFT = "draft", _("draft")
    HOLD = "hold", _("on hold")
    RELEASED = "released", _("being handed out")
    FANNED_OUT = "fanned_out", _("on everybody's page")
    CLOSED = "closed", _("closed")


FOLLOW_UP_TRANSITIONS: dict[str, frozenset[str]] = {
    FollowUpState.DRAFT: frozenset({FollowUpState.HOLD}),
    FollowUpState.HOLD: frozenset({FollowUpState.DRAFT, FollowUpState.RELEASED}),  # stopped; the hold ended
    FollowUpState.RELEASED: frozenset({FollowUpState.FANNED_OUT}),
    FollowUpState.FANNED_OUT: frozenset({FollowUpState.CLOSED}),
    FollowUpState.CLOSED: frozenset(),
}


class MessagePurpose(models.TextChoices):
    CONFIRM = "confirm", _("is this your address?")
    FOLLOW_UP = "follow_up", _("what happened with your input")
    NEWS = "news", _("news of a neighbourhood")
    CODE = "code", _("code for the private page")
    TRIAL = "trial", _("send to me")
    SIGN_IN = "sign_in", _("sign-in of staff")
    INVITATION = "invitation", _("invitation of staff")
    SURVEY = "survey", _("invitation to answer a survey")
    NOTICE = "notice", _("notice to staff")
    MATCH = "match", _("about joining in")
    TASK = "task", _("about a task that was taken on")
    OFFER = "offer", _("about what somebody offered")
    TALK_BACK = "talk_back", _("do you support the results?")
    LOOK_BACK = "look_back", _("did what we promised happen?")


# Purposes that can also go by text or letter; all others go by mail only.
LETTER_PURPOSES = frozenset({MessagePurpose.FOLLOW_UP, MessagePurpose.TALK_BACK})
SMS_PURPOSES = LETTER_PURPOSES | {MessagePurpose.CONFIRM, MessagePurpose.CODE}
# Mail that a resident just asked for is sent to a suppressed address too.
REQUESTED_PURPOSES = frozenset({MessagePurpose.CONFIRM, MessagePurpose.CODE})
# Somebody waits for it on screen: sent before everything else, and useless later.
ON_SCREEN_PURPOSES = frozenset(
    {MessagePurpose.CONFIRM, MessagePurpose.CODE, MessagePurpose.SIGN_IN, MessagePurpose.TRIAL}
)
SHORT_LIVED_PURPOSES = frozenset({MessagePurpose.CODE, MessagePurpose.SIGN_IN})


class MessageState(models.TextChoices):
    PENDING = "pending", _("pending")
    CLAIMED = "claimed", _("in hand")
    HANDING_OVER = "handing_over", _("being handed over")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("bounced")
    SUPPRESSED = "suppressed", _("suppressed")
    FAILED = "failed", _("failed")
    UNCERTAIN = "uncertain", _("uncertain")
    CANCELLED = "cancelled", _("cancelled")


MESSAGE_TRANSITIONS: dict[str, frozenset[str]] = {
    MessageState.PENDING: frozenset(
        {MessageState.CLAIMED, MessageState.CANCELLED, MessageState.SUPPRESSED, MessageState.UNCERTAIN}
    ),
    MessageState.CLAIMED: frozenset(
        {
            MessageState.PENDING,  # not started: the turn or the lease ended, or the address changed
            MessageState.HANDING_OVER,
            MessageState.SUPPRESSED,
            MessageState.CANCELLED,
            MessageState.UNCERTAIN,  # the database turned out to be restored from a backup
        }
    ),
    MessageState.HANDING_OVER: frozenset(
        {
            MessageState.SENT,
            # Certainly not accepted: not tried, the line was lost before the body, or the server said "later".
            MessageState.PENDING,
            MessageState.FAILED,
            MessageState.UNCERTAIN,
        }
    ),
    # Once it is sent, uncertain or failed, no job sends it again.
    MessageState.SENT: frozenset({MessageState.DELIVERED, MessageState.BOUNCED}),
    MessageState.DELIVERED: frozenset({MessageState.BOUNCED}),
    MessageState.UNCERTAIN: frozenset(
        {
            MessageState.SENT,  # the slow process reports success after all
            MessageState.DELIVERED,
            MessageState.BOUNCED,
            MessageState.PENDING,  # a colleague resends it
        }
    ),
    MessageState.BOUNCED: frozenset(),  # final, except delivery.take_back_bounce of a colleague's note
    MessageState.SUPPRESSED: frozenset(),
    MessageState.FAILED: frozenset({MessageState.PENDING}),  # a colleague resends it
    MessageState.CANCELLED: frozenset(),
}
UNSETTLED_STATES = frozenset({MessageState.PENDING, MessageState.CLAIMED, MessageState.HANDING_OVER})
IN_HAND_STATES = frozenset({MessageState.CLAIMED, MessageState.HANDING_OVER})
# No job can settle these, or none may.
NEEDS_PERSON_STATES = frozenset({MessageState.FAILED, MessageState.UNCERTAIN, MessageState.BOUNCED})
HANDED_OVER_STATES = frozenset({MessageState.SENT, MessageState.DELIVERED})


class BatchState(models.TextChoices):
    """Letters that are printed together in one file."""

    MAKING = "making", _("being made")
    MADE = "made", _("ready to be printed")
    STUCK = "stuck", _("could not be made")
    TAKEN = "taken", _("being printed and posted")
    POSTED = "posted", _("posted")
    DROPPED = "dropped", _("not posted")
    LOST = "lost", _("nobody noted that it was posted")


BATCH_TRANSITIONS: dict[str, frozenset[str]] = {
    BatchState.MAKING: frozenset({BatchState.MADE, BatchState.STUCK, BatchState.DROPPED}),
    BatchState.STUCK: frozenset({BatchState.MAKING, BatchState.DROPPED}),
    # MAKING: made again because a reader dropped out. A batch is taken once.
    BatchState.MADE: frozenset({BatchState.MAKING, BatchState.TAKEN, BatchState.DROPPED}),
    # MADE: printed again, because printing failed. From here on only a person knows what was posted.
    BatchState.TAKEN: frozenset({BatchState.MADE, BatchState.POSTED, BatchState.LOST}),
    BatchState.POSTED: frozenset(),
    BatchState.DROPPED: frozenset(),
    BatchState.LOST: frozenset(),
}
STATES_WITH_LETTERS = frozenset({BatchState.MAKING, BatchState.MADE, BatchState.STUCK, BatchState.TAKEN})


class ReminderStage(models.TextChoices):
    """At which stage a colleague is told of something with a day."""

    LATE = "late", _("late")
    LEAD = "lead", _("late, told to who leads")
    SOON = "soon", _("nearly due")


class DeliveryKind(models.TextChoices):
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("bounced")
    COMPLAINT = "complaint", _("complaint")
    # Not delivered, but the address may be good: mailbox full, refused, or deferred for too long.
    RETURNED = "returned", _("returned")
    DELAYED = "delayed", _("delayed, still being tried")
    AUTOMATIC = "automatic", _("an automatic answer came")


class IncomingState(models.TextChoices):
    """The state of a mail that somebody wrote back."""

    WAITING = "waiting", _("waits for a person")
    TAKEN = "taken", _("taken in as something said")
    DISCARDED = "discarded", _("discarded")


INCOMING_TRANSITIONS: dict[str, frozenset[str]] = {
    IncomingState.WAITING: frozenset({IncomingState.TAKEN, IncomingState.DISCARDED}),
    IncomingState.TAKEN: frozenset(),
    IncomingState.DISCARDED: frozenset(),
}


class WhyByHand(models.TextChoices):
    """Why incoming mail could not be taken in automatically."""

    UNKNOWN = "unknown", _("it answers no mail that we know")
    OTHER_ADDRESS = "other", _("it comes from another address than the one we wrote to")
    COLLEAGUE = "colleague", _("it answers a mail to a colleague")
    NO_ANSWER = "no_answer", _("it answers a mail in which no answer of ours stood")
    SEVERAL = "several", _("answers of several colleagues stood in the mail")
    WITHDRAWN = "withdrawn", _("its writer withdrew what they said")
    NO_WORDS = "no_words", _("no words were found in it")
    TOO_MANY = "too_many", _("many replies to one mail came before it")


PERSONAL_SOURCE_PREFIXES = ("initiative:", "challenge:")
"""Prefixes of a `source` whose answers are for one person: on no public page, and no news for followers.

The app above writes these sources and publishes what is public about them itself, in words for everybody.
Feedback reads nothing but the prefix."""
