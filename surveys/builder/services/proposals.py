"""Proposals: unconfirmed texts from an example, a copy or a file that claim something about this
municipality.

Who decides, what means there are, how much influence people have and when: only a person of the municipality
knows whether that holds for this survey. Publishing waits until they confirm it, or write something else.

* A draft from an example, from the municipality's own library or from a file was written for another place or
time: every such claim in it is a proposal.
* Another round was confirmed last time, so only what is bound to its time is a proposal again: months, years,
amounts, and the money of the expectation card.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from accounts.models import Event, User
from initiatives.models import ExpectationCard
from surveys.library.plan import QUESTION_TEXTS, SURVEY_TEXTS, QuestionPlan, SurveyPlan
from surveys.models import FormFile, Question, Survey

CLAIMS = ("who_asks", "why", "promise", "influence_text")
"""Texts of a survey that are about this municipality, whatever they say."""
MONEY = r"€\s*\d|\b(?:eur|euro)\s*\d|\d\s*euro\b"
_YEAR_WORDS = r"\b20\d\d\b|\b(?:dit|volgend) jaar\b|\b(?:this|next) year\b"
DECIDERS = r"\b(?:gemeenteraad|raad|college|wethouders?|burgemeester|council|alderman|aldermen|mayor)\b"


def proposals_of_survey(plan: SurveyPlan, *, again: bool) -> list[str]:
    """The proposal marks of a draft written from this plan; `again` for another round."""
    found = set(plan.proposed)
    found |= {name for name in SURVEY_TEXTS if _claims(getattr(plan, name), again=again)}
    if not again:
        found |= {name for name in CLAIMS if _is_said(getattr(plan, name))}
        found |= {"influence"} if plan.influence else set()
    for row in ExpectationCard.ROWS:
        texts = plan.card.get(row, {})
        if _is_said(texts) and (row == "money" or not again or _claims(texts, again=True)):
            found.add(card_mark(row))
    return sorted(found)


def proposals_of_question(plan: QuestionPlan, *, again: bool) -> list[str]:
    found = {name for name in QUESTION_TEXTS if _claims(getattr(plan, name), again=again)}
    return sorted(found | set(plan.proposed))


def card_mark(row: str) -> str:
    return f"card.{row}"


def proposals_of_card(survey: Survey) -> list[str]:
    return [row for row in ExpectationCard.ROWS if card_mark(row) in survey.proposed]


def proposal_source(row: Survey | Question, survey: Survey, *, again: bool) -> str:
    """Where the proposals of a row came from, as its page shows it; `again` for a row of an earlier round."""
    if not row.proposed:
        return ""
    if again:
        return _("Carried over from the earlier round: is this still right?")
    if FormFile.objects.filter(survey=survey).exists():
        return _("Proposal from the file or the library: is this right?")
    return _("Proposal from the example: is this right?")


@transaction.atomic
def confirm_all(*, survey: Survey, by: User) -> None:
    """Confirm every proposal in the draft, as if confirmed one by one on each page."""
    survey.proposed = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk).proposed
    taken = survey.confirm(survey.proposed)
    survey.save(update_fields=["proposed"])
    log_confirmed(survey, taken, by=by)
    for question in Question.objects.filter(layer__survey=survey).exclude(proposed=[]):
        taken = question.confirm(question.proposed)
        question.save(update_fields=["proposed"])
        log_confirmed(survey, taken, by=by, question=question.pk)


def log_confirmed(survey: Survey, fields: Iterable[str], *, by: User, question: int | None = None) -> None:
    if said := ", ".join(fields):
        Event.log("confirm", survey, by=by, fields=said, question=question)


def _is_said(texts: Mapping[str, str]) -> bool:
    return any(words.strip() for words in texts.values())


def _claims(texts: Mapping[str, str], *, again: bool) -> bool:
    """Whether a text names a month, a year or an amount or, unless `again`, who decides."""
    return any(
        _moments(code).search(words)
        or _MONEY.search(words)
        or _YEARS.search(words)
        or (not again and _DECIDERS.search(words))
        for code, words in texts.items()
    )


_MONEY, _YEARS, _DECIDERS = (re.compile(each, re.IGNORECASE) for each in (MONEY, _YEAR_WORDS, DECIDERS))


@cache
def _moments(code: str) -> re.Pattern[str]:
    """Pattern of the month names of a language, also capitalised at the start of a sentence."""
    known = {name for name, _label in settings.LANGUAGES}
    with translation.override(code if code in known else settings.LANGUAGE_CODE):
        months = [str(name) for name in MONTHS.values()]
    names = "|".join(re.escape(name) for each in months for name in (each, each.capitalize()))
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)")
