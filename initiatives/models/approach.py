"""Proven approaches in words of this municipality."""

from django.db import models
from django.utils import timezone

from accounts.models import User


class Approach(models.Model):
    """One of the library (initiatives.initiatives.approaches) in other words, or one of the municipality's own.

    What is not changed here stays as the library has it, so that a later release reaches it.
    """

    slug = models.SlugField(max_length=60, unique=True)
    # Fields of initiatives.initiatives.approaches.Approach by name, as plain values; only those that differ.
    changes = models.JSONField(default=dict)
    is_own = models.BooleanField(default=False)
    hidden_on = models.DateField(null=True, blank=True)
    changed_on = models.DateField(default=timezone.localdate)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
