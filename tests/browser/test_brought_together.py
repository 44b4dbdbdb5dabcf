"""From a need that somebody names to people who do something about it, and what each of them reads afterwards.

A resident names a need and offers hands; another begins something; a party offers a room from its phone; the desk
makes the need, opens a role and proposes; both say yes; the introduction arrives once, with the first time in it.
"""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from feedback.delivery.services import guards, pump
from feedback.models import Heartbeat
from initiatives.models import Initiative, Match, Need, Offer
from initiatives.states import MatchState, OfferKind
from surveys.models import Survey
from tests.browser.hands import Hand, Keyboard, Thumb
from tests.browser.story import Story
from tests.feedback.sinks import Sink
from tests.people import make_municipality, make_theme
from tests.surveys.polls import make_survey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

VOLUNTEER, BEGINNER, CAFE = "volunteer@example.nl", "beginner@example.nl", "cafe@example.nl"


@pytest.fixture
def sink(settings):
    with Sink() as server:
        settings.EMAIL_URL = server.url
        settings.SMTP_TIMEOUT = 5
        yield server


@pytest.fixture
def survey(area, coordinator) -> Survey:
    make_municipality(phone="14 099")
    guards.outbox_may_send()
    Heartbeat.objects.create(name="jobs")
    return make_survey(areas=[area], owner=coordinator, theme=make_theme("meeting"))


class Together(Story):
    """The same browser for one person; each of them has their own."""

    def visit(self, hand: Hand, url: str, name: str) -> None:
        hand.page.goto(url if url.startswith("http") else self.base + url)
        self.look(name, hand)

    def of(self, hand: Hand, label: str):
        return hand.page.get_by_label(self.say(label), exact=True).first

    def tick_words(self, hand: Hand, text: str, role: str = "checkbox") -> None:
        hand.tick(hand.find(role, self.say(text), exact=False))


def mails_to(sink: Sink, address: str) -> list[EmailMessage]:
    pump.send_due()
    return [mail for mail in sink.mails if address in mail["To"]]


def link_in(mail: EmailMessage, path: str) -> str:
    found = re.search(rf"https?://[^\s]+?(/{path}[^\s]+)", mail.get_body(("plain",)).get_content())
    assert found, mail.get_body(("plain",)).get_content()
    return found.group(1)


def names_a_need_and_offers_hands(story: Together, survey: Survey) -> Hand:
    """On a phone without JavaScript: four taps, and joining in."""
    resident = story.begin(scripts=False)
    page = resident.page
    page.goto(f"{story.base}/p/{survey.channels.get().code}/")
    resident.follow("button", story.say("Start with question 1"))
    for _question in range(4):
        with page.expect_navigation():
            resident.press(page.locator("main .nabij-options button.nabij-option").nth(0))
    story.look("thanks", resident)
    resident.follow("link", story.say("Join in"), exact=False)
    story.look("join", resident)
    story.tick_words(resident, "Help more often", "radio")
    resident.press(page.locator("details.nabij-fold summary").first)
    resident.tick(page.get_by_label(story.say("cooking and hosting"), exact=False).first)
    resident.write(story.of(resident, "Your e‑mail address"), VOLUNTEER)
    resident.tick(page.locator("[name=consent]"))
    resident.tick(page.locator("[name=is_16_or_older]"))
    resident.follow("button", story.say("I join in"))
    story.look("joined", resident)
    return resident


def says_the_address_is_theirs(story: Together, hand: Hand, sink: Sink, address: str, name: str) -> None:
    (mail,) = mails_to(sink, address)
    story.visit(hand, link_in(mail, "v/c/"), name)
    hand.follow("button", story.say("Yes, this is my address"))


def begins_something(story: Together, area) -> tuple[Hand, str]:
    """The light route: three questions, and a code."""
    other = story.begin()
    story.visit(other, reverse("begin_here", args=[area.slug]), "begin")
    other.write(story.of(other, "Why do you want this?"), "Ik eet elke avond alleen.")
    other.write(story.of(other, "What do you want to do?"), "Elke week samen eten.")
    other.choose(story.of(other, "What is it about?"), "Meeting")
    other.follow("button", story.say("Send my idea"))
    story.look("begun", other)
    code = other.page.locator(".nabij-code").inner_text()
    other.write(other.page.locator("[name=email]"), BEGINNER)
    for tick in other.page.locator("main form input[type=checkbox]").all():
        other.tick(tick)
    other.follow("button", story.say("Leave my address"))
    return other, code


def a_party_offers_a_room(story: Together, area) -> str:
    cafe = story.begin()
    story.visit(cafe, reverse("offer_new", args=[area.slug]), "offer")
    cafe.follow("link", story.say("I have something to offer"), exact=False)
    story.look("gift", cafe)
    story.tick_words(cafe, "a space", "radio")
    cafe.write(cafe.page.locator("[name=words]"), "Zaal voor dertig mensen")
    cafe.write(cafe.page.locator("[name=address]"), "Kade 1")
    cafe.write(cafe.page.locator("[name=party_name]"), "Café De Sluis")
    story.tick_words(cafe, "entrepreneur", "radio")
    cafe.write(story.of(cafe, "Your e‑mail address"), CAFE)
    cafe.tick(cafe.page.locator("[name=consent]"))
    cafe.follow("button", story.say("Offer it"))
    story.look("offered", cafe)
    code = cafe.page.locator(".nabij-code").inner_text()
    cafe.page.context.close()
    return code


def makes_the_need(story: Together) -> None:
    story.visit(story.hand, reverse("need_new"), "need-new")
    title = "Een plek om samen te eten" if story.language == "nl" else "A place to eat together"
    story.hand.tick(story.page.locator("[name=topic]").first)
    for code, words in (("nl", "Een plek om samen te eten"), ("en", "A place to eat together")):
        story.hand.write(story.page.locator(f"[name=title_{code}]"), words)
    story.hand.choose(story.page.locator("form[method=post] [name=theme]"), "Meeting")
    story.hand.choose(story.page.locator("form[method=post] [name=area]"), "Harbour")
    story.go("button", "Note this need")
    story.look("need")
    expect(story.page.get_by_role("heading", name=title)).to_be_visible()


def lets_it_be_prepared(story: Together, initiative: Initiative) -> None:
    """What neighbours read, the first meeting, and a role with its card."""
    story.visit(story.hand, reverse("initiative_words", args=[initiative.pk]), "words")
    for field, words in (
        ("name", "Samen eten"),
        ("motive", "Ik eet elke avond alleen."),
        ("goal", "Elke week samen eten."),
    ):
        for code in ("nl", "en"):
            story.hand.write(story.page.locator(f"[name={field}_{code}]"), words)
    story.go("button", "Save")
    story.look("initiative")
    moves_on(story, "being prepared", "De eerste keer")
    story.go("link", "Add a meeting")
    story.look("meeting")
    story.hand.write(story.page.locator("[name=day]"), (timezone.localdate() + timedelta(days=5)).isoformat())
    story.hand.write(story.page.locator("[name=time]"), "18:00")
    story.hand.write(story.page.locator("[name=where]"), "Café De Sluis")
    with story.page.expect_navigation():
        story.hand.press(story.page.locator("main form button.utrecht-button--primary-action").first)
    story.go("link", "Add a role")
    story.look("role-new")
    for code in ("nl", "en"):
        story.hand.write(story.page.locator(f"[name=name_{code}]"), "Koken")
    story.hand.choose(story.page.locator("[name=card]"), "card")
    story.hand.tick(story.page.locator("[name=skills][value=cook]"))
    with story.page.expect_navigation():
        story.hand.press(story.page.locator("main form button.utrecht-button--primary-action").first)
    story.look("role")
    story.go("button", "Open this role")
    story.look("role-open")


def moves_on(story: Together, to: str, step: str) -> None:
    story.hand.tick(story.page.get_by_role("radio", name=re.compile(story.say(to), re.IGNORECASE)).first)
    story.hand.write(story.page.locator("[name=next_action]").first, step)
    story.hand.write(
        story.page.locator("[name=on]").first, (timezone.localdate() + timedelta(days=3)).isoformat()
    )
    with story.page.expect_navigation():
        story.hand.press(story.page.get_by_role("button", name=story.say("Keep"), exact=True).first)


def speaks_and_proposes(story: Together, offer: Offer) -> None:
    story.visit(story.hand, reverse("hands"), "day")
    with story.page.expect_navigation():
        story.hand.press(story.page.locator(f"main a[href='{reverse('hand', args=[offer.pk])}']").first)
    story.look("offer")
    story.go("button", "I spoke to them")
    story.look("spoken")
    story.hand.follow("button", story.say("Propose"), exact=False)
    story.look("proposed")


def both_say_yes(story: Together, sink: Sink, volunteer: Hand, beginner: Hand) -> None:
    asked = mails_to(sink, VOLUNTEER)[-1]
    story.visit(volunteer, link_in(asked, "v/m/"), "asked")
    volunteer.follow("button", story.say("Yes, this suits me"))
    story.look("said-yes", volunteer)
    assert VOLUNTEER not in "".join(str(mail) for mail in mails_to(sink, BEGINNER)), (
        "not before both said yes"
    )
    told = mails_to(sink, BEGINNER)[-1]
    story.visit(beginner, link_in(told, "v/m/"), "wanted")
    beginner.follow("button", story.say("Yes, welcome"))
    story.look("together", beginner)
    expect(beginner.page.get_by_text(VOLUNTEER)).to_be_visible()
    volunteer.page.reload()
    expect(volunteer.page.get_by_text(BEGINNER)).to_be_visible()
    story.look("together-too", volunteer)


def introductions(sink: Sink, address: str) -> list[EmailMessage]:
    return [
        mail
        for mail in mails_to(sink, address)
        if any(part.get_content_type() == "text/calendar" for part in mail.iter_attachments())
    ]


def reads_own_page(story: Together, code: str, name: str) -> Hand:
    somebody = story.begin()
    somebody.page.goto(story.base + reverse("private_code"))
    somebody.write(somebody.page.locator("[name=code]"), code)
    with somebody.page.expect_navigation():
        somebody.press(somebody.page.locator("main form button").first)
    story.look(name, somebody)
    return somebody


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_brought_together(new_context, live_server, sink, area, coordinator, survey, kind, language, width):
    story = Together(new_context, live_server.url, kind, language, width)
    volunteer = names_a_need_and_offers_hands(story, survey)
    code_of_offer = volunteer.page.locator(".nabij-code").first.inner_text()
    says_the_address_is_theirs(story, volunteer, sink, VOLUNTEER, "confirm")
    beginner, code_of_idea = begins_something(story, area)
    says_the_address_is_theirs(story, beginner, sink, BEGINNER, "confirm-idea")
    code_of_room = a_party_offers_a_room(story, area)

    story.sign_in(story.hand, coordinator)
    makes_the_need(story)
    initiative = Initiative.objects.get()
    lets_it_be_prepared(story, initiative)
    offer = Offer.objects.get(kind=OfferKind.HANDS)
    speaks_and_proposes(story, offer)
    both_say_yes(story, sink, volunteer, beginner)
    for address in (VOLUNTEER, BEGINNER):
        assert len(introductions(sink, address)) == 1, address
    assert Match.objects.get().state == MatchState.INTRODUCED

    story.visit(story.hand, reverse("initiative", args=[initiative.pk]), "initiative-again")
    moves_on(story, "running", "Vragen hoe het ging")
    story.visit(beginner, reverse("initiative_public", args=[area.slug, initiative.pk]), "public")
    assert Need.objects.count() == 1

    hand = reads_own_page(story, code_of_offer, "own-offer")
    expect(hand.page.get_by_text("Samen eten").first).to_be_visible()
    hand = reads_own_page(story, code_of_idea, "own-idea")
    expect(hand.page.get_by_text("Samen eten").first).to_be_visible()
    hand = reads_own_page(story, code_of_room, "own-room")
    expect(hand.page.get_by_text("Zaal voor dertig mensen").first).to_be_visible()
    assert not story.wrong, story.wrong
