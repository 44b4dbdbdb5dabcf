"""One question for areas and for rounds beside each other; what is hidden, and what can't be compared."""

import pytest
from django.urls import reverse

from neighbourhoods.models import Area
from surveys.models import Question, Survey, Tally
from surveys.questionnaire.published import published_version
from surveys.results.services.crosstab import compare_areas, compare_rounds
from tests.people import make_area
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(area) -> Area:
    return make_area("Meadow", slug="meadow", parent=area.parent)


@pytest.fixture
def survey(area, other, editor) -> Survey:
    return make_survey(areas=[area, other], owner=editor)


def first(survey: Survey) -> Question:
    return survey.layers.get(is_first=True).questions.first()


def count(survey: Survey, area: Area, *numbers: int) -> None:
    question = first(survey)
    keys = ["answered", *(str(option.pk) for option in question.options.all())]
    for option, n in zip(keys, (sum(numbers), *numbers), strict=False):
        Tally.objects.create(
            survey=survey, epoch=1, question=str(question.pk), option=option, area=area,
            channel=survey.channels.first(), respondent="resident", n=n,
        )  # fmt: skip


def asked(survey: Survey):
    document = published_version(survey.current.pk, survey.current.digest).document
    return document.question(str(first(survey).pk))


def numbers(comparison) -> list[list[int | None]]:
    return [[cell.n for cell in line.cells] for line in comparison.lines]


def test_areas_stand_beside_each_other_and_small_cells_are_hatched(survey, area, other):
    count(survey, area, 40, 20, 30)
    count(survey, other, 30, 4, 20)
    found = compare_areas(survey, asked(survey), [area, other], invited=None)
    assert numbers(found) == [[40, 30], [None, None], [None, None]]
    assert [column.people for column in found.columns] == [90, 54]


def test_few_people_are_warned_of(survey, area, other):
    count(survey, area, 40, 20, 30)
    count(survey, other, 10, 10, 0)
    found = compare_areas(survey, asked(survey), [area, other], invited=None)
    assert found.has_few
    assert {line.cells[1].percent for line in found.lines} == {None}


def again(survey: Survey, areas: list[Area], editor, *, same: bool) -> Survey:
    later = make_survey(areas=areas, owner=editor)
    Survey.objects.filter(pk=later.pk).update(round_of=survey)
    if same:
        question = first(later)
        question.same_as = first(survey)
        question.save()
        for option, before in list(zip(question.options.all(), first(survey).options.all(), strict=True))[:2]:
            option.same_as = before
            option.save()
    later.refresh_from_db()
    return later


def test_rounds_stand_beside_each_other_and_an_answer_of_one_alone_is_another(survey, area, editor):
    later = again(survey, [area], editor, same=True)
    count(survey, area, 40, 20, 30)
    count(later, area, 50, 25, 15)
    found = compare_rounds(later, asked(later), invited=None)
    # The third answer has no link: each round has its own.
    assert numbers(found) == [[40, 50], [20, 25], [0, 15], [30, 0]]


def test_a_question_with_another_meaning_is_not_compared(survey, area, editor):
    later = again(survey, [area], editor, same=False)
    count(later, area, 50, 25, 15)
    found = compare_rounds(later, asked(later), invited=None)
    assert (len(found.columns), len(found.missing)) == (1, 1)


def test_page(survey, area, editor, client, django_assert_max_num_queries):
    count(survey, area, 40, 20, 30)
    client.force_login(editor)
    url = reverse("survey_comparing", args=[survey.pk])
    client.get(url)
    for query in ("", "?by=round"):
        with django_assert_max_num_queries(15):
            assert client.get(url + query).status_code == 200
