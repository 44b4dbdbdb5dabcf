"""From a theme without a reaction to a report that everybody reads: by keyboard at a desk, and by thumb on a phone."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import EnvironmentNotice, FinalReport, Heartbeat
from neighbourhoods.models import Trajectory
from tests.browser.hands import Keyboard, Thumb
from tests.browser.story import Story
from tests.feedback.reports import make_asked, make_trajectory
from tests.people import make_municipality, make_theme

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

ANSWER = {"Nederlands": "Er komen drie bankjes.", "English": "Three benches will come."}


@pytest.fixture
def asked(area, editor) -> Trajectory:
    make_municipality(phone="14 099", languages=["nl", "en"])
    Heartbeat.objects.create(name="jobs")
    trajectory = make_trajectory([area], editor)
    make_asked(trajectory, make_theme("square", name={"nl": "Plein", "en": "Square"}))
    return trajectory


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_to_the_final_report(new_context, live_server, asked, editor, kind, language, width, console_errors):
    story = Story(new_context, live_server.url, kind, language, width)
    story.sign_in(story.hand, editor)
    story.page.goto(story.base + asked.get_absolute_url())
    story.go("link", "The final report")
    story.look("nothing-yet")
    story.go("button", "Begin the report")
    story.page.goto(story.base + reverse("report", args=[asked.pk]))
    expect(story.page.get_by_text(story.say("lacks a reaction"), exact=True)).to_be_visible()
    gives_a_reaction(story, console_errors)
    writes(story)
    under_the_act(story)
    finishes(story)
    story.go("button", "Publish")
    story.look("published")
    everybody_reads(story)
    corrects(story)
    assert not story.wrong, json.dumps(story.wrong, indent=1)


def gives_a_reaction(story: Story, console_errors: list[str]) -> None:
    found = story.page.get_by_role("link", name=story.say("Note what was decided")).first
    with story.page.expect_navigation():
        story.hand.press(found)
    story.look("reaction")
    story.hand.tick(story.page.locator("[name=outcome][value=partly]"))
    for name, words in ANSWER.items():
        story.hand.write(story.page.get_by_label(f"{story.say('What was decided?')} ({name})"), words)
    story.go("button", "Keep")
    story.look("lacks-why")
    console_errors.clear()  # the browser tells of 422
    story.hand.write(
        story.page.get_by_label(f"{story.say('Why?')} (Nederlands)"), "Er is geen geld voor meer."
    )
    story.hand.write(story.page.get_by_label(f"{story.say('Why?')} (English)"), "There is no money for more.")
    story.go("button", "Keep")
    expect(story.page.get_by_text(story.say("lacks a reaction"), exact=True)).to_have_count(0)
    story.look("every-theme")


def writes(story: Story) -> None:
    story.go("link", "Write")
    story.look("write")
    story.hand.write(story.page.get_by_label(f"{story.say('Introduction')} (Nederlands)"), "Zo begon het.")
    story.hand.write(story.page.get_by_label(f"{story.say('Introduction')} (English)"), "So it began.")
    story.hand.write(story.field("Number of the decision"), "2026-17")
    story.go("button", "Save")
    story.go("link", "Read it")
    expect(story.page.get_by_text("2026-17")).to_be_visible()
    story.look("read")
    story.page.go_back()


def under_the_act(story: Story) -> None:
    story.go("button", "Switch it on")
    story.look("notice-form")
    for name in EnvironmentNotice.FIELDS:
        story.hand.write(story.page.locator(f"[name={name}_nl]"), "Iedereen kan meedoen.")
    story.go("button", "Save and publish")
    expect(story.page.get_by_role("link", name=story.say("The notice"), exact=True)).to_be_visible()


def finishes(story: Story) -> None:
    story.go("link", "Finish it")
    story.look("finish")
    story.hand.tick(story.page.locator("[name=read]"))
    story.go("button", "Finish it")
    said = story.say("Finished. Nothing in it changes any more. You can publish it now.")
    expect(story.page.get_by_text(said)).to_be_visible()
    assert FinalReport.objects.get().is_finished


def everybody_reads(story: Story) -> None:
    report, desk = FinalReport.objects.get(), story.hand
    story.hand = story.begin(scripts=False)
    story.page.goto(story.base + reverse("neighbourhood", args=[report.trajectory.areas.get().slug]))
    story.hand.follow("link", story.say("Final report: %(title)s", title="Het plein"))
    story.look("public")
    answer = ANSWER["Nederlands" if story.language == "nl" else "English"]
    expect(story.page.get_by_text(answer).first).to_be_visible()
    for link, start in ((story.say("As a document (PDF)"), b"%PDF-"), (story.say("To work on (ODT)"), b"PK")):
        url = story.page.get_by_role("link", name=link).get_attribute("href")
        assert story.page.request.get(story.base + url).body().startswith(start)
    story.page.goto(story.base + reverse("environment_notice", args=[report.trajectory_id]))
    story.look("notice")
    story.hand.page.context.close()
    story.hand = desk


def corrects(story: Story) -> None:
    story.go("link", "Something in it is wrong")
    story.hand.write(story.page.locator("[name=why_nl]"), "Het nummer klopte niet.")
    story.look("correct")
    story.go("button", "Begin the correction")
    expect(story.field("Number of the decision")).to_have_value("2026-17")
    assert FinalReport.objects.filter(version=2, finished_at=None).exists()
