"""The job that reads the mailbox is killed again and again: no mail is lost, and none is taken in twice."""

import threading

import pytest

from feedback.delivery.services import outbox
from feedback.models import AnswerOwed, Contribution, DeliveryEvent, Incoming, Message
from feedback.states import MessageState
from tests.crash.house import make_audience, wait_until
from tests.feedback.imap import FakeImap
from tests.feedback.returned_mails import reply, report

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

READERS = 60


def test_killed_while_reading(house, settings):
    """Half of the readers answer, the other half has no mailbox any more."""
    settings.INBOX_ADDRESS = "antwoord@waterdam.example"
    make_audience(READERS)
    messages = mails_that_left()
    with FakeImap() as mailbox:
        house.environment |= {
            "INBOX_URL": mailbox.url, "INBOX_ADDRESS": settings.INBOX_ADDRESS, "INBOX_SECONDS": "0.2",
            "LEASE_SECONDS": "1",
        }  # fmt: skip
        for number, message in enumerate(messages):
            own = message.receipt.contact.email
            mailbox.put(
                reply(
                    f"Antwoord {number}", sender=own, about="", to=outbox.reply_to(message),
                    message_id=f"<{number}@example.nl>",
                )
                if number % 2
                else report(to=outbox.return_path(message), about="", message_id=f"<{number}@mx.nl>")
            )  # fmt: skip
        for command, number in STOPS:
            gate = Gate(command, number)
            mailbox.at_command = gate
            jobs = house.jobs()
            wait_until(gate.reached.is_set, seconds=90, what=f"{command} number {number}")
            house.kill(*jobs)
            gate.killed.set()
        mailbox.at_command = lambda command: True
        house.jobs()
        wait_until(lambda: not mailbox.mails, seconds=90, what="an empty mailbox")
    half = READERS // 2
    replies = Contribution.objects.filter(slot__startswith="reply:")
    assert sorted(replies.values_list("text", flat=True)) == sorted(
        f"Antwoord {number}" for number in range(1, READERS, 2)
    )
    assert AnswerOwed.objects.filter(contribution__in=replies).count() == half == Incoming.objects.count()
    assert DeliveryEvent.objects.filter(kind="bounced").count() == half
    assert Message.objects.filter(state=MessageState.BOUNCED).count() == half


# After a mail was committed and before it is removed; before it is read; when everything is marked and not yet gone.
STOPS = [("UID STORE", 5), ("UID FETCH", 9), ("UID STORE", 1), ("UID SEARCH", 1), ("CLOSE", 1)]


class Gate:
    """Holds the nth of a command until whoever sent it was killed."""

    def __init__(self, command: str, number: int) -> None:
        self.command, self.left = command, number
        self.reached, self.killed = threading.Event(), threading.Event()

    def __call__(self, command: str) -> bool:
        if not command.startswith(self.command):
            return True
        self.left -= 1
        if self.left:
            return self.left > 0
        self.reached.set()
        self.killed.wait(60)
        return False


def mails_that_left() -> list[Message]:
    """What a follow-up looks like after it was sent to everybody."""
    from django.utils import timezone

    from feedback.delivery.services.outbox import message_id
    from feedback.models import FollowUp, FollowUpItem, NamedDebt
    from feedback.states import Owed

    follow_up = FollowUp.objects.get()
    now = timezone.now()
    for debt in AnswerOwed.objects.select_related("receipt"):
        key = f"follow-up:{follow_up.pk}:{debt.receipt_id.hex}"
        message = Message.objects.create(
            purpose="follow_up", receipt=debt.receipt, dedupe_key=key, language="nl", message_id=message_id(key),
            state=MessageState.SENT, settled_at=now, handed_over_at=now,
        )  # fmt: skip
        FollowUpItem.objects.create(follow_up=follow_up, receipt=debt.receipt, message=message)
        NamedDebt.objects.create(follow_up=follow_up, owed=debt, receipt=debt.receipt)
    AnswerOwed.objects.update(state=Owed.SENT, settled_at=now)
    return list(Message.objects.select_related("receipt__contact").order_by("pk"))
