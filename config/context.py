"""What every page knows: the municipality, the languages, and for staff the ways through the desk."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Municipality


@dataclass(frozen=True)
class NavItem:
    """One way through the desk; `count` answers (number, is it late?) and is asked when the page is drawn."""

    url_name: str
    label: str
    icon: str
    count: Callable[[HttpRequest], tuple[int, bool]] | None = None


NAV = (
    NavItem("desk", _("Today"), "home"),
    NavItem("waiting", _("Waiting"), "chat"),
    NavItem("surveys", _("Surveys"), "list"),
    NavItem("results", _("Results"), "bars"),
    NavItem("followups", _("Answers"), "pencil"),
    NavItem("hands", _("Hands"), "hand"),
    NavItem("areas", _("Neighbourhoods"), "map"),
    NavItem("settings", _("Settings"), "gear"),
)


def nabij(request: HttpRequest) -> dict:
    return {
        "municipality": SimpleLazyObject(_municipality),
        "languages": _languages,
        "desk_nav": lambda: list(_desk_nav(request)),
        "DEBUG": settings.DEBUG,
    }


def _municipality() -> Municipality:
    """The pages at the edges must stand when the database does not."""
    try:
        return Municipality.current()
    except DatabaseError:
        return Municipality(name="Nabij")


def _languages() -> list[dict]:
    """Languages by their own name, never by a flag."""
    current = get_language()
    return [
        {
            "code": code,
            "name": get_language_info(code)["name_local"].capitalize(),
            "direction": "rtl" if get_language_info(code)["bidi"] else "ltr",
            "current": code == current,
        }
        for code, _name in settings.LANGUAGES
    ]


def _desk_nav(request: HttpRequest):
    """The ways this installation has, the one we are on marked; the longest matching address wins."""
    places = []
    for item in NAV:
        try:
            places.append((item, reverse(item.url_name)))
        except NoReverseMatch:
            continue
    here = max((url for _item, url in places if request.path.startswith(url)), key=len, default="")
    for item, url in places:
        number, late = item.count(request) if item.count else (0, False)
        yield {
            "url": url,
            "label": item.label,
            "icon": item.icon,
            "current": url == here,
            "count": number,
            "late": late,
        }
