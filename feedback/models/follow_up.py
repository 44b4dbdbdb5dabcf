"""What we tell: a follow-up, which debts it names, and the item on each reader's page."""

import hashlib
import json
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.state_model import StateModel
from feedback.models.contribution import AnswerOwed, Contribution
from feedback.models.message import Message
from feedback.states import BETWEEN_TWO, FOLLOW_UP_TRANSITIONS, PROMISING, FollowUpState, Happened, Outcome
from neighbourhoods.defaults import EMPTY
from neighbourhoods.models import Area
from neighbourhoods.states import Power


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> Self:
        told = FollowUp.areas.through.objects.filter(
            followup=OuterRef("pk"), area__in=Area.objects.visible_to(user).values("pk")
        )
        return self.filter(Exists(told) | Q(owner=user))

    def led_by(self, user: User) -> Self:
        """Those told in areas that somebody administers."""
        led = Area.objects.where(user, least=Power.ADMINISTRATOR).values("pk")
        told = FollowUp.areas.through.objects.filter(followup=OuterRef("pk"), area__in=led)
        return self.filter(Exists(told))

    def for_everybody(self) -> Self:
        """What may be told to all: not what one person was answered in words of their own."""
        found = self.exclude(audience__has_key="owed")
        for source in BETWEEN_TWO:
            found = found.exclude(audience__source__startswith=source)
        return found

    def hold_ended(self, now: datetime) -> Self:
        return self.filter(state=FollowUpState.HOLD, hold_until__lte=now)


class FollowUp(StateModel):
    """Our answer: what was decided, why, what comes next. Per language, to an audience, exactly once each.

    `audience` is {"source": "survey:12", "key": "option:31" or "" or a list of keys, "theme": id or null,
    "areas": [ids]}: what is left out is not narrowed, and an area is meant without what lies inside it. With
    "owner": id it is for what this colleague looks after; with "first": true who said that an answer was none is left
    to words of their own; with "owed": [ids] it is for those answers owed alone.
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
        default=dict, db_default=EMPTY, blank=True, help_text="Who to talk to, per language."
    )
    happens_on = models.DateField(
        null=True, blank=True, help_text="Before when what is promised here has happened."
    )
    told_in = models.JSONField(
        default=dict,
        db_default=EMPTY,
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
    # Everybody up to and including this receipt has their item.
    cursor = models.UUIDField(null=True, blank=True)
    fanned_out_at = models.DateTimeField(null=True, blank=True)
    # How many readers it named when release was pressed, and how many of those erased themselves since.
    addressed = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)

    # What is written per language: what every answer says, and what it may say besides.
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
                condition=Q(happens_on__isnull=True) | Q(outcome__in=PROMISING),
                name="only_a_promise_happens",
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}: {self.state}"

    @property
    def is_personal(self) -> bool:
        """Whether it is for some answers owed alone: it stands on no page for everybody."""
        return "owed" in self.audience

    @property
    def day_by_now(self) -> date | None:
        """Before when it happens, by the last answer about it. What goes on without a day leaves the day as it was."""
        out = FollowUp.objects.filter(state__in=[FollowUpState.FANNED_OUT, FollowUpState.CLOSED])
        here, day = self, self.happens_on
        while later := out.filter(corrects=here).order_by("-released_at", "-pk").first():
            here = later
            day = later.happens_on if later.happens_on or not later.goes_on else day
        return day

    def lacking(self, language: str) -> list[str]:
        """Parts that have no words in this language: who to talk to only where some language names somebody."""
        parts = self.WRITTEN if any(self.contact.values()) else self.TEXTS
        return [part for part in parts if not str(getattr(self, part).get(language, "")).strip()]

    def told_to(self, language: str) -> str:
        """The language in which its readers of `language` get it: their own, or the one chosen for them; "" when
        neither is complete."""
        chosen = (language, self.told_in.get(language, ""))
        return next((code for code in chosen if code and not self.lacking(code)), "")

    def texts_for(self, language: str) -> dict[str, dict[str, str]]:
        """Its texts as these readers get them: whole in one language, never a part of this and a part of that."""
        code = self.told_to(language)
        return {
            part: {code: texts[code]} if code and texts.get(code) else texts
            for part in self.WRITTEN
            for texts in [getattr(self, part)]
        }

    @property
    def digest(self) -> str:
        """Sixteen hex digits of everything that can be written, to see that it is what stood on a screen."""
        said = [getattr(self, part) for part in (*self.WRITTEN, "outcome", "audience", "told_in")]
        said.append(self.happens_on and self.happens_on.isoformat())
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


class NamedDebt(models.Model):
    """A debt that a follow-up names, frozen when release was pressed. It discharges these and no others."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="named")
    owed = models.ForeignKey(AnswerOwed, on_delete=models.CASCADE, related_name="named_by")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follow_up", "owed"], name="a_debt_is_named_once")]
        indexes = [models.Index(fields=["follow_up", "receipt"])]


class FollowUpItemQuerySet(models.QuerySet["FollowUpItem"]):
    def shown(self) -> Self:
        """What stands on readers' pages."""
        return self.filter(cancelled=False)


class FollowUpItem(models.Model):
    """One follow-up on one reader's own page: there from the moment it commits, exactly once.

    Without a message it is on the page only.
    """

    LONGEST_REASON = 2_000  # characters of what somebody misses in it

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="items")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="items")
    message = models.ForeignKey(
        # Deleting a message alone would change the sum of its follow-up.
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
    """“Does this answer you?” The latest word counts; a no keeps what was missing as a contribution."""

    item = models.OneToOneField(FollowUpItem, on_delete=models.CASCADE, related_name="reaction")
    answers_me = models.BooleanField()
    reason = models.ForeignKey(
        Contribution, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"{self.item_id}: {'yes' if self.answers_me else 'no'}"


class FulfilmentCheck(models.Model):
    """“Did what was promised happen?” Asked of each reader of an answer once; the latest word counts.

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
        """Whether another answer, with another day or none, took the place of the one it is about."""
        return self.item.follow_up.day_by_now != self.item.follow_up.happens_on

    @property
    def is_owed(self) -> bool:
        """Whether what they said with it still waits for an answer."""
        return self.words is not None and self.words.owed.waiting().exists()
