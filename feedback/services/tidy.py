"""Rows that served their purpose: kept as long as somebody may ask about them, and no longer."""

from datetime import datetime, timedelta

from django.utils import timezone

from feedback.models import DeliveryAttempt
from feedback.registries import daily_jobs

ATTEMPTS_KEPT = timedelta(days=90)


@daily_jobs.register("delivery attempts")
def forget_attempts(now: datetime | None = None) -> str:
    """What a mail server said is of use while a mail may still be asked about."""
    count, _rows = DeliveryAttempt.objects.filter(at__lt=(now or timezone.now()) - ATTEMPTS_KEPT).delete()
    return f"{count} delivery attempts forgotten"
