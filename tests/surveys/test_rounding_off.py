"""A survey is rounded off after it closed, and its trajectory with it; who says no opens both."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from feedback.answers.services import replies
from feedback.contributions.services import closing
from feedback.models import Promise
from feedback.states import Owed
from neighbourhoods.states import Phase, StepState
from neighbourhoods.trajectories import services as trajectories
from surveys.models import Survey
from surveys.states import SurveyState
from tests.feedback import journey
from tests.feedback.factories import make_debt, make_incoming, make_topic
from tests.people import signed_in
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(area, editor) -> tuple[Survey, Promise]:
    """A survey that ran in a trajectory of which every step is done, and one person who waits."""
    trajectory = trajectories.start_trajectory(
        title="Het plein", areas=[area], phase=Phase.PREPARATION, owner=editor, by=editor
    )
    trajectory.steps.update(state=StepState.DONE, done_on=timezone.localdate())
    survey = make_survey(areas=[area], owner=editor)
    Survey.objects.filter(pk=survey.pk).update(trajectory=trajectory)
    survey.refresh_from_db()
    return survey, Promise.objects.get(subject=survey.subject)


def stop(survey: Survey) -> None:
    Survey.objects.filter(pk=survey.pk).update(state=SurveyState.CLOSED, closed_at=timezone.now())


def test_while_residents_can_answer_nothing_is_rounded_off(asked, editor):
    survey, promise = asked
    for _twice in range(2):
        with pytest.raises(DomainError, match="nog invullen"):
            closing.round_off(promise=promise, by=editor)
        with pytest.raises(DomainError, match="nog invullen"):
            trajectories.close_trajectory(trajectory=survey.trajectory, by=editor)
    stop(survey)
    closing.round_off(promise=promise, by=editor)


def test_the_page_that_closes_a_trajectory_names_what_comes_first_before_anybody_presses(asked, area, editor):
    survey, _promise = asked
    client, page = signed_in(editor), reverse("trajectory_close", args=[survey.trajectory_id])
    button = "Sluit dit traject</button>"
    shown = client.get(page).content.decode()
    assert "Sluit eerst de peiling" in shown and button not in shown
    stop(survey)
    told = make_debt(make_topic("option:1", source=survey.subject, area=area), owner=editor, state=Owed.SENT)
    mail = make_incoming(told.receipt)
    shown = client.get(page).content.decode()
    assert "nog niet gelezen" in shown and button not in shown
    replies.discard(incoming=mail, by=editor)
    assert button in client.get(page).content.decode()


def test_a_story_of_a_trajectory(asked, area, editor):
    """Who waits is listed; answered it closes, and so does the survey; a no opens both, and everybody reads it."""
    survey, promise = asked
    stop(survey)
    trajectory, client = survey.trajectory, signed_in(editor)
    page = reverse("trajectory_close", args=[trajectory.pk])
    debt = make_debt(make_topic("option:1", source=survey.subject, area=area), owner=editor)
    shown = client.get(page).content.decode()
    assert "1 persoon wacht" in shown and f"topic/{debt.topic_id}" in shown
    assert client.post(page).status_code == 422
    item = journey.answer(debt, owner=editor)
    assert client.post(page).status_code == 302
    trajectory.refresh_from_db(), promise.refresh_from_db()
    assert trajectory.closed_on == promise.rounded_off_on == timezone.localdate()
    outcome = reverse("outcome", args=[survey.channels.first().code])
    assert "Niemand wacht hier nog op een antwoord." in Client().get(outcome).content.decode()

    replies.react(item=item, answers_me=False)
    trajectory.refresh_from_db(), promise.refresh_from_db()
    assert trajectory.closed_on is promise.rounded_off_on is None
    assert trajectory.last_opened_again.why == promise.last_taken_up.why == {}
    assert "Er wacht weer iemand op antwoord." in Client().get(outcome).content.decode()


def test_a_colleague_goes_on_with_a_reason(asked, editor):
    survey, _promise = asked
    stop(survey)
    trajectory = survey.trajectory
    trajectories.close_trajectory(trajectory=trajectory, by=editor)
    client, again = signed_in(editor), reverse("trajectory_open_again", args=[trajectory.pk])
    assert client.post(again, {"why_nl": ""}).status_code == 422
    assert client.post(again, {"why_nl": "De raad vroeg meer."}).status_code == 302
    assert client.post(again, {"why_nl": "De raad vroeg meer."}).status_code == 422
    trajectory.refresh_from_db()
    assert trajectory.closed_on is None and trajectory.last_opened_again.why == {"nl": "De raad vroeg meer."}
    assert "De raad vroeg meer." in client.get(trajectory.get_absolute_url()).content.decode()
