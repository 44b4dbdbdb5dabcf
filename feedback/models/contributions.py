"""Contributions, topics and second readings."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Self, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.counting import cached_for_all_users
from accounts.models import Receipt, User
from core.deadlines import is_late, past_due
from core.state_model import StateModel, StateQuerySet
from feedback.screening import mask, names_danger
from feedback.states import OWED_TRANSITIONS, ContributionKind, Handover, Owed, Reading
from neighbourhoods.defaults import EMPTY_JSON_LIST
from neighbourhoods.models import Area, Place, Theme, has_everywhere
from neighbourhoods.states import Power, Reopening

# What residents said, and the answers owed for it.


_Found = TypeVar("_Found")


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, user: User) -> Self:
        """Promises the user owns, and those with topics in areas visible to the user."""
        mine = Topic.objects.filter(area__in=Area.objects.visible_to(user)).values("source")
        return self.filter(Q(owner=user) | Q(subject__in=mine))


class Promise(models.Model):
    """What we will do, who does it and by which date. Debts made under a promise get its date."""

    subject = models.CharField(
        max_length=80, unique=True, help_text="In the words of the app above: “survey:12”."
    )
    title = models.JSONField(default=dict)
    text = models.JSONField(default=dict)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="promises")
    due_on = models.DateField()
    first_due_on = models.DateField()
    # Days to keep addresses after our last message, if shorter than the retention file says.
    address_days = models.PositiveSmallIntegerField(null=True, blank=True)
    moved_reason = models.JSONField(default=dict, blank=True)
    rounded_off_on = models.DateField(
        null=True, blank=True, help_text="Since when nobody waits under it any more, and none was left out."
    )
    taken_up_again = models.JSONField(
        default=list,
        db_default=EMPTY_JSON_LIST,
        blank=True,
        help_text="After it was rounded off: [{on, why per language}], newest last.",
    )

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

    @property
    def is_past(self) -> bool:
        """Whether the due date has passed; nothing may be promised for that date any more."""
        return is_late(self.due_on)

    @property
    def last_taken_up(self) -> Reopening | None:
        return Reopening.last_of(self.taken_up_again)


class TopicQuerySet(models.QuerySet["Topic"]):
    def visible_to(self, user: User) -> Self:
        owed = AnswerOwed.objects.filter(topic=OuterRef("pk"), owner=user)
        return self.filter(Q(area__in=Area.objects.visible_to(user)) | Exists(owed))


class Topic(models.Model):
    """Something that can be answered: an option, a question or a theme of one survey in one area."""

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
        """Texts that still have to be read, without the withdrawn ones."""
        return self.texts().filter(reading=Reading.UNREAD)

    def to_read(self) -> Self:
        """The queue of the listening desk: possible danger first, then oldest first."""
        return self.unread().order_by("-may_be_danger", "said_on", "pk")

    def rewrite(self, text: str) -> int:
        """Replace the text and mark it unread. Raising `revision` rejects saves by a reader with the old text
        on screen."""
        return self.update(
            **Contribution.words(text),
            reading=Reading.UNREAD,
            read_by=None,
            revision=F("revision") + 1,
            may_quote_since=None,
            quoted_on=None,
            quoted_by=None,
        )

    def texts(self) -> Self:
        """Texts and reactions that are not withdrawn."""
        return self.filter(kind__in=[ContributionKind.TEXT, ContributionKind.REACTION], withdrawn_on=None)

    def quotes(self) -> Self:
        """Residents' words shown on public pages: read, marked clear, chosen by a colleague, and with
        consent."""
        return self.texts().filter(
            reading=Reading.CLEAR, may_quote_since__isnull=False, quoted_on__isnull=False
        )

    def visible_to(self, user: User) -> Self:
        """Contributions for colleagues with at least coordinator power in the area, or who own a debt for
        one. Viewers see counts only."""
        if has_everywhere(user, least=Power.COORDINATOR):
            return self.all()
        mine = Area.objects.where(user, least=Power.COORDINATOR)
        owed = AnswerOwed.objects.filter(contribution=OuterRef("pk"), owner=user)
        return self.filter(Q(topic__area__in=mine) | Exists(owed))


class Contribution(models.Model):
    """What one receipt said about one topic. The only place where free text lives.

    `slot` names the source within the receipt ("9:31" is option 31 of question 9), so that saving the same
    thing twice is idempotent.
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
    may_be_danger = models.BooleanField(
        default=False, db_default=False, help_text="A guess from the words, so that these are read first."
    )
    language = models.CharField(max_length=12)
    said_on = models.DateField(default=timezone.localdate)
    reading = models.CharField(max_length=10, choices=Reading, default=Reading.UNREAD)
    handover = models.CharField(max_length=10, choices=Handover, default=Handover.NONE)
    read_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Raised when the text or the reading changes (optimistic lock): two readers can't overwrite each other.
    revision = models.PositiveSmallIntegerField(default=0)
    withdrawn_on = models.DateField(null=True, blank=True)
    # The location it is about, only from respondents of 16 and older: a point rounded to about ten metres, or
    # a listed place.
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    place = models.ForeignKey(
        Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    may_quote_since = models.DateField(
        null=True, blank=True, help_text="Since when the resident agrees that these words may be published."
    )
    quoted_on = models.DateField(null=True, blank=True, help_text="When a colleague chose it as a quote.")
    quoted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    themes = models.ManyToManyField(Theme, through="ContributionTheme", related_name="contributions")

    objects = ContributionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt", "slot"], name="one_contribution_per_slot"),
            models.CheckConstraint(
                condition=Q(kind__in=["choice", "rest"], text="") | Q(kind__in=["text", "reaction"]),
                name="only_texts_have_text",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False, kind=ContributionKind.TEXT),
                name="a_point_has_two_sides",
            ),
            models.CheckConstraint(
                condition=Q(quoted_on=None) | Q(may_quote_since__isnull=False, reading="clear"),
                name="quoted_when_clear_and_allowed",
            ),
        ]
        indexes = [
            # The queue of the listening desk: a partial index, so that its cost doesn't grow with the number
            # of choices.
            models.Index(
                fields=["-may_be_danger", "said_on", "id"],
                condition=Q(reading="unread", kind__in=["text", "reaction"]),
                name="unread_texts",
            ),
            models.Index(fields=["-quoted_on", "id"], condition=Q(quoted_on__isnull=False), name="quotes"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slot}"

    @staticmethod
    def words(text: str) -> dict[str, Any]:
        return {"text": text, "masked_text": mask(text), "may_be_danger": names_danger(text)}

    @property
    def says_it_did_not_happen(self) -> bool:
        """Whether this is a tap, without text, that says the promise was not kept."""
        return self.kind == ContributionKind.REACTION and self.slot.startswith("happened:") and not self.text

    @property
    def may_be_quoted(self) -> bool:
        """Whether mail may quote it: a choice, or a text that a person read and found not sensitive."""
        return self.kind == ContributionKind.CHOICE or self.reading == Reading.CLEAR


class ContributionTheme(models.Model):
    """A theme that a person gave to a text."""

    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT)
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "theme"], name="a_theme_is_given_once")
        ]


IS_TOLD = Q(state=Owed.SENT) | Q(state=Owed.PUBLISHED) & ~Q(reason="")
"""Sent by mail, text or letter, or told in person. In the last case the note of what was said is the reason."""
IS_PAGE_ONLY = Q(state=Owed.PUBLISHED, reason="")
"""The answer is on the resident's own page, and nobody notified them."""


class AnswerOwedQuerySet(StateQuerySet["AnswerOwed"]):
    def waiting(self) -> Self:
        return self.filter(state=Owed.OPEN)

    def late(self, *, on: date | None = None) -> Self:
        """Past the promised day and still open. No other condition may exclude a row here."""
        return self.waiting().filter(past_due("due_on", on))

    def cached_result(self, by: User, count: Callable[..., _Found], *more: Any) -> _Found:
        """The result of `count` on these rows, cached and shared by all users: see `counted_for_all`."""
        try:
            asked = hashlib.sha256(repr((self.query.sql_with_params(), more)).encode()).hexdigest()
        except EmptyResultSet:
            return count(self, *more)
        return cached_for_all_users(f"{count.__qualname__}:{asked}", lambda: count(self, *more), by=by)

    def visible_to(self, user: User, *, least: Power = Power.VIEWER) -> Self:
        if has_everywhere(user, least=least):
            return self.all()
        return self.filter(Q(topic__area__in=Area.objects.where(user, least=least)) | Q(owner=user))


class AnswerOwed(StateModel):
    """An answer owed for one thing said: to whom, by whom, by which date, and how it ended.

    Only an answer, the resident or a written reason takes it off the board.
    """

    TRANSITIONS = OWED_TRANSITIONS
    TOO_LATE = _("Something happened to this in the meantime. Have another look.")
    MOVED_AT = "settled_at"

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="owed")
    # No own index for either: a constraint or an index below starts with the same column.
    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="owed", db_index=False
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="owed", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owed")
    since = models.DateField(default=timezone.localdate)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=Owed, default=Owed.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    # The state to restore when a withdrawal is undone.
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
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["topic", "state"]),
            # The boards read all open rows; these covering indexes give them in order without reading the
            # table.
            models.Index(
                fields=["receipt", "topic", "owner", "since", "due_on"],
                condition=Q(state=Owed.OPEN),
                name="open_by_person",
            ),
            models.Index(
                fields=["topic", "receipt", "since", "due_on", "owner", "reopened"],
                condition=Q(state=Owed.OPEN),
                name="open_by_topic",
            ),
        ]

    def __str__(self) -> str:
        return f"owed for {self.contribution_id}: {self.state}"

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {"settled_at": None} if to == Owed.OPEN else {}


# Double reading: two colleagues read the same texts without seeing each other's result.


class DoubleReadingShare(models.Model):
    """The share of texts of one survey that a second colleague reads as well."""

    source = models.CharField(max_length=40, unique=True, help_text="In the words of the app above.")
    percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="a_share_is_at_most_all")]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.source}"

    @property
    def below(self) -> UUID:
        """The upper bound of the ids in the share. Ids are random, so this is a sample; a larger share
        includes the smaller."""
        return UUID(int=min(2**128 - 1, 2**128 * self.percent // 100))


class SecondReadingQuerySet(models.QuerySet["SecondReading"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(contribution__in=Contribution.objects.visible_to(user).texts())

    def to_settle(self) -> Self:
        return self.filter(self.to_settle_q())

    def to_settle_q(self) -> Q:
        return Q(agrees=False, settled_on=None)


class SecondReading(models.Model):
    """What two readers found in one text, independently, frozen when the second was done.

    ContributionTheme stays decisive: it holds what the first reader found, until a third look settles a
    disagreement.
    """

    contribution = models.OneToOneField(Contribution, on_delete=models.CASCADE, related_name="second_reading")
    first = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    second = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    first_themes = models.ManyToManyField(Theme, related_name="+")
    second_themes = models.ManyToManyField(Theme, related_name="+")
    agrees = models.BooleanField()
    read_on = models.DateField(default=timezone.localdate)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_on = models.DateField(null=True, blank=True)

    objects = SecondReadingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"second reading of {self.contribution_id}"


def texts_to_read_again(
    user: User, looks: Iterable[DoubleReadingShare] | None = None
) -> models.QuerySet[Contribution]:
    """Texts read once, not by this user, in the share of their survey (of all surveys, or only of `looks`)."""
    shares = Q(pk__in=[])
    for look in DoubleReadingShare.objects.all() if looks is None else looks:
        shares |= Q(topic__source=look.source, pk__lt=look.below)
    return (
        Contribution.objects.visible_to(user)
        .texts()
        .exclude(Q(reading=Reading.UNREAD) | Q(read_by=user))
        .filter(shares, ~Exists(SecondReading.objects.filter(contribution=OuterRef("pk"))))
    )


def with_second_look(texts: models.QuerySet[Contribution]) -> models.QuerySet[Contribution]:
    """Annotate the fields that `is_for_second` needs, so that one text costs no extra query."""
    look = DoubleReadingShare.objects.filter(source=OuterRef("topic__source"))
    return texts.annotate(
        percent=Subquery(look.values("percent")),
        was_read_twice=Exists(SecondReading.objects.filter(contribution=OuterRef("pk"))),
    )


def is_for_second(text: Any, user: User) -> bool:
    """The same test as `texts_to_read_again`, for one text visible to the user and annotated by `with_second_look`."""
    look = DoubleReadingShare(percent=text.percent or 0)
    is_theirs = text.reading != Reading.UNREAD and text.read_by_id != user.pk
    return is_theirs and not text.was_read_twice and bool(look.percent) and text.pk < look.below
