"""Drafts as a colleague would start them, complete but for what a test takes away."""

from datetime import timedelta
from html import unescape
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.forms import ConcurrentEditForm
from neighbourhoods.backing.services import sign
from neighbourhoods.models import Area
from surveys.builder.services.keeping import save_processing_record
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import publish_survey
from surveys.builder.services.readiness import publish_blockers
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.models import Question, Survey
from surveys.opening.services.running import ask_backer, open_survey

NOTES = {"basis_in": "Verordening, artikel 3", "impact_note": "Klein risico.", "processors": "Niemand."}


def make_draft(*, areas: list[Area], by: User, plan: str = "first-sounding") -> Survey:
    """Ready to be published."""
    survey = start_survey(plan=LIBRARY[plan], areas=areas, languages=["nl", "en"], by=by)
    survey.promise_before = timezone.localdate() + timedelta(days=60)
    survey.erase_on = timezone.localdate() + timedelta(days=200)
    survey.save()
    save_processing_record(survey=survey, fields=NOTES, by=by)
    confirm_all(survey=survey, by=by)
    return survey


def make_published(*, areas: list[Area], by: User, plan: str = "first-sounding") -> Survey:
    survey = make_draft(areas=areas, by=by, plan=plan)
    publish_survey(survey=survey, by=by)
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


def confirm_by_hand(client: Client, survey: Survey) -> None:
    """On each page that a proposal leads to, all its ticks, and save."""
    found = [lack for lack in publish_blockers(fresh(survey)) if lack.anchor.startswith("id_confirm_")]
    for url in dict.fromkeys(lack.place.url for lack in found):
        ticks = {lack.anchor.removeprefix("id_"): "on" for lack in found if lack.place.url == url}
        answer = client.post(url, values_of(client.get(url)) | ticks)
        assert answer.status_code == 302, url


def values_of(page: Any) -> dict[str, Any]:
    """What the forms of a page would send, untouched."""
    data = {"language": page.context.get("language", "")}
    for form in filter(None, (page.context["form"], page.context.get("condition"))):
        data[form.add_prefix("was")] = was_of(form)
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                data[field.html_name] = "on" if value is True else value
    return data


def was_of(form: ConcurrentEditForm) -> str:
    """The marks of what a form was read with, as a browser holds them."""
    return unescape(form.was().split('value="')[1].rsplit('"', 1)[0])


def question_of(survey: Survey, words: str) -> Question:
    """The question with these words in Dutch, or the first that begins with them."""
    for question in Question.objects.filter(layer__survey=survey).select_related("layer__survey"):
        if question.text.get("nl", "").startswith(words):
            return question
    raise LookupError(words)


def fresh(survey: Survey) -> Survey:
    return Survey.objects.with_draft().get(pk=survey.pk)
