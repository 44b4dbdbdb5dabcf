"""A mail server that delivers nothing and stores every message."""

import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Letter:
    recipient: str
    message: EmailMessage
    received_at: float

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""


@dataclass
class Sink:
    """Listens on loopback between start() and stop()."""

    port: int
    host: str = "127.0.0.1"
    letters: list[Letter] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        with self._lock:
            for recipient in envelope.rcpt_tos:
                self.letters.append(Letter(recipient.lower(), message, time.time()))  # type: ignore[arg-type]
        return "250 Kept"

    def start(self) -> None:
        self._controller = Controller(self, hostname=self.host, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()

    def to(self, recipient: str) -> list[Letter]:
        with self._lock:
            return [letter for letter in self.letters if letter.recipient == recipient.lower()]
