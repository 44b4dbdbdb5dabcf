"""Proven approaches, in the words of this municipality."""

from django.db import models
from django.utils import timezone

from accounts.models import User


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
