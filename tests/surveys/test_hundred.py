"""A hundred questions: the builder asks the database no more than for ten, and all of it can be published."""

import pytest
from django.urls import reverse

from surveys.builder.services.draft import add_layer
from surveys.builder.services.publish import publish_survey
from surveys.builder.services.readiness import publish_blockers
from surveys.models import Question, Survey
from tests.people import signed_in
from tests.surveys.drafts import fresh, make_draft, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    survey = make_draft(areas=[area], by=editor)
    layer = add_layer(survey=survey, by=editor)
    layer.title = {"nl": "Meer", "en": "More"}
    layer.save()
    like = question_of(survey, "Wilt u ergens")
    options = list(like.options.all())
    for number in range(100 - Question.objects.filter(layer__survey=survey).count()):
        like.pk, like.layer, like.order = None, layer, number
        like._state.adding = True
        like.save()
        for option in options:
            option.pk, option.question = None, like
            option._state.adding = True
            option.save()
    return survey


def test_queries_of_the_page(survey, editor, django_assert_max_num_queries):
    client = signed_in(editor)
    last = Question.objects.filter(layer__survey=survey).latest("pk")
    for name, arguments in (
        ("survey_question", [survey.pk, last.pk]),
        ("survey_layer", [survey.pk, last.layer_id]),
        ("survey_paths", [survey.pk]),
    ):
        url = reverse(name, args=arguments)
        client.get(url)
        with django_assert_max_num_queries(15):
            assert client.get(url).status_code == 200


def test_it_can_be_published(survey, editor):
    assert publish_blockers(fresh(survey)) == []
    version = publish_survey(survey=survey, by=editor)
    assert sum(len(layer["questions"]) for layer in version.document["layers"]) == 100
