"""The cache: JSON alone, and a Redis that is gone or stands still holds nobody up."""

import pickle
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from redis import Redis

from config.celery import app
from core import cache as caching
from core.cache import JsonSerializer, Unserializable
from feedback.models import Heartbeat
from feedback.states import Owed
from neighbourhoods.models import Municipality
from surveys.models import Snapshot
from surveys.results.services.results import NightlyCounts
from tests.people import PASSWORD
from tests.redis_server import OwnRedis, own_redis
from tests.surveys.polls import make_survey
from tests.surveys.test_answering import begin


@pytest.fixture
def redis(tmp_path, settings):
    """A Redis of this test's own as the cache."""
    with own_redis(tmp_path) as server:
        settings.REDIS_URL = server.url
        settings.CACHES = {"default": {"BACKEND": "core.cache.ForgivingRedisCache", "LOCATION": server.url}}
        yield server


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """What Redis was asked, whether it answered or not."""
    found, ask = [], Redis.execute_command

    def count(self, *words, **options):
        found.append(words[0])
        return ask(self, *words, **options)

    monkeypatch.setattr(Redis, "execute_command", count)
    return found


# --- what stands in it --------------------------------------------------------------------------

KEPT = [
    None, True, 7, -1, 2.5, "é", "12", b"\x00\xff", [1, [2]], (1, ("a", None)), {3, 4}, frozenset({"x"}),
    {"a": {1: (2, 3)}}, {("a", 1): 2}, {"$": "model"}, Counter({"a": 2, 5: 1}), Decimal("1.20"), UUID(int=7),
    date(2026, 2, 28), datetime(2026, 2, 28, 12, 30, tzinfo=UTC), timedelta(days=1, microseconds=5), Owed.OPEN,
    mark_safe("<b>here</b>"), NightlyCounts({"9": 3}, None),
]  # fmt: skip


@pytest.mark.parametrize("value", KEPT, ids=repr)
def test_value_comes_back_as_it_was(value):
    serializer = JsonSerializer()
    found = serializer.loads(serializer.dumps(value))
    assert found == value and type(found) is type(value)
    assert isinstance(found, SafeString) == isinstance(value, SafeString)


def test_row_comes_back_with_what_was_read_of_it(db, area, editor):
    survey = make_survey(areas=[area], owner=editor)
    Snapshot.objects.create(survey=survey, responses=12, tables={"responses": 12, "options": {}})
    read = Snapshot.objects.only("taken_on").get()
    serializer = JsonSerializer()
    found = serializer.loads(serializer.dumps(read))
    assert found == read and found.get_deferred_fields() == read.get_deferred_fields()
    assert found.taken_on == read.taken_on and found.tables["responses"] == 12
    assert serializer.loads(serializer.dumps(Municipality(pk=1)))._state.adding


@pytest.mark.parametrize(
    "value", [object(), lambda: 1, Client, Redis(), {1: object()}], ids=lambda v: type(v).__name__
)
def test_what_is_no_value_is_refused(value):
    with pytest.raises(Unserializable):
        JsonSerializer().dumps(value)


class Trap:
    """Reading its pickle calls this."""

    sprung = 0

    @classmethod
    def spring(cls):
        cls.sprung += 1

    def __reduce__(self):
        return Trap.spring, ()


FORGED = [
    pickle.dumps(Trap()),
    pickle.dumps(Trap(), 0),
    b'{"$":"data","of":"subprocess:Popen","v":{"args":"true"}}',
    b'{"$":"data","of":"core.cache:Breaker","v":{}}',
    b'{"$":"enum","of":"http:HTTPStatus","v":200}',
    b'{"$":"model","of":"sessions.session","new":false,"v":{}}',
    b'{"$":"eval","v":"1"}',
    b'{"$":"date"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("forged", FORGED, ids=range(len(FORGED)))
def test_what_others_put_into_redis_is_not_there(redis, forged):
    """A pickle is never loaded: it would run code."""
    Trap.sprung = 0
    with redis.client() as client:
        client.set(cache.make_key("this"), forged)
    assert cache.get("this", "nothing") == "nothing"
    assert cache.get_many(["this"]) == {}
    assert cache.get_or_set("this", 5) in (5, None)
    assert not Trap.sprung


def test_tasks_are_json():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == app.conf.result_serializer == "json"


# --- when it does not answer ---------------------------------------------------------------------


def test_redis_counts_and_keeps(redis):
    cache.add("n", 0, 60)
    assert cache.incr("n") == 1 and cache.get("n") == 1
    cache.set_many({"a": (1, 2), "b": {3}})
    assert cache.get_many(["a", "b", "c"]) == {"a": (1, 2), "b": {3}}
    cache.delete_many(["a"])
    assert cache.get("a") is None and cache.has_key("b")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("c")


def test_frozen_redis_is_asked_once_by_many_pages(
    redis, asked, monkeypatch, municipality, area, editor, settings
):
    """Each call would wait for 0.2 s: with the breaker all four pages together wait for one."""
    monkeypatch.setattr(caching, "REDIS_RETRY_SECONDS", 3600)
    settings.SECONDS_A_QUESTION = 0
    survey = make_survey(areas=[area], owner=editor)
    phone = Client()
    redis.freeze()
    asked.clear()
    assert phone.get(reverse("front")).status_code == 200
    begin(phone, survey)
    signed_in = phone.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})
    assert signed_in.status_code == 302
    assert len(asked) == 1


def test_driver_neither_waits_long_nor_tries_again(redis):
    cache.set("this", 1)
    pool = cache._cache.get_client().connection_pool
    options = pool.connection_kwargs
    assert (
        options["socket_timeout"] == options["socket_connect_timeout"] == caching.REDIS_TIMEOUT_SECONDS <= 0.2
    )
    assert options["retry"].get_retries() == 0


def test_redis_is_used_again_after_its_rest(redis, asked, monkeypatch):
    monkeypatch.setattr(caching, "REDIS_RETRY_SECONDS", 0)
    redis.freeze()
    assert cache.get("this", "nothing") == "nothing" and cache.incr("n") == 1
    redis.thaw()
    with redis.client() as client:
        client.ping()
    cache.set("this", 2)
    assert cache.get("this") == 2


def test_breaker_lets_one_through_after_its_rest(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(caching, "monotonic", lambda: now[0])
    breaker = caching.CircuitBreaker()
    assert not breaker.is_open and breaker.failed()
    assert breaker.is_open and not breaker.failed()
    now[0] += caching.REDIS_RETRY_SECONDS
    assert [breaker.is_open, breaker.is_open] == [False, True]
    assert breaker.worked() and not breaker.is_open and not breaker.worked()


def test_readiness_says_that_redis_does_not_answer(redis: OwnRedis, client, transactional_db):
    Heartbeat.objects.create(name="jobs")
    assert client.get(reverse("health_ready")).json()["checks"]["redis"] == {"ok": True}
    redis.freeze()
    answer = client.get(reverse("health_ready"))
    assert answer.status_code == 503 and answer.json()["checks"]["redis"] == {"ok": False}
    redis.thaw()
    with redis.client() as one:
        one.ping()
    assert client.get(reverse("health_ready")).json()["checks"]["redis"] == {"ok": True}
