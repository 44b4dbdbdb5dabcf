"""Erases survey data when its term ends (config/retention.toml, and the terms chosen per survey).

Each kind logs an event on its survey: what was erased, and how many.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from accounts.models import Event
from core.errors import DomainError
from feedback.models import AnswerOwed
from feedback.private.services import erase_for_good
from feedback.retention import erase_contribution_texts
from neighbourhoods.registries import retention_jobs
from surveys.invitations.services import invitations, post
from surveys.models import AccessCode, LetterRun, PaperForm, PaperRun, Response, Survey
from surveys.models.paper import PrintRunQuerySet, Run
from surveys.paper.services import paper_entry, paper_forms
from surveys.printing.services import delete_stray_folders
from surveys.results.services import exports
from surveys.results.services.recount import keep_stop
from surveys.states import PaperState, SurveyState

FINISHED = N_("answers to surveys")
FIRST_LAYER = N_("answers to layer 1 alone")
ABANDONED = N_("answers that were never finished")
_WORDS = N_("words that were answered")


@retention_jobs.register("answers")
def erase_answers(now: datetime, days: int) -> dict[str, int]:
    """Erase what is due, per survey. Each receipt is erased in its own transaction."""
    today = timezone.localdate(now)
    gone = {FINISHED: 0, FIRST_LAYER: 0, ABANDONED: 0, _WORDS: 0}
    due = Q(erase_on__lte=today) | Q(keeping__isnull=False)
    for survey in Survey.objects.filter(due, current__isnull=False).select_related("keeping").order_by("pk"):
        for what, count in _erase_due_of_survey(survey, today).items():
            gone[what] += count
            if count:
                Event.log("erased_by_retention", survey, by=None, what=what, number=count)
    return gone


def _erase_due_of_survey(survey: Survey, today: date) -> dict[str, int]:
    if survey.erase_on and survey.erase_on <= today:
        return {FINISHED: _erase_counted(survey, list(survey.responses.values_list("pk", flat=True)), today)}
    keeping = getattr(survey, "keeping", None)
    if keeping is None:
        return {}
    gone = {ABANDONED: _erase_abandoned(survey, today - timedelta(days=keeping.abandoned_days))}
    # While the survey is open, somebody who finished only layer 1 may still go on.
    if survey.state == SurveyState.CLOSED and keeping.first_layer_on and keeping.first_layer_on <= today:
        gone[FIRST_LAYER] = _erase_counted(survey, _first_layer_alone(survey), today)
    if keeping.words_on and keeping.words_on <= today:
        gone[_WORDS] = erase_contribution_texts(source=survey.subject)
    return gone


def _erase_counted(survey: Survey, pks: list[UUID], today: date) -> int:
    """Counters keep their values: from now on frozen and excluded from the recount (`answers_erased_on`)."""
    if pks and survey.answers_erased_on is None:
        Survey.objects.filter(pk=survey.pk, answers_erased_on=None).update(answers_erased_on=today)
    return _erase(pks)


def _erase_abandoned(survey: Survey, before: date) -> int:
    """Unfinished responses count only for where people stopped, and that number is kept."""
    abandoned = survey.responses.filter(layers_done=[], withdrawn_on=None, day__lt=before)
    return _erase(abandoned.values_list("pk", flat=True))


def _first_layer_alone(survey: Survey) -> list[UUID]:
    """Excludes receipts still owed an answer: erasing them would be a way to owe them nothing."""
    waiting = AnswerOwed.objects.waiting().filter(receipt=OuterRef("receipt"))
    rows = survey.responses.filter(~Exists(waiting), withdrawn_on=None).values_list("pk", "layers_done")
    return [pk for pk, done in rows.iterator(chunk_size=5000) if len(done) == 1]


def _erase(pks: Iterable[UUID]) -> int:
    return sum(_erase_one(pk) for pk in list(pks))


@transaction.atomic
def _erase_one(pk: UUID) -> int:
    response = Response.objects.with_survey().select_for_update(of=("self",)).filter(pk=pk).first()
    if response is None:
        return 0
    if not response.layers_done:
        keep_stop(response)
    receipt = response.receipt_id
    # Delete the response first: erasing the receipt would otherwise subtract it from the counters.
    response.delete()
    return erase_for_good(receipt)


@retention_jobs.register("letters")
def destroy_letters(now: datetime, days: int) -> dict[str, int]:
    """Destroy lists and letters past their term, stray files, and codes of surveys past their erasure date."""
    count = _destroyed(LetterRun.objects.all(), post.destroy_letter_run, now, days)
    delete_stray_folders()
    erased = AccessCode.objects.filter(channel__survey__erase_on__lte=timezone.localdate(now))
    codes, _rows = erased.delete()
    return {N_("letters with their addresses"): count, N_("codes of letters"): codes}


def _destroyed(runs: PrintRunQuerySet[Run], destroy: Callable[..., None], now: datetime, days: int) -> int:
    """Returns the number of letters or forms destroyed."""
    today, count = timezone.localdate(now), 0
    due = runs.with_files().filter(created_on__lt=today - timedelta(days=days))
    for run in due.select_related("channel__survey"):
        # A run that is being made raises DomainError; the next night tries again.
        with suppress(DomainError):
            destroy(run=run, by=None, today=today)
            count += run.pieces
    return count


@retention_jobs.register("paper")
def clear_paper(now: datetime, days: int) -> dict[str, int]:
    """Destroy printed codes past their term, forms never handed in, and numbers of surveys past their erasure
    date.
    """
    printed = _destroyed(PaperRun.objects.all(), paper_forms.destroy_paper_run, now, days)
    receipts = paper_entry.unused_forms(now, days).values_list("receipt", flat=True)
    never = sum(erase_for_good(receipt) for receipt in list(receipts))
    erased = PaperForm.objects.filter(run__channel__survey__erase_on__lte=timezone.localdate(now))
    erased.filter(state=PaperState.DONE).delete()
    return {N_("printed forms with their codes"): printed, N_("forms that nobody handed in"): never}


@retention_jobs.register("invitations")
def destroy_address_lists(now: datetime, days: int) -> dict[str, int]:
    """Destroy invited addresses `days` after the survey closed, and lists not taken within `days`."""
    return {N_("addresses that were invited"): invitations.destroy_due(now, days)}


@retention_jobs.register("exports")
def destroy_exports(now: datetime, days: int) -> dict[str, int]:
    """Fallback: the export job does this every few seconds; this covers a site where that job stood still."""
    gone = exports.destroy_due(now)
    exports.delete_stray_files(now)
    return {N_("files with answers"): gone}
