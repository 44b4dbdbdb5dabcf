"""What every test stands on: static files as in production, Chromium, and no silent console error."""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import call_command
from django.forms import BoundField
from django.template.base import VariableNode
from django.test import SimpleTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from tests.databases import delete_rows, drop_test_database, make_test_database
from tests.people import (  # noqa: F401  (fixtures)
    administrator,
    area,
    backer,
    coordinator,
    district,
    editor,
    municipality,
    next_area,
    other_area,
    stranger,
    viewer,
)

# The shell draws the same pages without a window around them, in seven eighths of the time.
CHROMIUM = next(
    filter(
        None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))
    ),
    None,
)
NO_CHROMIUM = "Chromium is not installed (Debian: apt-get install chromium)"

# A busy machine is no mistake in the code; what fails is printed so that it can be tried again.
# Where changes are taken in, more is tried than where a developer waits for the outcome: on SQLite, where an example
# costs least. What differs between databases has tests of its own (tests/at_once.py).
IS_THOROUGH = bool(os.environ.get("CI"))
EXAMPLES = 100 if IS_THOROUGH and not os.environ.get("DATABASE_URL") else 25
hypothesis_settings.register_profile("house", max_examples=EXAMPLES, deadline=None, print_blob=True)
# The same examples each time: a change is never refused for what was wrong before it. New ones are tried elsewhere.
hypothesis_settings.register_profile("ci", max_examples=EXAMPLES, deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci" if IS_THOROUGH else "house")


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")  # who started the workers did it for all of them
    if not config.option.collectonly and not is_worker:
        collect_static_files()


def collect_static_files() -> None:
    """Hashed names answer 500 without a manifest, so a plain `pytest` collects them as `make test` does."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    sources = [
        path for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*") if path.is_file()
    ]
    if not manifest.exists() or any(path.stat().st_mtime > manifest.stat().st_mtime for path in sources):
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def fields_by_crispy() -> Iterator[None]:
    """Refuses a field that a template draws without the template pack, on every page a test opens."""
    draw = BoundField.__str__

    def draw_for_pack(field: BoundField) -> str:
        frame = sys._getframe(1)
        while frame and not isinstance(frame.f_locals.get("self"), VariableNode):
            frame = frame.f_back
        name = frame.f_locals["self"].origin.template_name if frame else None
        assert not name or name.startswith("nabij/"), f"{name} draws {field.html_name} without crispy"
        return draw(field)

    with mock.patch.multiple(BoundField, __str__=draw_for_pack, __html__=draw_for_pack):
        yield


def pytest_report_header() -> str:
    database = "SQLite" if settings.IS_SQLITE else "PostgreSQL"
    jobs = "Redis" if settings.REDIS_URL else "runjobs"
    much = "thorough" if IS_THOROUGH else "quick: CI=1 tries more examples, and pages at more widths"
    return f"nabij: {database}, {jobs}, {'Chromium at ' + CHROMIUM if CHROMIUM else NO_CHROMIUM}, {much}"


def asks_database(item: pytest.Item) -> bool:
    """Also true of a test whose module starts processes: they may read DATABASE_URL."""
    case = getattr(item, "cls", None) or object
    return (
        issubclass(case, SimpleTestCase)
        or item.get_closest_marker("django_db") is not None
        or bool({"db", "transactional_db", "live_server", "client"} & set(item.fixturenames))
        or hasattr(item.module, "subprocess")
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what drives a browser, and leaves out what is about the other database, or for another moment."""
    others = {"server_databases" if settings.IS_SQLITE or not settings.REDIS_URL else "embedded"}
    if not IS_THOROUGH:
        others.add("thorough")
    left_out = [item for item in items if others & {mark.name for mark in item.iter_markers()}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    for item in items:
        if not asks_database(item):
            item.add_marker("pure")
        if {"page", "context", "new_context", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
            # A browser on a busy machine may be late. What holds the second time is counted as "rerun" in the closing
            # lines: to be looked at, no reason to refuse a change. What kills processes gets no second chance.
            if IS_THOROUGH:
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What stands now stands until the end: the collector need not walk through it again and again."""
    gc.freeze()
    gc.enable()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skipped from one place, so that the summary says it in one line."""
    if item.get_closest_marker("browser") and not CHROMIUM:
        pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment, django_db_modify_db_settings_parallel_suffix, django_db_blocker
) -> Iterator[None]:
    """Instead of pytest-django's, which migrates."""
    with django_db_blocker.unblock():
        make_test_database()
    with mock.patch("django.test.TransactionTestCase._fixture_teardown", delete_rows):
        yield
    with django_db_blocker.unblock():
        drop_test_database()


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    """allauth counts attempts in the cache; one test must not use up those of the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page in English leaves its thread speaking English."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_data_dir(settings, tmp_path) -> None:
    """The mailbox, the epoch of the outbox and the journal: files that must not outlive a test's database."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()


# --- browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _static_files_as_in_production() -> Iterator[None]:
    """The live server finds static files under their plain names; ours are hashed and served by whitenoise.

    Without this every stylesheet is a 404, and axe passes on an unstyled page.
    """
    with mock.patch(
        "django.contrib.staticfiles.handlers.StaticFilesHandler", lambda application: application
    ):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    return {
        "executable_path": CHROMIUM,
        "headless": True,
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {"locale": "nl-NL", "timezone_id": "Europe/Amsterdam", "viewport": {"width": 360, "height": 740}}


@pytest.fixture
def console_errors() -> list[str]:
    """What the browser complained about. A test that provokes a complaint (a 404, say) clears the list."""
    return []


@pytest.fixture
def new_context(new_context: Callable, console_errors: list[str]) -> Iterator[Callable]:
    """pytest-playwright's, listening to the console: any error or uncaught exception fails the test."""

    def make(**options):
        context = new_context(**options)
        context.set_default_timeout(10_000)
        context.on(
            "console",
            lambda message: (
                console_errors.append(f"{message.text} ({message.location.get('url', '')})")
                if message.type == "error"
                else None
            ),
        )
        context.on("weberror", lambda error: console_errors.append(str(error.error)))
        return context

    yield make
    assert not console_errors, "The browser's console shows errors:\n" + "\n".join(console_errors)
