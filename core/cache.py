"""A cache that keeps pages working when Redis is down or hangs: rate limits lapse, but nothing fails.

Values are serialised as JSON. A pickle runs code when it is loaded, and others may be able to write to Redis. Beyond
JSON it supports tuples, sets, counters, bytes, days, times, decimals, ids, safe strings, and enums, dataclasses and
model instances of our own apps. Those are rebuilt field by field without calling any of their code.
"""

import base64
import json
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from time import monotonic
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.db.models import Model
from django.utils.safestring import SafeString
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

# --- the serializer -------------------------------------------------------------------------------


TYPE_TAG = "$"


class Unserializable(TypeError):
    """A value that can't be serialised, or bytes that this class did not write."""


class JsonSerializer:
    def dumps(self, value: Any) -> Any:
        # Plain integers, so that Redis can increment them.
        return value if type(value) is int else json.dumps(_plain(value), separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        try:
            return int(data)
        except ValueError:
            pass
        try:
            return json.loads(data, object_hook=_decode_object)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Unserializable("This is not what Nabij wrote.") from error


# --- writing ------------------------------------------------------------------------------------

_ENCODERS: dict[type, Callable[[Any], Any]] = {
    SafeString: str,
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: lambda value: [value.days, value.seconds, value.microseconds],
    Decimal: str,
    UUID: str,
    tuple: lambda value: [_plain(one) for one in value],
    set: lambda value: [_plain(one) for one in value],
    frozenset: lambda value: [_plain(one) for one in value],
    Counter: lambda value: _pairs(value),
}


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in (str, int, float, bool) or value is None:
        return value
    if kind is list:
        return [_plain(one) for one in value]
    if kind is dict:
        if all(type(key) is str for key in value) and TYPE_TAG not in value:
            return {key: _plain(one) for key, one in value.items()}
        return {TYPE_TAG: "dict", "v": _pairs(value)}
    if write := _ENCODERS.get(kind):
        return {TYPE_TAG: kind.__name__, "v": write(value)}
    if isinstance(value, Enum) and _is_ours(kind):
        return {TYPE_TAG: "enum", "of": _path(kind), "v": _plain(value.value)}
    if isinstance(value, Model) and _is_ours(kind):
        return {
            TYPE_TAG: "model",
            "of": value._meta.label_lower,
            "new": value._state.adding,
            "v": _columns(value),
        }
    if isinstance(value, tuple) and hasattr(value, "_fields") and _is_ours(kind):
        return {TYPE_TAG: "named", "of": _path(kind), "v": [_plain(one) for one in value]}
    if is_dataclass(value) and _is_ours(kind):
        return {TYPE_TAG: "data", "of": _path(kind), "v": _fields(value)}
    raise Unserializable(f"{kind.__module__}.{kind.__qualname__} can't be kept in the cache.")


def _pairs(value: dict[Any, Any]) -> list[list[Any]]:
    return [[_plain(key), _plain(one)] for key, one in value.items()]


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _columns(value: Model) -> dict[str, Any]:
    """The loaded columns; deferred ones stay deferred."""
    names = [field.attname for field in value._meta.concrete_fields]
    return {name: _plain(value.__dict__[name]) for name in names if name in value.__dict__}


# --- reading ------------------------------------------------------------------------------------

_DECODERS: dict[str, Callable[[Any], Any]] = {
    "SafeString": SafeString,
    "bytes": base64.b64decode,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda value: timedelta(*value),
    "Decimal": Decimal,
    "UUID": UUID,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "Counter": lambda value: Counter(dict(value)),
    "dict": dict,
}


def _decode_object(found: dict[str, Any]) -> Any:
    """The decoder calls it for the innermost object first."""
    if TYPE_TAG not in found:
        return found
    tag, value = found[TYPE_TAG], found["v"]
    if read := _DECODERS.get(tag):
        return read(value)
    if tag == "model":
        model = apps.get_model(found["of"])
        if not _is_ours(model):
            raise Unserializable(found["of"])
        instance = model.from_db("default", list(value), list(value.values()))
        instance._state.adding = found["new"]
        return instance
    kind = _class_at(found["of"])
    if tag == "enum" and issubclass(kind, Enum):
        return kind(value)
    if tag == "named" and issubclass(kind, tuple):
        return tuple.__new__(kind, value)
    if tag == "data" and is_dataclass(kind):
        instance = object.__new__(kind)
        for field in fields(kind):
            object.__setattr__(instance, field.name, value[field.name])
        return instance
    raise Unserializable(tag)


# --- our own classes ----------------------------------------------------------------------------


@cache
def _our_apps() -> frozenset[str]:
    return frozenset(
        app.name for app in apps.get_app_configs() if app.path == str(settings.BASE_DIR / app.name)
    )


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in _our_apps()


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_at(path: str) -> type:
    """Looks only in modules that are loaded already: reading the cache never imports."""
    module, _colon, names = path.partition(":")
    found: Any = sys.modules[module]
    for name in names.split("."):
        found = getattr(found, name)
    if not isinstance(found, type) or not _is_ours(found):
        raise Unserializable(path)
    return found


# --- backends -------------------------------------------------------------------------------------


log = logging.getLogger("nabij.cache")

REDIS_TIMEOUT_SECONDS = 0.2
"""Seconds to connect, and to wait for each reply. Redis normally takes a thousandth of that."""
REDIS_RETRY_SECONDS = 5
"""After a failure Redis is not called for this time, because a page makes some twenty calls."""
_MISSING = object()


class CircuitBreaker:
    """Circuit breaker for Redis, shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls must be skipped. After the rest one caller tries; the others keep skipping meanwhile."""
        with self._lock:
            now = monotonic()
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
            self._rests_until = monotonic() + REDIS_RETRY_SECONDS
            return is_first

    def worked(self) -> bool:
        """Record a success. Returns whether Redis had failed before."""
        with self._lock:
            had_failed, self._rests_until = bool(self._rests_until), 0.0
            return had_failed


_breakers: dict[str, CircuitBreaker] = {}


class ForgivingRedisCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {
            "serializer": JsonSerializer,
            "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
            "socket_timeout": REDIS_TIMEOUT_SECONDS,
            # The driver retries four times unless told otherwise.
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, params | {"OPTIONS": options | params.get("OPTIONS", {})})
        # Django creates a cache object per thread; the breaker is shared.
        self._breaker = _breakers.setdefault(str(server), CircuitBreaker())

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

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._forgive("get", default, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._forgive("get_many", {}, keys, version)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("set", None, *args, **kwargs)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("set_many", list(data), data, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("add", True, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._forgive("incr", delta, key, delta, version)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("touch", False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("delete", False, *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("delete_many", None, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive("has_key", False, *args, **kwargs)


class LocalCache(LocMemCache):
    """An in-process cache. It serialises as the Redis cache does, so that unserializable values fail at once."""

    _serializer = JsonSerializer()

    def answers(self) -> bool:
        return True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = super().get(key, _MISSING, version)
        return default if found is _MISSING else self._serializer.loads(found)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        super().set(key, self._serializer.dumps(value), *args, **kwargs)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return super().add(key, self._serializer.dumps(value), *args, **kwargs)
