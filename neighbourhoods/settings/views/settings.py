"""The tabs of the settings: those that the person may open."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def require_municipality(request: HttpRequest) -> None:
    """403 for everybody but an administrator of the whole municipality."""
    if not request.desk.runs_municipality:
        raise PermissionDenied


def settings_tabs(request: HttpRequest, here: str) -> list[dict]:
    """An administrator of an area sees colleagues alone; the rest is about the whole municipality."""
    pages = [("colleagues", _("Colleagues"))]
    if request.desk.runs_municipality:
        pages += [
            ("settings", _("Municipality")),
            ("themes", _("Themes")),
            ("participation", _("Working with residents")),
            ("keeping_default", _("Privacy of surveys")),
            ("indicators", _("Figures")),
            ("events", _("Log")),
        ]
    return [{"url": reverse(name), "label": label, "current": name == here} for name, label in pages]
