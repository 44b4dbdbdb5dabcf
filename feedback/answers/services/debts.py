"""What answers have to do with messages: they create them, and debts move along with them."""

import time
from datetime import datetime

from django.db.models import QuerySet

from core.jobs import stopping
from feedback.answers.services import digests, fan_out, release, replies
from feedback.answers.services.prepare import FollowUpMail
from feedback.delivery.returned import Returned
from feedback.models import AnswerOwed, Message, NamedDebt
from feedback.registries import MessageRenderer, carried
from feedback.states import Owed


def debts_of(message: Message) -> "QuerySet[AnswerOwed]":
    """The debts that this message answers: only those that its follow-ups name."""
    named = NamedDebt.objects.filter(follow_up__items__message=message, receipt=message.receipt_id)
    return AnswerOwed.objects.filter(pk__in=named.values("owed"))


FAN_OUT_SECONDS = 60
"""Longer than a turn of sending: 100,000 people must be able to read an answer within a minute."""


class CarriedAnswers:
    """A debt is sent if its message arrived, and published if the message came back."""

    def create_messages(self, *, now: datetime | None) -> None:
        """End holds, fan out what was released, and let digests go whose reader has all answers."""
        release.end_holds(now=now)
        ends = time.monotonic() + FAN_OUT_SECONDS
        fan_out.fan_out_released(now=now, enough=lambda: stopping.is_set() or time.monotonic() > ends)
        digests.release_waiting_digests(now=now)

    def accepted(self, rendered: list[MessageRenderer], *, at: datetime) -> None:
        owed = [pk for mail in rendered if isinstance(mail, FollowUpMail) for pk in mail.owed]
        AnswerOwed.objects.filter(pk__in=owed, state=Owed.PUBLISHED).update(state=Owed.SENT, settled_at=at)

    def take_reply(self, found: Returned, message: Message | None, *, at: datetime) -> None:
        replies.take_in(found, message, now=at)

    def arrived(self, message: Message, *, at: datetime) -> None:
        debts_of(message).filter(state=Owed.PUBLISHED).update(state=Owed.SENT, settled_at=at)

    def came_back(self, message: Message, *, at: datetime) -> None:
        debts_of(message).filter(state=Owed.SENT).update(state=Owed.PUBLISHED, settled_at=at)

    def took_back(self, message: Message, *, came_back_at: datetime, at: datetime) -> None:
        """Only debts that went back at that moment: others may have changed for another reason."""
        opened = debts_of(message).filter(state=Owed.PUBLISHED, settled_at=came_back_at)
        opened.update(state=Owed.SENT, settled_at=at)


carried.register("answers")(CarriedAnswers())
