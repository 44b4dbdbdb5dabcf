"""/mailbox/ (debug only): the mails that EMAIL_URL=mailbox:// wrote, newest first."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from neighbourhoods.access import public

_MAILS_SHOWN = 100
URL_PATTERN = re.compile(r"(https?://[^\s<>]+)")


@dataclass(frozen=True)
class Mail:
    name: str
    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        wanted = ("From", "To", "Reply-To", "Date", "Message-ID", "List-Unsubscribe")
        return [(name, str(self.message[name])) for name in wanted if self.message[name]]

    def body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return part.get_content() if part else ""

    @property
    def text_parts(self) -> list[tuple[bool, str]]:
        """The plain text, split into URLs (True) and other text (False)."""
        return [
            (bool(URL_PATTERN.fullmatch(part)), part)
            for part in URL_PATTERN.split(self.body("plain"))
            if part
        ]

    @property
    def html(self) -> str:
        return self.body("html")


def folder() -> Path:
    return settings.DATA_DIR / "mailbox"


def _read_mail(name: str) -> Mail:
    path = folder() / f"{name}.eml"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    message = email.message_from_bytes(content, policy=email.policy.default)
    at = datetime.fromtimestamp(int(name) / 1e9, tz=timezone.get_current_timezone())
    return Mail(name, at, message)


@public
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    newest = sorted(folder().glob("[0-9]*.eml"), key=lambda path: path.name, reverse=True)[:_MAILS_SHOWN]
    return render(request, "scenarios/mailbox.html", {"mails": [_read_mail(path.stem) for path in newest]})


@public
@require_safe
def mail(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "scenarios/mail.html", {"mail": _read_mail(str(number))})


@public
@require_safe
@csp({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "img-src": ["data:"], "frame-ancestors": [SELF]})
def mail_body(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML part alone, for a sandboxed frame: inline styles only, no scripts and no external resources."""
    # Links of the mail open outside the frame.
    return HttpResponse(_read_mail(str(number)).html.replace("<head>", '<head><base target="_top">', 1))
