"""Hands texts to a service with the API of NotifyNL (and GOV.UK Notify), one request each.

It sends templates made there beforehand; we pass the number, a link and the name of the municipality,
never anything a resident said. Every message has one fixed reference: a request without a response can be
looked up, and is never repeated.
"""

import http.client
import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock
from typing import Any
from urllib.parse import quote, urlsplit

import jwt
from django.conf import settings
from django.utils import timezone

from feedback.delivery.emails import DeliveryResult, MailboxFileSession, Verdict
from feedback.delivery.services.outbox import message_id_of_reference
from feedback.states import DeliveryKind, MessagePurpose

log = logging.getLogger("nabij.texts")

_TEMPLATE_NAMES = {
    MessagePurpose.CONFIRM: "confirm",
    MessagePurpose.FOLLOW_UP: "answer",
    MessagePurpose.CODE: "code",
    MessagePurpose.TALK_BACK: "asked",
}
"""The name of a template in SMS_TEMPLATES, before the dot and the language."""

STATUSES = {
    "delivered": DeliveryKind.DELIVERED,
    "permanent-failure": DeliveryKind.BOUNCED,
    "temporary-failure": DeliveryKind.RETURNED,
    "technical-failure": DeliveryKind.RETURNED,
}
"""Final statuses of the service; all others mean that the text is on its way."""
_MAX_RESPONSE_BYTES = 256_000
HTTP_OK, HTTP_MULTIPLE_CHOICES, HTTP_BAD_REQUEST, HTTP_FORBIDDEN_STATUSES = 200, 300, 400, (401, 403)
TIMEOUT, HTTP_TOO_MANY_REQUESTS, HTTP_SERVER_ERROR, HTTP_GATEWAY_ERRORS = 408, 429, 500, (502, 504)


@dataclass(frozen=True)
class Text:
    """One text. `tried` if an earlier request for it may have arrived."""

    reference: str
    number: str
    purpose: str
    language: str
    link: str
    municipality: str
    tried: bool = False

    @property
    def template(self) -> str:
        """The id of the template in this language, else in Dutch; "" if there is none."""
        name = _TEMPLATE_NAMES[MessagePurpose(self.purpose)]
        found: dict[str, str] = settings.SMS_TEMPLATES
        return found.get(f"{name}.{self.language}") or found.get(f"{name}.nl", "")


def can_text(purpose: str) -> bool:
    """Whether a text of this purpose can be sent: a service and a template are set."""
    if not settings.SMS_URL.startswith("http"):
        return bool(settings.SMS_URL)
    return f"{_TEMPLATE_NAMES[MessagePurpose(purpose)]}.nl" in settings.SMS_TEMPLATES


def in_quiet_hours(now: datetime | None = None) -> bool:
    """Whether it is night, when no texts are sent."""
    here = timezone.localtime(now or timezone.now())
    return is_night(here, since=settings.SMS_FROM, until=settings.SMS_UNTIL)


def is_night(now: datetime, *, since: int, until: int) -> bool:
    """Whether the local time is outside [since, until) hours; then no texts are sent."""
    return not since <= now.hour < until


def morning_after(now: datetime, *, since: int) -> datetime:
    """The next moment when the local time is `since` o'clock, across daylight saving changes."""
    day = now.date() if now.hour < since else now.date() + timedelta(days=1)
    return datetime.combine(day, clock(since), tzinfo=now.tzinfo)


class SmsServiceUnanswered(Exception):
    """The service gave no usable response."""


class SmsSession:
    """A session with the SMS service. It closes itself if the service, rather than one text, is the problem."""

    def __init__(self) -> None:
        self.is_open = True
        self.why = ""

    def send(self, text: Text) -> DeliveryResult:
        raise NotImplementedError

    def look_up(self, reference: str) -> str | None:
        """The status of the text with this reference; None if unknown. Raises Unanswered."""
        return None

    def close(self, why: str) -> DeliveryResult:
        """Stop sending: this text was certainly not sent, and further ones would fail too."""
        self.is_open, self.why = False, why
        return DeliveryResult(Verdict.LINE_LOST, None, why[:200])


class ConsoleSmsSession(SmsSession):
    """Writes each text to the log, and to /mailbox/ for trying out Nabij."""

    def send(self, text: Text) -> DeliveryResult:
        # A stand-in for what the template at the service would say.
        said = f"{text.municipality}: {_TEMPLATE_NAMES[MessagePurpose(text.purpose)]} {text.link}"
        log.info("A text for somebody: %s", _TEMPLATE_NAMES[MessagePurpose(text.purpose)])
        head = f"To: {text.number}\nFrom: sms\nSubject: {said}\nMessage-ID: {message_id_of_reference(text.reference)}"
        mail = f"{head}\n\n{said}\n"
        return MailboxFileSession(settings.DATA_DIR / "mailbox").hand_over("", text.number, mail.encode())


class NotifySmsSession(SmsSession):
    """Uses a new connection per request: a kept one that the server had closed would look like a text that
    may have been sent."""

    def __init__(self, url: str, api_key: str, *, timeout: float) -> None:
        super().__init__()
        self._where, self._timeout = urlsplit(url), timeout
        # The key is name, service id and secret, the last two UUIDs.
        self._service, self._secret = api_key[-73:-37], api_key[-36:]

    def send(self, text: Text) -> DeliveryResult:
        if text.tried:
            try:
                if self.look_up(text.reference) is not None:
                    return DeliveryResult(Verdict.ACCEPTED, HTTP_OK, "it was there already")
            except SmsServiceUnanswered as error:
                return self.close(str(error))
        body = {
            "phone_number": text.number,
            "template_id": text.template,
            "personalisation": {"link": text.link, "municipality": text.municipality},
            "reference": text.reference,
        }
        try:
            connection = self._connect()
        except (OSError, http.client.HTTPException) as error:
            return self.close(f"The service for texts does not answer: {one_line(error)}.")
        try:
            status, said = self._ask(connection, "POST", "/v2/notifications/sms", body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The request was partly sent, perhaps enough of it.
            return DeliveryResult(Verdict.UNKNOWN, None, one_line(error))
        finally:
            connection.close()
        return self._verdict(status, said)

    def _verdict(self, status: int, said: dict[str, Any]) -> DeliveryResult:
        why = error_message_in(said)
        if HTTP_OK <= status < HTTP_MULTIPLE_CHOICES:
            return DeliveryResult(Verdict.ACCEPTED, status, "")
        if status in HTTP_FORBIDDEN_STATUSES or status == HTTP_TOO_MANY_REQUESTS:
            return self.close(f"The service for texts refuses us: {status} {why}")
        if status == HTTP_BAD_REQUEST and "template" in why.lower():  # every other text would fail too
            return self.close(f"A template of texts is not right: {why}")
        if status in HTTP_GATEWAY_ERRORS:  # the server behind it may have got it
            return DeliveryResult(Verdict.UNKNOWN, status, why)
        if status >= HTTP_SERVER_ERROR or status == TIMEOUT:
            return DeliveryResult(Verdict.LATER, status, why)
        return DeliveryResult(Verdict.REFUSED, status, why)

    def look_up(self, reference: str) -> str | None:
        """The status of the text with this reference; None if the service never got it. Raises Unanswered."""
        path = f"/v2/notifications?reference={quote(reference)}"
        try:
            connection = self._connect()
            try:
                status, said = self._ask(connection, "GET", path)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SmsServiceUnanswered(
                f"The service for texts does not answer: {one_line(error)}."
            ) from error
        found = said.get("notifications")
        if status != HTTP_OK or not isinstance(found, list):
            raise SmsServiceUnanswered(
                f"The service for texts does not say: {status} {error_message_in(said)}"
            )
        mine = [one for one in found if isinstance(one, dict) and one.get("reference") == reference]
        return str(mine[0].get("status", "")) if mine else None

    def _connect(self) -> http.client.HTTPConnection:
        secure = self._where.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._where.hostname or "", self._where.port, timeout=self._timeout)
        connection.connect()
        return connection

    def _ask(
        self, connection: http.client.HTTPConnection, how: str, path: str, body: object = None
    ) -> tuple[int, dict[str, Any]]:
        connection.request(
            how,
            f"{self._where.path.rstrip('/')}{path}",
            body=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        content = answer.read(_MAX_RESPONSE_BYTES)
        try:
            said = json.loads(content)
        except ValueError:
            # An HTML page of a gateway; the status code says enough.
            said = {}
        return answer.status, said if isinstance(said, dict) else {}

    def _token(self) -> str:
        return jwt.encode({"iss": self._service, "iat": int(time.time())}, self._secret, algorithm="HS256")


@contextmanager
def open_sms_session() -> Iterator[SmsSession]:
    if urlsplit(settings.SMS_URL).scheme == "console":
        yield ConsoleSmsSession()
    else:
        yield NotifySmsSession(settings.SMS_URL, settings.SMS_API_KEY, timeout=settings.SMTP_TIMEOUT)


def error_message_in(reply: dict[str, Any]) -> str:
    errors = reply.get("errors")
    found = (
        [str(one.get("message", "")) for one in errors if isinstance(one, dict)]
        if isinstance(errors, list)
        else []
    )
    return one_line("; ".join(found))


def one_line(text: object) -> str:
    """One line, without digits that could be a phone number."""
    words = re.sub(r"\+?\d[\d ()./-]{5,}\d", "…", " ".join(str(text).split()))
    return (words or type(text).__name__)[:200]
