"""Which colleagues were told of what is due."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from feedback.states import ReminderStage


class ToldDue(models.Model):
    """A colleague was told of something with a day, before it or past it. Deleted when it is no longer due: a
    new day is reported again."""

    thing = models.CharField(max_length=100, help_text="What it is: offer:12, task:3.")
    day = models.DateField()
    stage = models.CharField(max_length=4, choices=ReminderStage)
    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thing", "day", "stage", "to"], name="colleagues_told_once"),
            models.CheckConstraint(condition=Q(stage__in=ReminderStage.values), name="told_at_a_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.thing}, {self.stage}: {self.day:%Y-%m-%d}"

    @property
    def key(self) -> tuple[str, date, str, int]:
        return self.thing, self.day, self.stage, self.to_id


class MovedDay(models.Model):
    """A day of ours that was told to residents and then moved to later, and why, in the words they read.

    A survey has its Promise for this; this model is for days kept by apps above (an offer, a need, an
    initiative)."""

    thing = models.CharField(max_length=100, db_index=True, help_text="What it is, as in ToldDue: offer:12.")
    was = models.DateField()
    day = models.DateField()
    why = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(day__gt=F("was")), name="a_day_moved_came_later"),
            models.CheckConstraint(condition=~Q(why=""), name="a_moved_day_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.thing}: {self.was:%Y-%m-%d} became {self.day:%Y-%m-%d}"
