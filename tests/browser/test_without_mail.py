"""Who has no e-mail: a number, or a house, and an answer that gets there; by keyboard, and by thumb on a phone."""

import json
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Receipt
from core.keyed import code_hash
from feedback.answers.services import letters_by_post, release
from feedback.answers.services.reckoning import count_delivery
from feedback.answers.services.release import fan_out_released
from feedback.delivery.services import guards, pump
from feedback.models import AnswerOwed, FollowUp, Heartbeat
from feedback.states import Owed
from tests.browser.hands import Hand, Keyboard, Thumb
from tests.browser.story import Story
from tests.feedback.factories import make_contact, make_debt, make_follow_up, make_receipt, make_topic
from tests.feedback.notify import API_KEY, TEMPLATES, Notify
from tests.people import make_municipality

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

CODE = "linde-482-kade-mus"


@pytest.fixture
def notify(settings, tmp_path):
    settings.DATA_DIR, settings.HOLD_SECONDS = tmp_path, 0
    settings.SMS_FROM, settings.SMS_UNTIL, settings.SMS_PER_MINUTE = 0, 24, 1_000_000
    with Notify() as server:
        settings.SMS_URL, settings.SMS_API_KEY, settings.SMS_TEMPLATES = server.url, API_KEY, TEMPLATES
        yield server


@pytest.fixture
def follow_up(area, administrator) -> FollowUp:
    """Four wait: one will leave a number, one a house, one left an address, one nothing."""
    make_municipality(phone="14 099", languages=["nl", "en"], text_price=9, letter_price=148)
    Heartbeat.objects.create(name="jobs")
    guards.outbox_may_send()
    topic = make_topic("option:31", area=area, title="Een plek om elkaar te ontmoeten")
    for receipt in (make_receipt(), make_receipt(), make_contact().receipt, make_receipt()):
        make_debt(topic, receipt=receipt, owner=administrator)
    return make_follow_up(source=topic.source, key=topic.key, owner=administrator, areas=[area])


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_without_mail(
    new_context, live_server, notify, follow_up, administrator, kind, language, width, console_errors
):
    story = Story(new_context, live_server.url, kind, language, width)
    by_text, by_letter = Receipt.objects.filter(contact=None).order_by("pk")[:2]
    leaves_a_number(story, by_text, notify, console_errors)
    leaves_a_house(story, by_letter, console_errors)
    staff = story.begin()
    sends_the_answer(story, staff, follow_up, administrator)
    assert count_delivery(follow_up).is_equal
    prints_the_letter(story, staff, follow_up, console_errors)
    stops_texts(story, notify.texts[-1]["personalisation"]["link"])
    assert AnswerOwed.objects.filter(receipt__in=[by_text, by_letter], state=Owed.SENT).count() == 2
    assert not story.wrong, json.dumps(story.wrong, indent=1)


def own_page(story: Story, receipt: Receipt) -> tuple[Hand, str]:
    """On a phone that runs no scripts."""
    Receipt.objects.filter(pk=receipt.pk).update(code_hash=code_hash(CODE))
    hand = story.begin(scripts=False)
    hand.page.goto(story.base + reverse("private_page", args=[sign_link(receipt, LinkPurpose.PAGE)]))
    return hand, story.say("Hear back by e‑mail, text or letter")


def leaves_a_number(story: Story, receipt: Receipt, notify: Notify, console_errors: list[str]) -> None:
    hand, words = own_page(story, receipt)
    hand.follow("link", words)
    story.look("by-mail", hand)
    hand.follow("link", story.say("Rather a text message?"))
    field = hand.page.locator("[name=mobile]")
    hand.write(field, "020 123 4567")
    hand.follow("button", story.say("Keep me posted"))
    expect(hand.page.locator("[name=mobile][aria-invalid=true]")).to_be_visible()
    story.look("no-number", hand)
    console_errors.clear()  # the browser tells of 422
    hand.write(field, "06 12 34 56 78")
    agrees(story, hand)
    story.look("asked", hand)
    pump.send_sms()
    (text,) = notify.texts
    hand.page.goto(story.base + urlsplit(text["personalisation"]["link"]).path)
    story.look("is-this-yours", hand)
    hand.follow("button", story.say("Yes, this is my number"))
    story.look("confirmed", hand)
    assert Contact.objects.get(receipt=receipt).confirmed_at


def agrees(story: Story, hand: Hand) -> None:
    hand.tick(hand.page.locator("[name=consent]"))
    hand.tick(hand.page.locator("[name=is_16_or_older]"))
    hand.write(hand.page.locator("[name=code]"), CODE)
    hand.follow("button", story.say("Keep me posted"))


def leaves_a_house(story: Story, receipt: Receipt, console_errors: list[str]) -> None:
    Receipt.objects.filter(code_hash=code_hash(CODE)).update(code_hash="f" * 64)
    hand, words = own_page(story, receipt)
    hand.follow("link", words)
    hand.follow("link", story.say("Rather a letter?"))
    for name, words in (("street", "Kade 3"), ("postcode", "1234ab"), ("town", "Waterdam")):
        hand.write(hand.page.locator(f"[name={name}]"), words)
    story.look("letter", hand)
    agrees(story, hand)
    story.look("letter-kept", hand)
    assert Contact.objects.get(receipt=receipt).postal == "\nKade 3\n1234 AB  WATERDAM"


def sends_the_answer(story: Story, staff: Hand, follow_up: FollowUp, administrator) -> None:
    story.sign_in(staff, administrator)
    staff.page.goto(story.base + reverse("followup_release", args=[follow_up.pk]))
    expect(staff.page.get_by_text("0,09" if story.language == "nl" else "0.09")).to_be_visible()
    story.look("release", staff)
    release.schedule_release(follow_up=follow_up, by=administrator)
    release.end_holds()
    fan_out_released()
    pump.send_sms()
    staff.page.goto(story.base + reverse("followup_progress", args=[follow_up.pk]))
    story.look("progress", staff)


def prints_the_letter(story: Story, staff: Hand, follow_up: FollowUp, console_errors: list[str]) -> None:
    staff.page.goto(story.base + reverse("outbox"))
    story.look("outbox", staff)
    staff.follow("link", story.say("To the letters"))
    story.look("letters-wait", staff)
    staff.follow("button", story.plural("Make %(n)s letter", "Make %(n)s letters", 1))
    story.look("being-made", staff)
    letters_by_post.run_letter_batch_jobs()
    staff.follow("link", story.say("Look again"))
    story.look("ready", staff)
    pdf = staff.take(staff.find("button", story.say("Take the letters (PDF)")))
    assert pdf.read_bytes().startswith(b"%PDF")
    staff.follow("link", story.say("Look again"))
    story.look("taken", staff)
    staff.follow("button", story.say("They are in the post"))
    story.look("posted", staff)
    staff.page.goto(story.base + reverse("followup_progress", args=[follow_up.pk]))
    story.look("all-told", staff)


def stops_texts(story: Story, link: str) -> None:
    hand = story.begin(scripts=False)
    hand.page.goto(story.base + urlsplit(link).path)
    story.look("the-answer", hand)
    hand.follow("link", story.say("No more texts"))
    story.look("stop", hand)
    hand.follow("button", story.say("Yes, unsubscribe me"))
    story.look("stopped", hand)
