"""Writes docs/registries.md from the code."""

import dataclasses
import inspect
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import autodiscover_modules

from core.registry import REGISTRIES, Registry

INTRODUCTION = """# Registries

Where a lower app shows or checks something of a higher one, it keeps a registry; the higher app registers in
`AppConfig.ready()`. This page is generated: `python manage.py registries`.
"""


class Command(BaseCommand):
    help = "Writes docs/registries.md."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "registries.md"
        path.write_text(document())
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {len(REGISTRIES)} registries")


def document() -> str:
    autodiscover_modules("registries")
    parts = [INTRODUCTION]
    for registry in sorted(REGISTRIES, key=lambda registry: registry.name):
        parts.append(f"## {registry.name}\n\n{registry.purpose[:1].upper()}{registry.purpose[1:]}.\n")
        parts.append(f"Signature: `{registry.signature}`\n")
        lines = [f"| {key} | {said} |" for key, entry in per_page(registry) for said in places(entry)]
        if lines:
            parts.append("\n".join(["| key | answered by |", "|---|---|", *lines]) + "\n")
    return "\n".join(parts)


def places(entry: Any) -> list[str]:
    """Where it stands; of a record of hooks, where each hook stands that differs from the default."""
    if not dataclasses.is_dataclass(entry):
        return [f"`{place(entry)}`"]
    hooks = [(field.name, getattr(entry, field.name), field.default) for field in dataclasses.fields(entry)]
    return [
        f"{name}: `{place(hook)}`"
        for name, hook, default in hooks
        if hook is not default and not isinstance(hook, str | Enum)
    ]


def per_page(registry: Registry[Any]) -> list[tuple[str, Any]]:
    """In its order; where keys name a page ("area: surveys"), page by page."""
    return sorted(registry.items(), key=lambda item: item[0].rpartition(": ")[0])


def place(entry: Any) -> str:
    named = entry if inspect.isroutine(entry) or inspect.isclass(entry) else type(entry)
    return f"{named.__module__}.{named.__qualname__}"
