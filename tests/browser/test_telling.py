"""From what waits to what came of it: by keyboard at a desk, and by thumb on a phone; the resident without scripts."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.links import LinkPurpose, sign_link
from feedback import registries
from feedback.answers.services import release
from feedback.answers.services.looking_back import send_fulfilment_checks
from feedback.models import Approval, FollowUp, FollowUpItem, FulfilmentCheck, Heartbeat
from feedback.registries import Audience
from feedback.states import ApprovalState, FollowUpState, Reading
from neighbourhoods.states import Role
from tests.browser.hands import Keyboard, Thumb
from tests.browser.story import Story
from tests.feedback.factories import (
    SOURCE,
    make_contribution,
    make_debt,
    make_promise,
    make_receipt,
    make_topic,
    today,
)
from tests.feedback.journey import page_of
from tests.people import make_municipality, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

WORDS = {
    "decided": {"nl": "Dit gaat door. Er komt een zebrapad.", "en": "This goes ahead. A crossing comes."},
    "why": {"nl": "Veel buren noemden dit.", "en": "Many neighbours named this."},
    "next_step": {"nl": "In juni begint het werk.", "en": "Work begins in June."},
}


@pytest.fixture
def reader(area, editor, monkeypatch):
    """Three wait for a crossing, one wrote something, and one got an answer that was none."""
    make_municipality(phone="14 099", languages=["nl", "en"])
    Heartbeat.objects.create(name="jobs")
    make_promise(owner=editor)
    known = Audience(
        SOURCE, {"nl": "Wat heeft de buurt nodig?", "en": "What is needed?"}, ["nl", "en"], [area.pk]
    )
    monkeypatch.setattr(registries.audiences, "_entries", {"test": lambda user: [known]})
    crossing = make_topic("option:31", area=area, title="Zebrapad")
    receipts = [make_receipt(language=language) for language in ("nl", "en", "nl")]
    for receipt in receipts:
        make_debt(crossing, receipt=receipt, owner=editor, due=-3, waited=40)
    question = make_topic("question:9", area=area, title="Wat vroegen wij niet?")
    said = make_contribution(question, text="De lamp is stuk.", reading=Reading.CLEAR, receipt=make_receipt())
    make_debt(contribution=said, owner=editor, waited=9)
    make_debt(make_topic("option:32", area=area, title="Bankje"), owner=editor, reopened=1, waited=20)
    return receipts[0]


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_from_what_waits_to_what_came_of_it(
    new_context, live_server, reader, editor, area, kind, language, width
):
    second = make_user(Role.EDITOR, area, title="tweede lezer")
    story = Story(new_context, live_server.url, kind, language, width)
    story.sign_in(story.hand, editor)
    story.page.goto(story.base + reverse("waiting"))
    story.go("link", "What waits for you")
    story.look("inbox")
    writes(story)
    asks(story, second)
    approves(story, second)
    story.page.reload()
    story.hand.tick(story.page.locator("[name=checked]"))
    story.page.locator("main form button.utrecht-button--primary-action").wait_for()
    with story.page.expect_navigation():
        story.hand.press(story.page.locator("main form button.utrecht-button--primary-action"))
    release.end_holds(now=timezone.now() + timedelta(hours=1))
    release.fan_out_released()
    assert FollowUp.objects.get().state == FollowUpState.FANNED_OUT
    FollowUp.objects.update(happens_on=today(-50))
    send_fulfilment_checks()
    says_no(story, reader)
    story.page.goto(story.base + reverse("owner", args=[editor.pk]))
    expect(story.page.locator("#back .nabij-inbox > li")).to_have_count(2)
    story.look("came-back")
    assert not story.wrong, json.dumps(story.wrong, indent=1)


def writes(story: Story) -> None:
    group = story.page.locator("#groups .nabij-inbox > li").first
    with story.page.expect_navigation():
        story.hand.press(group.get_by_role("button"))
    story.look("write")
    story.hand.tick(story.page.locator("[name=outcome][value=adopted]"))
    story.go("button", "Fill in what we know")
    expect(story.page.locator("[name=decided_nl]")).to_have_value(
        "Dit gaat door. [Wat komt er, en vanaf welke dag?]"
    )
    story.look("filled-in")
    for part, said in WORDS.items():
        for code, words in said.items():
            story.hand.write(story.page.locator(f"[name={part}_{code}]"), words)
    story.hand.write(story.page.locator("[name=signed_as_en]"), "your neighbourhood manager")
    story.hand.write(story.page.locator("[name=happens_on]"), today(30).isoformat())
    story.go("button", "On to the last look")
    story.look("last-look")


def asks(story: Story, second) -> None:
    story.hand.choose(story.page.locator("[name=of]"), str(second))
    story.go("button", "Ask them to read it")
    story.look("asked")


def approves(story: Story, second) -> None:
    other = story.begin()
    story.sign_in(other, second)
    other.page.goto(story.base + reverse("followups"))
    other.follow("link", "Zebrapad")
    story.look("second-reader", other)
    other.follow("button", story.say("It can go like this"))
    assert Approval.objects.get().state == ApprovalState.APPROVED


def says_no(story: Story, reader) -> None:
    """The page that the mail leads to, without scripts; then their own page."""
    item = FollowUpItem.objects.get(receipt=reader)
    hand = story.begin(scripts=False)
    hand.page.goto(f"{story.base}/v/i/{sign_link(reader, LinkPurpose.ITEM, str(item.pk))}/happened/")
    story.look("did-it-happen", hand)
    hand.follow("button", story.say("No"))
    story.look("it-did-not", hand)
    hand.write(hand.page.locator("[name=words]"), "Er is nog niets te zien.")
    hand.follow("button", story.say("Send"))
    assert FulfilmentCheck.objects.get(item=item).words.text == "Er is nog niets te zien."
    hand.page.goto(story.base + page_of(reader))
    story.look("own-page", hand)
