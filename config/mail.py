"""Refuses Django's own mail functions: all mail must go through the outbox."""

from django.core.mail.backends.base import BaseEmailBackend


class OutboxOnlyBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise RuntimeError(
            "Use feedback.delivery.services.outbox.queue_message; nothing is sent around the outbox."
        )
