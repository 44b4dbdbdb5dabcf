"""Mail to colleagues. It goes through allauth's adapter (in config), which uses the outbox, an app above this one."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.utils import translation

from accounts.models import User
from neighbourhoods.models import Municipality


def write_to(user: User, letter: str, **context: Any) -> None:
    """Queue the mail of the templates `<letter>_subject.txt` and `_message.txt`, in the colleague's language."""
    with translation.override(user.language):
        get_adapter().send_mail(
            letter,
            user.email,
            {"user": user, "municipality": Municipality.current(), **context},
        )
