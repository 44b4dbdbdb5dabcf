"""Two colleagues and a resident at the same moment: no letter twice, none lost, and no number gets two texts."""

from itertools import count

import pytest
from django.utils import timezone

from accounts.models import Contact
from feedback.answers.services import letters_by_post
from feedback.answers.services.reckoning import count_delivery
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards, pump
from feedback.models import AnswerOwed, LetterBatch, Message
from feedback.private import services as private
from feedback.states import BatchState, MessageState, Owed
from tests.at_once import BOTH_WAYS, let_meet
from tests.feedback.audiences import released
from tests.feedback.factories import make_contact, make_debt, make_topic

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]

_number = count(1)


class Posted:
    """Two letters, put together and made or not yet, and one text."""

    def __init__(self, area, by, settings, state: str) -> None:
        self.by, self.number = by, next(_number)
        # What the meeting before left is no business of this one.
        waiting = Message.objects.filter(state=MessageState.PENDING)
        waiting.update(state=MessageState.CANCELLED, settled_at=timezone.now())
        LetterBatch.objects.filter(state__in=["making", "made"]).update(state=BatchState.DROPPED)
        topic = make_topic(area=area)
        place = f"\nKade {self.number}\n1234 AB  WATERDAM"
        self.receipt = make_contact(email="", postal=place).receipt
        self.other = make_contact(email="", postal=place.replace("Kade", "Dijk")).receipt
        self.texted = make_contact(email="", mobile=f"+316{self.number:08d}").receipt
        for receipt in (self.receipt, self.other, self.texted):
            make_debt(topic, receipt=receipt, owner=by)
        self.follow_up = released(topic, by, settings)
        self.batch = None
        if state != "waiting":
            self.batch = letters_by_post.start_letter_batch(by=by)
            letters_by_post.run_letter_batch_jobs()
            self.batch.refresh_from_db()
        if state == "taken":
            letters_by_post.take_letters_file(batch=self.batch, by=by)

    def again(self) -> LetterBatch:
        """As another process reads it."""
        return LetterBatch.objects.get(pk=self.batch.pk)

    # --- what may happen at once

    def starts(self):
        letters_by_post.start_letter_batch(by=self.by)

    def takes(self):
        return letters_by_post.take_letters_file(batch=self.again(), by=self.by)

    def drops(self):
        letters_by_post.drop(batch=self.again(), by=self.by)

    def is_posted(self):
        letters_by_post.note_posted(batch=self.again(), on=timezone.localdate(), by=self.by)

    def erases(self):
        private.erase(receipt=self.receipt)

    def stops(self):
        hearing_back.unsubscribe(receipt=self.receipt)

    def takes_away(self):
        hearing_back.remove_address(receipt=self.receipt)

    def leaves_a_number(self):
        hearing_back.leave_address(
            receipt=self.receipt,
            mobile=f"+31699{self.number:06d}",
            is_16_or_older=True,
            consent_sentence="Ja.",
        )

    def sends_texts(self):
        pump.send_sms()

    def text_is_stopped(self):
        private.erase(receipt=self.texted)

    # --- what holds afterwards

    def adds_up(self) -> None:
        assert count_delivery(self.follow_up).is_equal
        sent = Message.objects.filter(items__follow_up=self.follow_up, state=MessageState.SENT)
        told = AnswerOwed.objects.filter(named_by__follow_up=self.follow_up, state=Owed.SENT)
        assert sent.count() == told.count()

    def in_one_batch(self) -> None:
        mine = Message.objects.filter(items__follow_up=self.follow_up, batch__isnull=False)
        assert mine.values("batch").distinct().count() == 1 and mine.count() == 2
        self.adds_up()

    def taken_whole_or_made_anew(self) -> None:
        """Whoever is gone is not in what was taken, unless it was taken before they went."""
        self.batch.refresh_from_db()
        assert self.batch.state in (BatchState.TAKEN, BatchState.MAKING, BatchState.MADE)
        self.adds_up()


MEETINGS = [
    ("waiting", "starts", "starts", "in_one_batch"),
    ("waiting", "starts", "erases", "adds_up"),
    ("waiting", "starts", "stops", "adds_up"),
    ("waiting", "starts", "leaves_a_number", "adds_up"),
    ("made", "takes", "takes", "taken_whole_or_made_anew"),
    ("made", "takes", "erases", "taken_whole_or_made_anew"),
    ("made", "takes", "stops", "taken_whole_or_made_anew"),
    ("made", "takes", "takes_away", "taken_whole_or_made_anew"),
    ("made", "takes", "leaves_a_number", "taken_whole_or_made_anew"),
    ("made", "drops", "leaves_a_number", "adds_up"),
    ("made", "drops", "erases", "adds_up"),
    ("made", "drops", "takes", "adds_up"),
    ("taken", "is_posted", "is_posted", "adds_up"),
    ("taken", "is_posted", "erases", "adds_up"),
    ("taken", "is_posted", "takes_away", "adds_up"),
    ("waiting", "sends_texts", "text_is_stopped", "adds_up"),
]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("state", "one", "other", "holds"), MEETINGS, ids=[f"{b}-{c}" for _a, b, c, _d in MEETINGS]
)
def test_whoever_is_first(
    state, one, other, holds, turned, area, editor, settings, tmp_path, notify, monkeypatch
):
    settings.DATA_DIR = tmp_path
    # Setting letters takes longer than everything else here, a few hundred times over.
    monkeypatch.setattr(letters_by_post, "letters_pdf", lambda sheets, *, day: b"%PDF")
    guards.outbox_may_send()
    worlds: list[Posted] = []

    def make():
        worlds.append(Posted(area, editor, settings, state))
        return getattr(worlds[-1], one), getattr(worlds[-1], other)

    let_meet(make, lambda: getattr(worlds[-1], holds)(), turned=turned)
    assert not notify.numbers or set(notify.numbers.values()) == {1}
    assert Contact.objects.exists()
