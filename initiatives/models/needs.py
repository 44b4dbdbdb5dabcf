"""Needs, and notes of talks."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.deadlines import is_late
from core.state_model import StateModel, StateQuerySet
from feedback.models import Contribution, FollowUp, Topic
from initiatives.models.initiatives import Initiative
from initiatives.models.offers import Offer
from initiatives.states import NEED_TRANSITIONS, OPEN_NEEDS, LinkKind, NeedState, Urgency
from neighbourhoods.models import Area, KeyPerson, Place, Theme
from neighbourhoods.states import Power

# Needs of a neighbourhood: made from what residents said, and linked to what can be done about them.


class NeedQuerySet(StateQuerySet["Need"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))

    def standing(self) -> Self:
        """Not merged into another need."""
        return self.filter(merged_into=None)

    def open(self) -> Self:
        return self.standing().filter(state__in=OPEN_NEEDS)

    def due(self, on: date) -> Self:
        """Open, with the next look on or before `on`."""
        return self.open().filter(next_action_on__lte=on)

    def inside(self, area: Area) -> Self:
        return self.filter(area__in=Area.objects.inside([area.pk]).values("pk"))

    def alike(self, need: "Need") -> Self:
        """Order by likeness to `need`: same area and theme, same area, open on the same theme, open, the
        rest."""
        steps = (
            models.When(area=need.area_id, theme=need.theme_id, then=0),
            models.When(area=need.area_id, then=1),
            models.When(theme=need.theme_id, state__in=OPEN_NEEDS, then=2),
            models.When(state__in=OPEN_NEEDS, then=3),
        )
        near = models.Case(*steps, default=4, output_field=models.IntegerField())
        return self.order_by(near, "-people", "pk")

    def naming(self, words: str, languages: list[str]) -> Self:
        """Whose title contains `words` in one of the languages."""
        said = Q(pk=None)
        for code in languages:
            said |= Q(**{f"title__{code}__icontains": words})
        return self.filter(said)

    def without_link(self) -> Self:
        """Open needs with nothing linked: the headline figure of the desk."""
        return self.open().filter(~Exists(NeedLink.objects.filter(need=OuterRef("pk"))))


class Need(StateModel):
    """A theme in a neighbourhood, in the residents' words.

    The number of people behind it follows from its sources. A merged need keeps its row, and each source
    remembers the need it came with: see `NeedSource.origin`.
    """

    TRANSITIONS = NEED_TRANSITIONS
    TOO_LATE = _("Somebody was first. Have another look.")
    MOVABLE = Q(merged_into=None)
    MOVED_ON = "state_on"

    title = models.JSONField(default=dict)
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="needs")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="needs")
    missing = models.JSONField(default=dict, blank=True, help_text="Who is not among the people who said it.")
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.THIS_YEAR)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="needs")
    state = models.CharField(max_length=14, choices=NeedState, default=NeedState.HEARD)
    state_on = models.DateField(default=timezone.localdate)
    reason = models.JSONField(default=dict, blank=True, help_text="Why it is not taken up.")
    heard_on = models.DateField(default=timezone.localdate)
    # The next look: an open need always has a day; the words give the reason when a colleague chose the day.
    next_action = models.CharField(max_length=120, blank=True, db_default="")
    next_action_on = models.DateField(null=True, blank=True)
    # The most people who ever stood behind it: answers are erased, the number stays.
    people = models.PositiveIntegerField(default=0)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    split_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts"
    )

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["-urgency", "-people", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=NeedState.values, urgency__in=Urgency.values),
                name="need_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state=NeedState.NOT_TAKEN_UP) | ~Q(reason={}), name="not_taken_up_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=models.F("id")), name="a_need_is_not_taken_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=False)
                | ~Q(state__in=OPEN_NEEDS)
                | Q(next_action_on__isnull=False),
                name="an_open_need_has_a_next_look",
            ),
        ]

    def __str__(self) -> str:
        return self.title.get("en") or self.title.get("nl") or f"need {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.merged_into_id is None and self.state in OPEN_NEEDS

    @property
    def is_late(self) -> bool:
        return self.is_open and is_late(self.next_action_on)


class NeedSource(models.Model):
    """What a need was made from: all contributions under a topic, or one contribution. One topic or
    contribution can feed several needs."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="sources")
    origin = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="brought")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="needs")
    contribution = models.ForeignKey(
        Contribution, null=True, blank=True, on_delete=models.CASCADE, related_name="needs"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(topic__isnull=False, contribution=None)
                | Q(topic=None, contribution__isnull=False),
                name="a_source_is_a_topic_or_a_text",
            ),
            models.UniqueConstraint(
                fields=["origin", "topic"], condition=Q(topic__isnull=False), name="a_topic_feeds_a_need_once"
            ),
            models.UniqueConstraint(
                fields=["origin", "contribution"],
                condition=Q(contribution__isnull=False),
                name="a_text_feeds_a_need_once",
            ),
        ]

    def __str__(self) -> str:
        return f"source of need {self.need_id}"


class NeedStep(models.Model):
    """A step in the history of a need, as residents are told. Append only."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=14, choices=NeedState)
    on = models.DateField(default=timezone.localdate)
    words = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.state} on {self.on}"


LINK_TARGET_FIELDS = {
    LinkKind.OFFER: "offer",
    LinkKind.PLACE: "place",
    LinkKind.INITIATIVE: "initiative",
    LinkKind.APPROACH: "approach",
    LinkKind.DECISION: "decision",
}


def _only_target_set(kind: str) -> Q:
    """Condition: the target of `kind` is set and no other."""
    found = Q(kind=kind)
    for other, name in LINK_TARGET_FIELDS.items():
        if other == kind:
            found &= ~Q(approach="") if name == "approach" else Q(**{f"{name}__isnull": False})
        else:
            found &= Q(approach="") if name == "approach" else Q(**{name: None})
    return found


class NeedLink(models.Model):
    """What can be done about a need: exactly one of the five targets."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=LinkKind)
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.CASCADE, related_name="needs")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.CASCADE, related_name="needs")
    initiative = models.ForeignKey(
        Initiative, null=True, blank=True, on_delete=models.CASCADE, related_name="needs"
    )
    approach = models.SlugField(max_length=60, blank=True)
    decision = models.ForeignKey(
        FollowUp, null=True, blank=True, on_delete=models.CASCADE, related_name="needs"
    )
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=_only_target_set("offer")
                | _only_target_set("place")
                | _only_target_set("initiative")
                | _only_target_set("approach")
                | _only_target_set("decision"),
                name="a_link_has_one_end",
            ),
            *(
                models.UniqueConstraint(
                    fields=["need", name],
                    condition=~Q(approach="") if name == "approach" else Q(**{f"{name}__isnull": False}),
                    name=f"one_link_to_an_{name}",
                )
                for name in LINK_TARGET_FIELDS.values()
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for need {self.need_id}"


# Notes of talks, for example at a kitchen table.


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User) -> Self:
        """For coordinators and above only: viewers may not read what people told."""
        return self.filter(area__in=Area.objects.where(user, least=Power.COORDINATOR))

    def not_withdrawn(self) -> Self:
        """Notes whose words were not withdrawn."""
        words = Contribution.objects.filter(receipt=OuterRef("receipt"), withdrawn_on=None)
        return self.filter(Exists(words))


class Note(models.Model):
    """A note of a talk, for example at a kitchen table. The words are a contribution, owed an answer like any
    other; the receipt is the code that stays on the table. `sent_key` is a keyed hash of a key made on the
    phone.
    """

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="note")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="notes")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes")
    key_person = models.ForeignKey(
        KeyPerson, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes"
    )
    skills = models.JSONField(default=list, blank=True)
    sent_key = models.UUIDField(unique=True, help_text="Made on the phone: a note sent twice is one note.")
    noted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    noted_on = models.DateField(default=timezone.localdate)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_on", "pk"]

    def __str__(self) -> str:
        return f"note of {self.noted_on}"
