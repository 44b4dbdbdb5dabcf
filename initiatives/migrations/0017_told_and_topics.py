"""“Had an answer” becomes three: told, on their page only, and no answer with the reason. Of those who are gone nobody
knows any more how they had theirs: they are counted as what claims least, an answer on their page."""

from django.db import migrations, models
from django.db.models import F, Q

NEW = (
    "gone_told",
    "gone_page_only",
    "gone_waived",
    "gone_answers_told",
    "gone_answers_page_only",
    "gone_answers_waived",
)


def claim_least(apps, schema_editor):
    months = apps.get_model("initiatives", "MonthOfMovement").objects
    for month in months.exclude(gone_people=0).iterator(chunk_size=500):
        answers = sum(month.gone_days.values())
        months.filter(pk=month.pk).update(
            gone_page_only=month.gone_answered, gone_answers_page_only=answers
        )


def lump_together(apps, schema_editor):
    months = apps.get_model("initiatives", "MonthOfMovement").objects
    months.update(gone_answered=F("gone_told") + F("gone_page_only") + F("gone_waived"))


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0016_month_of_movement")]

    operations = [
        migrations.RemoveConstraint("monthofmovement", "what_is_gone_adds_up"),
        *(
            migrations.AddField(
                "monthofmovement", name, models.PositiveIntegerField(default=0, db_default=0)
            )
            for name in NEW
        ),
        *(
            migrations.AddField(
                "monthofmovement", name, models.PositiveIntegerField(blank=True, null=True)
            )
            for name in ("topics", "topics_left", "people_left")
        ),
        migrations.RunPython(claim_least, lump_together),
        migrations.RemoveField("monthofmovement", "gone_answered"),
        migrations.AddConstraint(
            "monthofmovement",
            models.CheckConstraint(
                condition=Q(gone_people__gte=F("gone_told") + F("gone_page_only") + F("gone_waived"))
                & Q(gone_in_time__lte=F("gone_volunteers")),
                name="what_is_gone_adds_up",
            ),
        ),
        migrations.AddConstraint(
            "monthofmovement",
            models.CheckConstraint(
                condition=Q(topics_left__lte=F("topics"), people_left__isnull=False, waiting__isnull=False)
                | Q(topics=None, topics_left=None, people_left=None),
                name="topics_of_a_month_add_up",
            ),
        ),
    ]
