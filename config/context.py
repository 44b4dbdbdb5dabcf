"""What every page knows: the municipality, the languages, and for staff the ways through the desk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, models
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from feedback.models import AnswerOwed, Contribution, Message, Outbox
from feedback.services.recover import somebody_works
from initiatives.models import Offer
from initiatives.states import OfferState
from neighbourhoods.access import Desk
from neighbourhoods.models import Backing, Municipality
from neighbourhoods.states import BackingState

Count = tuple[int, bool]
RAIL_SECONDS = 60


def _waiting(request: HttpRequest) -> Count:
    """How many people wait for an answer from this person's areas, and whether one of them waits too long."""
    found = (
        AnswerOwed.objects.visible_to(request.user)
        .waiting()
        .aggregate(
            people=models.Count("receipt", distinct=True),
            late=models.Count("pk", filter=models.Q(due_on__lt=timezone.localdate())),
        )
    )
    return found["people"], bool(found["late"])


def _unread(request: HttpRequest) -> Count:
    return Contribution.objects.visible_to(request.user).unread().count(), False


def _mail(request: HttpRequest) -> Count:
    found = Message.objects.visible_to(request.user).for_a_person().count()
    return found, bool(found)


def _hands(request: HttpRequest) -> Count:
    found = (
        Offer.objects.visible_to(request.user)
        .exclude(state=OfferState.CLOSED)
        .aggregate(
            all=models.Count("pk"),
            late=models.Count("pk", filter=models.Q(next_action_on__lt=timezone.localdate())),
        )
    )
    return found["all"], bool(found["late"])


def _asked(request: HttpRequest) -> Count:
    return Backing.objects.filter(backer=request.user, state=BackingState.REQUESTED).count(), False


@dataclass(frozen=True)
class NavItem:
    """One way through the desk; `count` answers (how many, is one late?) when the page is drawn."""

    url_name: str
    label: str
    icon: str
    hint: str = ""
    count: Callable[[HttpRequest], Count] | None = None
    pages: tuple[str, ...] = ()  # pages that belong here by what they are about, not by their address


NAV = (
    NavItem("desk", _("Today"), "home"),
    NavItem("backings", _("Asked of you"), "flag", _("What you are asked to stand for"), _asked),
    NavItem("waiting", _("Waiting"), "chat", _("Who still waits for an answer"), _waiting, ("promise",)),
    NavItem("listening", _("Listening"), "eye", _("What people wrote, still unread"), _unread),
    NavItem("surveys", _("Surveys"), "list", _("What we ask, and how far it is")),
    NavItem("results", _("Results"), "bars", _("What people answered"), pages=("survey_results",)),
    NavItem("followups", _("Answers"), "pencil", _("What we tell them")),
    NavItem("outbox", _("Mail"), "mail", _("What is on its way, and what needs a person"), _mail),
    NavItem("hands", _("Hands"), "hand", _("Who wants to help"), _hands),
    NavItem("areas", _("Neighbourhoods"), "map", _("Where, and with whom")),
    NavItem("settings", _("Settings"), "gear", _("Colleagues, themes and the municipality")),
)


def nabij(request: HttpRequest) -> dict:
    return {
        "municipality": SimpleLazyObject(_municipality),
        "languages": _languages(get_language()),
        "desk_nav": SimpleLazyObject(lambda: list(_desk_nav(request))),
        "desk_alarm": _desk_alarm,
        "DEBUG": settings.DEBUG,
    }


def _desk_alarm() -> dict | None:
    """What every page of the desk says first: nobody works, or nothing may leave."""
    hold = Outbox.objects.filter(quarantined_at__isnull=False).first()
    silent = not somebody_works()
    return {"hold": hold, "silent": silent} if hold or silent else None


def _municipality() -> Municipality:
    """The pages at the edges must stand when the database does not."""
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


def _desk_nav(request: HttpRequest) -> Iterator[dict]:
    """The ways this person has, the one we are on marked; the longest matching address wins."""
    desk = getattr(request, "desk", None) or Desk(request.user)
    if desk.lacks_second_step:  # nothing opens yet, and no number is told
        return
    places = []
    for item in NAV:
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:  # comes with a later part of the house
            continue
        role = resolve(url).func.access.removeprefix("staff:")  # the mark the view bears
        if desk.has(role):
            places.append((item, url))
    here = _here(request, places)
    counts = _counts(request, [item for item, _url in places])
    for item, url in places:
        number, late = counts.get(item.url_name, (0, False))
        yield {
            "url": url,
            "label": item.label,
            "icon": item.icon,
            "hint": item.hint,
            "current": url == here,
            "count": number,
            "late": late,
        }


def _counts(request: HttpRequest, items: list[NavItem]) -> dict[str, Count]:
    """The numbers on the rail: counted anew after each deed of a colleague, and each minute for residents'."""
    last = Event.objects.order_by("-id").values_list("id", flat=True).first()
    key = f"desk-counts:{request.user.pk}:{last}"
    return cache.get_or_set(
        key, lambda: {item.url_name: item.count(request) for item in items if item.count}, RAIL_SECONDS
    )


def _here(request: HttpRequest, places: list[tuple[NavItem, str]]) -> str:
    """The way this page lies on: the one that claims it, else the longest address it begins with."""
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
