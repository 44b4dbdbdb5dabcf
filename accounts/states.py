"""Choices for the models of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReceiptPurpose(models.TextChoices):
    """What a private key opens. One receipt has one purpose, so responses can't be combined into a profile of a
    person.
    """

    PARTICIPATION = "participation", _("an answer to a survey")
    OFFER = "offer", _("an offer to join in")
    FOLLOWING = "following", _("following a neighbourhood")
    INVITATION = "invitation", _("an invitation")
    NOTE = "note", _("a note from a talk")
    INITIATIVE = "initiative", _("an initiative or a request")
    TASK = "task", _("a small task")


class HowOften(models.TextChoices):
    """How often a resident wants our answers by mail. On their own page each answer appears at once."""

    AT_ONCE = "at_once", _("At once")
    WEEKLY = "weekly", _("Once a week")
    MONTHLY = "monthly", _("Once a month")
    AT_THE_END = "end", _("Only the end result")


class DeliveryChannel(models.TextChoices):
    MAIL = "mail", _("e‑mail")
    TEXT = "text", _("text message")
    LETTER = "letter", _("letter")


class SuppressionScope(models.TextChoices):
    EVERYTHING = "everything", _("all mail of this municipality")


class SuppressionReason(models.TextChoices):
    ASKED = "asked", _("asked for it")
    BOUNCED = "bounced", _("the address does not exist")
    COMPLAINT = "complaint", _("marked as unwanted")
