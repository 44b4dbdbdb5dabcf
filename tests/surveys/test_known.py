"""What polls tell the advice: counted from marks on answers, over residents, never so few that it points at people."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from surveys.builder.services.readiness import open_remarks
from surveys.models import Option, Survey
from surveys.results.services.known import survey_advice_inputs
from surveys.states import CountsAs, Respondent
from tests.people import make_municipality, make_theme, signed_in
from tests.surveys.counted import make_counted
from tests.surveys.drafts import make_draft


def test_without_marks_nothing_is_known(area, editor):
    assert survey_advice_inputs([area.pk]) == {}


def test_shares_of_residents_in_the_area_and_around_it(area, district, next_area, editor):
    make_counted(area=area, owner=editor, asked=200, joins=30, knows=150)
    found = survey_advice_inputs([area.pk, district.pk, next_area.pk])
    assert found[area.pk] == {"responses": 200, "asked": 200, "wanting": 15, "few": False, "knowing": 75}
    assert found[district.pk] == found[area.pk] and next_area.pk not in found


@pytest.mark.parametrize("how", [{"respondent": Respondent.ORGANISATION}, {"suspect": True}])
def test_organisations_and_suspect_answers_say_nothing_of_residents(area, editor, how):
    make_counted(area=area, owner=editor, asked=200, joins=30, **how)
    assert survey_advice_inputs([area.pk]) == {}


def test_few_who_want_to_join_in_are_marked_as_few(area, editor):
    make_counted(area=area, owner=editor, asked=60, joins=9, knows=55)
    found = survey_advice_inputs([area.pk])[area.pk]
    assert found["few"] and found["wanting"] == 15
    assert "knowing" not in found  # but for five everybody does, and that points at the five


def test_a_theme_is_urgent_only_with_enough_people(area, editor):
    make_municipality(smallest_cell=10)
    green, youth = make_theme("green"), make_theme("youth")
    make_counted(area=area, owner=editor, asked=40, joins=10, named={green: 12, youth: 9})
    assert (
        survey_advice_inputs([area.pk])[area.pk] | {"urgency": 30, "theme": "green"}
        == survey_advice_inputs([area.pk])[area.pk]
    )
    Survey.objects.all().update(opened_at=timezone.now() - timedelta(days=4 * 365))
    assert survey_advice_inputs([area.pk]) == {}


def test_the_last_poll_that_asked_enough_people_counts(area, editor):
    make_counted(area=area, owner=editor, asked=200, joins=20)
    make_counted(area=area, owner=editor, asked=100, joins=20)
    make_counted(area=area, owner=editor, asked=29, joins=29)
    assert survey_advice_inputs([area.pk])[area.pk]["wanting"] == 20


def test_ages_come_as_counts(area, editor):
    make_counted(area=area, owner=editor, ages={CountsAs.AGE_15: 4, CountsAs.AGE_65: 40})
    ages = survey_advice_inputs([area.pk])[area.pk]["ages"]
    assert ages == {"15-24": 4, "25-44": 0, "45-64": 0, "65+": 40}


def test_the_example_poll_asks_all_of_it(area, editor):
    make_draft(areas=[area], by=editor)
    marks = set(Option.objects.exclude(counts_as="").values_list("counts_as", flat=True))
    assert marks == set(CountsAs.values)


def test_an_answer_is_marked_in_the_builder(area, editor):
    survey = make_draft(areas=[area], by=editor)
    question = survey.layers.get(is_first=True).questions.first()
    option = question.options.first()
    desk, url = signed_in(editor), reverse("survey_question", args=[survey.pk, question.pk])
    form = desk.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    desk.post(url, sent | {f"option_{option.pk}_counts_as": "joins", "language": "nl", "go": "save"})
    option.refresh_from_db()
    assert option.counts_as == "joins"


# --- too much or too little asked -------------------------------------------------------------


def warned(survey: Survey) -> list[str]:
    found = open_remarks(Survey.objects.with_draft().get(pk=survey.pk))
    return [remark.sentence for remark in found if remark.anchor == "id_influence" and not remark.is_stop]


def test_a_poll_is_held_against_the_place(area, editor):
    """Few want to join in, and the poll would have residents decide."""
    make_counted(area=area, owner=editor, asked=400, joins=12)
    survey = make_draft(areas=[area], by=editor)
    Survey.objects.filter(pk=survey.pk).update(influence="decide")
    assert str(area) in warned(survey)[0]
    Survey.objects.filter(pk=survey.pk).update(influence="consult")
    assert warned(survey) == []


def test_who_says_why_is_warned_no_more(area, editor):
    make_counted(area=area, owner=editor, asked=400, joins=12)
    survey = make_draft(areas=[area], by=editor)
    Survey.objects.filter(pk=survey.pk).update(influence="decide", influence_why="They asked for it.")
    assert warned(survey) == []


def test_where_nobody_was_asked_a_first_poll_is_no_trouble(area, editor):
    survey = make_draft(areas=[area], by=editor)
    for level in ("inform", "advise", "decide"):
        Survey.objects.filter(pk=survey.pk).update(influence=level)
        assert warned(survey) == []


def test_the_reason_is_kept_with_the_survey(area, editor):
    survey = make_draft(areas=[area], by=editor)
    desk, url = signed_in(editor), reverse("survey_settings", args=[survey.pk])
    form = desk.get(url).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= {"areas": [area.pk], "languages": survey.languages, "owner": editor.pk, "language": "nl"}
    desk.post(url, sent | {"influence_why": "They asked for it."})
    survey.refresh_from_db()
    assert survey.influence_why == "They asked for it."
