"""The staff side of feedback and of hands in a real browser: accessible, fitting, and working without JavaScript."""

import random
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from feedback import registries
from feedback.answers.services import release
from feedback.models import FollowUp, Heartbeat, Message, Promise
from feedback.registries import Audience
from feedback.states import FollowUpState, MessageState, Owed, Reading
from neighbourhoods.states import AreaKind, Role
from tests.browser.looking import SCREENS, sticks_out, violations
from tests.feedback.factories import (
    SOURCE,
    make_contact,
    make_contribution,
    make_debt,
    make_follow_up,
    make_promise,
    make_receipt,
    make_topic,
)
from tests.initiatives.factories import make_offer
from tests.people import make_area, make_municipality, make_root, make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

# What waits: topic, one voice, how many, due in days, waited at most, owner, came back.
BOARD = [
    (
        "Trap bij de kade",
        "Met de rolstoel kom ik er niet langs.",
        12,
        -21,
        57,
        "beheerder openbare ruimte",
        0,
    ),
    ("Ratten bij de Havenflat", "Ik durf de schuur niet meer in.", 11, -14, 49, "opzichter", 0),
    ("oversteken bij de school", "Waarom pas in september?", 4, 8, 6, "projectleider verkeer", 1),
    (
        "Bushalte Sluisweg",
        "Mijn moeder komt bijna de deur niet meer uit.",
        19,
        11,
        62,
        "teamleider verkeer",
        0,
    ),
    ("Speelplek De Linde", "Er is niets voor kinderen boven de acht.", 16, 11, 38, "wijkmanager", 0),
    ("Hulp bij formulieren", "Ik snap de brieven niet.", 14, 29, 17, "sociaal team", 0),
]


@pytest.fixture
def oosterhaven():
    make_municipality(phone="14 099", danger_email="zorg@waterdam.example", languages=["nl", "en"])
    make_root()
    Heartbeat.objects.create(name="jobs")
    return make_area("Oosterhaven", parent=make_area("Noord", kind=AreaKind.DISTRICT))


@pytest.fixture
def manager(oosterhaven, monkeypatch):
    """The neighbourhood manager, with a survey that can be answered."""
    user = make_user(Role.ADMINISTRATOR, email="wijkmanager@waterdam.example", title="wijkmanager")
    title = {"nl": "Wat heeft Oosterhaven nodig?", "en": "What does Oosterhaven need?"}
    known = Audience(SOURCE, title, ["nl", "en"], [oosterhaven.pk])
    monkeypatch.setattr(registries.audiences, "_entries", {"test": lambda user: [known]})
    return user


def fill_board(area, manager):
    """The board of the picture: late first, a voice with each, people who waited differently long."""
    dice = random.Random(4)
    make_promise(owner=manager, due=11)
    owners = {manager.title: manager}
    for number, (title, voice, people, due, waited, owner, again) in enumerate(BOARD):
        owner = owners.setdefault(owner, owners.get(owner) or make_user(Role.EDITOR, area, title=owner))
        topic = make_topic(f"option:{30 + number}", area=area, title=title)
        for person in range(people):
            ago = waited if not person else dice.randint(max(1, waited // 3), waited)
            make_debt(topic, owner=owner, due=due, waited=ago, reopened=again)
        said = make_contribution(topic, text=voice, reading=Reading.CLEAR)
        make_debt(contribution=said, owner=owner, due=due, waited=waited // 2, reopened=again)
        for _answered in range(people * 3):
            make_debt(topic, owner=owner, state=Owed.SENT)
    return topic


@pytest.fixture
def pages(oosterhaven, manager) -> dict[str, str]:
    """Every page of the desk in feedback and initiatives, in the state that shows most."""
    topic = fill_board(oosterhaven, manager)
    for slug, name in (
        ("verkeer", "Verkeer"),
        ("groen", "Groen"),
        ("ontmoeten", "Ontmoeten"),
        ("hulp", "Hulp"),
    ):
        make_theme(slug, name={"nl": name, "en": name})
    question = make_topic("question:9", area=oosterhaven, title="Wat vroegen wij niet?")
    text = make_contribution(
        question,
        text="Het is donker bij het fietspad. Bel mij op 06 12345678.",
        masked_text="Het is donker bij het fietspad. Bel mij op ▇▇▇.",
    )
    make_debt(contribution=text, owner=manager, due=11, waited=4)
    draft, held, gone = write_answers(oosterhaven, manager)
    failed = Message.objects.filter(state=MessageState.FAILED).first()
    offer = make_offer(
        oosterhaven, owner=manager, due=-1, skills=["cook", "language"], motives=["others", "meet"]
    )
    make_offer(oosterhaven, owner=manager, due=3)
    return {
        "today": reverse("desk"),
        "waiting": reverse("waiting"),
        "waiting-owner": reverse("waiting") + "?by=owner",
        "waiting-filter": reverse("waiting") + f"?by=survey&owner={manager.pk}",
        "topic": reverse("topic", args=[topic.pk]),
        "owner": reverse("owner", args=[manager.pk]),
        "promise": reverse("promise", args=[Promise.objects.get().pk]),
        "listening": reverse("listen_to", args=[text.pk]),
        "followups": reverse("followups"),
        "audience": reverse("followup_new") + f"?source={SOURCE}&key=option:33",
        "write": reverse("followup", args=[draft.pk]),
        "read": reverse("followup_read", args=[draft.pk, "nl"]),
        "release": reverse("followup_release", args=[draft.pk]),
        "hold": reverse("followup_progress", args=[held.pk]),
        "progress": reverse("followup_progress", args=[gone.pk]),
        "people": reverse("followup_people", args=[gone.pk, "failed"]),
        "outbox": reverse("outbox"),
        "message": reverse("message", args=[failed.pk]),
        "hands": reverse("hands"),
        "hand": reverse("hand", args=[offer.pk]),
    }


def write_answers(area, manager) -> tuple[FollowUp, FollowUp, FollowUp]:
    """A draft for people of three kinds, one on hold, and one that went out with every ending."""
    meeting = make_topic("option:50", area=area, title="Een plek om elkaar te ontmoeten")
    crossing = make_topic("option:51", area=area, title="Veiliger oversteken")
    for number in range(12):
        receipt = make_receipt(language="en" if number > 10 else "nl")
        if number < 8:
            make_contact(receipt, unsubscribed_at=timezone.now() if number == 7 else None)
        said = (
            make_contribution(
                meeting, receipt=receipt, text="Gewoon ergens koffie, dat je elkaar weer eens ziet.",
                reading=Reading.CLEAR,
            )
            if number % 2
            else make_contribution(meeting, receipt=receipt)
        )  # fmt: skip
        make_debt(contribution=said, owner=manager, due=11, waited=20)
        make_debt(crossing, receipt=receipt, owner=manager, due=11, waited=20)
    draft = make_follow_up(areas=[area], owner=manager, key="option:50")
    draft.decided["nl"] = "Dit gaat door. Vanaf 1 juni is het Sluishuis ook op donderdag en vrijdag open."
    draft.save()
    held = make_follow_up(
        areas=[area], owner=manager, key="option:50", title={"nl": "trappen", "en": "stairs"}
    )
    gone = make_follow_up(
        areas=[area], owner=manager, key="option:51", title={"nl": "oversteken", "en": "crossing"}
    )
    release.schedule_release(follow_up=gone, by=manager)
    FollowUp.objects.filter(pk=gone.pk).update(hold_until=timezone.now() - timedelta(seconds=1))
    release.end_holds()
    release.fan_out_released()
    ends = [MessageState.FAILED, MessageState.UNCERTAIN, MessageState.BOUNCED, *[MessageState.SENT] * 9]
    for message, state in zip(Message.objects.order_by("pk"), ends, strict=False):
        Message.objects.filter(pk=message.pk).update(
            state=state, settled_at=timezone.now() - timedelta(days=2)
        )
    release.schedule_release(follow_up=held, by=manager)
    gone.refresh_from_db()
    assert gone.state == FollowUpState.FANNED_OUT
    return draft, held, gone


def desk_page(context: BrowserContext, origin: str, user, width: int, language: str = "nl") -> Page:
    session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [
            {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": origin},
        ]
    )
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900 if width > 1000 else 740})
    return page


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_are_accessible_and_fit(live_server, new_context, pages, manager, language, width):
    page = desk_page(new_context(), live_server.url, manager, width, language)
    wrong = {}
    for name, url in pages.items():
        page.goto(f"{live_server.url}{url}")
        if found := violations(page) + stuck_out(page):
            wrong[name] = found
    assert not wrong


def stuck_out(page: Page) -> list[str]:
    """Wide tables scroll by themselves; nothing else may."""
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return sticks_out(page) if wide else []


def test_answering_from_the_board_without_javascript(live_server, new_context, oosterhaven, manager):
    topic = make_topic("option:31", area=oosterhaven, title="Trap bij de kade")
    make_debt(topic, owner=manager, due=-3, waited=30)
    make_promise(owner=manager)
    page = desk_page(new_context(java_script_enabled=False), live_server.url, manager, 1280)
    page.goto(f"{live_server.url}{reverse('waiting')}")
    page.locator("tr", has_text="Trap bij de kade").get_by_role("link", name="Antwoord").click()
    page.get_by_role("button", name="Begin met schrijven").click()
    page.get_by_label("Gaat door").check()
    page.get_by_label("Wat is besloten?").first.fill("Dit gaat door. De trap komt in mei.")
    page.get_by_label("Waarom?").first.fill("Met een rolstoel komt niemand erlangs.")
    page.get_by_label("Hoe gaat het verder?").first.fill("Op 12 mei begint het werk.")
    page.get_by_role("button", name="Naar de laatste blik").click()
    page.get_by_label("Ik las het zoals de mensen").check()
    page.get_by_role("button", name="Verstuur naar 1 persoon").click()
    expect(page.get_by_role("heading", name="Het gaat weg om")).to_be_visible()
    page.get_by_role("button", name="Stop, ik wil iets veranderen").click()
    expect(page.get_by_text("Tegengehouden")).to_be_visible()
    assert FollowUp.objects.get().state == FollowUpState.DRAFT


def test_the_hold_counts_down(live_server, new_context, oosterhaven, manager):
    make_debt(make_topic(area=oosterhaven), owner=manager)
    follow_up = make_follow_up(areas=[oosterhaven], owner=manager)
    release.schedule_release(follow_up=follow_up, by=manager)
    page = desk_page(new_context(), live_server.url, manager, 1280)
    page.goto(f"{live_server.url}{reverse('followup_progress', args=[follow_up.pk])}")
    assert page.locator("[data-until]").inner_text().startswith(("9:", "10:"))
