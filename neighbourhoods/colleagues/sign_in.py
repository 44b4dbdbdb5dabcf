"""Adapters for allauth: single sign-on opens no account, and some roles must have a second step."""

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpRequest
from django.shortcuts import redirect

from core import keyring
from core.keyring import KeyUse
from neighbourhoods.access import Desk


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
        return keyring.cipher(KeyUse.SECOND_STEP).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return keyring.cipher(KeyUse.SECOND_STEP).decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last authenticator can't be deleted if the colleague's role requires a second step."""
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        if others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            return True
        return not Desk(authenticator.user).requires_mfa
