"""The house as the consistency tests see it: its apps, views, templates and texts."""

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

BASE = Path(settings.BASE_DIR)
# From the bottom up: what stands later may know what stands earlier.
APPS = ("accounts", "neighbourhoods", "feedback", "initiatives", "surveys")
PACKAGES = ("core", *APPS, "config", "scenarios")


def our_models() -> list[type]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def url_patterns() -> Iterator[tuple[str, URLPattern]]:
    """(route, pattern) of every page, those of libraries included."""

    def walk(patterns: list, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route, pattern

    yield from walk(get_resolver().url_patterns, "/")


def our_views() -> dict[str, Callable]:
    """Every view of ours that has an address, under its dotted name."""
    views = {}
    for _route, pattern in url_patterns():
        view = inspect.unwrap(pattern.callback)
        if view.__module__.split(".")[0] in PACKAGES:
            views[f"{view.__module__}.{view.__qualname__}"] = pattern.callback
    return views


def decorators(view: Callable) -> list[str]:
    """Names of the decorators above a view, as written."""
    function = inspect.unwrap(view)
    node = definitions(function.__code__.co_filename)[function.__name__]
    names = []
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.append(getattr(called, "attr", getattr(called, "id", "")))
    return names


@cache
def definitions(filename: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(Path(filename).read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@cache
def sources(*suffixes: str) -> dict[Path, str]:
    """Our own files of these kinds, tests and migrations left out."""
    folders = [BASE / package for package in PACKAGES] + [BASE / "templates", BASE / "static"]
    return {
        path.relative_to(BASE): path.read_text()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in suffixes and "migrations" not in path.parts
    }
