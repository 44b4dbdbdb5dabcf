"""Who was invited, and that a code or a link was used: never when or by whom.

Addresses of letters, the letters and their order are files of their run
(surveys/printing/services.py), never rows. E-mail addresses are contacts; what is linked to
them here is a yes or no.
"""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.errors import InvalidTransition
from core.keyed import KeyedHashField
from core.state_model import StateModel, StateQuerySet
from surveys.models.paper import PrintRun, PrintRunQuerySet
from surveys.models.questionnaire import Channel
from surveys.states import MAILING_TRANSITIONS, Basis, EnvelopeWindow, LetterState, MailingState, Replacement


class OneUseQuerySet(models.QuerySet[Any]):
    """Single-use tokens: each row can start one participation."""

    def spend(self, tap: str) -> bool:
        """Spend the one matching row. Also True if the same tap retries before its participation began."""
        if self.filter(spent=False).update(spent=True, tap=tap):
            return True
        return self.filter(spent=True, tap=tap).exists()

    def begun(self, tap: str) -> None:
        """The participation exists: clear `tap`, so that nothing tells which tap it was."""
        self.filter(tap=tap).update(tap="")


class OneUse(models.Model):
    """Single use. `tap` is the keyed hash of the tap that spent it, until its participation has begun."""

    spent = models.BooleanField(default=False)
    tap = models.CharField(max_length=64, blank=True)

    objects = OneUseQuerySet.as_manager()

    class Meta:
        abstract = True


class AccessCode(OneUse):
    """Single-use code of a letter: its keyed hash, and whether it was used. No time, address or number.

    The hash is the primary key, so that row order does not reveal which letter was made first.
    """

    code_hash = KeyedHashField(use="codes", purpose="letter-code", primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="codes")
    replacement = models.CharField(max_length=8, choices=Replacement, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tap="") | Q(spent=True), name="a_tap_spends_the_code"),
            models.CheckConstraint(
                condition=~Q(replacement=Replacement.REPLACED) | Q(spent=True, tap=""),
                name="replaced_codes_begin_nothing",
            ),
        ]
        indexes = [models.Index(fields=["channel", "spent"], name="codes_spent")]

    def __str__(self) -> str:
        return "a code"


class LetterRun(PrintRun):
    """Letters made together, one per address, each with its own code."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="run")
    letters = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    window = models.CharField(
        _("address window"), max_length=5, choices=EnvelopeWindow, default=EnvelopeWindow.LEFT
    )
    with_reminder = models.BooleanField(_("with a reminder"), default=False)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.LOOKED_AT)

    objects = PrintRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=PrintRun.DESTROYED_WHEN_DESTROYED, name="letters_destroyed_when_destroyed"
            )
        ]

    @property
    def pieces(self) -> int:
        return self.letters

    def read_anew(self, moved: bool) -> None:
        """Raises InvalidTransition if the row is gone: a list that was never made is deleted with its channel."""
        try:
            super().read_anew(moved)
        except LetterRun.DoesNotExist as gone:
            raise InvalidTransition(gettext("These letters were destroyed already.")) from gone


class AddressList(models.Model):
    """Addresses invited by e-mail, and where they come from.

    Until the list is taken (`taken_on`) its addresses are a file, afterwards contacts; after `destroyed_on`
    only two numbers are left.
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="addresses")
    folder = models.UUIDField(default=uuid4, unique=True, editable=False)
    origin = models.CharField(_("where these addresses come from"), max_length=300)
    basis = models.CharField(_("why we may write to them"), max_length=12, choices=Basis)
    invited = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0, help_text="Counted when the addresses were destroyed.")
    left_out = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_on = models.DateField(default=timezone.localdate)
    taken_on = models.DateField(null=True, blank=True)
    destroyed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(origin=""), name="addresses_have_an_origin")]

    def __str__(self) -> str:
        return f"address list {self.pk}"


class Invitation(OneUse):
    """One invited address: answered or not, without a date and without a link to the answers."""

    list = models.ForeignKey(AddressList, on_delete=models.CASCADE, related_name="invitations")
    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="invitation")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tap="") | Q(spent=True), name="a_tap_spends_the_invitation"),
        ]
        indexes = [models.Index(fields=["list", "spent"], name="invitations_spent")]

    def __str__(self) -> str:
        return "an invitation"


class Mailing(StateModel):
    """One mail round to a list: the invitation (0), or one of at most two reminders."""

    LAST_ROUND = 2
    TRANSITIONS = MAILING_TRANSITIONS
    TOO_LATE = _("These mails are in the outbox already.")

    list = models.ForeignKey(AddressList, on_delete=models.CASCADE, related_name="mailings")
    round = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=MailingState, default=MailingState.HOLD)
    leaves_at = models.DateTimeField()
    addressed = models.PositiveIntegerField(default=0)
    planned_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = StateQuerySet["Mailing"].as_manager()

    class Meta:
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "round"],
                condition=~Q(state=MailingState.STOPPED),
                name="one_mailing_per_round",
            ),
            models.CheckConstraint(condition=Q(round__lte=2), name="at_most_two_reminders"),
        ]

    def __str__(self) -> str:
        return f"round {self.round} of list {self.list_id}"
