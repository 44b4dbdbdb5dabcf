"""A year in the demo municipality, walked: from a poll that somebody answers to the report of a trajectory.

A resident answers on a phone without JavaScript and leaves an address; a colleague answers what was chosen, and
releases it. The mail arrives; the first answer is none to this reader, who says so; the second is. Then what everybody
may read: what was said and done, and a final report.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Contact, Receipt, User
from feedback.answers.services.looking_back import send_fulfilment_checks
from feedback.delivery.services import guards, pump
from feedback.models import AnswerOwed, FinalReport, FollowUp, FulfilmentCheck, Heartbeat, Promise
from feedback.states import FollowUpState, Happened, Owed
from scenarios.management.commands.demo import make_waterdam
from tests.browser.hands import Hand, Keyboard, Thumb
from tests.browser.test_brought_together import Together, link_in, mails_to, sink  # noqa: F401
from tests.feedback.factories import today
from tests.feedback.sinks import Sink
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

READER = "resident@example.nl"
MISSING = {"nl": "Wanneer begint het dan?", "en": "When does it begin, then?"}
DECIDED = {
    "nl": ("Dit gaat door. In mei staat het er.", "Dit gaat door. Op 12 mei om tien uur begint het."),
    "en": ("This goes ahead. It is there in May.", "This goes ahead. It begins on 12 May at ten."),
}


@pytest.fixture
def editor(transactional_db, settings) -> User:
    """Of the demo, with a password that tests know."""
    settings.ZEAL_NPLUSONE_THRESHOLD = 50  # the demo is made by one action after the other
    make_waterdam()
    guards.outbox_may_send()
    Heartbeat.objects.create(name="jobs")
    user = User.objects.get(email__startswith="editor@")
    user.set_password(PASSWORD)
    user.save()
    return user


def answers(story: Together) -> tuple[Hand, Receipt]:
    """Four taps, and an address."""
    before = set(Receipt.objects.values_list("pk", flat=True))
    resident = story.begin(scripts=False)
    story.visit(resident, "/p/haven/", "poll")
    resident.follow("button", story.say("Start with question 1"))
    for number in range(1, 5):
        story.look(f"question-{number}", resident)
        with resident.page.expect_navigation():
            resident.press(resident.page.locator("main .nabij-options button.nabij-option").nth(0))
    story.look("where", resident)
    resident.follow("button", "De Linde")
    story.look("thanks", resident)
    resident.follow("link", story.say("Hear what happens with it"), exact=False)
    resident.write(resident.page.locator("[name=email]"), READER)
    for name in ("consent", "is_16_or_older"):
        resident.tick(resident.page.locator(f"[name={name}]"))
    resident.follow("button", story.say("Keep me posted"))
    story.look("address-left", resident)
    return resident, Receipt.objects.exclude(pk__in=before).get()


def confirms(story: Together, resident: Hand, sink: Sink) -> None:  # noqa: F811
    (mail,) = mails_to(sink, READER)
    story.visit(resident, link_in(mail, "v/c/"), "is-it-yours")
    resident.follow("button", story.say("Yes, this is my address"))
    story.look("it-is-theirs", resident)
    assert Contact.objects.get(email=READER).confirmed_at


def answer(story: Together, owed: AnswerOwed, decided: str, *, happens: bool = False) -> None:
    """From the topic to the hold, at the desk; with a day on which what is promised happens."""
    story.visit(story.hand, reverse("topic", args=[owed.topic_id]), "topic")
    story.go("link", "Write an answer")
    story.look("begin")
    story.go("button", "Start writing")
    story.hand.tick(story.page.locator("[name=outcome][value=adopted]"))
    for summary in story.page.locator("details.nabij-language-part:not([open]) summary").all():
        story.hand.press(summary)
    for name, words in (("decided", decided), ("why", decided), ("next_step", decided)):
        for field in story.page.locator(f"textarea[name^={name}_]").all():
            story.hand.write(field, words)
    if happens:
        story.hand.write(story.page.locator("[name=happens_on]"), today(30).isoformat())
    story.look("written")
    story.go("button", "On to the last look")
    story.look("last-look")
    story.hand.tick(story.page.locator("[name=checked]"))
    with story.page.expect_navigation():
        story.hand.press(story.page.locator("main form button.utrecht-button--primary-action").last)
    story.look("on-hold")
    assert FollowUp.objects.first().state == FollowUpState.HOLD


def the_hold_ends() -> None:
    FollowUp.objects.filter(state=FollowUpState.HOLD).update(hold_until=timezone.now() - timedelta(seconds=1))
    pump.dispatch_due()


def reads(story: Together, resident: Hand, sink: Sink, *, mails: int, says: str, name: str) -> None:  # noqa: F811
    """Follows the yes or the no of the newest mail, which is chosen on the page then, and not yet sent."""
    *_earlier, mail = found = mails_to(sink, READER)
    assert len(found) == mails
    links = re.findall(r"https?://[^\s]+?(/v/i/[^\s]+)", mail.get_body(("plain",)).get_content())
    story.visit(resident, next(link for link in links if link.endswith(says)), name)
    expect(resident.page.locator(f"[name=answer][value={says}]")).to_be_checked()
    if says == "no":
        resident.write(resident.page.locator("main textarea").first, MISSING[story.language])
    resident.follow("button", story.say("Send"))
    story.look(f"said-{says}", resident)


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_a_year(new_context, live_server, editor, sink, kind, language, width):  # noqa: F811
    story = Together(new_context, live_server.url, kind, language, width)
    resident, receipt = answers(story)
    confirms(story, resident, sink)
    story.sign_in(story.hand, editor)
    story.look("today")
    story.visit(story.hand, reverse("waiting"), "who-waits")

    owed = AnswerOwed.objects.filter(receipt=receipt, topic__key__startswith="option:").first()
    story.visit(story.hand, reverse("owner", args=[editor.pk]), "inbox")
    answer(story, owed, DECIDED[language][0], happens=True)
    the_hold_ends()
    reads(story, resident, sink, mails=2, says="no", name="first-answer")
    owed.refresh_from_db()
    assert owed.state == Owed.OPEN and owed.reopened == 1

    back = AnswerOwed.objects.waiting().get(receipt=receipt, topic__key__startswith="reaction:")
    story.visit(story.hand, reverse("owner", args=[editor.pk]), "came-back")
    answer(story, back, DECIDED[language][1])
    the_hold_ends()
    reads(story, resident, sink, mails=3, says="yes", name="second-answer")

    weeks_later(story, resident, sink)
    the_desk_looks(story)
    everybody_reads(story)
    assert not story.wrong, story.wrong


def weeks_later(story: Together, resident: Hand, sink: Sink) -> None:  # noqa: F811
    """The day that was promised is long past: did it happen?"""
    FollowUp.objects.filter(happens_on__isnull=False).update(happens_on=today(-50))
    send_fulfilment_checks()
    *_earlier, mail = mails_to(sink, READER)
    story.visit(resident, link_in(mail, "v/i/"), "did-it-happen")
    resident.follow("button", story.say("Yes"))
    story.look("it-did", resident)
    assert FulfilmentCheck.objects.get(item__receipt__contact__email=READER).happened == Happened.YES


def the_desk_looks(story: Together) -> None:
    """At what moved, and at what keeps an earlier poll from being rounded off."""
    story.visit(story.hand, reverse("movement"), "what-moved")
    closed = Promise.objects.filter(due_on__lt=today()).first()
    story.visit(story.hand, reverse("promise_round_off", args=[closed.pk]), "still-owed")


def everybody_reads(story: Together) -> None:
    anybody = story.begin(scripts=False)
    story.visit(anybody, reverse("said"), "said")
    report = FinalReport.objects.get(published_at__isnull=False)
    for area in report.trajectory.areas.all():
        story.visit(anybody, reverse("said_area", args=[area.slug]), "said-here")
        story.visit(anybody, reverse("neighbourhood", args=[area.slug]), "neighbourhood")
    story.visit(anybody, reverse("final_report", args=[report.trajectory_id]), "report")
