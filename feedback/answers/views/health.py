"""Monitoring: /health/live says that this process answers, /health/ready that everything works.

Contains no personal data and runs a few indexed queries, so it may be called every ten seconds.
"""

import shutil
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from feedback.delivery.services.health import due_seconds, health
from feedback.models import Heartbeat
from neighbourhoods.access import public

LEAST_FREE = 200_000_000
"""Bytes. Below this, files, letters and the erasure journal may soon fail to be written."""
FAILED_LATELY = timedelta(minutes=15)
"""A task or daily job that failed is tried again within ten minutes; while it keeps failing, its failure is younger."""

Checks = dict[str, dict[str, Any]]

_migrated = False


@public
@never_cache
@require_GET
def health_live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"live": True})


@public
@never_cache
@require_GET
def health_ready(request: HttpRequest) -> JsonResponse:
    found = checks()
    ready = all(check["ok"] for check in found.values())
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)


def checks() -> Checks:
    """Results by name, each with `ok` and the number behind it. Stops at a database that does not answer."""
    found: Checks = {"disk": _disk()}
    if settings.REDIS_URL:
        found["redis"] = {"ok": cache.answers()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["database"] = {"ok": True}
        found["migrations"] = {"ok": is_migrated()}
        return found | (_outbox() if found["migrations"]["ok"] else {})
    except Error:  # every database error has the same meaning here
        return found | {"database": {"ok": False}}


def _outbox() -> Checks:
    now, waits = health(), due_seconds(timezone.now())
    failed = Heartbeat.objects.filter(name__startswith="failed:", at__gt=timezone.now() - FAILED_LATELY)
    tasks = sorted(name.removeprefix("failed:") for name in failed.values_list("name", flat=True))
    return {
        "jobs": {"ok": not now.silent, "seconds_since_last": now.jobs_seconds},
        "oldest_due": {"ok": waits <= settings.HEALTH_DUE_SECONDS, "seconds": waits},
        "outbox": {"ok": now.hold is None, "on_hold": now.hold is not None},
        "relay": {"ok": not now.relay},
        "texts": {"ok": not now.texts},
        "inbox": {"ok": not now.inbox},
        "tasks": {"ok": not tasks, "failed": tasks},
    }


def _disk() -> dict[str, Any]:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return {"ok": False, "free_mb": None}
    return {"ok": free >= LEAST_FREE, "free_mb": free // 1_000_000}


def is_migrated() -> bool:
    """Whether every migration of this code is applied. Cached once True, since a process never changes its code."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
