"""Notes of talks, for example at a kitchen table."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Receipt, User
from feedback.models import Contribution
from neighbourhoods.models import Area, KeyPerson, Place, Theme
from neighbourhoods.states import Power


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
