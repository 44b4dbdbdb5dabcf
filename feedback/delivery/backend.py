"""Refuses Django's own mail functions: all mail must go through the outbox."""

from typing import Any, NoReturn

from django.core.mail.backends.base import BaseEmailBackend


class OutboxOnlyBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> NoReturn:
        raise RuntimeError(
            "Use feedback.delivery.services.outbox.queue_message; nothing is sent around the outbox."
        )
