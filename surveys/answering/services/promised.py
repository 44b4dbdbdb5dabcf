"""The date before which an answer is promised, as shown to residents now."""

from datetime import date

from django.utils import timezone

from feedback.models import Promise
from surveys.models import Survey


def promised_before(survey: Survey) -> date | None:
    """The date promised last: moving it changes the Promise, not the survey as published."""
    due = Promise.objects.filter(subject=survey.subject).values_list("due_on", flat=True).first()
    return due or survey.promise_before


def still_to_come(survey: Survey) -> date | None:
    """The promised date, or None once it is past: a sentence that promises it would be false."""
    day = promised_before(survey)
    return day if day and day >= timezone.localdate() else None
