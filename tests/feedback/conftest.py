from collections.abc import Iterator

import pytest

from feedback.contributions.services import suggestions
from tests.feedback.notify import API_KEY, TEMPLATES, Notify
from tests.feedback.sinks import Sink


@pytest.fixture(autouse=True)
def learns_at_once(monkeypatch) -> None:
    """What suggests themes is learnt before the page is made, not beside it."""
    monkeypatch.setattr(suggestions, "_aside", lambda work: work())


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    """A real SMTP server that the outbox sends to."""
    with Sink() as server:
        settings.EMAIL_URL = server.url
        settings.SMTP_TIMEOUT = 5
        yield server


@pytest.fixture
def notify(settings) -> Iterator[Notify]:
    """A real HTTP server that texts go to, at any hour and without waiting."""
    with Notify() as server:
        settings.SMS_URL, settings.SMS_API_KEY, settings.SMS_TEMPLATES = server.url, API_KEY, TEMPLATES
        settings.SMS_PER_MINUTE, settings.SMTP_TIMEOUT = 1_000_000, 2
        settings.SMS_FROM, settings.SMS_UNTIL = 0, 24
        yield server
