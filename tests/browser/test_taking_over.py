"""A task taken on with one tap, and a task of the municipality challenged: from the request to the public decision.

Told once and done twice: by tapping on a phone of 360 px, and by keyboard alone. Residents' browsers run no scripts.
"""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Receipt
from feedback.delivery.services import pump
from feedback.models import FollowUp, Heartbeat
from initiatives.models import Challenge, Task
from neighbourhoods.states import Role
from tests.browser.hands import Hand, Keyboard, Thumb
from tests.browser.looking import SCREENS, speak
from tests.browser.test_staff_pages import look_at, signed_in_page
from tests.browser.test_whole_poll import Story
from tests.initiatives.factories import make_challenge, make_initiative, make_task
from tests.people import make_municipality, make_theme, make_user

pytestmark = pytest.mark.django_db(transaction=True)

BOTH_HANDS = [(Thumb, "nl", 360), (Keyboard, "en", 1280)]


@pytest.fixture
def place(area, administrator):
    make_municipality(phone="14 099")
    Heartbeat.objects.create(name="jobs")
    make_theme("green", name={"nl": "Groen", "en": "Green"})
    return area


@pytest.mark.parametrize(("kind", "language", "width"), BOTH_HANDS)
def test_a_task_is_taken_on_given_back_and_done(live_server, new_context, place, kind, language, width):
    task = make_task(make_initiative(place), what="Stoelen klaarzetten")
    story = Story(new_context, live_server.url, kind, language, width)
    story.hand = story.begin(scripts=False)
    takes_it_on(story, place)
    assert Task.objects.get().taken_by == Receipt.objects.get()
    on_their_own_page(story)
    story.go("button", "I can't after all", exact=False)
    said = story.say("Good that you say so. Somebody else can take it on now.")
    expect(story.page.get_by_text(said)).to_be_visible()
    assert Task.objects.get().can_be_taken
    story.hand = story.begin(scripts=False)  # somebody else
    takes_it_on(story, place)
    on_their_own_page(story)
    story.go("button", "It is done", exact=False)
    story.look("done")
    assert Task.objects.get().done_on and Task.objects.get() == task
    assert not story.wrong, json.dumps(story.wrong, indent=1)


def takes_it_on(story: Story, place) -> None:
    story.page.goto(story.base + reverse("neighbourhood", args=[place.slug]))
    story.hand.follow("link", "Stoelen klaarzetten")
    story.look("task")
    story.go("button", "I'll do this")
    story.look("yours")
    expect(story.page.locator(".nabij-code")).to_be_visible()


def on_their_own_page(story: Story) -> None:
    """With the code, as on another phone."""
    code = story.page.locator(".nabij-code").inner_text()
    story.page.goto(story.base + reverse("private_code"))
    story.hand.write(story.page.locator("[name=code]"), code)
    story.go("button", "Open my page")
    expect(story.page.get_by_text("Stoelen klaarzetten").first).to_be_visible()
    story.look("own-page")


@pytest.mark.parametrize(("kind", "language", "width"), BOTH_HANDS)
def test_a_challenge_from_request_to_public_decision(
    live_server, new_context, place, kind, language, width, console_errors
):
    editor = make_user(Role.EDITOR, place, title="wijkmanager", email="decides@waterdam.example")
    story = Story(new_context, live_server.url, kind, language, width)
    resident = story.hand = story.begin(scripts=False)
    asks(story, place, console_errors)
    boss = story.begin()
    reads_and_writes(story, boss, editor)
    decides(story, boss)
    hears(story, resident)
    everybody_reads(story)
    assert not story.wrong, json.dumps(story.wrong, indent=1)


def asks(story: Story, place, console_errors: list[str]) -> None:
    story.page.goto(story.base + reverse("neighbourhood", args=[place.slug]))
    story.go("link", "This is how it works")
    story.look("explained")
    story.go("link", "Make your request")
    story.hand.write(story.field("Which task do you want to take over?"), "Het onderhoud van het park.")
    story.hand.tick(story.hand.find("radio", story.say("we do, a group of neighbours")))
    story.go("button", "Send your request")
    story.look("not-complete")
    console_errors.clear()  # the browser tells of 422
    expect(story.field("Which task do you want to take over?")).to_have_value("Het onderhoud van het park.")
    story.hand.write(story.field("Why can you do it better or cheaper?"), "Wij wonen er.")
    story.hand.write(story.field("How much money do you need each year, in euros?"), "12500")
    story.go("button", "Send your request")
    story.look("asked")
    story.go("link", "To your own page")
    story.look("own-page")
    expect(story.page.get_by_text("Het onderhoud van het park.").first).to_be_visible()


def reads_and_writes(story: Story, boss: Hand, editor) -> None:
    story.hand = boss
    story.sign_in(boss, editor)
    boss.page.goto(story.base + reverse("challenges"))
    story.look("list")
    number = Challenge.objects.get().pk
    story.hand.follow("link", story.say("Request %(number)s", number=number))
    story.look("one")
    story.go("button", "We are talking")
    for name, words in (("Titel" if story.language == "nl" else "Title", "Het park"),):
        for code in ("Nederlands", "English"):
            story.hand.write(story.page.get_by_label(f"{name} ({code})"), words)
    for code in ("Nederlands", "English"):
        label = f"{story.say('What they ask')} ({code})"
        story.hand.write(story.page.get_by_label(label), "Buren willen het park onderhouden.")
    story.hand.follow("button", story.say("Save"))
    expect(story.page.get_by_role("heading", level=1)).to_have_text("Het park")


def decides(story: Story, boss: Hand) -> None:
    story.hand = boss
    story.hand.tick(story.hand.find("radio", story.say("refused").capitalize()))
    story.hand.write(story.field("Which body decided?"), "het college")
    for code in ("Nederlands", "English"):
        story.hand.write(story.page.get_by_label(f"{story.say('Why?')} ({code})"), "Het is te duur.")
        story.hand.write(
            story.page.get_by_label(f"{story.say('What comes next?')} ({code})"), "Praat met de wijkmanager."
        )
    story.go("button", "Keep the decision, and read the answer")
    story.look("answer")
    answer = FollowUp.objects.get()
    FollowUp.objects.filter(pk=answer.pk).update(signed_as={"nl": "wijkmanager", "en": "manager"})
    story.page.goto(story.base + reverse("followup_release", args=[answer.pk]))
    story.hand.tick(story.field("I read it as the people who get it will read it."))
    story.page.locator("main form button.utrecht-button--primary-action").first.scroll_into_view_if_needed()
    with story.page.expect_navigation():
        story.hand.press(story.page.locator("main form button.utrecht-button--primary-action").first)
    pump.dispatch_due(now=timezone.now() + timedelta(hours=1))
    story.page.goto(story.base + reverse("challenge", args=[Challenge.objects.get().pk]))
    story.go("button", "Publish the decision")
    story.look("decided")


def hears(story: Story, resident: Hand) -> None:
    story.hand = resident
    story.page.reload()
    expect(story.page.get_by_text("Het is te duur.").first).to_be_visible()
    story.look("own-page-decided")
    story.go("link", "The decision as everybody reads it")


def everybody_reads(story: Story) -> None:
    story.look("public")
    expect(story.page.get_by_role("heading", level=1)).to_have_text("Het park")
    expect(story.page.get_by_text("Het is te duur.")).to_be_visible()
    expect(story.page.get_by_text("Praat met de wijkmanager.")).to_be_visible()
    assert "Wij wonen er" not in story.page.content()
    story.go("link", "What residents want to take over")
    story.look("public-list")
    expect(story.page.get_by_role("link", name="Het park")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_the_desk(
    live_server, new_context, place, coordinator, editor, administrator, language, width
):
    theme = make_theme("meeting")
    initiative = make_initiative(place, theme=theme, approach="street-action")
    task = make_task(initiative)
    make_task(initiative, before=timezone.localdate() - timedelta(days=2), who="de kok", is_open=False)
    make_task(initiative, done_on=timezone.localdate())
    challenge = make_challenge(place, theme=theme)
    page = signed_in_page(new_context(), live_server.url, administrator, width)
    speak(page, language)
    urls = [
        reverse("approaches"),
        reverse("approaches") + f"?area={place.slug}&theme=meeting",
        reverse("approaches") + "?theme=green&money=0&hours=no&energy=low&load=low",
        reverse("approach", args=["street-action"]),
        reverse("approach_change", args=["street-action"]),
        reverse("approach_new"),
        reverse("plan_lines", args=[initiative.pk]),
        reverse("plan_line", args=[initiative.pk, task.pk]),
        reverse("challenges"),
        reverse("challenges") + "?show=decided",
        reverse("challenge", args=[challenge.pk]),
    ]
    wrong = look_at(page, live_server.url, urls)
    assert not wrong, json.dumps(wrong, indent=1)
