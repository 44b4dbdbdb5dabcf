"""A cache that keeps pages working when Redis is down or hangs: rate limits lapse, but nothing fails."""

import logging
import threading
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from config.serializer import JsonSerializer, Unserializable

log = logging.getLogger("nabij.cache")

PATIENCE = 0.2
"""Seconds to connect, and to wait for each reply. Redis normally takes a thousandth of that."""
REDIS_RETRY_SECONDS = 5
"""After a failure Redis is not called for this time, because a page makes some twenty calls."""
_MISSING = object()


class Breaker:
    """Circuit breaker for Redis, shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls must be skipped. After the rest one caller tries; the others keep skipping meanwhile."""
        with self._lock:
            now = time.monotonic()
            if not self._rests_until:
                return False
            if now < self._rests_until:
                return True
            self._rests_until = now + REDIS_RETRY_SECONDS
            return False

    def failed(self) -> bool:
        """Record a failure. Returns whether it is the first since Redis last worked."""
        with self._lock:
            is_first = not self._rests_until
            self._rests_until = time.monotonic() + REDIS_RETRY_SECONDS
            return is_first

    def worked(self) -> bool:
        """Record a success. Returns whether Redis had failed before."""
        with self._lock:
            had_failed, self._rests_until = bool(self._rests_until), 0.0
            return had_failed


_breakers: dict[str, Breaker] = {}


class ForgivingRedisCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {
            "serializer": JsonSerializer,
            "socket_connect_timeout": PATIENCE,
            "socket_timeout": PATIENCE,
            # The driver retries four times unless told otherwise.
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, params | {"OPTIONS": options | params.get("OPTIONS", {})})
        # Django creates a cache object per thread; the breaker is shared.
        self._breaker = _breakers.setdefault(str(server), Breaker())

    def answers(self) -> bool:
        """Ping Redis, even while the breaker is open: for monitoring. A reply closes the breaker."""
        try:
            self._cache.get_client().ping()
        except RedisError as error:
            self._failed(error)
            return False
        self._worked()
        return True

    def _forgive(self, name: str, default: Any, *args: Any, **kwargs: Any) -> Any:
        if self._breaker.is_open:
            return default
        try:
            found = getattr(super(), name)(*args, **kwargs)
        except RedisError as error:
            self._failed(error)
            return default
        except Unserializable as error:
            log.warning("%s: %s", name, error)
            found = default
        except ValueError:  # INCR of a key that does not exist
            self._worked()
            raise
        self._worked()
        return found

    def _failed(self, error: RedisError) -> None:
        if self._breaker.failed():
            log.error("Redis does not answer (%s); rate limits are off until it does.", type(error).__name__)

    def _worked(self) -> None:
        if self._breaker.worked():
            log.error("Redis answers again.")

    def get(self, key, default=None, version=None):
        return self._forgive("get", default, key, default, version)

    def get_many(self, keys, version=None):
        return self._forgive("get_many", {}, keys, version)

    def set(self, *args, **kwargs):
        return self._forgive("set", None, *args, **kwargs)

    def set_many(self, data, *args, **kwargs):
        return self._forgive("set_many", list(data), data, *args, **kwargs)

    def add(self, *args, **kwargs):
        return self._forgive("add", True, *args, **kwargs)

    def incr(self, key, delta=1, version=None):
        return self._forgive("incr", delta, key, delta, version)

    def touch(self, *args, **kwargs):
        return self._forgive("touch", False, *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._forgive("delete", False, *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._forgive("delete_many", None, *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._forgive("has_key", False, *args, **kwargs)


class LocalCache(LocMemCache):
    """An in-process cache. It serialises as the Redis cache does, so that unserializable values fail at once."""

    _serializer = JsonSerializer()

    def answers(self) -> bool:
        return True

    def get(self, key, default=None, version=None):
        found = super().get(key, _MISSING, version)
        return default if found is _MISSING else self._serializer.loads(found)

    def set(self, key, value, *args, **kwargs):
        super().set(key, self._serializer.dumps(value), *args, **kwargs)

    def add(self, key, value, *args, **kwargs):
        return super().add(key, self._serializer.dumps(value), *args, **kwargs)
