"""Adapter for allauth: sends mail to colleagues through the outbox, and closes public sign-up."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.models import User
from feedback.delivery.services.outbox import queue_message
from feedback.states import MessagePurpose


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue mail to colleagues only. For an unknown address nothing is sent and the page looks the same.

        Also called without a request, by services and commands.
        """
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            return
        mail = self.render_mail(template_prefix, email, {"email": email, **context})
        html = next((body for body, kind in getattr(mail, "alternatives", ()) if kind == "text/html"), "")
        queue_message(
            purpose=purpose_of(template_prefix),
            dedupe_key=f"{template_prefix.rpartition('/')[2]}:{uuid4().hex}",
            language=get_language() or user.language,
            user=user,
            subject=mail.subject[:250],
            text=str(mail.body),
            html=str(html),
        )

    def format_email_subject(self, subject: str) -> str:
        """No prefix with the site name: the sender already shows it."""
        return subject


def purpose_of(template_prefix: str) -> MessagePurpose:
    """A sign-in code expires after a quarter of an hour, so it has its own purpose; other mail may arrive later."""
    if "login_code" in template_prefix:
        return MessagePurpose.SIGN_IN
    return MessagePurpose.INVITATION if "invitation" in template_prefix else MessagePurpose.NOTICE
