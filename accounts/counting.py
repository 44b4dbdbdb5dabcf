"""Caches counts that are expensive to compute."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.utils import timezone

from accounts.models import Event, User

_Found = TypeVar("_Found")

_CACHE_SECONDS = 60
_COMMIT_DELAY = timedelta(seconds=60)
"""Upper limit for the time between writing an event and committing its transaction."""


def cached_for_user(key: str, count: Callable[[], _Found], *, by: User) -> _Found:
    """The result of `count` for one colleague: recomputed after each action of their own, else once a minute."""
    return _counted(key, count, by, _last_action(by))


def cached_for_all_users(key: str, count: Callable[[], _Found], *, by: User) -> _Found:
    """Like `counted`, for a count that is the same for everybody: computed once a minute for all.

    If the colleague acted shortly before it was computed, it may lack that action, so they get a count of their own.
    """
    last, key_for_all = _last_action(by), f"counted:{key}"
    kept: tuple[datetime, _Found] | None = cache.get(key_for_all)
    if kept and (last is None or last[1] < kept[0] - _COMMIT_DELAY):
        return kept[1]

    def anew() -> _Found:
        begun = timezone.now()
        found = count()
        cache.set(key_for_all, (begun, found), _CACHE_SECONDS)
        return found

    return _counted(key, anew, by, last)


def _last_action(by: User) -> tuple[int, datetime] | None:
    return Event.objects.filter(actor=by).order_by("-id").values_list("id", "at").first()


def _counted(key: str, count: Callable[[], _Found], by: User, last: tuple[int, datetime] | None) -> _Found:
    key = f"counted:{by.pk}:{last and last[0]}:{key}"
    found: _Found | None = cache.get(key)
    if found is None:
        found = count()
        cache.set(key, found, _CACHE_SECONDS)
    return found
