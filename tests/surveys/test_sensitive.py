"""Asking who somebody is: answers that go with the subject, and what is sensitive closed until consent is asked."""

import pytest

from surveys.builder.services.draft import QuestionWords, add_question, change_question
from surveys.builder.services.publish import PublicationRefused, publish_survey
from surveys.builder.services.readiness import publish_blockers
from tests.surveys.drafts import fresh, make_draft
from tests.surveys.polls import both

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor):
    return make_draft(areas=[area], by=editor, plan="square")


@pytest.fixture
def question(survey, editor):
    """Complete but for its subject, in a deeper layer."""
    question = add_question(layer=survey.layers.last(), type="about_you", by=editor)
    words = {name: both("Waarom vragen wij dit aan u") for name in ("text", "purpose", "use", "owner_role")}
    type(question).objects.filter(pk=question.pk).update(**words)
    question.refresh_from_db()
    return question


def set_to(question, by, **settings) -> None:
    words = QuestionWords(texts={}, fields={"settings": settings})
    change_question(question=question, language="nl", filled_in=words, by=by)


def answers(question) -> list[str]:
    return [option.label["nl"] for option in question.options.filter(retired=False)]


def about(survey, question) -> list[str]:
    return [lack.anchor for lack in publish_blockers(fresh(survey)) if lack.place.args[-1:] == (question.pk,)]


def test_age_is_asked_without_more_ado(survey, question):
    assert answers(question)[0] == "Jonger dan 15"
    assert about(survey, question) == []


def test_another_subject_brings_other_answers(question, editor):
    set_to(question, editor, subject="household")

    assert answers(question)[0] == "Alleen"


def test_answers_that_somebody_wrote_stay(question, editor):
    question.options.filter(order=0).update(label=both("Onder de 15"))

    set_to(question, editor, subject="household")

    assert answers(question)[0] == "Onder de 15"


def test_another_subject_needs_a_reason_in_every_language(survey, question, editor):
    set_to(question, editor, subject="gender", reason={"nl": "Voor het zwemuur."})

    assert about(survey, question) == ["id_set_reason"]


@pytest.mark.parametrize("subject", ["health", "descent", "religion", "politics"])
def test_what_is_sensitive_is_not_published_without_consent(survey, question, editor, subject):
    reason = both("Voor de hellingbaan.", "For the ramp.")
    set_to(question, editor, subject=subject, reason=reason)
    for label in ("Ja", "Nee"):
        question.options.create(label=both(label), order=9)

    assert about(survey, question) == ["id_set_consent"]
    with pytest.raises(PublicationRefused):
        publish_survey(survey=survey, by=editor)

    set_to(question, editor, subject=subject, reason=reason, consent=True)
    assert about(survey, question) == []


def test_in_layer_1_it_is_one_tap_or_not_there(survey, editor):
    first = survey.layers.get(is_first=True).questions.last()
    assert first.type == "about_you"

    set_to(first, editor, subject="age", consent=True, reason=both("Daarom.", "Because."))

    assert "id_type" in about(survey, first)
