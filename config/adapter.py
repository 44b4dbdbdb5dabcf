"""Adapters for allauth: mail goes through the outbox, no sign-up, a second step for the roles that require one."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import get_language

from accounts.models import User
from feedback.delivery.services.outbox import queue_message
from feedback.states import MessagePurpose
from neighbourhoods.access import Desk


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


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Single sign-on only identifies a colleague; accounts and roles come by invitation alone."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Allow signing in only; never connect an account to an account of the provider."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise ImmediateHttpResponse(redirect("me"))


class SecondStepAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """Encrypt the TOTP secret, so that it is useless to someone who has only the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last authenticator can't be deleted if the colleague's role requires a second step."""
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        if others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            return True
        return not Desk(authenticator.user).asks_second_step


def _cipher() -> Fernet:
    key = sha256(f"nabij.second-step.{settings.SECRET_KEY}".encode()).digest()
    return Fernet(urlsafe_b64encode(key))
