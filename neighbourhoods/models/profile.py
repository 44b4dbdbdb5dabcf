"""The inventory of a neighbourhood: parties, places and key persons."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from neighbourhoods.models.areas import Area
from neighbourhoods.states import KeyPersonKind, PartyKind, PlaceKind, Power


class PartyQuerySet(models.QuerySet["Party"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(areas__in=Area.objects.visible_to(user)).distinct()

    def changeable_by(self, user: User) -> Self:
        """Parties of which the user is coordinator in every area."""
        elsewhere = Area.objects.exclude(pk__in=Area.objects.where(user, least=Power.COORDINATOR))
        return self.visible_to(user).exclude(areas__in=elsewhere)

    def active(self) -> Self:
        return self.filter(ended_on__isnull=True)


class Party(models.Model):
    """An organisation, entrepreneur, municipal service or group of residents."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=PartyKind)
    areas = models.ManyToManyField(Area, related_name="parties", verbose_name=_("works in"))
    about = models.TextField(_("what it does here"), max_length=1000, blank=True)
    url = models.URLField(_("website"), blank=True)
    checked_on = models.DateField(_("still true on"), default=timezone.localdate)
    ended_on = models.DateField(null=True, blank=True)

    objects = PartyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PartyKind.values), name="party_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceQuerySet(models.QuerySet["Place"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))

    def active(self) -> Self:
        return self.filter(ended_on__isnull=True)


class Place(models.Model):
    """Somewhere people can be, with its purpose and when there is room."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=PlaceKind)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="places", verbose_name=_("where"))
    party = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="places",
        verbose_name=_("whose"),
    )
    address = models.CharField(_("address"), max_length=160, blank=True)
    free = models.CharField(_("when there is room"), max_length=200, blank=True)
    about = models.TextField(_("what it is good for"), max_length=1000, blank=True)
    checked_on = models.DateField(_("still true on"), default=timezone.localdate)
    ended_on = models.DateField(null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="place_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class KeyPersonQuerySet(models.QuerySet["KeyPerson"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(area__in=Area.objects.visible_to(user))

    def spoken(self, *, since: date) -> Self:
        return self.filter(spoken_on__gte=since)

    def with_overdue_review(self, *, on: date) -> Self:
        """Key persons whose name was kept until a review that did not happen."""
        return self.with_a_name().filter(review_on__lt=on)

    def forget(self) -> int:
        """Erase name, number and address; the role and the day it was spoken to stay."""
        return self.update(name="", phone="", email="", permission_on=None, notified_on=None, review_on=None)

    def with_a_name(self) -> Self:
        return self.filter(~Q(name="") | ~Q(phone="") | ~Q(email=""))


class KeyPerson(models.Model):
    """Somebody who knows a neighbourhood, or speaks for a party: a role, with a name only with permission.

    A name, number or address may be stored only if the person gave permission, was told what is kept and why (GDPR
    article 14), and a review date is set.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="key_persons")
    party = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.SET_NULL, related_name="key_persons"
    )
    kind = models.CharField(
        _("knows people from"), max_length=10, choices=KeyPersonKind, default=KeyPersonKind.OTHER
    )
    role = models.CharField(
        _("role"), max_length=80, help_text=_("As neighbours say it: “a hairdresser”, “the caretaker”.")
    )
    spoken_on = models.DateField(_("spoken on"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    permission_on = models.DateField(_("gave permission on"), null=True, blank=True)
    notified_on = models.DateField(_("was told what we keep on"), null=True, blank=True)
    review_on = models.DateField(_("look again on"), null=True, blank=True)

    objects = KeyPersonQuerySet.as_manager()

    class Meta:
        ordering = ["role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name="", phone="", email="")
                | Q(permission_on__isnull=False, notified_on__isnull=False, review_on__isnull=False),
                name="a_name_only_with_permission",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=KeyPersonKind.values), name="key_person_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.role
