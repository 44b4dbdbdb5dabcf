"""Something residents or parties do: from an idea to running to ended with thanks; and what belongs to it."""

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
from core.i18n import pick
from core.state_model import StateModel
from feedback.masking import mask
from feedback.words import masked_texts
from initiatives.models.owing import with_owed_on
from initiatives.states import INITIATIVE_TRANSITIONS, PUBLIC_INITIATIVES, InitiativeState
from neighbourhoods.defaults import EMPTY, NONE_YET, TODAY
from neighbourhoods.models import Area, Party, Theme
from neighbourhoods.states import AreaKind, GovernmentRole, Power


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def running(self) -> Self:
        return self.filter(state=InitiativeState.RUNNING)

    def public(self) -> Self:
        """What neighbours may read and join."""
        return self.filter(state__in=PUBLIC_INITIATIVES)

    def going_on(self) -> Self:
        return self.exclude(state=InitiativeState.ENDED)

    def of_ours(self) -> Self:
        """What goes on and somebody of ours looks after."""
        return self.going_on().filter(owner__isnull=False)

    def owing(self, *, by: date | None = None) -> Self:
        """Whose beginner waits for an answer, with `owed_on`; what ended owes it still."""
        return with_owed_on(self.filter(receipt__isnull=False), "initiative", by=by)

    def due(self, on: date) -> Self:
        """With a step, an answer or a line of the plan that is due by then."""
        planned = Task.objects.to_do().filter(before__lte=on).values("initiative")
        owing = Initiative.objects.owing(by=on).values("pk")
        step = Q(owner__isnull=False, next_action_on__lte=on) & ~Q(state=InitiativeState.ENDED)
        return self.filter(step | Q(pk__in=planned) | Q(pk__in=owing))

    def in_hand_of(self, user: User) -> Self:
        """What somebody looks after and is not over."""
        return self.going_on().filter(owner=user)

    def inside(self, area: Area) -> Self:
        return self.filter(area__in=Area.objects.inside([area.pk]).values("pk"))

    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))

    def where_works(self, user: User) -> Self:
        """Those in whose area somebody does more than look on."""
        return self.filter(area__in=Area.objects.where(user, least=Power.COORDINATOR))

    def naming(self, words: str, languages: list[str]) -> Self:
        """In which these words stand: in its texts in one of the languages, or in the name of who does it."""
        said = Q(party__name__icontains=words)
        for code in languages:
            said |= Q(**{f"name__{code}__icontains": words})
            said |= Q(**{f"description__{code}__icontains": words})
        return self.filter(said)

    def like(self, *, theme: Theme, area: Area) -> Self:
        """What neighbours can join already on this theme: here, in what lies in it or around it, and next door.
        What is here comes first."""
        around = Q(area=area) | Q(area__parent=area) | Q(area__parent__parent=area)
        around |= Q(area__in=[one.pk for one in area.above])
        if area.parent_id and area.kind == AreaKind.NEIGHBOURHOOD:
            around |= Q(area__parent=area.parent_id)
        is_here = models.Case(models.When(area=area, then=0), default=1, output_field=models.IntegerField())
        return self.public().filter(around, theme=theme).order_by(is_here, "-state_on", "pk")

    def near(self, area_id: int, theme_ids: list[int]) -> Self:
        """What is there already on these themes, in this area or around it."""
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

    One that was only noted down (the inventory) has no owner: nobody of ours looks after it. One that was begun
    here has, and with a receipt the resident or party who began it has a page of its own. What they wrote when
    they began are contributions, owed an answer; the texts here are for everybody, in words a colleague read.
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
    # heart
    motive = models.JSONField(
        default=dict, blank=True, help_text="Why, in the words of who began it.", db_default=EMPTY
    )
    motives = models.JSONField(default=list, blank=True, db_default=NONE_YET)
    goal = models.JSONField(default=dict, blank=True, help_text="What it wants.", db_default=EMPTY)
    for_whom = models.JSONField(default=dict, blank=True, db_default=EMPTY)
    receipt = models.OneToOneField(
        Receipt, null=True, blank=True, on_delete=models.SET_NULL, related_name="initiative"
    )
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="initiatives"
    )
    is_light = models.BooleanField(
        default=False, help_text="The light route for who does this for the first time.", db_default=False
    )
    # head
    approach = models.SlugField(max_length=60, blank=True, db_default="")
    municipal_role = models.CharField(max_length=10, choices=GovernmentRole, blank=True, db_default="")
    # hands
    agreements = models.JSONField(default=dict, blank=True, db_default=EMPTY)
    support = models.JSONField(
        default=dict, blank=True, help_text="What support there is, and by whom.", db_default=EMPTY
    )
    learned = models.JSONField(default=dict, blank=True, db_default=EMPTY)
    thanks = models.JSONField(default=dict, blank=True, db_default=EMPTY)
    next_action = models.CharField(max_length=120, blank=True, db_default="")
    next_action_on = models.DateField(null=True, blank=True)
    # The state to go back to when who had the idea puts back what they withdrew.
    withdrawn_from = models.CharField(max_length=10, blank=True, db_default="")

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=InitiativeState.values), name="initiative_state_is_known"
            ),
            # An idea has no such day yet; what ended has one where everybody could read of it.
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
        """What the desk calls it, in the reader's language: an idea has no name yet."""
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
        """Whether everybody can read of it: while it is public, and afterwards what came of it. What ended before
        anybody could read of it stays between who had the idea and us."""
        was_public = self.public_on is not None and self.withdrawn_from == ""
        return self.is_public or (self.state == InitiativeState.ENDED and was_public)

    @property
    def never_began(self) -> bool:
        """It is or was an idea alone: between who had it and us."""
        return not self.is_public and self.public_on is None

    @property
    def source(self) -> str:
        """What who began it wrote, and what is owed for it, is kept under this."""
        return f"initiative:{self.pk}"

    @property
    def is_late(self) -> bool:
        return self.next_action_on is not None and self.next_action_on < timezone.localdate()

    def comes_with(self, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """It stays public since the first day."""
        since = Coalesce("public_on", Value(fields["state_on"]))
        return {"public_on": since} if to in PUBLIC_INITIATIVES else {}


class UpdateQuerySet(models.QuerySet["Update"]):
    def shown(self) -> Self:
        """What everybody may read: written by a colleague, or read by one."""
        return self.filter(Q(by__isnull=False) | Q(read_by__isnull=False))

    def unread(self) -> Self:
        return self.filter(by=None, read_by=None)


class Update(models.Model):
    """A message on the page of an initiative. What a resident wrote is shown once a colleague read it."""

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
        """What colleagues read: words of a resident without addresses and numbers, until one of ours showed them."""
        return masked_texts(self.text) if self.is_unread else self.text


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def to_come(self, now: datetime | None = None) -> Self:
        return self.filter(cancelled_on=None, starts_at__gte=now or timezone.now()).order_by(
            "starts_at", "pk"
        )

    def shown(self) -> Self:
        """What everybody may know of."""
        return self.filter(is_read=True)


class Meeting(models.Model):
    """When and where an initiative meets. What a resident wrote of it is shown once a colleague read it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="meetings")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=120)
    where = models.CharField(max_length=160)
    about = models.JSONField(default=dict, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)
    is_read = models.BooleanField(default=True)
    # Raised with each change, so that programs that follow the calendar take it over (SEQUENCE of RFC 5545).
    changed = models.PositiveSmallIntegerField(default=0)
    # How often its time or place changed, and what they were before: (starts_at, minutes, where), the first first.
    moved = models.PositiveSmallIntegerField(default=0, db_default=0)
    earlier = models.JSONField(default=list, blank=True, db_default=NONE_YET)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(minutes__gt=0), name="a_meeting_takes_time")]

    def __str__(self) -> str:
        return f"meeting at {self.starts_at:%Y-%m-%d %H:%M}"

    # What colleagues read of one that a resident sent: without addresses and numbers.

    @property
    def where_as_read(self) -> str:
        return self.where if self.is_read else mask(self.where)

    @property
    def about_as_read(self) -> dict[str, str]:
        return self.about if self.is_read else masked_texts(self.about)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def when(self) -> "WhenAndWhere":
        return WhenAndWhere(self.starts_at, self.minutes, self.where)

    def as_it_was(self, moved: int) -> "WhenAndWhere":
        """When and where it was to be after it had moved so often."""
        if moved >= len(self.earlier):
            return self.when
        starts_at, minutes, where = self.earlier[moved]
        return WhenAndWhere(datetime.fromisoformat(starts_at), minutes, where)


class WhenAndWhere(NamedTuple):
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
        """Of a plan that is not over."""
        return self.undone().exclude(initiative__state=InitiativeState.ENDED)

    def to_take(self) -> Self:
        """What anybody can take on now."""
        return self.undone().filter(is_open=True, taken_by=None, initiative__state__in=PUBLIC_INITIATIVES)

    def of_who_took(self, receipt: Receipt) -> Self:
        return self.filter(taken_by=receipt)


class Task(models.Model):
    """A line of the plan: what, who, before when. An open one anybody may take, without becoming a volunteer."""

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
        return self.done_on is None and self.before is not None and self.before < timezone.localdate()

    @property
    def can_be_taken(self) -> bool:
        """Whether anybody can take it on now."""
        return (
            self.is_open and self.done_on is None and self.taken_by_id is None and self.initiative.is_public
        )


class Picture(models.Model):
    """The picture of an initiative, drawn anew from what was sent: nothing a camera wrote beside it is kept. One that
    a resident sent is shown once a colleague looked at it."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="picture")
    jpeg = models.BinaryField()
    digest = models.CharField(max_length=64)
    alt = models.JSONField(default=dict, blank=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    is_read = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"picture {self.width} x {self.height}"
