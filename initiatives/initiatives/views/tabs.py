"""Tabs of the pages about initiatives."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from neighbourhoods.states import Role


def initiative_tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """The list, challenges (coordinators only), approaches and cards."""
    pages = [
        ("initiatives", _("Initiatives")),
        ("approaches", _("Proven approaches")),
        ("cards", _("Expectation cards")),
    ]
    if request.desk.has(Role.COORDINATOR):  # type: ignore[attr-defined]
        pages.insert(1, ("challenges", _("Requests to take over a task")))
    return [{"url": reverse(name), "label": label, "current": name == here} for name, label in pages]
