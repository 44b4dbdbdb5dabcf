"""Erases the data of accounts when its retention period ends (config/retention.toml)."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from accounts.models import Event, User

ERASED_EMAIL_DOMAIN = "gone.invalid"
"""Domain for the addresses of colleagues who left: RFC 2606 guarantees that `.invalid` never resolves."""


@transaction.atomic
def empty_staff_who_left(now: datetime, days: int) -> dict[str, int]:
    """Erase the address and password of colleagues who stopped `days` ago; the events keep the title."""
    cutoff = now - timedelta(days=days)
    left = User.objects.filter(is_active=False).exclude(email__endswith=f"@{ERASED_EMAIL_DOMAIN}")
    # A colleague's last sign-in counts as the day they left.
    left = left.filter(Q(last_login__lt=cutoff) | Q(last_login__isnull=True, date_joined__lt=cutoff))
    EmailAddress.objects.filter(user__in=left).delete()
    SocialAccount.objects.filter(user__in=left).delete()
    for user in left:
        user.email = f"{user.pk}@{ERASED_EMAIL_DOMAIN}"
        user.set_unusable_password()
        user.last_login = None
        user.save(update_fields=["email", "password", "last_login"])
    return {N_("colleagues who left"): len(left)}


def forget_sign_ins(now: datetime, days: int) -> dict[str, int]:
    """Delete ended sessions, and what allauth keeps of them: the network address and the kind of device."""
    ended, _rows = Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return {N_("ended sessions of colleagues"): ended}


def forget_events(now: datetime, days: int) -> dict[str, int]:
    count, _rows = Event.objects.filter(at__lt=timezone.localtime(now) - timedelta(days=days)).delete()
    return {N_("lines of the log"): count}
