"""Drafts as a colleague would start them, complete but for what a test takes away."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from neighbourhoods.models import Area
from neighbourhoods.services.backing import sign
from surveys.library import LIBRARY
from surveys.models import Question, Survey
from surveys.services.keeping import keep
from surveys.services.publish import publish
from surveys.services.running import ask_backer, open_survey
from surveys.services.start import start_survey

NOTES = {"basis_in": "Verordening, artikel 3", "impact_note": "Klein risico.", "processors": "Niemand."}


def make_draft(*, areas: list[Area], by: User, plan: str = "first-sounding") -> Survey:
    """Ready to be published."""
    survey = start_survey(plan=LIBRARY[plan], areas=areas, languages=["nl", "en"], by=by)
    survey.promise_before = timezone.localdate() + timedelta(days=60)
    survey.erase_on = timezone.localdate() + timedelta(days=200)
    survey.save()
    keep(survey=survey, fields=NOTES, by=by)
    return survey


def make_published(*, areas: list[Area], by: User, plan: str = "first-sounding") -> Survey:
    survey = make_draft(areas=areas, by=by, plan=plan)
    publish(survey=survey, by=by)
    survey.refresh_from_db()
    return survey


def back(survey: Survey, *, backer: User, by: User) -> None:
    """Somebody with the mandate signs the published version."""
    until = timezone.localdate() + timedelta(days=300)
    backing = ask_backer(
        survey=survey, backer=backer, statement={"nl": "Ik sta erachter."}, until=until, by=by
    )
    sign(backing=backing, by=backer, digest=backing.digest)


def make_open(*, areas: list[Area], by: User, backer: User, plan: str = "first-sounding") -> Survey:
    survey = make_published(areas=areas, by=by, plan=plan)
    back(survey, backer=backer, by=by)
    return open_survey(survey=survey, by=by)


def question_of(survey: Survey, words: str) -> Question:
    """The question with these words in Dutch, or the first that begins with them."""
    for question in Question.objects.filter(layer__survey=survey).select_related("layer__survey"):
        if question.text.get("nl", "").startswith(words):
            return question
    raise LookupError(words)


def fresh(survey: Survey) -> Survey:
    return Survey.objects.with_draft().get(pk=survey.pk)
