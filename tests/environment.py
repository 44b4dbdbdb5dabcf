"""Pytest plugin, loaded before everything else (`-p` in pyproject.toml): the environment of the tests.

pytest-django reads the settings before any conftest is imported, so this can't stand in conftest.py.
"""

import gc
import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

# Imports and collection make much and throw away little; conftest.py switches it on before the first test.
gc.disable()
os.environ["TESTING"] = "1"
os.environ.pop("DEBUG", None)
# Processes that tests start out of debug refuse the demo's key.
os.environ["SECRET_KEY"] = "for-tests-only-and-it-opens-nothing-0123456789"
# Playwright runs an event loop in the test's own thread; the ORM refuses to work there without this.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def own_redis(url: str, worker: str) -> str:
    """Of several pytest processes at once (`gw0`, `gw1`) each empties a Redis database of its own, counted down."""
    server = urlsplit(url)
    number = int(server.path.strip("/") or 0) - int(worker.removeprefix("gw"))
    return urlunsplit(server._replace(path=f"/{number % 16}"))


if os.environ.get("REDIS_URL") and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    os.environ["REDIS_URL"] = own_redis(os.environ["REDIS_URL"], worker)


def compile_translations() -> None:
    """As `make messages` does; here, because Django reads a catalogue once and keeps it."""
    for source in (Path(__file__).parent.parent / "locale").rglob("*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as readable, compiled.open("wb") as writable:
                write_mo(writable, read_po(readable, locale=source.parts[-3]))


compile_translations()
