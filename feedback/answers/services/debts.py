"""Moves debts along with the messages that answer them."""

from datetime import datetime

from django.db.models import QuerySet

from feedback.models import AnswerOwed, Message, NamedDebt
from feedback.registries import MessageHooks, message_hooks
from feedback.states import Owed


def debts_of(message: Message) -> "QuerySet[AnswerOwed]":
    """The debts that this message answers: only those that its follow-ups name."""
    named = NamedDebt.objects.filter(follow_up__items__message=message, receipt=message.receipt_id)
    return AnswerOwed.objects.filter(pk__in=named.values("owed"))


class CarriedDebts:
    """A debt is sent if its message arrived, and published if the message came back."""

    def arrived(self, message: Message, *, at: datetime) -> None:
        debts_of(message).filter(state=Owed.PUBLISHED).update(state=Owed.SENT, settled_at=at)

    def came_back(self, message: Message, *, at: datetime) -> None:
        debts_of(message).filter(state=Owed.SENT).update(state=Owed.PUBLISHED, settled_at=at)

    def took_back(self, message: Message, *, came_back_at: datetime, at: datetime) -> None:
        """Only debts that went back at that moment: others may have changed for another reason."""
        opened = debts_of(message).filter(state=Owed.PUBLISHED, settled_at=came_back_at)
        opened.update(state=Owed.SENT, settled_at=at)


message_hooks.register("debts")(MessageHooks(carried=CarriedDebts()))
