"""Mail that came back, mail that does not leave, and a mail to oneself, in a real browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.links import LinkPurpose, sign_link
from feedback.answers.services import replies
from feedback.delivery.services import guards, inbox, pump
from feedback.models import Contribution, Heartbeat
from feedback.states import FollowUpState, MessageState, Owed
from neighbourhoods.states import AreaKind, Role
from tests.browser.looking import SCREENS, speak, too_small_to_tap, violations
from tests.browser.test_desk_pages import desk_page, stuck_out
from tests.feedback.factories import (
    make_contact,
    make_debt,
    make_follow_up,
    make_incoming,
    make_message,
    make_topic,
)
from tests.feedback.returned_mails import INBOX, reply
from tests.feedback.test_preflight import MICROSOFT, OURS, POSTFIX
from tests.people import make_area, make_municipality, make_root, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def oosterhaven(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    make_municipality(phone="14 099", languages=["nl", "en"])
    make_root()
    guards.outbox_may_send()
    Heartbeat.objects.create(name="jobs")
    return make_area("Oosterhaven", parent=make_area("Noord", kind=AreaKind.DISTRICT))


@pytest.fixture
def manager(oosterhaven):
    return make_user(Role.ADMINISTRATOR, email="wijkmanager@waterdam.example", title="wijkmanager")


@pytest.fixture
def answer(oosterhaven, manager):
    """Our answer on somebody's page, mailed to them."""
    contact = make_contact(email="somebody@example.nl")
    topic = make_topic("option:31", area=oosterhaven, title="Trap bij de kade")
    debt = make_debt(topic, receipt=contact.receipt, owner=manager, state=Owed.SENT)
    follow_up = make_follow_up(areas=[oosterhaven], owner=manager, state=FollowUpState.FANNED_OUT)
    follow_up.named.create(owed=debt, receipt=debt.receipt)
    message = make_message(debt.receipt, state=MessageState.SENT, handed_over_at=timezone.now())
    return follow_up.items.create(receipt=debt.receipt, message=message)


@pytest.fixture
def maildir(settings, tmp_path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    settings.INBOX_URL, settings.INBOX_ADDRESS = f"maildir://{tmp_path / 'Maildir'}", INBOX
    return tmp_path / "Maildir"


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_are_accessible_and_fit(
    live_server, new_context, settings, answer, manager, language, width, console_errors
):
    settings.INBOX_URL = "imaps://a:b@mail.example.nl/Nabij"
    mail = make_incoming(answer.receipt, text="Mijn man slaat mij. Bel 0612345678.", message=answer.message)
    make_incoming(text="Sehr lange Wörter: " + "a" * 200, had_attachments=True)
    make_message(next_attempt_at=timezone.now() - timedelta(minutes=40))
    pump.open_circuit("The mail relay does not answer: timed out.")
    Heartbeat.objects.create(name=inbox.INBOX_CIRCUIT, note="[AUTHENTICATIONFAILED] Invalid credentials")
    Heartbeat.objects.filter(name="jobs").update(at=timezone.now() - timedelta(hours=1))
    settled = make_incoming(answer.receipt)
    replies.discard(incoming=settled, by=manager, note="Gebeld.")
    page = desk_page(new_context(), live_server.url, manager, width, language)
    wrong = {}

    def look(name: str) -> None:
        if found := violations(page) + stuck_out(page):
            wrong[name] = found

    for name, url in {
        "outbox": reverse("outbox"),
        "came in": reverse("incoming"),
        "one": reverse("incoming_one", args=[mail.pk]),
        "settled": reverse("incoming_one", args=[settled.pk]),
        "preflight": reverse("preflight"),
        "progress": reverse("followup_progress", args=[answer.follow_up_id]),
    }.items():
        page.goto(f"{live_server.url}{url}")
        look(name)
    page.goto(f"{live_server.url}{reverse('incoming_one', args=[mail.pk])}")
    page.locator("form[action$='discard/'] button").click()
    expect(page.locator(".nabij-error-summary")).to_be_visible()
    look("refused")
    assert all("422" in line for line in console_errors)  # how the refusal was answered
    console_errors.clear()
    for name, source in {
        "in order": POSTFIX + OURS,
        "not in order": MICROSOFT + OURS,
        "nothing": "x",
    }.items():
        page.goto(f"{live_server.url}{reverse('preflight')}")
        page.locator("textarea").fill(source)
        page.locator("form:has(textarea) button").click()
        expect(page.locator("#arrived")).to_be_visible()
        look(name)
    assert not wrong


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_page_of_who_mailed_back(live_server, new_context, answer, maildir, language, width):
    content = reply("Wanneer dan?", about=answer.message.message_id, photo=True)
    (maildir / "new" / "1.host").write_bytes(content)
    inbox.read_mailbox()
    page = new_context().new_page()
    page.set_viewport_size({"width": width, "height": 740})
    speak(page, language)
    for link, name, key in (
        (LinkPurpose.PAGE, "private_page", ""),
        (LinkPurpose.ITEM, "private_item", str(answer.pk)),
    ):
        page.goto(f"{live_server.url}{reverse(name, args=[sign_link(answer.receipt, link, key)])}")
        expect(page.get_by_text("Wanneer dan?")).to_be_visible()
        assert not violations(page) + stuck_out(page) + too_small_to_tap(page)


def test_mail_from_another_address_is_taken_in_by_hand(
    live_server, new_context, answer, manager, maildir, settings
):
    """Without JavaScript: found on the rail, read, recognised, taken in, and answered like everything said."""
    content = reply(
        "Wij willen ook een leuning.", sender="partner@example.nl", about=answer.message.message_id
    )
    (maildir / "new" / "1.host").write_bytes(content)
    inbox.read_mailbox()
    page = desk_page(new_context(java_script_enabled=False), live_server.url, manager, 1280)
    page.goto(f"{live_server.url}{reverse('desk')}")
    page.get_by_role("link", name="Mail").first.click()
    page.get_by_role("link", name="kwamen binnen en wachten").click()
    page.locator("table a").first.click()
    page.get_by_role("button", name="Laat zien wie hem stuurde").click()
    expect(page.get_by_text("partner@example.nl")).to_be_visible()
    page.get_by_label("Ons antwoord: ontmoeten").check()
    page.get_by_role("button", name="Opnemen").click()
    expect(page.get_by_text("Er wacht geen mail op u.")).to_be_visible()
    said = Contribution.objects.get(text="Wij willen ook een leuning.")
    page.goto(f"{live_server.url}{reverse('listen_to', args=[said.pk])}")
    expect(page.get_by_text("Wij willen ook een leuning.")).to_be_visible()
