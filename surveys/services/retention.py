"""What surveys erases when its time has come (config/retention.toml)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from feedback.services.personal import erase_for_good
from neighbourhoods.registries import retention_jobs
from surveys.models import Response, Survey


@retention_jobs.register("answers")
def erase_answers(now: datetime, days: int) -> dict[str, int]:
    """The answers of surveys whose day has come, with the words, debts and pages that hang on them.

    Counters stay as they were: from now on they are frozen and leave the recount (`answers_erased_on`). Each
    receipt goes in a transaction of its own.
    """
    today = timezone.localdate(now)
    count = 0
    for survey in Survey.objects.filter(erase_on__lte=today):
        pks = list(Response.objects.filter(survey=survey).values_list("pk", flat=True))
        if pks and survey.answers_erased_on is None:
            Survey.objects.filter(pk=survey.pk, answers_erased_on=None).update(answers_erased_on=today)
        count += sum(_erase(pk) for pk in pks)
    return {"answers to surveys": count}


@transaction.atomic
def _erase(pk: UUID) -> int:
    response = Response.objects.select_for_update().filter(pk=pk).first()
    if response is None:
        return 0
    receipt = response.receipt_id
    # First the response alone, so that erasing the rest takes nothing from the counters.
    response.delete()
    return erase_for_good(receipt)
