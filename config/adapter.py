"""allauth's mail goes through the outbox; strangers can't sign up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Staff come by invitation only."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Also called without a request, by services and commands."""
        self.render_mail(template_prefix, email, {"email": email, **context}).send()

    def format_email_subject(self, subject: str) -> str:
        """The subject says what it is; the sender says who."""
        return subject
