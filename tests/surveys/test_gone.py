"""A question whose meaning changed on the way: its numbers stay readable, with since when and what is asked now."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys.builder.services import draft, publish
from surveys.builder.services.retired_questions import retired_questions
from surveys.models import DayCount, Publication, Question, Survey, Tally
from surveys.opening.services import running
from surveys.publication.services import take_snapshot
from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY
from surveys.questionnaire.published import published_version
from surveys.results.services.crosstab import compare_rounds
from surveys.states import VersionKind
from tests.people import signed_in
from tests.surveys.drafts import back
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


def count(question: Question, *numbers: int) -> None:
    survey, options = question.layer.survey, question.options.filter(retired=False)
    keys = [SHOWN_KEY, ANSWERED, *(str(option.pk) for option in options)]
    Tally.objects.bulk_create(
        Tally(survey=survey, epoch=1, question=str(question.pk), option=key, area=survey.area,
              channel=survey.channels.get(), respondent="resident", n=n)
        for key, n in zip(keys, (sum(numbers), sum(numbers), *numbers), strict=True)
    )  # fmt: skip


def document(survey: Survey):
    return published_version(survey.current.pk, survey.current.digest).document


@pytest.fixture
def earlier(area, editor) -> Survey:
    return make_survey(areas=[area], owner=editor, questions=1)


@pytest.fixture
def survey(earlier, area, editor, backer, monkeypatch) -> Survey:
    """40 answered its first question before it was asked otherwise, and 31 the new one."""
    monkeypatch.setattr(publish, "publish_blockers", lambda survey, on: [])
    survey = make_survey(areas=[area], owner=editor, questions=1)
    Survey.objects.filter(pk=survey.pk).update(round_of=earlier)
    old = survey.layers.get(is_first=True).questions.get()
    Question.objects.filter(pk=old.pk).update(
        type_locked=True, same_as=earlier.layers.get(is_first=True).questions.get()
    )
    old.refresh_from_db()
    count(old, 25, 12, 3)
    DayCount.objects.create(
        survey=survey, day=timezone.localdate(), channel=survey.channels.get(), area=area, n=40
    )
    take_snapshot(survey=survey)
    words = draft.QuestionWords(texts={"text": "Wat komt eerst?"}, fields={})
    draft.change_question(question=old, language="nl", filled_in=words, by=editor)
    survey.refresh_from_db()
    publish.publish_again(survey=survey, kind=VersionKind.MEANING, seen=survey.revision, by=editor)
    survey.refresh_from_db()
    back(survey, backer=backer, by=editor)
    running.make_version_current(survey=survey, by=editor)
    survey.refresh_from_db()
    count(survey.layers.get(is_first=True).questions.get(retired=False), 20, 11, 0)
    return survey


def test_what_took_its_place_and_since_when(survey):
    (gone,) = retired_questions(survey, document(survey)).values()
    assert gone.question.text["nl"] == "Vraag 1?"
    assert gone.instead.text["nl"] == "Wat komt eerst?"
    assert gone.since == timezone.localdate()
    first = survey.versions.last()
    assert retired_questions(survey, published_version(first.pk, first.digest).document) == {}


def test_colleagues_read_it_folded_below_with_small_cells_hatched(survey, editor):
    page = unescape(signed_in(editor).get(reverse("survey_results", args=[survey.pk])).content.decode())
    folded = page.split("Niet meer gevraagd</h2>")[1].split('<div class="stack">')[0]
    assert "Vraag 1?" in folded
    assert "“Wat komt eerst?”" in folded
    assert ">25<" in folded
    assert ">3<" not in folded


def test_everybody_reads_its_last_table(survey, editor):
    Publication.objects.create(survey=survey, published_by=editor)
    page = unescape(Client().get(reverse("outcome", args=[survey.channels.get().code])).content.decode())
    assert "Niet meer gevraagd" in page
    assert page.index("Wat komt eerst?") < page.index("Vraag 1?")
    data = Client().get(reverse("api_survey", args=[survey.pk])).json()
    assert [one["retired"] for one in data["questions"]][:2] == [True, False]


def test_side_by_side_it_is_a_break(survey, earlier, editor):
    old, new = document(survey).first_layer.questions
    assert compare_rounds(survey, old, invited=None).missing == ()
    assert len(compare_rounds(survey, new, invited=None).missing) == 1, "another meaning is another question"
    url = reverse("survey_comparing", args=[survey.pk])
    page = unescape(signed_in(editor).get(f"{url}?by=round&question={new.id}").content.decode())
    assert f"question={old.id}&amp;by=round" in page or f"question={old.id}&by=round" in page
    page = unescape(signed_in(editor).get(f"{url}?by=round&question={old.id}").content.decode())
    assert "Niet meer gevraagd" in page
    first = document(earlier).first_layer.questions[0]
    assert len(compare_rounds(earlier, first, invited=None).broken) == 1
