"""What leaves and what comes in: messages, letters, replies and bounces."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from accounts.states import DeliveryChannel
from core.jobs import LeasedModel, LeasedQuerySet
from core.state_model import StateModel, StateQuerySet
from feedback.models.contributions import AnswerOwed, Contribution
from feedback.screening import mask, names_danger
from feedback.states import (
    BATCH_TRANSITIONS,
    IN_HAND_STATES,
    INCOMING_TRANSITIONS,
    LETTER_PURPOSES,
    MESSAGE_TRANSITIONS,
    NEEDS_PERSON_STATES,
    SMS_PURPOSES,
    STATES_WITH_LETTERS,
    BatchState,
    DeliveryKind,
    IncomingState,
    MessagePurpose,
    MessageState,
    WhyByHand,
)
from neighbourhoods.models import has_everywhere
from neighbourhoods.states import Power

# Letters with answers, printed and posted together.


class LetterBatchQuerySet(LeasedQuerySet["LetterBatch"]):
    def with_letters(self) -> "LetterBatchQuerySet":
        """Batches whose letters are, or will be, in a file."""
        return self.filter(state__in=STATES_WITH_LETTERS)


class LetterBatch(LeasedModel):
    """Letters in one PDF: made by a job, taken once by the colleague who prints it, then marked as posted.

    Its messages stay pending until it is marked as posted; the file exists from `made` until then.
    """

    TRANSITIONS = BATCH_TRANSITIONS
    TO_DO = frozenset({BatchState.MAKING})

    folder = models.UUIDField(default=uuid4, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=BatchState, default=BatchState.MAKING)
    letters = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    posted_on = models.DateField(null=True, blank=True)
    posted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = LetterBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=BatchState.POSTED, posted_on__isnull=False)
                | (~Q(state=BatchState.POSTED) & Q(posted_on__isnull=True)),
                name="letters_are_posted_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["taken", "posted", "lost"]) | Q(taken_at__isnull=False),
                name="letters_are_posted_by_who_took_them",
            ),
        ]


# The outbox: messages, their delivery results, and the leases of the jobs that send them.


class DedupeKey(NamedTuple):
    """The parts of a dedupe key of the form kind:pk:detail:...

    The renderer of a purpose finds its row by `pk`: a foreign key could not point to a row of an app above this one.
    A key that no renderer reads may have any form.
    """

    kind: str
    pk: int
    details: tuple[str, ...] = ()


def build_key(*parts: object) -> str:
    return ":".join(map(str, parts))


def parse_key(dedupe_key: str) -> DedupeKey:
    """Raises ValueError for a key of another form."""
    kind, pk, *details = dedupe_key.split(":")
    return DedupeKey(kind, int(pk), tuple(details))


class MessageQuerySet(StateQuerySet["Message"]):
    def due(self, now: datetime, carrier: str = DeliveryChannel.MAIL) -> Self:
        """Messages that may be sent now: those a person waits for on screen first, then oldest first."""
        return self.filter(
            state=MessageState.PENDING, next_attempt_at__lte=now, carrier=carrier, batch=None
        ).order_by("rank", "next_attempt_at", "id")

    def visible_to(self, user: User) -> Self:
        """Mail to receipts with a debt in the user's areas; all mail for a municipal administrator."""
        if has_everywhere(user, least=Power.ADMINISTRATOR):
            return self.all()
        # IN rather than EXISTS: the subquery runs at most once instead of once per message.
        owed = AnswerOwed.objects.visible_to(user, least=Power.COORDINATOR).values("receipt")
        return self.filter(receipt__in=owed)

    def open_digests(self) -> Self:
        """Mails with answers that have not left yet; another answer can still be added."""
        return self.filter(state=MessageState.PENDING, purpose=MessagePurpose.FOLLOW_UP, batch=None).order_by(
            "pk"
        )

    def with_key(self, *first_parts: object) -> Self:
        """Messages whose dedupe key begins with these parts, and has at least one more."""
        return self.filter(dedupe_key__startswith=f"{build_key(*first_parts)}:")

    def needing_person(self) -> Self:
        """Messages that no job can settle and that nobody took up yet: phone, write, find out."""
        found = self.filter(state__in=NEEDS_PERSON_STATES, resolved_by__isnull=True)
        # Nobody is owed an undelivered invitation; the address list shows their number.
        return found.exclude(purpose=MessagePurpose.SURVEY).order_by("settled_at", "id")

    def lease_ended(self, now: datetime) -> Self:
        return self.filter(lease_until__lt=now)


class Message(StateModel):
    """One mail, text or letter to one receipt, or a mail to one colleague. Everything sent is a row here
    first.

    Mails about answers are rendered when they are sent, from the data at that time. Others store their text
    until they are handed over; then text and address are emptied.
    """

    TRANSITIONS = MESSAGE_TRANSITIONS

    purpose = models.CharField(max_length=12, choices=MessagePurpose)
    carrier = models.CharField(
        max_length=6, choices=DeliveryChannel, default=DeliveryChannel.MAIL, db_default=DeliveryChannel.MAIL
    )
    batch = models.ForeignKey(
        LetterBatch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,  # few messages are letters: a partial index below covers those
        related_name="messages",
        help_text="With which letters it is printed.",
    )
    receipt = models.ForeignKey(
        Receipt, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    dedupe_key = models.CharField(max_length=120, unique=True)
    to_address = models.EmailField(
        blank=True, help_text="Only where it is not the contact's or the colleague's own."
    )
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=12, choices=MessageState, default=MessageState.PENDING)
    rank = models.PositiveSmallIntegerField(default=1, help_text="0 goes before 1.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(
        default=timezone.now,
        null=True,
        help_text="Empty: it waits until everything of its reader is answered.",
    )
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # A failed or uncertain message is a task for a person until somebody takes it up.
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resolution = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt__isnull=False, user__isnull=True)
                | Q(receipt__isnull=True, user__isnull=False),
                name="a_message_goes_to_a_receipt_or_a_user",
            ),
            models.CheckConstraint(
                condition=Q(carrier=DeliveryChannel.MAIL)
                | Q(carrier=DeliveryChannel.TEXT, user__isnull=True, purpose__in=sorted(SMS_PURPOSES))
                | Q(carrier=DeliveryChannel.LETTER, user__isnull=True, purpose__in=sorted(LETTER_PURPOSES)),
                name="what_a_text_or_a_letter_can_say",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(carrier=DeliveryChannel.LETTER),
                name="a_batch_is_of_letters",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["claimed", "handing_over"],
                    lease_token__isnull=False,
                    lease_until__isnull=False,
                )
                | (
                    ~Q(state__in=["claimed", "handing_over"])
                    & Q(lease_token__isnull=True, lease_until__isnull=True)
                ),
                name="in_hand_means_leased",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "claimed", "handing_over"], settled_at__isnull=True)
                | (~Q(state__in=["pending", "claimed", "handing_over"]) & Q(settled_at__isnull=False)),
                name="a_message_is_settled_when_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "rank", "next_attempt_at"]),
            models.Index(
                fields=["lease_until"], condition=Q(lease_until__isnull=False), name="message_leased"
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="message_in_a_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}: {self.state}"

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {} if to in IN_HAND_STATES else {"lease_token": None, "lease_until": None}


class DeliveryAttempt(models.Model):
    """The mail server's reply to one attempt. Append only; holds no address."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    said = models.CharField(max_length=200, blank=True)


class DeliveryEvent(models.Model):
    """A later event of a message, reported by a mailbox, a provider or a person."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=DeliveryKind)
    provider_event = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(default=timezone.now)
    detail = models.CharField(max_length=200, blank=True)
    noted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state_before = models.CharField(
        max_length=12,
        blank=True,
        db_default="",
        choices=MessageState,
        help_text="Of the message, where a person noted this: taking it back returns there.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state_before__in=["", *MessageState.values]), name="event_knows_the_state_before"
            ),
            models.CheckConstraint(
                condition=Q(noted_by=None) | ~Q(state_before=""), name="noted_by_hand_can_be_taken_back"
            ),
        ]


class OutboxEpoch(models.Model):
    """The single row with the progress of the outbox. The same number is in a file beside the database.

    A database can't know that it was restored from a backup; a number lower than the one in the file shows
    it.
    """

    epoch = models.PositiveBigIntegerField(default=0)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_outbox"),
            models.CheckConstraint(
                condition=Q(quarantined_at__isnull=True, reason="")
                | (Q(quarantined_at__isnull=False) & ~Q(reason="")),
                name="a_quarantine_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"outbox at {self.epoch}"


class Lease(models.Model):
    """Only the holder of a lease does the work it names."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(default=timezone.now)


class Heartbeat(models.Model):
    """When a job last ran, so that a stopped job is noticed."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=200, blank=True)


# Mail that residents wrote back, until it is a contribution or discarded.


class IncomingQuerySet(StateQuerySet["Incoming"]):
    def waiting(self) -> Self:
        """Mail to be read by a person: possible danger first, then oldest first."""
        return self.filter(state=IncomingState.WAITING).order_by("-may_be_danger", "at", "pk")

    def visible_to(self, user: User) -> Self:
        """Mail from people with a debt where the user is at least coordinator. Mail from unknown senders is
        only for users with that power everywhere."""
        if has_everywhere(user, least=Power.COORDINATOR):
            return self.all()
        owed = AnswerOwed.objects.visible_to(user, least=Power.COORDINATOR).values("receipt")
        return self.filter(receipt__in=owed)


class Incoming(StateModel):
    """One mail from a person to us.

    Its text stays here only while it waits for a colleague. Once taken in it is a Contribution, and only
    `key` records that this mail was read."""

    TRANSITIONS = INCOMING_TRANSITIONS
    TOO_LATE = _("A colleague looked after this mail already.")
    MOVED_AT = "settled_at"

    key = models.CharField(max_length=64, unique=True, help_text="Fingerprint of its Message-ID and sender.")
    state = models.CharField(max_length=10, choices=IncomingState, default=IncomingState.WAITING)
    why = models.CharField(max_length=10, choices=WhyByHand, blank=True)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_with"
    )
    receipt = models.ForeignKey(
        Receipt, null=True, blank=True, on_delete=models.CASCADE, related_name="incoming"
    )
    contribution = models.OneToOneField(
        Contribution, null=True, blank=True, on_delete=models.SET_NULL, related_name="came_by_mail"
    )
    from_address = models.EmailField(blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    masked_text = models.TextField(blank=True)
    may_be_danger = models.BooleanField(default=False)
    had_attachments = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = IncomingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=IncomingState.WAITING)
                | Q(text="", masked_text="", subject="", from_address=""),
                name="only_waiting_mail_has_words",
            ),
            models.CheckConstraint(
                condition=Q(state=IncomingState.WAITING, settled_at__isnull=True) & ~Q(why="")
                | (~Q(state=IncomingState.WAITING) & Q(settled_at__isnull=False)),
                name="mail_waits_with_a_reason_or_is_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-may_be_danger", "at", "id"],
                condition=Q(state=IncomingState.WAITING),
                name="waiting_mail",
            )
        ]

    def __str__(self) -> str:
        return f"incoming {self.pk}: {self.state}"

    @staticmethod
    def words(text: str) -> dict[str, Any]:
        return {"text": text, "masked_text": mask(text), "may_be_danger": names_danger(text)}

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Empties the text, whatever the new state."""
        return {"text": "", "masked_text": "", "subject": "", "from_address": ""}
