"""Expectation cards: what a volunteer may expect."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Area


class ExpectationCardQuerySet(models.QuerySet["ExpectationCard"]):
    def newest(self) -> Self:
        """Cards that can still be shown: not replaced by a later version."""
        return self.filter(replaced_by=None)

    def show(self, card: "ExpectationCard", *, on: date | None = None) -> None:
        """Freeze the words of the card: from now on people can read it and say yes to it."""
        self.filter(pk=card.pk, shown_on=None).update(shown_on=on or timezone.localdate())

    def inviting_in(self, area: Area) -> "ExpectationCard | None":
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
