"""Initiatives and approaches."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.deadlines import is_late
from core.i18n import pick
from core.state_model import StateModel, StateQuerySet
from feedback.screening import mask_label
from feedback.words import masked_texts
from initiatives.models.offers import with_owed_on
from initiatives.states import INITIATIVE_TRANSITIONS, PUBLIC_INITIATIVES, InitiativeState
from neighbourhoods.defaults import EMPTY_JSON_LIST, EMPTY_JSON_OBJECT, TODAY
from neighbourhoods.models import Area, Party, Theme
from neighbourhoods.states import AreaKind, GovernmentRole, Power

# Proven approaches, in the words of this municipality.


class Approach(models.Model):
    """Changes to a library approach (initiatives.initiatives.approaches), or an approach of the municipality
    itself.

    Only changed fields are stored, so later releases of the library reach the others.
    """

    slug = models.SlugField(max_length=60, unique=True)
    # Plain values by field name of initiatives.initiatives.approaches.ProvenApproach; only those that differ.
    changes = models.JSONField(default=dict)
    is_own = models.BooleanField(default=False)
    hidden_on = models.DateField(null=True, blank=True)
    changed_on = models.DateField(default=timezone.localdate)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


# Initiatives, from idea to running to ended, with their updates, meetings, tasks and picture.


class InitiativeQuerySet(StateQuerySet["Initiative"]):
    def running(self) -> Self:
        return self.filter(state=InitiativeState.RUNNING)

    def public(self) -> Self:
        return self.filter(state__in=PUBLIC_INITIATIVES)

    def not_ended(self) -> Self:
        return self.exclude(state=InitiativeState.ENDED)

    def with_owner(self) -> Self:
        """Not ended, and owned by a colleague."""
        return self.not_ended().filter(owner__isnull=False)

    def owing(self, *, by: date | None = None) -> Self:
        """Initiatives whose beginner waits for an answer, annotated with `owed_on`; also those that ended."""
        return with_owed_on(self.filter(receipt__isnull=False), "initiative", by=by)

    def due(self, on: date) -> Self:
        """With a next action, an answer owed or a task due on or before `on`."""
        planned = Task.objects.to_do().filter(before__lte=on).values("initiative")
        owing = Initiative.objects.owing(by=on).values("pk")
        step = Q(owner__isnull=False, next_action_on__lte=on) & ~Q(state=InitiativeState.ENDED)
        return self.filter(step | Q(pk__in=planned) | Q(pk__in=owing))

    def owned_by(self, user: User) -> Self:
        """Not ended, and owned by `user`."""
        return self.not_ended().filter(owner=user)

    def inside(self, area: Area) -> Self:
        return self.filter(area__in=Area.objects.inside([area.pk]).values("pk"))

    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))

    def coordinated_by(self, user: User) -> Self:
        """In an area where `user` is coordinator or more."""
        return self.filter(area__in=Area.objects.where(user, least=Power.COORDINATOR))

    def naming(self, words: str, languages: list[str]) -> Self:
        """Whose name or description, in one of the languages, or whose party name contains `words`."""
        said = Q(party__name__icontains=words)
        for code in languages:
            said |= Q(**{f"name__{code}__icontains": words})
            said |= Q(**{f"description__{code}__icontains": words})
        return self.filter(said)

    def like(self, *, theme: Theme, area: Area) -> Self:
        """Public initiatives on this theme in the area, the areas inside it, around it and next door. Those
        in the area itself come first."""
        around = Q(area=area) | Q(area__parent=area) | Q(area__parent__parent=area)
        around |= Q(area__in=[one.pk for one in area.above])
        if area.parent_id and area.kind == AreaKind.NEIGHBOURHOOD:
            around |= Q(area__parent=area.parent_id)
        is_here = models.Case(models.When(area=area, then=0), default=1, output_field=models.IntegerField())
        return self.public().filter(around, theme=theme).order_by(is_here, "-state_on", "pk")

    def near(self, area_id: int, theme_ids: list[int]) -> Self:
        """Running initiatives on these themes, in this area or the areas around it."""
        return (
            self.running()
            .filter(
                Q(area=area_id) | Q(area__children=area_id) | Q(area__children__children=area_id),
                theme__in=theme_ids,
            )
            .distinct()
        )


class Initiative(StateModel):
    """Something that is going on in a neighbourhood, or is about to.

    One from the inventory has no owner. One begun in Nabij has an owner, and with a receipt its beginner has
    a private page. What the beginner wrote are contributions, owed an answer; the texts here are public, in
    words a colleague read.
    """

    TRANSITIONS = INITIATIVE_TRANSITIONS
    TOO_LATE = _("Somebody was first. Have another look.")
    MOVED_ON = "state_on"

    name = models.JSONField(default=dict)
    description = models.JSONField(default=dict, help_text="When, where, for whom, per language.")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="initiatives")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="initiatives")
    party = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.SET_NULL, related_name="initiatives"
    )
    url = models.URLField(blank=True)
    since = models.DateField(null=True, blank=True)
    checked_on = models.DateField(default=timezone.localdate)
    state = models.CharField(
        max_length=10,
        choices=InitiativeState,
        default=InitiativeState.RUNNING,
        db_default=InitiativeState.RUNNING,
    )
    state_on = models.DateField(default=timezone.localdate, db_default=TODAY)
    public_on = models.DateField(
        null=True,
        blank=True,
        default=timezone.localdate,
        help_text="Since when everybody can read of it; it stays when it ends.",
        db_default=TODAY,
    )
    # Heart: why and for whom.
    motive = models.JSONField(
        default=dict, blank=True, help_text="Why, in the words of who began it.", db_default=EMPTY_JSON_OBJECT
    )
    motives = models.JSONField(default=list, blank=True, db_default=EMPTY_JSON_LIST)
    goal = models.JSONField(
        default=dict, blank=True, help_text="What it wants.", db_default=EMPTY_JSON_OBJECT
    )
    for_whom = models.JSONField(default=dict, blank=True, db_default=EMPTY_JSON_OBJECT)
    receipt = models.OneToOneField(
        Receipt, null=True, blank=True, on_delete=models.SET_NULL, related_name="initiative"
    )
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives"
    )
    is_light = models.BooleanField(
        default=False, help_text="The light route for who does this for the first time.", db_default=False
    )
    # Head: how it is approached.
    approach = models.SlugField(max_length=60, blank=True, db_default="")
    municipal_role = models.CharField(max_length=10, choices=GovernmentRole, blank=True, db_default="")
    # Hands: what is agreed and done.
    agreements = models.JSONField(default=dict, blank=True, db_default=EMPTY_JSON_OBJECT)
    support = models.JSONField(
        default=dict,
        blank=True,
        help_text="What support there is, and by whom.",
        db_default=EMPTY_JSON_OBJECT,
    )
    learned = models.JSONField(default=dict, blank=True, db_default=EMPTY_JSON_OBJECT)
    thanks = models.JSONField(default=dict, blank=True, db_default=EMPTY_JSON_OBJECT)
    next_action = models.CharField(max_length=120, blank=True, db_default="")
    next_action_on = models.DateField(null=True, blank=True)
    # The state to return to when the beginner undoes a withdrawal.
    withdrawn_from = models.CharField(max_length=10, blank=True, db_default="")
    sent_key = models.UUIDField(
        null=True,
        blank=True,
        unique=True,
        help_text="Made by the form at the desk: sent twice is one initiative.",
    )

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=InitiativeState.values), name="initiative_state_is_known"
            ),
            # An idea has no `public_on`; an ended initiative has one if it was ever public.
            models.CheckConstraint(
                condition=Q(state__in=sorted(PUBLIC_INITIATIVES), public_on__isnull=False)
                | Q(state=InitiativeState.IDEA, public_on=None)
                | Q(state=InitiativeState.ENDED),
                name="what_is_public_is_so_since_a_day",
            ),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(state=InitiativeState.ENDED) | Q(next_action_on__isnull=False),
                name="an_initiative_of_ours_has_a_next_action",
            ),
            models.CheckConstraint(
                condition=Q(receipt=None) | Q(owner__isnull=False), name="who_begins_is_looked_after"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_from="") | Q(state=InitiativeState.ENDED),
                name="what_was_withdrawn_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.name.get("en") or self.name.get("nl") or f"initiative {self.pk}"

    @property
    def label(self) -> str:
        """Its name on the desk, in the reader's language; an idea has no name yet."""
        language = get_language() or ""
        about = {"theme": pick(self.theme.name, language).lower()}
        return pick(self.name, language) or gettext("An idea about %(theme)s") % about

    @property
    def is_running(self) -> bool:
        return self.state == InitiativeState.RUNNING

    @property
    def is_public(self) -> bool:
        return self.state in PUBLIC_INITIATIVES

    @property
    def has_a_page(self) -> bool:
        """Whether it has a public page: while it is public, and after it ended. One that ended before it was
        public stays between its beginner and the municipality."""
        was_public = self.public_on is not None and self.withdrawn_from == ""
        return self.is_public or (self.state == InitiativeState.ENDED and was_public)

    @property
    def never_began(self) -> bool:
        """It was never public: it is, or ended as, an idea."""
        return not self.is_public and self.public_on is None

    @property
    def source(self) -> str:
        """Key of the contributions and answers owed of its beginner."""
        return f"initiative:{self.pk}"

    @property
    def is_late(self) -> bool:
        return is_late(self.next_action_on)

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the first `public_on` when it becomes public again."""
        since = Coalesce("public_on", Value(fields["state_on"]))
        return {"public_on": since} if to in PUBLIC_INITIATIVES else {}


class UpdateQuerySet(models.QuerySet["Update"]):
    def shown(self) -> Self:
        """Public updates: written or read by a colleague."""
        return self.filter(Q(by__isnull=False) | Q(read_by__isnull=False))

    def unread(self) -> Self:
        return self.filter(by=None, read_by=None)


class Update(models.Model):
    """An update on the page of an initiative. One by a resident is public once a colleague read it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="updates")
    text = models.JSONField(default=dict)
    on = models.DateField(default=timezone.localdate)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    read_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = UpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"update of {self.on}"

    @property
    def is_unread(self) -> bool:
        return self.by_id is None and self.read_by_id is None

    @property
    def as_read(self) -> dict[str, str]:
        """The text for colleagues: a resident's words are masked until a colleague
        published them."""
        return masked_texts(self.text) if self.is_unread else self.text


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def to_come(self, now: datetime | None = None) -> Self:
        return self.filter(cancelled_on=None, starts_at__gte=now or timezone.now()).order_by(
            "starts_at", "pk"
        )

    def shown(self) -> Self:
        return self.filter(is_read=True)


class Meeting(models.Model):
    """When and where an initiative meets. One by a resident is public once a colleague read it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="meetings")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=120)
    where = models.CharField(max_length=160)
    about = models.JSONField(default=dict, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)
    is_read = models.BooleanField(default=True)
    # SEQUENCE of RFC 5545: raised with each change so that calendar programs update.
    changed = models.PositiveSmallIntegerField(default=0)
    # How often time or place changed, and the earlier values: (starts_at, minutes, where), oldest first.
    moved = models.PositiveSmallIntegerField(default=0, db_default=0)
    earlier = models.JSONField(default=list, blank=True, db_default=EMPTY_JSON_LIST)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(minutes__gt=0), name="a_meeting_takes_time")]

    def __str__(self) -> str:
        return f"meeting at {self.starts_at:%Y-%m-%d %H:%M}"

    # Text for colleagues: a resident's words are masked until a colleague read them.

    @property
    def where_as_read(self) -> str:
        return self.where if self.is_read else mask_label(self.where)

    @property
    def about_as_read(self) -> dict[str, str]:
        return self.about if self.is_read else masked_texts(self.about)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def when(self) -> "MeetingPlan":
        return MeetingPlan(self.starts_at, self.minutes, self.where)

    def plan_after_moves(self, moved: int) -> "MeetingPlan":
        """Time and place after `moved` moves; 0 is the first plan."""
        if moved >= len(self.earlier):
            return self.when
        starts_at, minutes, where = self.earlier[moved]
        return MeetingPlan(datetime.fromisoformat(starts_at), minutes, where)


class MeetingPlan(NamedTuple):
    starts_at: datetime
    minutes: int
    where: str

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class TaskQuerySet(models.QuerySet["Task"]):
    def undone(self) -> Self:
        return self.filter(done_on=None)

    def to_do(self) -> Self:
        """Not done, in an initiative that has not ended."""
        return self.undone().exclude(initiative__state=InitiativeState.ENDED)

    def open_to_take(self) -> Self:
        """Open tasks that anybody can take on now."""
        return self.undone().filter(is_open=True, taken_by=None, initiative__state__in=PUBLIC_INITIATIVES)

    def held_by(self, receipt: Receipt) -> Self:
        return self.filter(taken_by=receipt)


class Task(models.Model):
    """A line of the plan: what, who, before when. Anybody may take an open one, without becoming a volunteer."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="tasks")
    what = models.JSONField(default=dict)
    who = models.CharField(max_length=80, blank=True, help_text="A role, never a name.")
    before = models.DateField(null=True, blank=True)
    is_open = models.BooleanField(default=False, help_text="Anybody may take it.")
    taken_by = models.ForeignKey(
        Receipt, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    taken_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["done_on", "before", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_by=None) | Q(taken_on__isnull=False), name="a_task_is_taken_on_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"

    @property
    def is_late(self) -> bool:
        return self.done_on is None and is_late(self.before)

    @property
    def can_be_taken(self) -> bool:
        return (
            self.is_open and self.done_on is None and self.taken_by_id is None and self.initiative.is_public
        )


class Picture(models.Model):
    """The picture of an initiative, re-encoded on upload so that camera metadata is dropped. One by a
    resident is public once a colleague looked at it."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="picture")
    jpeg = models.BinaryField()
    digest = models.CharField(max_length=64)
    alt = models.JSONField(default=dict, blank=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    is_read = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"picture {self.width} x {self.height}"
