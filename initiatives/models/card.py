"""What somebody who joins in may expect."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Area


class ExpectationCardQuerySet(models.QuerySet["ExpectationCard"]):
    def newest(self) -> Self:
        """Those that can stand above something from now on: not replaced by a later version."""
        return self.filter(replaced_by=None)

    def show(self, card: "ExpectationCard", *, on: date | None = None) -> None:
        """From now on somebody can read it and say yes to it: its words stand."""
        self.filter(pk=card.pk, shown_on=None).update(shown_on=on or timezone.localdate())

    def inviting_in(self, area: Area) -> "ExpectationCard | None":
        """The card under which everybody in this area is invited: its own, else that of what lies around it."""
        around = [area.pk, *(one.pk for one in reversed(area.above))]
        found = {card.invites_in_id: card for card in self.filter(invites_in__in=around)}
        return next((found[pk] for pk in around if pk in found), None)


class ExpectationCard(models.Model):
    """What somebody who joins in may expect. Every row is filled, also when the answer is “none”.

    Once somebody could read it (`shown_on`) its words never change, whoever asks: the database refuses it (migration
    0012). Other words are another card, which takes its place for who comes later; who said yes keeps theirs.
    """

    name = models.CharField(_("name on the desk"), max_length=80)
    money = models.JSONField(_("money"), default=dict)
    time = models.JSONField(_("time"), default=dict)
    influence = models.JSONField(_("influence"), default=dict)
    contact = models.JSONField(_("contact"), default=dict)
    too_few = models.JSONField(_("too few people?"), default=dict)
    # Where it stands above the invitation to everybody, apart from a survey or a role.
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
        """How many people said yes to these words: in an offer, or to something that was proposed."""
        return len({*self.offers.values_list("pk", flat=True), *self.matches.values_list("offer", flat=True)})

    def missing(self, languages: list[str]) -> list[tuple[str, str]]:
        """(row, language) of every text that is not there yet."""
        return [
            (row, code)
            for row in self.ROWS
            for code in languages
            if not getattr(self, row).get(code, "").strip()
        ]
