"""What surveys stores about the holder of a receipt: answers as ids, and their share in the counters."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Receipt
from core.i18n import pick
from surveys.answering.services.answer import is_counted_together, published_version_of, update_counters
from surveys.models import PaperForm, Response
from surveys.questionnaire.counting import tally
from surveys.questionnaire.question_types import type_of
from surveys.results.services import exports


class SurveyPersonalData:
    """Implements feedback.registries.PersonalData. Each method runs inside the caller's transaction."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        for response in _locked(receipt):
            if response.withdrawn_on is None:
                _count(response, counted=False)
                response.withdrawn_on = timezone.localdate(now)
                response.save(update_fields=["counted", "withdrawn_on"])
                exports.destroy_exports_of([response.survey_id])

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        for response in _locked(receipt):
            if response.withdrawn_on is not None:
                response.withdrawn_on = None
                _count(response, counted=True)
                response.save(update_fields=["counted", "withdrawn_on"])

    def download(self, receipt: Receipt) -> dict[str, Any]:
        found = {
            _("Your answers"): [_readable(response, receipt.language) for response in _responses_of(receipt)]
        }
        if form := PaperForm.objects.filter(receipt=receipt).first():
            # Entries so far; the settled answers may differ.
            found[_("Your form")] = [entry.values for entry in form.entries.all()]
        return found

    def erase(self, receipt: Receipt) -> None:
        for response in _locked(receipt):
            _count(response, counted=False)
            response.delete()
            exports.destroy_exports_of([response.survey_id])


def answers_of(receipt: Receipt) -> list[tuple[str, str]]:
    """(question, answer) pairs of closed questions. Leaves out questions about the person, because the private page
    can be opened with a link alone."""
    language, found = get_language() or "", []
    for response in _responses_of(receipt):
        document = published_version_of(response).document
        for layer in document.layers:
            for question in layer.questions if layer.id in response.layers_done else ():
                value = response.answers.get(question.id)
                if type_of(question).is_about_person or not is_counted_together(question, value):
                    continue
                said = type_of(question).answer_text(question, value, language)
                words = said if isinstance(said, str) else ", ".join(said or [])
                if words:
                    found.append((pick(question.text, language), words))
    return found


def _responses_of(receipt: Receipt) -> QuerySet[Response]:
    return Response.objects.filter(receipt=receipt).with_survey().select_related("area")


def _locked(receipt: Receipt) -> QuerySet[Response]:
    return _responses_of(receipt).select_for_update(of=("self",))


def _count(response: Response, *, counted: bool) -> None:
    frozen = published_version_of(response)
    keys = tally(frozen.document, response.answers, response.shown, response.layers_done) if counted else {}
    update_counters(
        response, epoch=frozen.epoch, keys=sorted([question, option] for question, option in keys)
    )


def _readable(response: Response, language: str) -> dict[str, Any]:
    """Questions and answers in words. Free text is downloaded by feedback, which stores it."""
    document = published_version_of(response).document
    return {
        _("survey"): pick(document.title, language),
        _("on"): response.day.isoformat(),
        _("neighbourhood"): response.area.name,
        _("way in"): response.channel.get_kind_display(),
        _("as"): response.get_respondent_display(),
        _("answers"): [
            {
                _("question"): pick(question.text, language),
                _("answer"): type_of(question).answer_text(question, response.answers[question.id], language),
            }
            for question in document.questions
            if question.id in response.answers
        ],
    }
