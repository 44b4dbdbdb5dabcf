"""The day before which an answer is promised, as residents may be told it now."""

from datetime import date

from django.utils import timezone

from feedback.models import Promise
from surveys.models import Survey


def promised_before(survey: Survey) -> date | None:
    """The day that was promised last: moving it moves the promise, and leaves the survey as it was published."""
    due = Promise.objects.filter(subject=survey.subject).values_list("due_on", flat=True).first()
    return due or survey.promise_before


def still_to_come(survey: Survey) -> date | None:
    """That day, while it may be promised: once it is past, a sentence that promises it is not true any more."""
    day = promised_before(survey)
    return day if day and day >= timezone.localdate() else None
