"""What surveys holds about the holder of a receipt: their answers as ids, and their share in the counters."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Receipt
from neighbourhoods.texts import pick
from surveys.counting import tally
from surveys.document import Question, Shape
from surveys.models import Response
from surveys.services.answer import published_of
from surveys.services.tally import count


class Answers:
    """Implements feedback.registries.PersonalData. Each method runs inside the caller's transaction."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        for response in _locked(receipt):
            if response.withdrawn_on is None:
                _count(response, counted=False)
                response.withdrawn_on = timezone.localdate(now)
                response.save(update_fields=["counted", "withdrawn_on"])

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        for response in _locked(receipt):
            if response.withdrawn_on is not None:
                response.withdrawn_on = None
                _count(response, counted=True)
                response.save(update_fields=["counted", "withdrawn_on"])

    def download(self, receipt: Receipt) -> dict[str, Any]:
        return {_("Your answers"): [_readable(response, receipt.language) for response in _of(receipt)]}

    def erase(self, receipt: Receipt) -> None:
        for response in _locked(receipt):
            _count(response, counted=False)
            response.delete()


def _of(receipt: Receipt) -> QuerySet[Response]:
    return (
        Response.objects.filter(receipt=receipt)
        .select_related("survey", "version", "area", "channel")
        .defer("version__document")
    )


def _locked(receipt: Receipt) -> QuerySet[Response]:
    return _of(receipt).select_for_update(of=("self",))


def _count(response: Response, *, counted: bool) -> None:
    frozen = published_of(response)
    keys = tally(frozen.document, response.answers, response.shown, response.layers_done) if counted else {}
    count(response, epoch=frozen.epoch, keys=sorted([question, option] for question, option in keys))


def _readable(response: Response, language: str) -> dict[str, Any]:
    """Questions and answers in words. What was written stands under feedback, where it is kept."""
    document = published_of(response).document
    return {
        _("survey"): pick(document.title, language),
        _("on"): response.day.isoformat(),
        _("neighbourhood"): response.area.name,
        _("way in"): response.channel.get_kind_display(),
        _("as"): response.get_respondent_display(),
        _("answers"): [
            {
                _("question"): pick(question.text, language),
                _("answer"): _words(question, response.answers[question.id], language),
            }
            for question in document.questions
            if question.id in response.answers
        ],
    }


def _words(question: Question, value: Any, language: str) -> str | list[str] | None:
    if value is None or question.shape is Shape.TEXT:
        return None
    ids = [value] if isinstance(value, str) else [id for id, yes in value.items() if yes]
    options = [question.option(id) for id in ids]
    labels = [pick(option.label, language) for option in options if option]
    if question.shape is Shape.MANY:
        return labels
    return labels[0] if labels else None
