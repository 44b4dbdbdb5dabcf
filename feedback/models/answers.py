"""Answers that are owed and given: follow-ups, approvals, progress."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.revision import revision
from core.state_model import StateModel, StateQuerySet
from feedback.models.contributions import AnswerOwed, Contribution
from feedback.models.delivery import Message
from feedback.states import (
    APPROVAL_TRANSITIONS,
    FOLLOW_UP_TRANSITIONS,
    PERSONAL_SOURCE_PREFIXES,
    PROMISING_OUTCOMES,
    ApprovalState,
    FollowUpState,
    Happened,
    Outcome,
    ProgressKind,
    ReminderStage,
)
from neighbourhoods.defaults import EMPTY_JSON_OBJECT
from neighbourhoods.models import Area
from neighbourhoods.states import Power

# Follow-ups, the debts they name, and the item on each reader's page.


class FollowUpQuerySet(StateQuerySet["FollowUp"]):
    def visible_to(self, user: User) -> Self:
        told = FollowUp.areas.through.objects.filter(
            followup=OuterRef("pk"), area__in=Area.objects.visible_to(user).values("pk")
        )
        return self.filter(Exists(told) | Q(owner=user))

    def led_by(self, user: User) -> Self:
        led = Area.objects.where(user, least=Power.ADMINISTRATOR).values("pk")
        told = FollowUp.areas.through.objects.filter(followup=OuterRef("pk"), area__in=led)
        return self.filter(Exists(told))

    def for_everybody(self) -> Self:
        """Follow-ups that may be shown to all: without personal answers to single debts."""
        found = self.exclude(audience__has_key="owed")
        for source in PERSONAL_SOURCE_PREFIXES:
            found = found.exclude(audience__source__startswith=source)
        return found

    def hold_ended(self, now: datetime) -> Self:
        return self.filter(state=FollowUpState.HOLD, hold_until__lte=now)


class FollowUp(StateModel):
    """Our answer: what was decided, why, and what comes next. Per language, to an audience, delivered exactly
    once to each reader.

    `audience` is {"source": "survey:12", "key": "option:31" or "" or a list of keys, "theme": id or null,
    "areas": [ids]}. A missing key doesn't narrow the audience; an area excludes the areas inside it. "owner":
    id limits it to the debts of this colleague. "first": true leaves out readers who said that an earlier
    answer was none, as they get a personal answer. "owed": [ids] limits it to those answers owed.
    """

    TRANSITIONS = FOLLOW_UP_TRANSITIONS
    TOO_LATE = _("This answer is no longer in that state. Have another look.")

    title = models.JSONField(default=dict, help_text="“meeting”: what it is about, per language.")
    audience = models.JSONField(default=dict)
    areas = models.ManyToManyField(Area, related_name="follow_ups")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decided = models.JSONField(default=dict)
    why = models.JSONField(default=dict)
    next_step = models.JSONField(default=dict)
    signed_as = models.JSONField(default=dict, help_text="The role that writes, per language.")
    contact = models.JSONField(
        default=dict, db_default=EMPTY_JSON_OBJECT, blank=True, help_text="Who to talk to, per language."
    )
    happens_on = models.DateField(
        null=True, blank=True, help_text="Before when what is promised here has happened."
    )
    told_in = models.JSONField(
        default=dict,
        db_default=EMPTY_JSON_OBJECT,
        blank=True,
        help_text="Language of readers -> the one they get it in, marked as such.",
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="follow_ups")
    written_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    goes_on = models.BooleanField(
        default=False,
        db_default=False,
        help_text="It tells how it goes on, and corrects nothing of the earlier one.",
    )
    state = models.CharField(max_length=10, choices=FollowUpState, default=FollowUpState.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    hold_until = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    # The last receipt of the fan-out so far: everybody up to and including it has an item.
    cursor = models.UUIDField(null=True, blank=True)
    fanned_out_at = models.DateTimeField(null=True, blank=True)
    # The number of readers named at release, and how many of them erased themselves since.
    addressed = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)

    # Texts per language: those every answer must have, and the optional one.
    TEXTS = ("title", "decided", "why", "next_step", "signed_as")
    WRITTEN = (*TEXTS, "contact")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=FollowUpState.DRAFT, hold_until__isnull=True)
                | (~Q(state=FollowUpState.DRAFT) & Q(hold_until__isnull=False)),
                name="a_hold_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "hold"], released_at__isnull=True)
                | (~Q(state__in=["draft", "hold"]) & Q(released_at__isnull=False)),
                name="released_when_released",
            ),
            models.CheckConstraint(
                condition=Q(goes_on=False) | Q(corrects__isnull=False), name="goes_on_from_an_answer"
            ),
            models.CheckConstraint(
                condition=Q(happens_on__isnull=True) | Q(outcome__in=PROMISING_OUTCOMES),
                name="only_a_promise_happens",
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}: {self.state}"

    @property
    def is_personal(self) -> bool:
        """Whether it answers only certain debts; then it is not on any public page."""
        return "owed" in self.audience

    @property
    def current_happens_on(self) -> date | None:
        """The day it happens according to the latest answer about it. A sequel without a day keeps the
        earlier day."""
        out = FollowUp.objects.filter(state__in=[FollowUpState.FANNED_OUT, FollowUpState.CLOSED])
        here, day = self, self.happens_on
        while later := out.filter(corrects=here).order_by("-released_at", "-pk").first():
            here = later
            day = later.happens_on if later.happens_on or not later.goes_on else day
        return day

    def lacking(self, language: str) -> list[str]:
        """Parts without text in this language. The contact is required only if some language has one."""
        parts = self.WRITTEN if any(self.contact.values()) else self.TEXTS
        return [part for part in parts if not str(getattr(self, part).get(language, "")).strip()]

    def language_for(self, language: str) -> str:
        """The language in which readers of `language` get it: their own, or the one chosen for them; "" if
        neither is complete."""
        chosen = (language, self.told_in.get(language, ""))
        return next((code for code in chosen if code and not self.lacking(code)), "")

    def texts_for(self, language: str) -> dict[str, dict[str, str]]:
        """The texts for readers of `language`: all parts in one language, never mixed."""
        code = self.language_for(language)
        return {
            part: {code: texts[code]} if code and texts.get(code) else texts
            for part in self.WRITTEN
            for texts in [getattr(self, part)]
        }

    @property
    def digest(self) -> str:
        """The revision of everything that can be edited."""
        said = [getattr(self, part) for part in (*self.WRITTEN, "outcome", "audience", "told_in")]
        return revision([*said, self.happens_on])


class NamedDebt(models.Model):
    """A debt that a follow-up names, frozen at release. The follow-up discharges only these."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="named")
    owed = models.ForeignKey(AnswerOwed, on_delete=models.CASCADE, related_name="named_by")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follow_up", "owed"], name="a_debt_is_named_once")]
        indexes = [models.Index(fields=["follow_up", "receipt"])]


class FollowUpItemQuerySet(models.QuerySet["FollowUpItem"]):
    def shown(self) -> Self:
        return self.filter(cancelled=False)


class FollowUpItem(models.Model):
    """One follow-up on one reader's own page: visible once its transaction commits, exactly once.

    Without a message it is on the page only.
    """

    LONGEST_REASON = 2_000  # characters of the reason why an answer is missing something

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="items")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="items")
    message = models.ForeignKey(
        # RESTRICT: deleting only the message would change the sums of its follow-up.
        Message,
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="items",
    )
    created_at = models.DateTimeField(default=timezone.now)
    cancelled = models.BooleanField(
        default=False, help_text="Everything it answers was withdrawn before it was handed out."
    )

    objects = FollowUpItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follow_up", "receipt"], name="one_item_per_reader")]

    def __str__(self) -> str:
        return f"item {self.pk} of follow-up {self.follow_up_id}"


class Reaction(models.Model):
    """The reply to “Does this answer you?” The latest one counts; a no keeps what was missing as a
    contribution."""

    item = models.OneToOneField(FollowUpItem, on_delete=models.CASCADE, related_name="reaction")
    answers_me = models.BooleanField()
    reason = models.ForeignKey(
        Contribution, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"{self.item_id}: {'yes' if self.answers_me else 'no'}"


class FulfilmentCheck(models.Model):
    """“Did what was promised happen?” Asked once of each reader of an answer; the latest reply counts.

    Without a message it is asked on their page only.
    """

    item = models.OneToOneField(FollowUpItem, on_delete=models.CASCADE, related_name="look_back")
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="look_backs"
    )
    asked_on = models.DateField(default=timezone.localdate)
    happened = models.CharField(max_length=6, choices=Happened, blank=True)
    words = models.ForeignKey(
        Contribution, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(happened="", said_on__isnull=True)
                | (Q(happened__in=Happened.values) & Q(said_on__isnull=False)),
                name="who_looks_back_does_so_on_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.happened or 'asked'}"

    @property
    def is_overtaken(self) -> bool:
        """Whether a later answer with another day, or without one, replaced the answer it is about."""
        return self.item.follow_up.current_happens_on != self.item.follow_up.happens_on

    @property
    def is_owed(self) -> bool:
        """Whether the words given with it still wait for an answer."""
        return self.words is not None and self.words.owed.waiting().exists()


# Approval of an answer by a second colleague before it is sent.


class Approval(StateModel):
    """A request to a colleague to approve one exact text of an answer.

    `digest` is that of the answer when approval was asked. An edited answer has another digest, so the
    approval no longer applies.
    """

    TRANSITIONS = APPROVAL_TRANSITIONS
    TOO_LATE = _("This was decided or taken back in the meantime. Have another look.")
    MOVED_AT = "decided_at"

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="approvals")
    digest = models.CharField(max_length=16)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_of = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.ASKED)
    remark = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up"], condition=Q(state=ApprovalState.ASKED), name="one_is_asked_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True) | ~Q(asked_by=F("asked_of")),
                name="nobody_approves_their_own",
            ),
            models.CheckConstraint(
                condition=Q(state=ApprovalState.ASKED, decided_at__isnull=True)
                | (~Q(state=ApprovalState.ASKED) & Q(decided_at__isnull=False)),
                name="an_approval_is_decided_when_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=ApprovalState.SENT_BACK) | ~Q(remark=""), name="sent_back_with_a_remark"
            ),
        ]

    def __str__(self) -> str:
        return f"approval of follow-up {self.follow_up_id}: {self.state}"


# What happened since an answer was given: begun, under way, done. Noted by the owner of the answer, public.


class ProgressQuerySet(models.QuerySet["Progress"]):
    def shown(self) -> Self:
        return self.filter(taken_back_on=None)


class Progress(models.Model):
    """A day and a short text per language beside a published answer. One taken back stays in the log."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="progress")
    kind = models.CharField(max_length=8, choices=ProgressKind)
    on = models.DateField()
    text = models.JSONField(default=dict, help_text="Per language.")
    noted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)
    taken_back_on = models.DateField(null=True, blank=True)
    told_in = models.OneToOneField(
        FollowUp,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tells",
        help_text="The answer that takes it to everybody concerned: it goes on, and corrects nothing.",
    )

    objects = ProgressQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ProgressKind.values), name="kind_of_progress_is_known"
            ),
            models.CheckConstraint(condition=~Q(text={}), name="progress_is_told_in_words"),
            models.UniqueConstraint(
                fields=["follow_up"],
                condition=Q(kind=ProgressKind.DONE, taken_back_on=None),
                name="an_answer_is_done_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.kind} on {self.on}"


# Which colleagues were told of what is due.


class ToldDue(models.Model):
    """A colleague was told of something with a day, before it or past it. Deleted when it is no longer due: a
    new day is reported again."""

    thing = models.CharField(max_length=100, help_text="What it is: offer:12, task:3.")
    day = models.DateField()
    stage = models.CharField(max_length=4, choices=ReminderStage)
    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thing", "day", "stage", "to"], name="colleagues_told_once"),
            models.CheckConstraint(condition=Q(stage__in=ReminderStage.values), name="told_at_a_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.thing}, {self.stage}: {self.day:%Y-%m-%d}"

    @property
    def key(self) -> tuple[str, date, str, int]:
        return self.thing, self.day, self.stage, self.to_id


class MovedDay(models.Model):
    """A day of ours that was told to residents and then moved to later, and why, in the words they read.

    A survey has its Promise for this; this model is for days kept by apps above (an offer, a need, an
    initiative)."""

    thing = models.CharField(max_length=100, db_index=True, help_text="What it is, as in ToldDue: offer:12.")
    was = models.DateField()
    day = models.DateField()
    why = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(day__gt=F("was")), name="a_day_moved_came_later"),
            models.CheckConstraint(condition=~Q(why=""), name="a_moved_day_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.thing}: {self.was:%Y-%m-%d} became {self.day:%Y-%m-%d}"
