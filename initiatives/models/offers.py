"""Offers, cards, and what a colleague owes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import CharField, DateField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Receipt, User
from core.deadlines import is_late, past_due
from core.state_model import StateModel, StateQuerySet
from feedback.models import AnswerOwed
from feedback.screening import mask, mask_label
from initiatives.states import (
    OFFER_TRANSITIONS,
    ClearanceKind,
    Involvement,
    OfferKind,
    OfferState,
    Skill,
    TimeGift,
)
from neighbourhoods.defaults import EMPTY_JSON_LIST, TODAY
from neighbourhoods.models import Area, Party, Place, Theme
from neighbourhoods.states import PartyKind, Power

# Answers owed per row: the topic source is `prefix:pk`.


_OwingRows = TypeVar("_OwingRows", bound=QuerySet[Any])


def with_owed_on(rows: _OwingRows, prefix: str, *, by: date | None = None) -> _OwingRows:
    """Keep rows with an answer owed, annotated with `owed_on`: the earliest date promised. `by` keeps only
    those promised on or before that day."""
    source = Concat(Value(f"{prefix}:"), Cast("pk", CharField()))
    waiting = AnswerOwed.objects.waiting().filter(topic__source=OuterRef("its_source")).order_by("due_on")
    owed_on = Subquery(waiting.values("due_on")[:1], output_field=DateField())
    found = rows.annotate(its_source=source).annotate(owed_on=owed_on)
    return found.filter(owed_on__lte=by) if by else found.filter(owed_on__isnull=False)


# Expectation cards: what a volunteer may expect.


class ExpectationCardQuerySet(models.QuerySet["ExpectationCard"]):
    def newest(self) -> Self:
        """Cards that can still be shown: not replaced by a later version."""
        return self.filter(replaced_by=None)

    def show(self, card: "ExpectationCard", *, on: date | None = None) -> None:
        """Freeze the words of the card: from now on people can read it and say yes to it."""
        self.filter(pk=card.pk, shown_on=None).update(shown_on=on or timezone.localdate())

    def invitation_card_for(self, area: Area) -> "ExpectationCard | None":
        """The card shown with the open invitation in this area: its own, else that of the nearest area around
        it."""
        around = [area.pk, *(one.pk for one in reversed(area.above))]
        found = {card.invites_in_id: card for card in self.filter(invites_in__in=around)}
        return next((found[pk] for pk in around if pk in found), None)


class ExpectationCard(models.Model):
    """What a volunteer may expect. Every row is filled, also when the answer is “none”.

    Once the card was shown (`shown_on`) the database refuses changes to its words (migration 0012). Other
    words are a new card, which replaces it for later readers; earlier volunteers keep the card they said yes
    to.
    """

    name = models.CharField(_("name on the desk"), max_length=80)
    money = models.JSONField(_("money"), default=dict)
    time = models.JSONField(_("time"), default=dict)
    influence = models.JSONField(_("influence"), default=dict)
    contact = models.JSONField(_("contact"), default=dict)
    too_few = models.JSONField(_("too few people?"), default=dict)
    # The area where it stands above the open invitation, outside any survey or role.
    invites_in = models.OneToOneField(
        Area, null=True, blank=True, on_delete=models.SET_NULL, related_name="expectation_card"
    )

    shown_on = models.DateField(
        null=True,
        blank=True,
        help_text="Since when somebody could say yes to it: from then on its words stand.",
    )
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="earlier"
    )

    objects = ExpectationCardQuerySet.as_manager()

    ROWS = ("money", "time", "influence", "contact", "too_few")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(shown_on__isnull=False, invites_in=None),
                name="an_earlier_card_invites_nobody",
            ),
            models.CheckConstraint(
                condition=Q(invites_in=None) | Q(shown_on__isnull=False), name="a_card_that_invites_was_shown"
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | ~Q(replaced_by=models.F("id")),
                name="a_card_is_not_replaced_by_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def said_yes(self) -> int:
        """Number of people who said yes to these words, in an offer or a match."""
        return len({*self.offers.values_list("pk", flat=True), *self.matches.values_list("offer", flat=True)})

    def missing(self, languages: list[str]) -> list[tuple[str, str]]:
        """(row, language) of every missing text."""
        return [
            (row, code)
            for row in self.ROWS
            for code in languages
            if not getattr(self, row).get(code, "").strip()
        ]


# Offers of people and parties, and the clearances colleagues saw.


class OfferQuerySet(StateQuerySet["Offer"]):
    def visible_to(self, user: User) -> Self:
        """For coordinators and above in the area, and the owner; not for viewers."""
        return self.filter(Q(area__in=Area.objects.where(user, least=Power.COORDINATOR)) | Q(owner=user))

    def waiting(self) -> Self:
        """Not closed, earliest next action first."""
        return self.exclude(state=OfferState.CLOSED).order_by("next_action_on", "id")

    def hands(self) -> Self:
        return self.filter(kind=OfferKind.HANDS)

    def unread_danger(self) -> Self:
        """Offers whose words may mean danger and were not read yet."""
        return self.waiting().filter(may_be_danger=True)

    def late(self, on: date | None = None) -> Self:
        """Whose next action is past its day."""
        return self.waiting().filter(past_due("next_action_on", on))


class Offer(StateModel):
    """Hands of one person, or what a party can give. It has its own receipt and no link to the answers it
    came from; `wishes` are the themes that were ticked to come along, `words` and `conditions` the holder's
    own text.
    """

    TRANSITIONS = OFFER_TRANSITIONS
    TOO_LATE = _("Somebody was first. Have another look.")

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="offer")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="offers")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers")
    card = models.ForeignKey(
        ExpectationCard, null=True, blank=True, on_delete=models.PROTECT, related_name="offers"
    )
    kind = models.CharField(
        max_length=10, choices=OfferKind, default=OfferKind.HANDS, db_default=OfferKind.HANDS
    )
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers")
    party_kind = models.CharField(max_length=12, choices=PartyKind, blank=True, db_default="")
    party_name = models.CharField(
        max_length=120,
        blank=True,
        help_text="As told; who looks after it links it to a party on the list.",
        db_default="",
    )
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers")
    address = models.CharField(
        max_length=160,
        blank=True,
        help_text="Of a space that is no place on the list (yet), as told.",
        db_default="",
    )
    wished_role = models.ForeignKey(
        "VolunteerRole", null=True, blank=True, on_delete=models.SET_NULL, related_name="wished_by"
    )
    wishes = models.JSONField(
        default=list, blank=True, help_text="Slugs of themes.", db_default=EMPTY_JSON_LIST
    )
    way = models.CharField(max_length=8, choices=Involvement, blank=True)
    time = models.CharField(max_length=8, choices=TimeGift, blank=True)
    skills = models.JSONField(default=list, blank=True)
    motives = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True, db_default=EMPTY_JSON_LIST)
    moments = models.JSONField(
        default=list,
        blank=True,
        help_text="Parts of the week: see states.MOMENTS.",
        db_default=EMPTY_JSON_LIST,
    )
    rather_together = models.BooleanField(null=True, blank=True, help_text="Empty: no preference told.")
    is_adult = models.BooleanField(default=False, help_text="Said to be 18 or older.", db_default=False)
    words = models.CharField(max_length=600, blank=True, db_default="")
    conditions = models.CharField(max_length=300, blank=True, db_default="")
    may_be_danger = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A guess from the words, so that they are read first, until a colleague read them.",
    )
    until = models.DateField(null=True, blank=True, help_text="What is offered ends by itself on this day.")
    offered_on = models.DateField(default=timezone.localdate)
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.NEW)
    contacted_on = models.DateField(null=True, blank=True, help_text="First spoken to by a person.")
    paused_until = models.DateField(null=True, blank=True)
    pause_asked = models.BooleanField(
        default=False, help_text="They asked for the break themselves.", db_default=False
    )
    confirmed_on = models.DateField(
        default=timezone.localdate, help_text="Last said to be still true.", db_default=TODAY
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="offers")
    next_action = models.CharField(max_length=120, blank=True)
    next_action_on = models.DateField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    # The state to return to when a withdrawal is undone.
    withdrawn_from = models.CharField(max_length=10, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=OfferKind.HANDS, card__isnull=False) & ~Q(way="")
                | ~Q(kind=OfferKind.HANDS) & Q(card=None, way=""),
                name="hands_have_a_way_and_a_card",
            ),
            models.CheckConstraint(
                condition=Q(kind=OfferKind.SPACE) | Q(place=None, address=""),
                name="only_a_space_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OfferKind.values, state__in=OfferState.values), name="offer_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.PAUSED, paused_until__isnull=False)
                | ~Q(state=OfferState.PAUSED) & Q(paused_until=None),
                name="paused_until_while_paused",
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.PAUSED) | Q(pause_asked=False),
                name="asked_to_pause_while_paused",
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.CLOSED) | Q(next_action_on__isnull=False),
                name="an_open_offer_has_a_next_action",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.CLOSED) | ~Q(closed_reason=""), name="closed_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.CLOSED, closed_on__isnull=False)
                | (~Q(state=OfferState.CLOSED) & Q(closed_on=None)),
                name="closed_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_from="") | Q(state=OfferState.CLOSED),
                name="a_withdrawn_offer_is_closed",
            ),
        ]
        indexes = [
            # The coordinator's board: open offers, earliest due first.
            models.Index(
                fields=["next_action_on", "id"], condition=~Q(state=OfferState.CLOSED), name="offers_due"
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}: {self.state}"

    @property
    def is_hands(self) -> bool:
        return self.kind == OfferKind.HANDS

    @property
    def what(self) -> str:
        """What is offered, in a few words: two skills, else the way; for a gift, its kind."""
        if not self.is_hands:
            return str(self.get_kind_display())
        skills = [skill.partition(":")[0] for skill in Skill.labels_of(self.skills)]
        return ", ".join(skills[:2]) or self.get_way_display()

    # Text for colleagues, masked (feedback.words). The original stands with the contact details.

    @property
    def masked_words(self) -> str:
        return mask(self.words)

    @property
    def masked_conditions(self) -> str:
        return mask(self.conditions)

    @property
    def masked_place(self) -> str:
        """Where a space is: the place on the list, or the address as told, without contact details."""
        return str(self.place) if self.place else mask_label(self.address)

    @property
    def masked_party(self) -> str:
        """Who offers it: the party on the list, or the name as told, without contact details."""
        return str(self.party) if self.party else mask_label(self.party_name)

    @property
    def is_masked(self) -> bool:
        told = (self.words, self.conditions, "" if self.party else self.party_name)
        return told != (self.masked_words, self.masked_conditions, "" if self.party else self.masked_party)

    def is_late(self, on: date | None = None) -> bool:
        return is_late(self.next_action_on, on)

    @classmethod
    def fields_of_move(cls, to: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {} if to == OfferState.PAUSED else {"paused_until": None, "pause_asked": False}

    def activate(self, *, on: date) -> None:
        """Move through contacted to active, as far as the table allows; a paused offer stays paused. Being
        introduced counts as the first contact."""
        for to in (OfferState.CONTACTED, OfferState.ACTIVE):
            if to in self.TRANSITIONS[self.state] and self.state != OfferState.PAUSED:
                self.move(to, contacted_on=self.contacted_on or on)


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    def valid(self, on: date) -> Self:
        return self.filter(renew_before__gte=on)

    def newest_for(self, offers: Iterable[int]) -> "models.QuerySet[Clearance, tuple[int, date]]":
        """Rows (offer id, last `seen_on`)."""
        seen = self.filter(offer__in=offers).order_by().values_list("offer")
        return seen.annotate(last=models.Max("seen_on"))


class Clearance(models.Model):
    """That a colleague saw a document: which, when, and when it expires under our own policy (the law sets no
    term). Neither the document nor its number is kept."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="clearances")
    kind = models.CharField(max_length=10, choices=ClearanceKind, default=ClearanceKind.VOG)
    seen_on = models.DateField(default=timezone.localdate)
    seen_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    renew_before = models.DateField()
    warned_on = models.DateField(null=True, blank=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "kind", "seen_on"], name="a_clearance_is_seen_once"),
            models.CheckConstraint(
                condition=Q(renew_before__gt=models.F("seen_on")), name="a_clearance_is_renewed_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} seen on {self.seen_on}"
