"""Pytest plugin, loaded before everything else (`-p` in pyproject.toml): the environment of the tests.

pytest-django reads the settings before any conftest is imported, so this can't stand in conftest.py.
"""

import os

os.environ["TESTING"] = "1"
os.environ.pop("DEBUG", None)
# Playwright runs an event loop in the test's own thread; the ORM refuses to work there without this.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
