from collections.abc import Iterator

import pytest

from tests.feedback.sinks import Sink


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    """A real SMTP server that the outbox sends to."""
    with Sink() as server:
        settings.EMAIL_URL = server.url
        settings.SMTP_TIMEOUT = 5
        yield server
