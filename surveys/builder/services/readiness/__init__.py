"""What a survey still lacks before it can be published, each with the place to fix it."""

from datetime import date

from django.utils import timezone

from surveys.builder.services.readiness.conditions import of_conditions
from surveys.builder.services.readiness.questions import of_layers
from surveys.builder.services.readiness.remark import PublishBlocker, RemarkPlace
from surveys.builder.services.readiness.survey import CARD_ROWS, of_card, of_keeping, remarks_on_survey
from surveys.builder.services.readiness.words import own_name, translated_language_name
from surveys.models import DismissedLint, Survey
from surveys.questionnaire.document import Document

__all__ = [
    "CARD_ROWS",
    "PublishBlocker",
    "RemarkPlace",
    "lacks",
    "open_remarks",
    "own_name",
    "review",
    "translated_language_name",
]


def lacks(survey: Survey, *, on: date | None = None) -> list[PublishBlocker]:
    """All blockers of publication, in the order of the pages. Load the survey `with_draft()`."""
    return [lack for lack in open_remarks(survey, on=on) if lack.is_stop]


def open_remarks(
    survey: Survey, *, on: date | None = None, with_advice: bool = True, draft: Document | None = None
) -> list[PublishBlocker]:
    """Blockers and warnings, without dismissed warnings.

    `with_advice` False leaves out the advice on the neighbourhoods: it doubles the tables read, and is shown
    where the level of influence is chosen and where the survey is opened. Pass `draft` if it was parsed
    already.
    """
    found = review(survey, on=on, with_advice=with_advice, draft=draft)
    return [remark for remark, aside in found if aside is None]


def review(
    survey: Survey, *, on: date | None = None, with_advice: bool = True, draft: Document | None = None
) -> list[tuple[PublishBlocker, DismissedLint | None]]:
    """Every remark, with its dismissal if one holds for exactly these words."""
    asides = {(aside.remark, aside.about): aside for aside in survey.set_asides.all()}
    return [
        (
            remark,
            asides.get((remark.mark, remark.fingerprint)) if remark.code and not remark.is_stop else None,
        )
        for remark in _all_remarks(survey, on, with_advice=with_advice, draft=draft)
    ]


def _all_remarks(
    survey: Survey, on: date | None, *, with_advice: bool, draft: Document | None
) -> list[PublishBlocker]:
    layers = [layer for layer in survey.layers.all() if not layer.retired]
    return [
        *remarks_on_survey(survey, on or timezone.localdate(), with_advice=with_advice),
        *of_card(survey),
        *of_keeping(survey),
        *of_layers(survey, layers),
        *of_conditions(survey, draft),
    ]
