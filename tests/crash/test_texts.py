"""Killed where a text is being handed over: no number gets two, none is lost, and what nobody knew is looked up."""

import pytest
from django.utils import timezone

from accounts.models import Contact, Receipt
from accounts.states import DeliveryChannel, ReceiptPurpose
from feedback.answers.services.reckoning import count_delivery
from feedback.delivery.services import guards
from feedback.models import AnswerOwed, Message
from feedback.states import MessageState, Owed
from tests.crash.house import all_settled, make_debts, press, wait_until
from tests.feedback.factories import make_follow_up, make_topic
from tests.feedback.notify import API_KEY, DROP_AFTER, TEMPLATES, Notify
from tests.people import make_area, make_municipality, make_user

pytestmark = pytest.mark.crash

READERS = 30
POINTS = {
    "claimed, before T4": "feedback.delivery.services.pump:send_group",
    "after T4, before the request": "feedback.delivery.services.pump:send",
    "after the request, before T5": "feedback.delivery.services.pump:settle",
    "within T5, before it commits": "feedback.delivery.services.pump:settle_accepted",
}


@pytest.mark.parametrize("name", POINTS)
def test_killed(house, name):
    follow_up, owner = make_texted_audience()
    with Notify() as notify:
        house.environment |= {
            "SMS_URL": notify.url,
            "SMS_API_KEY": API_KEY,
            "SMS_TEMPLATES": ",".join(f"{name}={key}" for name, key in TEMPLATES.items()),
            "SMS_PER_MINUTE": "1000000",
            "SMS_FROM": "0",
            "SMS_UNTIL": "24",
        }
        # One line breaks after the text was taken: it is known there, and here only after a look.
        odd = {number(3)}
        notify.answers = lambda to: DROP_AFTER if to in odd else 201
        kill = house.jobs_standing_at(POINTS[name], calls=10)
        press(follow_up, owner)
        kill()
        assert 9 <= len(notify.texts) <= 11
        house.jobs()
        never_left = 1 if "before the request" in name else 0
        wait_until(lambda: all_settled() and uncertain() == never_left, seconds=90, what="all looked up")
    assert set(notify.numbers.values()) == {1}, "a number got two texts"
    assert len(notify.texts) == READERS - never_left
    total = count_delivery(follow_up)
    assert total.is_equal and total.sent == READERS - never_left and total.uncertain == never_left
    assert AnswerOwed.objects.filter(state=Owed.SENT).count() == READERS - never_left


def uncertain() -> int:
    return Message.objects.filter(state=MessageState.UNCERTAIN).count()


def number(place: int) -> str:
    return f"+316{place:08d}"


def make_texted_audience():
    make_municipality()
    owner = make_user(title="neighbourhood manager")
    topic = make_topic("option:31", area=make_area("Oosterhaven"), title="Een plek om elkaar te ontmoeten")
    receipts = Receipt.objects.bulk_create(
        Receipt(purpose=ReceiptPurpose.PARTICIPATION, language="nl", code_hash=f"{place:064d}")
        for place in range(READERS)
    )
    Contact.objects.bulk_create(
        Contact(
            receipt=receipt, mobile=number(place), is_16_or_older=True, consent="Ja.", confirmed_at=timezone.now()
        )
        for place, receipt in enumerate(receipts)
    )  # fmt: skip
    assert Contact.objects.first().carrier == DeliveryChannel.TEXT
    make_debts(topic, owner, receipts)
    guards.outbox_may_send()
    return make_follow_up(source=topic.source, key=topic.key, owner=owner), owner
