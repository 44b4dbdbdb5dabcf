"""A cache that lets the page go on when Redis is gone: rate limits lapse, answers do not."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger("nabij.cache")


class ForgivingRedisCache(RedisCache):
    def _forgive(self, name: str, default: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(*args, **kwargs)
        except RedisError as error:
            log.error(
                "Redis does not answer (%s); rate limits are off until it does.", error.__class__.__name__
            )
            return default

    def get(self, key, default=None, version=None):
        return self._forgive("get", default, key, default, version)

    def get_many(self, keys, version=None):
        return self._forgive("get_many", {}, keys, version)

    def set(self, *args, **kwargs):
        return self._forgive("set", None, *args, **kwargs)

    def add(self, *args, **kwargs):
        return self._forgive("add", True, *args, **kwargs)

    def incr(self, key, delta=1, version=None):
        return self._forgive("incr", delta, key, delta, version)

    def touch(self, *args, **kwargs):
        return self._forgive("touch", False, *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._forgive("delete", False, *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._forgive("has_key", False, *args, **kwargs)
