"""Real SMTP servers for tests: one that takes everything, and ones that misbehave on purpose."""

import email
import email.policy
import socket
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """Keeps every mail it accepted. The hooks answer with an SMTP line, or None for the ordinary one."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.connections = 0
        self.at_rcpt: Callable[[str], str | None] = lambda address: None
        self.at_data: Callable[[str], str | None] = lambda address: None
        self.drops: Callable[[str], bool] = lambda address: False
        self._running = False
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> "Sink":
        self._controller.start()
        self._running = True
        return self

    def __exit__(self, *_said) -> None:
        self.stop()

    def stop(self) -> None:
        if self._running:
            self._running = False
            self._controller.stop(no_assert=True)

    @property
    def ids(self) -> Counter:
        return Counter(mail["Message-ID"] for mail in self.mails)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if answer := self.at_rcpt(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        (address,) = envelope.rcpt_tos
        if answer := self.at_data(address):
            return answer
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients.append(address)
        self.senders.append(envelope.mail_from)
        if self.drops(address):  # it took the mail, and the line broke before it could say so
            server.transport.abort()
        return "250 OK"
