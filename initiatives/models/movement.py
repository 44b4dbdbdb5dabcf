"""Counts per month and area of what changes or is erased before anybody looks back."""

from django.db import models
from django.db.models import F, Q

from neighbourhoods.defaults import EMPTY_JSON_OBJECT
from neighbourhoods.models import Area


class MonthOfMovement(models.Model):
    """The state of one area on the last observed day of a month, and what was erased since.

    About people only counts are kept. When somebody is erased, on request or by retention, they are counted
    in `gone_*` so that published months stay true. A state (`waiting` and the like) can't be recomputed
    later, so it is written each day of the month and keeps its last value.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="movement")
    month = models.DateField(help_text="Its first day.")
    waiting = models.PositiveIntegerField(null=True, blank=True)
    late = models.PositiveIntegerField(null=True, blank=True)
    needs = models.PositiveIntegerField(null=True, blank=True)
    without_link = models.PositiveIntegerField(null=True, blank=True)
    running = models.PositiveIntegerField(null=True, blank=True)
    # Topics that people named, those with nothing yet, and the people behind the latter.
    topics = models.PositiveIntegerField(null=True, blank=True)
    topics_left = models.PositiveIntegerField(null=True, blank=True)
    people_left = models.PositiveIntegerField(null=True, blank=True)
    # Erased since: people who first spoke here in this month, and volunteers who came forward in it.
    gone_people = models.PositiveIntegerField(default=0, db_default=0)
    gone_told = models.PositiveIntegerField(default=0, db_default=0)
    gone_page_only = models.PositiveIntegerField(default=0, db_default=0)
    gone_waived = models.PositiveIntegerField(default=0, db_default=0)
    # Answers given in this month, by how they were given.
    gone_answers_told = models.PositiveIntegerField(default=0, db_default=0)
    gone_answers_page_only = models.PositiveIntegerField(default=0, db_default=0)
    gone_answers_waived = models.PositiveIntegerField(default=0, db_default=0)
    gone_volunteers = models.PositiveIntegerField(default=0, db_default=0)
    gone_in_time = models.PositiveIntegerField(default=0, db_default=0)
    # Answers given in this month: {days taken: number of answers}.
    gone_days = models.JSONField(default=dict, db_default=EMPTY_JSON_OBJECT, blank=True)

    class Meta:
        ordering = ["month", "area"]
        constraints = [
            models.UniqueConstraint(fields=["area", "month"], name="one_month_of_each_area"),
            models.CheckConstraint(
                condition=Q(gone_people__gte=F("gone_told") + F("gone_page_only") + F("gone_waived"))
                & Q(gone_in_time__lte=F("gone_volunteers")),
                name="what_is_gone_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(topics_left__lte=F("topics"), people_left__isnull=False, waiting__isnull=False)
                | Q(topics=None, topics_left=None, people_left=None),
                name="topics_of_a_month_add_up",
            ),
            models.CheckConstraint(
                condition=Q(late__lte=F("waiting"), without_link__lte=F("needs"), running__isnull=False)
                | Q(waiting=None, late=None, needs=None, without_link=None, running=None),
                name="a_month_was_looked_at_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} in {self.month:%Y-%m}"
