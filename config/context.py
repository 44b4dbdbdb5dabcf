"""The context of every page: the municipality, the languages, and for staff the navigation of the desk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from django.conf import settings
from django.db import DatabaseError, models
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.counting import cached_for_user
from core.deadlines import past_due
from feedback.delivery.services.delivery import Health, health
from feedback.models import AnswerOwed, Contribution, Incoming, Message
from initiatives.models import Need, Offer
from initiatives.states import OfferState
from neighbourhoods.access import Desk
from neighbourhoods.models import Backing, Municipality
from neighbourhoods.states import BackingState

Count = tuple[int, bool]


def _waiting(request: HttpRequest) -> Count:
    """How many people wait for an answer in this colleague's areas, and whether one of them is late."""
    owed = AnswerOwed.objects.visible_to(request.user)
    people = owed.waiting().aggregate(people=models.Count("receipt", distinct=True))["people"]
    return people, owed.late().exists()


def _unread(request: HttpRequest) -> Count:
    """Shown in red while one of them may be about danger."""
    found = (
        Contribution.objects.visible_to(request.user)
        .unread()
        .aggregate(all=models.Count("pk"), danger=models.Count("pk", filter=models.Q(may_be_danger=True)))
    )
    return found["all"], bool(found["danger"])


def _mail(request: HttpRequest) -> Count:
    found = Message.objects.visible_to(request.user).needing_person().count()
    found += Incoming.objects.visible_to(request.user).waiting().count()
    return found, bool(found)


def _offers_count(request: HttpRequest) -> Count:
    found = (
        Offer.objects.visible_to(request.user)
        .exclude(state=OfferState.CLOSED)
        .aggregate(
            all=models.Count("pk"),
            late=models.Count("pk", filter=past_due("next_action_on")),
        )
    )
    return found["all"], bool(found["late"])


def _needs(request: HttpRequest) -> Count:
    return Need.objects.visible_to(request.user).without_link().count(), False


def _asked(request: HttpRequest) -> Count:
    return Backing.objects.filter(backer=request.user, state=BackingState.REQUESTED).count(), False


@dataclass(frozen=True)
class NavItem:
    """One item of the desk navigation; `count` returns (number, is one late?) and is called on rendering."""

    url_name: str
    label: str
    icon: str
    hint: str = ""
    count: Callable[[HttpRequest], Count] | None = None
    pages: tuple[str, ...] = ()  # other URL names that belong to this item although their path does not


@dataclass(frozen=True)
class NavLink:
    """A navigation item as rendered. Label, icon and hint don't count in comparisons: the url and language decide
    them.
    """

    url: str
    label: str = field(compare=False)
    icon: str = field(compare=False)
    hint: str = field(compare=False)
    current: bool
    count: int
    late: bool


NAV = (
    NavItem("desk", _("Today"), "home"),
    NavItem("backings", _("Asked of you"), "flag", _("What you are asked to stand for"), _asked),
    NavItem("waiting", _("Waiting"), "chat", _("Who still waits for an answer"), _waiting, ("promise",)),
    NavItem("listening", _("Listening"), "eye", _("What people wrote, still unread"), _unread),
    NavItem("surveys", _("Surveys"), "list", _("What we ask, and how far it is")),
    NavItem("results", _("Results"), "bars", _("What people answered"), pages=("survey_results",)),
    NavItem("followups", _("Answers"), "pencil", _("What we tell them")),
    NavItem("outbox", _("Mail"), "mail", _("What is on its way, and what needs a person"), _mail),
    NavItem("trajectories", _("Trajectories"), "calendar", _("From a question to a decision and back")),
    NavItem("needs", _("Needs"), "bulb", _("What people need, and what is there for it"), _needs),
    NavItem("hands", _("Hands"), "hand", _("Who wants to help"), _offers_count),
    NavItem(
        "initiatives",
        _("Initiatives"),
        "house",
        _("What people do, and whom they look for"),
        pages=("challenges", "challenge", "approaches", "approach", "cards", "card", "role"),
    ),
    NavItem("movement", _("What moved"), "up", _("Answers, needs, hands and what came of them")),
    NavItem(
        "areas",
        _("Neighbourhoods"),
        "map",
        _("Where, and with whom"),
        pages=("imports", "import_new", "import_one", "advices"),
    ),
    NavItem("settings", _("Settings"), "gear", _("Colleagues, themes and the municipality")),
)


def nabij(request: HttpRequest) -> dict:
    alarm = cache(_alarm)
    rail = cache(lambda: _rail(request, alarm))
    return {
        "municipality": SimpleLazyObject(_municipality),
        "languages": _languages(get_language()),
        "desk_nav": cache(lambda: tuple(_desk_nav(request, rail().counts))),
        "desk_alarm": lambda: None if rail().is_well else alarm(),
        "DEBUG": settings.DEBUG,
    }


@dataclass(frozen=True)
class Rail:
    """The counts of the navigation, cached. While `is_well` is False, every page checks the health again."""

    is_well: bool
    counts: dict[str, Count]


def _rail(request: HttpRequest, alarm: Callable[[], Health | None]) -> Rail:
    def count() -> Rail:
        items = [item for item, _url in _visible_nav_items(request)]
        return Rail(alarm() is None, {item.url_name: item.count(request) for item in items if item.count})

    return cached_for_user("rail", count, by=request.user)


def _alarm() -> Health | None:
    """The alarm at the top of every desk page: no worker runs, or mail is on hold or can't be sent."""
    found = health()
    return None if found.is_well else found


def _municipality() -> Municipality:
    """Falls back to a default, because error pages must work without a database."""
    try:
        return Municipality.current()
    except DatabaseError:
        return Municipality(name="Nabij")


@dataclass(frozen=True)
class Language:
    """A language by its own name, never by a flag. `direction` is ltr or rtl."""

    code: str
    name: str
    direction: str
    current: bool


@lru_cache(maxsize=64)
def _languages(current: str | None) -> tuple[Language, ...]:
    infos = [get_language_info(code) for code, _name in settings.LANGUAGES]
    return tuple(
        Language(
            code=info["code"],
            name=info["name_local"].capitalize(),
            direction="rtl" if info["bidi"] else "ltr",
            current=info["code"] == current,
        )
        for info in infos
    )


@cache
def _nav_items_with_access() -> list[tuple[NavItem, str, str]]:
    """All navigation items with their URL and the role their view requires."""
    places = [(item, reverse(item.url_name)) for item in NAV]
    return [(item, url, resolve(url).func.access.removeprefix("staff:")) for item, url in places]


def _visible_nav_items(request: HttpRequest) -> list[tuple[NavItem, str]]:
    """The items open to this colleague. None before the second step, so that no count is revealed."""
    desk = getattr(request, "desk", None) or Desk(request.user)
    return (
        []
        if desk.is_mfa_missing
        else [(item, url) for item, url, role in _nav_items_with_access() if desk.has(role)]
    )


def _desk_nav(request: HttpRequest, counts: dict[str, Count]) -> Iterator[NavLink]:
    """The rendered navigation of this colleague, with the current item marked."""
    ways = _visible_nav_items(request)
    here = _current_nav_url(request, ways)
    for item, url in ways:
        number, late = counts.get(item.url_name, (0, False))
        yield NavLink(url, item.label, item.icon, item.hint, url == here, number, late)


def _current_nav_url(request: HttpRequest, places: list[tuple[NavItem, str]]) -> str:
    """The item this page belongs to: one that claims it in `pages`, else the longest URL prefix of its path."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    for item, url in places:
        if page in item.pages:
            return url
    return max(
        (
            url
            for item, url in places
            if request.path == url or (item.url_name != "desk" and request.path.startswith(url))
        ),
        key=len,
        default="",
    )
