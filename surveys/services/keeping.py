"""Saying how long a survey keeps what, on what ground. People were told, so it can only become shorter."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, User
from feedback.models import Promise
from neighbourhoods.errors import DomainError
from surveys.models import Keeping, Survey
from surveys.states import SurveyState

TERMS = ("first_layer_on", "words_on", "abandoned_days", "address_days")
NOTES = ("basis", "basis_in", "impact_note", "processors")


@transaction.atomic
def keep(*, survey: Survey, fields: Mapping[str, Any], by: User) -> Keeping:
    """Keep what was filled in: any of `NOTES` and `TERMS`. Raises DomainError for a term that grew."""
    survey = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    keeping = Keeping.objects.filter(survey=survey).first() or Keeping(survey=survey)
    for name in TERMS:
        if name in fields and survey.state != SurveyState.DRAFT and _is_longer(keeping, name, fields[name]):
            raise DomainError(_("People were told when this is erased. You can only choose an earlier day."))
    changed = [name for name in (*NOTES, *TERMS) if name in fields and fields[name] != getattr(keeping, name)]
    for name in changed:
        setattr(keeping, name, fields[name])
    keeping.save()
    Promise.objects.filter(subject=survey.subject).update(address_days=keeping.address_days)
    if changed:
        Event.log("change_keeping", survey, by=by, fields=", ".join(changed))
    return keeping


def copied(survey: Survey) -> Keeping:
    """What to begin with: the notes of the survey before this one, for the privacy officer read those already."""
    earlier = Keeping.objects.exclude(survey=survey).order_by("-survey").first()
    notes = {name: getattr(earlier, name) for name in NOTES} if earlier else {}
    # By id: given the row, Django would take this for what the survey has.
    return Keeping(survey_id=survey.pk, **notes)


def _is_longer(keeping: Keeping, name: str, wanted: date | int | None) -> bool:
    told = getattr(keeping, name)
    return told is not None and (wanted is None or wanted > told)
