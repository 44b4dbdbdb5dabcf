from collections.abc import Iterator

import pytest
from django.conf import settings as configured

from tests.crash.house import House
from tests.feedback.sinks import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def house(transactional_db, sink, settings) -> Iterator[House]:
    settings.LEASE_SECONDS = 3
    house = House(sink, settings.DATA_DIR, configured.REDIS_URL)
    if configured.REDIS_URL:
        empty_broker()
    yield house
    house.close()
    if configured.REDIS_URL:
        empty_broker()


def empty_broker() -> None:
    """Only what Celery keeps there: the database may be somebody's cache as well."""
    from redis import Redis

    with Redis.from_url(configured.REDIS_URL) as redis:
        redis.delete("celery")
