from collections.abc import Iterator

import pytest

from feedback.services import suggestions
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
