"""Sets retention terms and legal basis of a survey.

Terms can only be shortened after publication, because respondents were shown them.

A new survey starts with a copy of the notes in the settings, so a new default changes no existing survey.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, User
from core.errors import DomainError
from core.rows import get_or_gone
from feedback.models import Promise
from neighbourhoods.models import Municipality
from surveys.models import DataProcessingRecord, KeepingDefault, Survey
from surveys.models.builder import KeepingNotes
from surveys.states import SurveyState

RETENTION_TERMS = ("first_layer_on", "words_on", "abandoned_days", "address_days")
_NOTE_TEXTS = ("basis_in", "impact_note", "processors")
NOTE_FIELDS = ("basis", *_NOTE_TEXTS)


@transaction.atomic
def save_processing_record(*, survey: Survey, fields: Mapping[str, Any], by: User) -> DataProcessingRecord:
    """Save any of `NOTES` and `RETENTION_TERMS`. Raises DomainError for a term that got longer."""
    survey = get_or_gone(Survey.objects.select_for_update(of=("self",)), pk=survey.pk)
    keeping = DataProcessingRecord.objects.filter(survey=survey).first() or DataProcessingRecord(
        survey=survey
    )
    for name in RETENTION_TERMS:
        if name in fields and survey.state != SurveyState.DRAFT and _is_longer(keeping, name, fields[name]):
            raise DomainError(_("People were told when this is erased. You can only choose an earlier day."))
    changed = [
        name
        for name in (*NOTE_FIELDS, *RETENTION_TERMS)
        if name in fields and fields[name] != getattr(keeping, name)
    ]
    for name in changed:
        setattr(keeping, name, fields[name])
    keeping.save()
    Promise.objects.filter(subject=survey.subject).update(address_days=keeping.address_days)
    if changed:
        Event.log("change_keeping", survey, by=by, fields=", ".join(changed))
    return keeping


def begin_with_default(survey: Survey) -> None:
    """Copy the notes of the settings to a new survey. Without them its own page asks for the notes."""
    if default := KeepingDefault.objects.first():
        DataProcessingRecord.objects.create(survey=survey, **notes_of(default))


def is_default(keeping: DataProcessingRecord, default: KeepingDefault | None) -> bool:
    return default is not None and notes_of(keeping) == notes_of(default)


@transaction.atomic
def save_default_notes(*, notes: Mapping[str, str], by: User) -> KeepingDefault | None:
    """Set the notes that new surveys start with; three empty texts remove the default."""
    Municipality.objects.select_for_update().filter(pk=1).first()  # serialises edits by two colleagues
    there = KeepingDefault.objects.first()
    wanted = {name: notes[name].strip() for name in NOTE_FIELDS}
    changed = [name for name in NOTE_FIELDS if wanted[name] != (getattr(there, name) if there else "")]
    if not any(wanted[name] for name in _NOTE_TEXTS):
        if there:
            there.delete()
            _log_default(changed, by)
        return None
    default = there or KeepingDefault(pk=1)
    for name in NOTE_FIELDS:
        setattr(default, name, wanted[name])
    default.save()
    if changed:
        _log_default(changed, by)
    return default


def _log_default(changed: list[str], by: User) -> None:
    house = Municipality.objects.filter(pk=1).first() or Municipality.current()
    Event.log("changed privacy default", house, by=by, fields=", ".join(changed))


def notes_of(notes: KeepingNotes) -> dict[str, str]:
    return {name: getattr(notes, name) for name in NOTE_FIELDS}


def initial_processing_record(survey: Survey) -> DataProcessingRecord:
    """Initial notes: of the settings, else of the previous survey. Saved only when confirmed."""
    earlier = (
        KeepingDefault.objects.first()
        or DataProcessingRecord.objects.exclude(survey=survey).order_by("-survey").first()
    )
    notes = notes_of(earlier) if earlier else {}
    # By id: with `survey=` Django would cache this unsaved record as the survey's own.
    return DataProcessingRecord(survey_id=survey.pk, **notes)


def _is_longer(keeping: DataProcessingRecord, name: str, wanted: date | int | None) -> bool:
    told = getattr(keeping, name)
    return told is not None and (wanted is None or wanted > told)
