"""allauth's mail goes through the outbox; strangers can't sign up."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.models import User
from feedback.services.outbox import queue_message
from feedback.states import MessagePurpose


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Staff come by invitation only."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Also called without a request, by services and commands. Only colleagues are written to this way."""
        user = context.get("user") or User.objects.get(email__iexact=email)
        mail = self.render_mail(template_prefix, email, {"email": email, **context})
        html = (
            [content for content, _kind in mail.alternatives]
            if isinstance(mail, EmailMultiAlternatives)
            else []
        )
        queue_message(
            purpose=_purpose(template_prefix),
            dedupe_key=f"letter:{uuid4()}",
            language=user.language or get_language() or "nl",
            user=user,
            subject=mail.subject,
            text=mail.body,
            html=html[0] if html else "",
        )

    def format_email_subject(self, subject: str) -> str:
        """The subject says what it is; the sender says who."""
        return subject


def _purpose(template_prefix: str) -> str:
    if template_prefix.startswith("account/"):
        return MessagePurpose.SIGN_IN
    return MessagePurpose.INVITATION if "invitation" in template_prefix else MessagePurpose.NOTICE
