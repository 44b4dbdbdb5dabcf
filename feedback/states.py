"""The states of what we owe and of what we send. The tables read like the diagrams in docs/engine.md."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContributionKind(models.TextChoices):
    CHOICE = "choice", _("chosen")
    TEXT = "text", _("written")
    REST = "rest", _("other answers")
    REACTION = "reaction", _("what our answer lacked")


class Reading(models.TextChoices):
    """What a person found who read a text."""

    UNREAD = "unread", _("not read yet")
    CLEAR = "clear", _("nothing sensitive")
    SENSITIVE = "sensitive", _("sensitive")


class Handover(models.TextChoices):
    NONE = "none", _("nobody")
    DANGER = "danger", _("danger, threat or abuse")
    DEFECT = "defect", _("street defect")


class Owed(models.TextChoices):
    """An answer owed. Published means on the reader's own page; sent means also handed to their address."""

    OPEN = "open", _("waiting for an answer")
    PUBLISHED = "published", _("answered on their page")
    SENT = "sent", _("answered and sent")
    WITHDRAWN = "withdrawn", _("withdrawn by the resident")
    WAIVED = "waived", _("waived, with a reason")


OWED_TRANSITIONS: dict[str, frozenset[str]] = {
    Owed.OPEN: frozenset({Owed.PUBLISHED, Owed.WITHDRAWN, Owed.WAIVED}),
    Owed.PUBLISHED: frozenset({Owed.SENT, Owed.OPEN, Owed.WITHDRAWN}),
    Owed.SENT: frozenset({Owed.PUBLISHED, Owed.OPEN, Owed.WITHDRAWN}),  # a bounce; "this does not answer me"
    Owed.WITHDRAWN: frozenset({Owed.OPEN, Owed.PUBLISHED, Owed.SENT}),  # put back where it was
    Owed.WAIVED: frozenset({Owed.OPEN}),
}
ANSWERED = frozenset({Owed.PUBLISHED, Owed.SENT})


class Outcome(models.TextChoices):
    ADOPTED = "adopted", _("goes ahead")
    PARTLY = "partly", _("partly")
    NO = "no", _("no, because")
    NOT_OURS = "not_ours", _("not ours")
    NOT_YET = "not_yet", _("not yet")


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


# Mail that a resident asked for this minute goes out also to a suppressed address.
ASKED_FOR_NOW = frozenset({MessagePurpose.CONFIRM, MessagePurpose.CODE})
# Somebody waits for it at a screen: it goes before everything else, and is of no use later.
WAITED_FOR = frozenset(
    {MessagePurpose.CONFIRM, MessagePurpose.CODE, MessagePurpose.SIGN_IN, MessagePurpose.TRIAL}
)
SHORT_LIVED = frozenset({MessagePurpose.CODE, MessagePurpose.SIGN_IN})


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
            MessageState.PENDING,  # the lease ended, or the server said "later"
            MessageState.HANDING_OVER,
            MessageState.SUPPRESSED,
            MessageState.CANCELLED,
            MessageState.FAILED,
            MessageState.UNCERTAIN,  # the database turned out to be a restored one
        }
    ),
    # Past this point nothing may send it again by itself.
    MessageState.HANDING_OVER: frozenset(
        {MessageState.SENT, MessageState.PENDING, MessageState.FAILED, MessageState.UNCERTAIN}
    ),
    MessageState.SENT: frozenset({MessageState.DELIVERED, MessageState.BOUNCED}),
    MessageState.DELIVERED: frozenset({MessageState.BOUNCED}),
    MessageState.UNCERTAIN: frozenset(
        {
            MessageState.SENT,  # the process that was slow reports after all
            MessageState.DELIVERED,
            MessageState.BOUNCED,
            MessageState.PENDING,  # a person: send it again
            MessageState.CANCELLED,
        }
    ),
    MessageState.BOUNCED: frozenset(),
    MessageState.SUPPRESSED: frozenset(),
    MessageState.FAILED: frozenset({MessageState.PENDING, MessageState.CANCELLED}),
    MessageState.CANCELLED: frozenset(),
}
UNSETTLED = frozenset({MessageState.PENDING, MessageState.CLAIMED, MessageState.HANDING_OVER})
IN_HAND = frozenset({MessageState.CLAIMED, MessageState.HANDING_OVER})
# What no machine may or can settle.
FOR_A_PERSON = frozenset({MessageState.FAILED, MessageState.UNCERTAIN, MessageState.BOUNCED})
HANDED_OVER = frozenset({MessageState.SENT, MessageState.DELIVERED})


class DeliveryKind(models.TextChoices):
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("bounced")
    COMPLAINT = "complaint", _("complaint")
