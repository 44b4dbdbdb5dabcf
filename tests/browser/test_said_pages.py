"""“You said, we did” and the question before the decision: noted and asked on the desk, read without scripts."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import FollowUp, Heartbeat
from feedback.states import FollowUpState
from neighbourhoods.models import TalkBack, Trajectory
from neighbourhoods.states import Phase
from neighbourhoods.trajectories.services import start_trajectory
from surveys.models import Publication, Survey
from tests.browser.hands import Keyboard, Thumb
from tests.browser.story import Story
from tests.feedback.factories import make_contact, make_contribution, make_follow_up, make_topic, today
from tests.people import make_municipality, make_theme
from tests.surveys.drafts import make_open

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
EARLIER = "survey:900"


@pytest.fixture
def told(area, editor) -> FollowUp:
    make_municipality(phone="14 099", languages=["nl", "en"])
    Heartbeat.objects.create(name="jobs")
    topic = make_topic("option:1", source=EARLIER, area=area, theme=make_theme("groen"), title="Bankjes")
    return make_follow_up(
        state=FollowUpState.FANNED_OUT, source=EARLIER, key=topic.key, areas=[area], owner=editor
    )


@pytest.fixture
def trajectory(told, area, editor, backer) -> Trajectory:
    """With an outcome that everybody can read, and one neighbour who left an address."""
    found = start_trajectory(
        title="Het plein", areas=[area], phase=Phase.PREPARATION, owner=editor, by=editor
    )
    survey = make_open(areas=[area], by=editor, backer=backer)
    Survey.objects.filter(pk=survey.pk).update(trajectory=found)
    Publication.objects.create(survey=survey)
    make_contribution(make_topic(source=survey.subject, area=area), receipt=make_contact().receipt)
    return found


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_from_a_note_to_the_question_before_the_decision(
    new_context, live_server, told, trajectory, area, editor, kind, language, width, console_errors
):
    story = Story(new_context, live_server.url, kind, language, width)
    story.sign_in(story.hand, editor)
    notes_what_happened(story, told, console_errors)
    everybody_reads_it(story, area)
    plans_and_invites(story, trajectory)
    everybody_is_asked(story, area)
    calls_it_off(story, trajectory)
    assert not story.wrong, json.dumps(story.wrong, indent=1)


def notes_what_happened(story: Story, told: FollowUp, console_errors: list[str]) -> None:
    story.page.goto(story.base + reverse("followup_progress", args=[told.pk]))
    story.go("link", "Note what happened")
    story.look("note")
    story.go("button", "Note it")
    story.look("note-without-words")
    console_errors.clear()  # the browser tells of 422
    story.hand.tick(story.page.locator("[name=kind][value=done]"))
    story.hand.write(story.page.locator("[name=text_nl]"), "De bankjes staan er.")
    story.hand.write(story.page.locator("[name=text_en]"), "The benches are there.")
    story.go("button", "Note it")
    story.look("noted")


def everybody_reads_it(story: Story, area) -> None:
    reader = story.begin(scripts=False)
    reader.page.goto(story.base + reverse("said"))
    words = {"nl": "De bankjes staan er.", "en": "The benches are there."}[story.language]
    expect(reader.page.get_by_text(words)).to_be_visible()
    story.look("said", reader)
    reader.press(reader.page.locator("main summary").first)
    reader.follow("link", area.name)
    expect(reader.page).to_have_url(story.base + reverse("said_area", args=[area.slug]))
    story.look("said-here", reader)
    reader.press(reader.page.locator("main summary").nth(1))
    reader.follow("link", "Groen", exact=True)
    story.look("said-here-of-a-theme", reader)
    with reader.page.expect_navigation():
        reader.press(reader.page.get_by_role("link", name=story.say("Read on")).first)
    story.look("said-one", reader)


def plans_and_invites(story: Story, trajectory: Trajectory) -> None:
    story.page.goto(story.base + trajectory.get_absolute_url())
    story.go("link", "Plan talking back")
    story.look("plan")
    story.page.locator("[name=on]").fill(today(14).isoformat())
    story.page.locator("[name=at]").fill("19:30")
    story.hand.write(story.page.locator("[name=place]"), "De Molen")
    story.hand.write(story.page.locator("[name=asks_nl]"), "Drie bankjes op het plein.")
    story.hand.write(story.page.locator("[name=asks_en]"), "Three benches on the square.")
    story.go("button", "Save")
    story.go("link", "Invite residents")
    story.look("invite")
    story.go("button", "Invite them, and let everybody read it")
    story.look("invited")
    assert TalkBack.objects.get().invited_at


def everybody_is_asked(story: Story, area) -> None:
    reader = story.begin(scripts=False)
    reader.page.goto(story.base + reverse("neighbourhood", args=[area.slug]))
    story.look("neighbourhood", reader)
    reader.follow("link", story.say("The results, and the invitation"))
    expect(reader.page.get_by_text("De Molen")).to_be_visible()
    story.look("asked", reader)


def calls_it_off(story: Story, trajectory: Trajectory) -> None:
    with story.page.expect_navigation():
        story.hand.press(story.page.get_by_role("link", name=story.say("Call it off")).first)
    story.look("call-off")
    story.hand.write(story.page.locator("[name=why_nl]"), "De zaal is dicht.")
    story.hand.write(story.page.locator("[name=why_en]"), "The room is closed.")
    story.go("button", "Call it off")
    reader = story.begin(scripts=False)
    reader.page.goto(story.base + TalkBack.objects.get().get_absolute_url())
    words = {"nl": "De zaal is dicht.", "en": "The room is closed."}[story.language]
    expect(reader.page.get_by_text(words)).to_be_visible()
    story.look("off", reader)
