"""Surveys as staff build them: drafts, library items, the data processing record."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.state_model import StateModel, StateQuerySet
from initiatives.models import ExpectationCard
from neighbourhoods.models import Area, Theme, Trajectory, has_everywhere
from neighbourhoods.states import Influence
from surveys.states import (
    SEEN_BY_RESIDENTS,
    STATES_UNDER_WAY,
    SURVEY_TRANSITIONS,
    CountsAs,
    ItemKind,
    LegalBasis,
    Skip,
    SurveyState,
)

# The editable draft of a survey. Residents answer a frozen version of it (SurveyVersion).


class TranslatedModel(models.Model):
    """Texts per language; tracks which translations are older than their original."""

    # ["text.en"]: the English of `text` is older than its original.
    stale = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True

    def say(self, field: str, language: str, words: str, *, main: str) -> None:
        """Set the text in one language. Changing the original (`main`) marks its translations stale."""
        texts = dict(getattr(self, field))
        before, words = texts.get(language, ""), words.strip()
        if words:
            texts[language] = words
        else:
            texts.pop(language, None)
        stale = set(self.stale) - {f"{field}.{language}"}
        if language == main and words != before:
            stale |= {f"{field}.{other}" for other in texts if other != main}
        setattr(self, field, texts)
        self.stale = sorted(stale)


class Claiming(TranslatedModel):
    """Texts that make claims about this municipality: who decides, what there is, when."""

    # ["why"]: came from an example, a copy or a file, and is not confirmed yet. Publishing waits for that.
    proposed = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), blank=True)

    class Meta:
        abstract = True

    def say(self, field: str, language: str, words: str, *, main: str) -> None:
        before = getattr(self, field).get(language, "")
        super().say(field, language, words, main=main)
        if language == main and words.strip() != before:
            self.confirm([field])

    def confirm(self, fields: Iterable[str]) -> list[str]:
        """Clear the proposed mark of these fields; returns the fields that had it."""
        confirmed = set(fields)
        taken = [field for field in self.proposed if field in confirmed]
        self.proposed = [field for field in self.proposed if field not in taken]
        return taken


SUBJECT = "survey:{}"
"""Names a survey where apps below keep it without reading it."""


class SurveyQuerySet(StateQuerySet["Survey"]):
    def visible_to(self, user: User) -> Self:
        if has_everywhere(user):
            return self.all()
        # EXISTS, because a join with DISTINCT would sort every survey by all its texts.
        held = Survey.areas.through.objects.filter(
            survey=OuterRef("pk"), area__in=Area.objects.visible_to(user).values("pk")
        )
        return self.filter(Exists(held))

    def open(self) -> Self:
        return self.filter(state=SurveyState.OPEN)

    def with_draft(self) -> Self:
        """Prefetches the whole draft in a fixed number of queries."""
        return self.select_related(
            "owner", "area", "card", "keeping", "current", "coming", "trajectory__plan"
        ).prefetch_related("areas", "layers__questions__options", "set_asides__by")

    def public(self) -> Self:
        return self.filter(state__in=SEEN_BY_RESIDENTS)


class Survey(Claiming, StateModel):
    """A layered needs poll held in one or more areas, with a date before which an answer is promised."""

    TRANSITIONS = SURVEY_TRANSITIONS
    TOO_LATE = _("This survey is no longer in that state. Have another look.")

    title = models.JSONField(_("title"), default=dict)
    lead = models.JSONField(_("first sentence"), default=dict)
    who_asks = models.JSONField(_("who asks?"), default=dict)
    why = models.JSONField(_("why?"), default=dict)
    promise = models.JSONField(_("what we promise"), default=dict)
    promise_before = models.DateField(_("before"), null=True, blank=True)
    influence = models.CharField(_("how much influence"), max_length=10, choices=Influence, blank=True)
    influence_text = models.JSONField(_("influence in plain words"), default=dict)
    influence_why = models.CharField(
        _("why more or less influence than was advised"), max_length=300, blank=True
    )
    languages = models.JSONField(_("languages"), default=list)
    # The smallest area containing all others; also used for respondents who did not say where they live.
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    areas = models.ManyToManyField(Area, related_name="surveys")
    trajectory = models.ForeignKey(
        Trajectory, null=True, blank=True, on_delete=models.SET_NULL, related_name="surveys"
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="surveys")
    owner_role = models.JSONField(_("owner, as residents read it"), default=dict)
    card = models.ForeignKey(
        ExpectationCard,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="surveys",
        verbose_name=_("expectation card"),
    )
    erase_on = models.DateField(_("answers are erased on"), null=True, blank=True)
    # From this day on only the counters are left: they are frozen and excluded from the recount.
    answers_erased_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=SurveyState, default=SurveyState.DRAFT)
    current = models.ForeignKey(
        "SurveyVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Published with a changed meaning while `current` runs; waits for its own signature.
    coming = models.ForeignKey(
        "SurveyVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Incremented on every edit: shows unpublished changes, and detects edits by a colleague.
    revision = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    # Under 16 nobody may leave an address (UAVG art. 5): they only get a receipt, and cannot join in.
    without_contact = models.BooleanField(_("nobody leaves an address or joins in"), default=False)
    # The earlier survey that this one repeats, so that years can be compared.
    round_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="rounds"
    )

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=SurveyState.DRAFT) | Q(current__isnull=False, promise_before__isnull=False),
                name="published_means_a_version_and_a_promise",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published"], opened_at__isnull=True)
                | (~Q(state__in=["draft", "published"]) & Q(opened_at__isnull=False)),
                name="opened_when_opened",
            ),
            models.CheckConstraint(
                condition=Q(state=SurveyState.CLOSED, closed_at__isnull=False)
                | (~Q(state=SurveyState.CLOSED) & Q(closed_at__isnull=True)),
                name="closed_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(coming__isnull=True) | Q(state__in=["open", "paused"]),
                name="a_version_comes_while_another_runs",
            ),
        ]

    def __str__(self) -> str:
        return self.title.get("nl") or self.title.get("en") or f"survey {self.pk}"

    @property
    def since(self) -> datetime:
        """When it entered its current state, or was last edited as a draft."""
        return self.closed_at or self.opened_at or self.changed_at

    @property
    def where(self) -> str:
        """Area names if there are at most three, else the enclosing area and the count. Prefetch `areas` for
        a list.
        """
        areas = sorted(area.name for area in self.areas.all())
        return ", ".join(areas) if len(areas) <= 3 else f"{self.area} ({len(areas)})"

    @property
    def subject(self) -> str:
        """Its key in lower apps, which cannot import surveys."""
        return SUBJECT.format(self.pk)

    @property
    def has_changes(self) -> bool:
        last = self.coming or self.current
        return last is not None and self.state != SurveyState.DRAFT and self.revision != last.revision

    @property
    def is_under_way(self) -> bool:
        """Published and not closed yet: channels can be made and people invited."""
        return self.state in STATES_UNDER_WAY

    def promise_is_near(self, on: date | None = None) -> bool:
        return self.promise_before is not None and self.promise_before <= (on or timezone.localdate())


class Layer(TranslatedModel):
    """Questions that count together. The first layer is for everybody; deeper layers are optional."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="layers")
    order = models.PositiveSmallIntegerField(default=0)
    title = models.JSONField(_("title"), default=dict)
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_first = models.BooleanField(default=False)
    one_page = models.BooleanField(_("all questions on one page"), default=False)
    condition = models.JSONField(null=True, blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["survey"], condition=Q(is_first=True, retired=False), name="one_first_layer"
            ),
        ]

    def __str__(self) -> str:
        return f"layer {self.pk}"


class Question(Claiming):
    """A question, why it is asked, what is done with the answer, and by whom. Once used: retired, never deleted."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField(default=0)
    type = models.CharField(_("type"), max_length=20)
    text = models.JSONField(_("the question"), default=dict)
    hint = models.JSONField(_("hint"), default=dict, blank=True)
    purpose = models.JSONField(_("why"), default=dict)
    use = models.JSONField(_("what we do with it"), default=dict)
    owner_role = models.JSONField(_("who does that"), default=dict)
    asks_needs = models.BooleanField(_("asks for needs"), default=False)
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    skip = models.CharField(_("letting go"), max_length=10, choices=Skip, default=Skip.SKIP)
    condition = models.JSONField(null=True, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    type_locked = models.BooleanField(default=False)
    retired = models.BooleanField(default=False)
    # The same question in an earlier round; cleared as soon as the meaning changes.
    same_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"question {self.pk}"


class Option(TranslatedModel):
    """An answer to choose. Responses store its id, so its words may be corrected."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    order = models.PositiveSmallIntegerField(default=0)
    label = models.JSONField(_("answer"), default=dict)
    hint = models.JSONField(_("hint"), default=dict, blank=True)
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dont_know = models.BooleanField(default=False)
    counts_as = models.CharField(_("counts as"), max_length=8, choices=CountsAs, blank=True)
    # Where this answer leads: the next question (empty), a later one of the layer (its id), or "end".
    then = models.CharField(_("then go to"), max_length=20, blank=True)
    retired = models.BooleanField(default=False)
    same_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"option {self.pk}"


# How long the answers of one survey are kept, on what legal basis, and who else sees them.


ABANDONED_DAYS = 30
"""Days during which an unfinished response can be resumed."""


class KeepingNotes(models.Model):
    """For the privacy officer: legal basis, note for the impact assessment, and who else sees the answers."""

    basis = models.CharField(max_length=12, choices=LegalBasis, default=LegalBasis.PUBLIC_TASK)
    basis_in = models.CharField(max_length=300, blank=True)
    impact_note = models.TextField(blank=True)
    processors = models.TextField(blank=True)

    class Meta:
        abstract = True


class KeepingDefault(KeepingNotes):
    """Notes that every new survey of this municipality starts with. Edited in the settings; at most one row."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_keeping_default"),
            models.CheckConstraint(
                condition=Q(basis__in=LegalBasis.values), name="default_legal_basis_is_known"
            ),
        ]

    def __str__(self) -> str:
        return "what surveys begin with"


class DataProcessingRecord(KeepingNotes):
    """Processing record for the privacy officer (GDPR articles 5, 6, 28 and 35), with retention terms.

    Finished answers are erased on the survey's `erase_on`. These may go sooner: answers to layer 1 alone on
    `first_layer_on`, words that were answered on `words_on`, unfinished responses after `abandoned_days`, an
    address `address_days` after the last message. After publication a term can only become shorter: people
    were told.
    """

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="keeping")
    first_layer_on = models.DateField(null=True, blank=True)
    words_on = models.DateField(null=True, blank=True)
    abandoned_days = models.PositiveSmallIntegerField(default=ABANDONED_DAYS)
    # None: the general term on the privacy page. A survey can only be stricter.
    address_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=LegalBasis.values), name="legal_basis_is_known"),
            models.CheckConstraint(
                condition=Q(abandoned_days__gte=1) & (Q(address_days=None) | Q(address_days__gte=1)),
                name="terms_are_at_least_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"keeping of survey {self.survey_id}"


# What authors keep beside their drafts: reusable items, dismissed remarks, and imported form files.


class LibraryItemQuerySet(models.QuerySet["LibraryItem"]):
    def offered(self) -> Self:
        return self.filter(retired=False)

    def search(self, words: str) -> Self:
        """Items that contain every word, in any order."""
        found = self
        for word in words.casefold().split()[:8]:
            found = found.filter(words__contains=word)
        return found


class LibraryItem(models.Model):
    """A reusable question, layer or survey of this municipality.

    `plan` holds the plain values of surveys/library/plan.py; `words` all its texts, for search.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=ItemKind)
    name = models.CharField(_("name"), max_length=80)
    about = models.CharField(_("what it is for"), max_length=200, blank=True)
    plan = models.JSONField()
    words = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kept_on = models.DateField(default=timezone.localdate)
    retired = models.BooleanField(default=False)

    objects = LibraryItemQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ItemKind.values), name="library_kind_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_library_item_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class DismissedLint(models.Model):
    """A remark on a draft that somebody dismissed, with the reason.

    Valid for the words that were read: `about` is their revision. Changed words bring the remark back.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="set_asides")
    remark = models.CharField(max_length=80)
    about = models.CharField(max_length=32)
    reason = models.CharField(_("why it may stay"), max_length=300)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "remark"], name="a_remark_is_set_aside_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="set_aside_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.remark} of survey {self.survey_id}"


class FormFile(models.Model):
    """The form file a draft was imported from, and what of it was not taken over."""

    survey = models.OneToOneField(Survey, on_delete=models.CASCADE, related_name="form_file")
    name = models.CharField(max_length=120)
    # [{"sheet": "survey", "row": 4, "column": "relevant", "said": ..., "found": ...}]: see
    # surveys/exchange/xlsform/report.py.
    report = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"file of survey {self.survey_id}"
