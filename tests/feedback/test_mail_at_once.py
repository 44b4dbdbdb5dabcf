"""A mail comes in at the very moment that its writer erases, withdraws or says no, or a colleague settles it."""

from itertools import count

import pytest

from feedback.answers.services import replies
from feedback.delivery.services import inbox
from feedback.models import AnswerOwed, Contribution, DeliveryEvent, Incoming
from feedback.private import services as private
from feedback.states import FollowUpState, IncomingState, MessageState, Owed
from tests.at_once import BOTH_WAYS, let_meet
from tests.feedback.factories import (
    make_contact,
    make_debt,
    make_follow_up,
    make_incoming,
    make_message,
    make_topic,
)
from tests.feedback.returned_mails import reply, report

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]

_number = count(1)


class Mailed:
    """Our answer, mailed to somebody who writes back, and whose mailbox says that it is gone."""

    def __init__(self, area, editor) -> None:
        self.editor, self.number = editor, next(_number)
        email = f"somebody-{self.number}@example.nl"
        self.receipt = make_contact(email=email).receipt
        debt = make_debt(make_topic(area=area), receipt=self.receipt, owner=editor, state=Owed.SENT)
        follow_up = make_follow_up(areas=[area], owner=editor, state=FollowUpState.FANNED_OUT)
        follow_up.named.create(owed=debt, receipt=self.receipt)
        self.message = make_message(self.receipt, state=MessageState.SENT)
        self.item = follow_up.items.create(receipt=self.receipt, message=self.message)
        self.waiting = make_incoming(self.receipt)
        about = self.message.message_id
        self.mail = reply(sender=email, about=about, message_id=f"<{self.number}@example.nl>")
        self.from_nobody = reply(about="", message_id=f"<nobody-{self.number}@example.nl>")
        self.returned = report(about=about, message_id=f"<{self.number}@mx.nl>")

    # --- what may happen at once

    def comes_in(self):
        inbox.process_mail(self.mail)

    def comes_in_from_nobody(self):
        inbox.process_mail(self.from_nobody)

    def comes_back(self):
        inbox.process_mail(self.returned)

    def erases(self):
        private.erase(receipt=self.receipt)

    def withdraws(self):
        private.withdraw_receipt(receipt=self.receipt)

    def says_no(self):
        replies.react(item=self.item, answers_me=False, reason="Wanneer?")

    def is_linked(self):
        replies.link_incoming_mail(incoming=self.waiting, to=f"item-{self.item.pk}", by=self.editor)

    def is_discarded(self):
        replies.discard(incoming=self.waiting, by=self.editor)

    # --- what holds afterwards

    @property
    def said(self):
        return Contribution.objects.filter(receipt=self.receipt, slot__startswith="reply:")

    def nothing_is_left(self) -> None:
        assert not self.said.exists() and not Incoming.objects.filter(receipt=self.receipt).exists()
        # What came in after that is the mail of somebody we do not know.
        assert Incoming.objects.filter(from_address__contains=f"-{self.number}@").count() <= 1

    def said_once(self) -> None:
        assert self.said.count() == 1 == AnswerOwed.objects.filter(contribution__in=self.said).count()

    def taken_or_waits(self) -> None:
        taken = Incoming.objects.filter(receipt=self.receipt, state=IncomingState.TAKEN).count()
        waits = Incoming.objects.filter(
            receipt=self.receipt, state=IncomingState.WAITING, why="withdrawn"
        ).count()
        assert taken + waits == 1 and self.said.count() == taken

    def settled_once(self) -> None:
        self.waiting.refresh_from_db()
        assert self.said.count() == (self.waiting.state == IncomingState.TAKEN)
        assert self.waiting.state != IncomingState.WAITING and not self.waiting.text

    def kept_once(self) -> None:
        assert Incoming.objects.filter(from_address="somebody@example.nl").count() == 1
        Incoming.objects.all().delete()

    def came_back_once(self) -> None:
        assert DeliveryEvent.objects.filter(message=self.message, kind="bounced").count() == 1


MEETINGS = [
    ("comes_in", "erases", "nothing_is_left"),
    ("comes_back", "erases", "nothing_is_left"),
    ("is_linked", "erases", "nothing_is_left"),
    ("comes_in", "withdraws", "taken_or_waits"),
    ("comes_in", "says_no", "said_once"),
    ("comes_in", "comes_in", "said_once"),
    ("comes_in", "comes_back", "said_once"),
    ("comes_back", "comes_back", "came_back_once"),
    ("comes_in_from_nobody", "comes_in_from_nobody", "kept_once"),
    ("is_linked", "is_discarded", "settled_once"),
    ("is_linked", "is_linked", "settled_once"),
]


@BOTH_WAYS
@pytest.mark.parametrize(("one", "other", "holds"), MEETINGS, ids=[f"{a}-{b}" for a, b, _c in MEETINGS])
def test_whoever_is_first(one, other, holds, turned, area, editor):
    worlds: list[Mailed] = []

    def make():
        worlds.append(Mailed(area, editor))
        return getattr(worlds[-1], one), getattr(worlds[-1], other)

    let_meet(make, lambda: getattr(worlds[-1], holds)(), turned=turned)
