"""What was said, and what we owe for it."""

import uuid
from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from feedback.states import OWED_TRANSITIONS, ContributionKind, Handover, Owed, Reading
from neighbourhoods.errors import InvalidTransition
from neighbourhoods.models import Area, Theme


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, user: User) -> Self:
        """Those somebody owns, and those under which people wait in their areas."""
        mine = Topic.objects.filter(area__in=Area.objects.visible_to(user)).values("source")
        return self.filter(Q(owner=user) | Q(subject__in=mine))


class Promise(models.Model):
    """What we will do, who does it, and before when. Debts made under it carry its date."""

    subject = models.CharField(
        max_length=80, unique=True, help_text="In the words of the app above: “survey:12”."
    )
    title = models.JSONField(default=dict)
    text = models.JSONField(default=dict)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="promises")
    due_on = models.DateField()
    first_due_on = models.DateField()
    moved_reason = models.JSONField(default=dict, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on=models.F("first_due_on")) | ~Q(moved_reason={}),
                name="a_moved_promise_says_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} before {self.due_on}"


class TopicQuerySet(models.QuerySet["Topic"]):
    def visible_to(self, user: User) -> Self:
        owed = AnswerOwed.objects.filter(topic=OuterRef("pk"), owner=user)
        return self.filter(Q(area__in=Area.objects.visible_to(user)) | Exists(owed))


class Topic(models.Model):
    """Something that can be answered: an option, a question or a theme, of one poll, in one area."""

    source = models.CharField(
        max_length=40, help_text="Where it was asked, in the words of the app above: “survey:12”."
    )
    key = models.CharField(
        max_length=40, help_text="Which thing: “option:31”, “question:9”, “theme:green”, “rest”."
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="topics")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="topics")
    title = models.JSONField(default=dict)
    question = models.JSONField(
        default=dict, blank=True, help_text="The question it was an answer to, per language."
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key", "area"], name="one_topic_each")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def unread(self) -> Self:
        """What somebody still has to read; what was withdrawn nobody reads."""
        return self.filter(
            kind__in=[ContributionKind.TEXT, ContributionKind.REACTION],
            reading=Reading.UNREAD,
            withdrawn_on=None,
        )

    def rewrite(self, text: str, masked_text: str) -> int:
        """Other words in place of these: they must be read anew, also by who has the old ones on screen."""
        return self.update(
            text=text,
            masked_text=masked_text,
            reading=Reading.UNREAD,
            read_by=None,
            revision=F("revision") + 1,
        )

    def visible_to(self, user: User) -> Self:
        owed = AnswerOwed.objects.filter(contribution=OuterRef("pk"), owner=user)
        return self.filter(Q(topic__area__in=Area.objects.visible_to(user)) | Exists(owed))


class Contribution(models.Model):
    """What one receipt said about one topic. The only place where free text lives.

    `slot` names what it came from within the receipt ("9:31" is option 31 of question 9), so that saying it
    twice is saying it once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="contributions")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="contributions")
    slot = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=ContributionKind)
    text = models.TextField(blank=True)
    masked_text = models.TextField(
        blank=True, help_text="The text without addresses and numbers, for colleagues."
    )
    language = models.CharField(max_length=12)
    said_on = models.DateField(default=timezone.localdate)
    reading = models.CharField(max_length=10, choices=Reading, default=Reading.UNREAD)
    handover = models.CharField(max_length=10, choices=Handover, default=Handover.NONE)
    read_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Raised whenever the words or what a reader found change, so that two readers don't overwrite each other.
    revision = models.PositiveSmallIntegerField(default=0)
    withdrawn_on = models.DateField(null=True, blank=True)
    themes = models.ManyToManyField(Theme, through="ContributionTheme", related_name="contributions")

    objects = ContributionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt", "slot"], name="one_contribution_per_slot"),
            models.CheckConstraint(
                condition=Q(kind__in=["choice", "rest"], text="") | Q(kind__in=["text", "reaction"]),
                name="only_texts_have_text",
            ),
        ]
        indexes = [
            # The queue of the listening desk, however many choices stand beside the texts.
            models.Index(
                fields=["said_on", "id"],
                condition=Q(reading="unread", kind__in=["text", "reaction"]),
                name="unread_texts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slot}"

    @property
    def may_be_quoted(self) -> bool:
        """Whether mail may repeat the words: somebody read them and found nothing sensitive."""
        return self.kind == ContributionKind.CHOICE or self.reading == Reading.CLEAR


class ContributionTheme(models.Model):
    """What a text is about, as a person read it."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT)
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "theme"], name="a_theme_is_given_once")
        ]


class AnswerOwedQuerySet(models.QuerySet["AnswerOwed"]):
    def waiting(self) -> Self:
        return self.filter(state=Owed.OPEN)

    def late(self, *, on: date | None = None) -> Self:
        """Past the promised day, and still waiting. Nothing else takes a row out of here."""
        return self.waiting().filter(due_on__lt=on or timezone.localdate())

    def visible_to(self, user: User) -> Self:
        return self.filter(Q(topic__area__in=Area.objects.visible_to(user)) | Q(owner=user))


class AnswerOwed(models.Model):
    """An answer owed for one thing said: to whom, by whom, before when, and how it ended.

    Nothing but an answer, the resident, or a written reason takes it off the board.
    """

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="owed")
    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="owed")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="owed")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owed")
    since = models.DateField(default=timezone.localdate)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=Owed, default=Owed.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    # The state to go back to when a withdrawal is put back.
    withdrawn_from = models.CharField(max_length=10, blank=True)

    objects = AnswerOwedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "topic"], name="one_debt_per_thing_said"),
            models.CheckConstraint(
                condition=Q(state=Owed.OPEN, settled_at__isnull=True)
                | (~Q(state=Owed.OPEN) & Q(settled_at__isnull=False)),
                name="a_debt_is_settled_when_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state=Owed.WAIVED) | ~Q(reason=""), name="waived_with_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"]), models.Index(fields=["topic", "state"])]

    def __str__(self) -> str:
        return f"owed for {self.contribution_id}: {self.state}"

    def move(self, to: str, *, now: datetime | None = None, **fields: Any) -> None:
        """Take the debt to another state, or raise InvalidTransition."""
        sources = [state for state, targets in OWED_TRANSITIONS.items() if to in targets]
        fields |= {"state": to, "settled_at": None if to == Owed.OPEN else now or timezone.now()}
        if not AnswerOwed.objects.filter(pk=self.pk, state__in=sources).update(**fields):
            raise InvalidTransition(_("Something happened to this in the meantime. Have another look."))
        self.refresh_from_db()
