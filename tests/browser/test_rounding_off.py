"""From what moved to who waits, answered by phone, rounded off, read by everybody, and gone on with: by keyboard at a
desk and by thumb on a phone; residents without JavaScript."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from feedback.answers.services import replies
from feedback.models import AnswerOwed, Heartbeat, Promise
from feedback.states import Owed
from neighbourhoods.states import Role
from surveys.models import Survey
from surveys.states import SurveyState
from tests.browser.hands import Keyboard, Thumb
from tests.browser.story import Story
from tests.feedback import journey
from tests.feedback.factories import make_debt, make_topic, today
from tests.initiatives.factories import make_need
from tests.people import make_municipality, make_user
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_rounding_off(new_context, live_server, area, kind, language, width):
    make_municipality(phone="14 099", languages=["nl", "en"])
    Heartbeat.objects.create(name="jobs")
    editor = make_user(Role.EDITOR, area, title="wijkmanager", language=language)
    survey = make_survey(areas=[area], owner=editor, due_on=today(-3))
    Survey.objects.filter(pk=survey.pk).update(state=SurveyState.CLOSED, closed_at=timezone.now())
    topic = make_topic("option:1", source=survey.subject, area=area, title="Een bank op de kade")
    make_debt(topic, owner=editor, due=-3, waited=20)
    heard = journey.answer(make_debt(topic, owner=editor, due=-3, waited=20), owner=editor)
    make_need(topic, owner=editor)
    promise = Promise.objects.get(subject=survey.subject)

    story = Story(new_context, live_server.url, kind, language, width)
    story.sign_in(story.hand, editor)
    story.page.goto(story.base + reverse("movement"))
    story.look("what-moved")
    # How it is counted stands beside each figure, and each leads to where something can be done.
    story.hand.press(story.page.locator("main .nabij-moved summary").nth(2))
    expect(story.page.locator("main .nabij-moved details[open]")).to_have_count(1)
    story.go("link", "Answer them first")
    story.look("who-waits")

    # It can't be rounded off while one person waits.
    story.page.goto(story.base + reverse("survey_opening", args=[survey.pk]))
    story.look("survey-closed")
    story.go("link", "Round off")
    story.look("still-owed")
    expect(story.page.get_by_role("button", name=story.say("Round off"), exact=True)).to_have_count(0)
    story.go("link", "Call, and note what you told them")
    story.hand.tick(story.page.locator("input[name=who][value=all]"))
    story.hand.press(story.page.locator("main summary").filter(has=story.page.locator("svg")).first)
    story.hand.write(story.page.locator("textarea[name=note]"), "De bank komt in mei.")
    story.go("button", "Keep that they were answered")
    assert not AnswerOwed.objects.waiting().exists()

    story.page.goto(story.base + reverse("promise_round_off", args=[promise.pk]))
    story.look("everybody-answered")
    story.go("button", "Round off")
    story.look("rounded-off")
    promise.refresh_from_db()
    assert promise.rounded_off_on == timezone.localdate()

    # Everybody reads it, without scripts too.
    neighbour = story.begin(scripts=False)
    outcome = story.base + reverse("outcome", args=[survey.channels.first().code])
    neighbour.page.goto(outcome)
    expect(neighbour.page.get_by_text(story.say("Nobody waits for an answer here any more."))).to_be_visible()
    story.look("for-everybody", neighbour)

    # Somebody says that our answer is none: it opens by itself, and a colleague can't close it over their head.
    replies.react(item=heard, answers_me=False)
    neighbour.page.goto(outcome)
    expect(neighbour.page.get_by_text(story.say("An answer is owed again."))).to_be_visible()
    story.look("owed-again", neighbour)
    promise.refresh_from_db()
    assert promise.rounded_off_on is None and AnswerOwed.objects.filter(state=Owed.OPEN).count() == 1
    assert not story.wrong, story.wrong
