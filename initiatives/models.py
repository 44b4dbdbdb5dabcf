"""What people can give, what they may expect, and what is there already."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from feedback.models import Contribution
from initiatives.states import OFFER_TRANSITIONS, OfferState, Skill, TimeGift, Way
from neighbourhoods.errors import InvalidTransition
from neighbourhoods.models import Area, KeyPerson, Party, Place, Theme
from neighbourhoods.states import Power


class ExpectationCard(models.Model):
    """What somebody who joins in may expect. Every row is filled, also when the answer is “none”."""

    name = models.CharField(_("name on the desk"), max_length=80)
    money = models.JSONField(_("money"), default=dict)
    time = models.JSONField(_("time"), default=dict)
    influence = models.JSONField(_("influence"), default=dict)
    contact = models.JSONField(_("contact"), default=dict)
    too_few = models.JSONField(_("too few people?"), default=dict)

    ROWS = ("money", "time", "influence", "contact", "too_few")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def missing(self, languages: list[str]) -> list[tuple[str, str]]:
        """(row, language) of every text that is not there yet."""
        return [
            (row, code)
            for row in self.ROWS
            for code in languages
            if not getattr(self, row).get(code, "").strip()
        ]


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def running(self) -> Self:
        return self.filter(is_running=True)

    def inside(self, area: Area) -> Self:
        return self.filter(area__in=Area.objects.inside([area.pk]).values("pk"))

    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))

    def naming(self, words: str, languages: list[str]) -> Self:
        """In which these words stand: in its texts in one of the languages, or in the name of who does it."""
        said = Q(party__name__icontains=words)
        for code in languages:
            said |= Q(**{f"name__{code}__icontains": words})
            said |= Q(**{f"description__{code}__icontains": words})
        return self.filter(said)

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


class Initiative(models.Model):
    """Something that is going on in a neighbourhood. A first inventory."""

    name = models.JSONField(default=dict)
    description = models.JSONField(default=dict, help_text="When, where, for whom, per language.")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="initiatives")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="initiatives")
    party = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.SET_NULL, related_name="initiatives"
    )
    url = models.URLField(blank=True)
    is_running = models.BooleanField(default=True)
    since = models.DateField(null=True, blank=True)
    checked_on = models.DateField(default=timezone.localdate)

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name.get("en") or self.name.get("nl") or f"initiative {self.pk}"


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: User) -> Self:
        """Who offered what is for who works there, not for who only looks on."""
        return self.filter(Q(area__in=Area.objects.where(user, least=Power.COORDINATOR)) | Q(owner=user))

    def waiting(self) -> Self:
        """Not closed, longest waiting first."""
        return self.exclude(state=OfferState.CLOSED).order_by("next_action_on", "id")


class Offer(models.Model):
    """Somebody's hands. It has a receipt of its own and knows nothing of the answers it came from."""

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="offer")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="offers")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers")
    card = models.ForeignKey(ExpectationCard, on_delete=models.PROTECT, related_name="offers")
    way = models.CharField(max_length=8, choices=Way)
    time = models.CharField(max_length=8, choices=TimeGift, blank=True)
    skills = models.JSONField(default=list, blank=True)
    motives = models.JSONField(default=list, blank=True)
    offered_on = models.DateField(default=timezone.localdate)
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.NEW)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="offers")
    next_action = models.CharField(max_length=120, blank=True)
    next_action_on = models.DateField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)
    # The state to go back to when a withdrawal is put back.
    withdrawn_from = models.CharField(max_length=10, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=OfferState.CLOSED) | Q(next_action_on__isnull=False),
                name="an_open_offer_has_a_next_action",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.CLOSED) | ~Q(closed_reason=""), name="closed_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_from="") | Q(state=OfferState.CLOSED),
                name="a_withdrawn_offer_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}: {self.state}"

    @staticmethod
    def first_step(owner: User) -> str:
        """What is done first, in the language of whoever does it."""
        with override(owner.language):
            return gettext("Get in touch")

    @property
    def what(self) -> str:
        """What is offered, in a few words: two skills, or else the way."""
        skills = Skill.said(self.skills)
        return ", ".join(skills[:2]) or self.get_way_display()

    def is_late(self, on: date | None = None) -> bool:
        return self.next_action_on is not None and self.next_action_on < (on or timezone.localdate())

    def move(self, to: str, **fields: Any) -> None:
        """Take the offer to another state, or raise InvalidTransition."""
        sources = [state for state, targets in OFFER_TRANSITIONS.items() if to in targets]
        if not Offer.objects.filter(pk=self.pk, state__in=sources).update(state=to, **fields):
            raise InvalidTransition(_("Somebody was first. Have another look."))
        self.refresh_from_db()


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User) -> Self:
        """What somebody told is not for who only looks on."""
        return self.filter(area__in=Area.objects.where(user, least=Power.COORDINATOR))

    def not_withdrawn(self) -> Self:
        """Of which the words still stand."""
        words = Contribution.objects.filter(receipt=OuterRef("receipt"), withdrawn_on=None)
        return self.filter(Exists(words))


class Note(models.Model):
    """What somebody said at a kitchen table. The words are a contribution, owed an answer like any other;
    the receipt is the code that stays on the table. `sent_key` is a keyed hash of what the phone made."""

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
