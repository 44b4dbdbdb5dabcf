"""Who fits what, out of the tables: offers, roles and matches as initiatives.matching reads them, in a few queries.

Of thousands of rows, lists and days are read as text and parsed once for each text that differs: turning each value of
each row into its kind would take longer than everything else together.
"""

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db.models import (
    Case,
    Count,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import Contact, User
from initiatives.matching import (
    Declined,
    MatchSuggestion,
    Ranking,
    Reason,
    RefusedPair,
    Vacancy,
    Volunteer,
    Where,
    barriers,
    rank,
    suggest,
)
from initiatives.matching.rounds import Round, ScoreMatrix, greedy_round, plan_round
from initiatives.matching.skills import skills_in
from initiatives.models import Clearance, Match, Offer, VolunteerRole
from initiatives.states import (
    ASKED_MATCHES,
    BOUND_MATCHES,
    ClearanceKind,
    Involvement,
    MatchState,
    OfferKind,
    OfferState,
    Rhythm,
    Side,
)
from neighbourhoods.models import Area
from neighbourhoods.states import AreaKind, Power

_MAX_MATCHES_BY_WAY: Mapping[str, int] = {
    Involvement.THINK: 1,
    Involvement.ONCE: 1,
    Involvement.OFTEN: 2,
    Involvement.PULL: 2,
}
"""How much somebody is asked at the same time, by how they want to help: what they do and what they were asked."""
WEEK = timedelta(days=7)
SHOWN, TOLD = 5, 8
_OfferOrRole = TypeVar("_OfferOrRole", Offer, VolunteerRole)


@dataclass(frozen=True)
class Suggested(Generic[_OfferOrRole]):
    """What is suggested, the best first; and what is not, with why."""

    best: list[tuple[_OfferOrRole, MatchSuggestion]]
    more: int
    refused: list[tuple[_OfferOrRole, RefusedPair]]
    more_refused: int

    @property
    def all_refused(self) -> int:
        return len(self.refused) + self.more_refused


@dataclass(frozen=True)
class Rounds:
    """A round for everybody who waits, beside what comes of always taking the best pair first."""

    planned: Round
    greedy: Round
    offers: dict[int, Offer]
    roles: dict[int, VolunteerRole]
    volunteers: int
    """So many people were looked at, for so many roles."""
    vacancies: int


def for_role(role: VolunteerRole, *, by: User, on: date | None = None) -> Suggested[Offer]:
    """The best volunteers for a role, of those `by` may see. None when nobody is looked for."""
    day = on or timezone.localdate()
    vacancies = _vacancies(VolunteerRole.objects.filter(pk=role.pk), day)
    offers = _waiting(day).visible_to(by)
    found = rank(_volunteers(offers, day), vacancies, day, most=SHOWN, told=TOLD) if vacancies else Ranking()
    named = _offers({one.volunteer for one in found.best} | {one.volunteer for one in found.refused})
    return Suggested(
        best=[(named[one.volunteer], one) for one in found.best],
        more=found.more,
        refused=[(named[one.volunteer], one) for one in found.refused],
        more_refused=found.more_refused,
    )


def for_offer(offer: Offer, *, by: User, on: date | None = None) -> Suggested[VolunteerRole]:
    """The best roles for a volunteer, of those `by` may see."""
    day = on or timezone.localdate()
    volunteers = _volunteers(_waiting(day).filter(pk=offer.pk), day)
    vacancies = _vacancies(VolunteerRole.objects.visible_to(by), day) if volunteers else []
    found = rank(volunteers, vacancies, day, most=SHOWN, told=TOLD)
    named = _roles({one.vacancy for one in found.best} | {one.vacancy for one in found.refused})
    return Suggested(
        best=[(named[one.vacancy], one) for one in found.best],
        more=found.more,
        refused=[(named[one.vacancy], one) for one in found.refused],
        more_refused=found.more_refused,
    )


def between(
    offer: Offer, role: VolunteerRole, *, on: date | None = None
) -> tuple[MatchSuggestion | None, tuple[Reason, ...]]:
    """Why these two fit, and what keeps them apart. (None, ()) when the offer ended or nobody is looked for."""
    day = on or timezone.localdate()
    volunteers = _volunteers(_waiting(day).filter(pk=offer.pk), day)
    vacancies = _vacancies(VolunteerRole.objects.filter(pk=role.pk), day)
    if not volunteers or not vacancies:
        return None, ()
    return suggest(volunteers[0], vacancies[0]), barriers(volunteers[0], vacancies[0], day)


def round_for(*, by: User, on: date | None = None) -> Rounds:
    """A proposal for as many as possible at once, where `by` is coordinator."""
    day = on or timezone.localdate()
    mine = Area.objects.where(by, least=Power.COORDINATOR)
    vacancies = _vacancies(VolunteerRole.objects.filter(initiative__area__in=mine), day)
    volunteers = _volunteers(_waiting(day).visible_to(by), day)
    sheet = ScoreMatrix(volunteers, vacancies, day)
    planned, greedy = plan_round(sheet), greedy_round(sheet)
    if planned.total == greedy.total:  # then what is easier to explain
        planned = greedy
    pairs = (*planned.pairs, *greedy.pairs)
    return Rounds(
        planned=planned,
        greedy=greedy,
        offers=_offers({one.volunteer for one in pairs}),
        roles=_roles({one.vacancy for one in pairs}),
        volunteers=len(volunteers),
        vacancies=len(vacancies),
    )


# --- rows ---------------------------------------------------------------------------------------


def _waiting(on: date) -> Any:
    """Offers of hands that did not end."""
    offers = Offer.objects.hands().exclude(state=OfferState.CLOSED).exclude(until__lt=on)
    return offers.order_by()


def _offers(pks: set[int]) -> dict[int, Offer]:
    return Offer.objects.select_related("area").in_bulk(pks)


def _roles(pks: set[int]) -> dict[int, VolunteerRole]:
    return VolunteerRole.objects.select_related("initiative__area").in_bulk(pks)


AS_TEXT = (
    "skills", "languages", "moments", "wishes", "rather_together", "is_adult", "offered_on", "confirmed_on",
    "paused_until", "until",
)  # fmt: skip
YES = frozenset({"1", "true"})
"""As SQLite and PostgreSQL write it."""


def _text(field: str) -> Cast:
    return Cast(F(field), TextField())


@lru_cache(maxsize=20_000)
def _said(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)


class SkillsByTextCache:
    """Skills by the words they stand in, of which not a letter is kept: only what they hash to under a key that
    this process made and nobody else has. Whoever erases their words leaves nothing here that leads to them."""

    MOST = 2_000

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._found: dict[bytes, frozenset[str]] = {}
        self._lock = Lock()

    def __call__(self, words: str) -> frozenset[str]:
        key = blake2b(words.encode(), key=self._key, digest_size=16).digest()
        if (found := self._found.get(key)) is None:
            found = skills_in(words)
            with self._lock:
                while len(self._found) >= self.MOST:
                    self._found.pop(next(iter(self._found)))
                self._found[key] = found
        return found


_in_words = SkillsByTextCache()


def _places() -> dict[int, Where]:
    """Every area with the district around it; of the whole municipality nobody knows where."""
    rows = Area.objects.order_by().values_list("pk", "kind", "parent", "parent__kind")
    return {
        pk: Where() if kind == AreaKind.MUNICIPALITY
        else Where(pk, parent if parent_kind == AreaKind.DISTRICT else None)
        for pk, kind, parent, parent_kind in rows
    }  # fmt: skip


@dataclass
class _History:
    """What happened to one offer until now."""

    bound: int = 0
    asked: int = 0
    matched: frozenset[int] = frozenset()
    declined: tuple[Declined, ...] = ()
    last: date | None = None
    """When something of it ended, since when they wait anew."""


def _volunteers(offers: "QuerySet[Offer]", on: date) -> list[Volunteer]:
    rows = list(
        offers.annotate(
            reach=Subquery(_reach()[:1]),
            **{f"{name}_text": _text(name) for name in AS_TEXT},
        ).values_list(
            "pk", "area", "skills_text", "languages_text", "moments_text", "wishes_text", "time", "way",
            "theme__slug", "rather_together_text", "is_adult_text", "wished_role", "offered_on_text",
            "confirmed_on_text", "state", "paused_until_text", "until_text", "words", "reach",
        )
    )  # fmt: skip
    if not rows:
        return []
    one = rows[0][0] if len(rows) == 1 else None
    places, nothing = _places(), _History()
    confirmed = {row[0]: _day(row[13]) for row in rows}
    histories, clearances = _histories(one, confirmed, places), _clearances(one, on)
    found = []
    for (
        pk, area, skills, languages, moments, wishes, gift, way, theme, together, is_adult, wished_role, offered,
        _confirmed, state, paused_until, until, words, reach,
    ) in rows:  # fmt: skip
        past = histories.get(pk, nothing)
        since = max(_day(offered), past.last or date.min)
        found.append(
            Volunteer(
                id=pk,
                where=places[area],
                skills=_said(skills) or (_in_words(words) if words else frozenset()),
                languages=_said(languages),
                moments=_said(moments),
                time=gift,
                way=way,
                theme=theme or "",
                rather_together=together and together in YES,
                is_adult=is_adult in YES,
                wishes=_said(wishes),
                wished_role=wished_role,
                waits_days=0 if past.bound or past.asked else max(0, (on - since).days),
                busy=past.bound,
                asked=past.asked,
                may_take=max(0, _MAX_MATCHES_BY_WAY.get(way, 1) - past.bound - past.asked),
                matched=past.matched,
                declined=past.declined,
                clearances=clearances.get(pk, ()),
                is_paused=state == OfferState.PAUSED,
                paused_until=_day(paused_until) if paused_until else None,
                until=_day(until) if until else None,
                has_consent=reach in (REACHABLE, UNREACHABLE),
                is_reachable=reach != UNREACHABLE,
            )
        )
    return found


REACHABLE, UNREACHABLE = "yes", "no"


def _reach() -> "QuerySet[Contact, str]":
    """Whether they can be reached, of who did not unsubscribe; without a row there is no consent."""
    told = Case(
        When(~Q(phone="") | Q(confirmed_at__isnull=False), then=Value(REACHABLE)),
        default=Value(UNREACHABLE),
        output_field=TextField(),
    )
    here = Contact.objects.filter(receipt=OuterRef("receipt"), unsubscribed_at=None)
    return here.order_by().values_list(told)


def _histories(
    one: int | None, confirmed: Mapping[int, date], places: Mapping[int, Where]
) -> dict[int, _History]:
    """Of one offer, or of all that did not end."""
    matches = Match.objects.order_by()
    if one is None:
        matches = matches.filter(offer__kind=OfferKind.HANDS).exclude(offer__state=OfferState.CLOSED)
    else:
        matches = matches.filter(offer=one)
    rows = matches.annotate(moments_text=_text("role__moments"), at_text=_text("state_at")).values_list(
        "offer", "role", "state", "at_text", "declined_by", "declined_because", "role__initiative",
        "role__initiative__area", "moments_text",
    )  # fmt: skip
    found: dict[int, _History] = defaultdict(_History)
    for offer, role, state, at, side, because, initiative, area, moments in rows:
        if offer not in confirmed:
            continue
        past = found[offer]
        if state in BOUND_MATCHES or state in ASKED_MATCHES:
            past.matched |= {role}
            past.bound += state in BOUND_MATCHES
            past.asked += state == MatchState.PROPOSED  # who is on a waiting list may be asked other things
            continue
        day = _local(at)
        past.last = max(past.last or day, day)
        if state == MatchState.DECLINED:
            past.declined += (
                Declined(
                    role=role,
                    initiative=initiative,
                    because=because,
                    on=day,
                    teaches=side == Side.VOLUNTEER and confirmed[offer] <= day,
                    where=places[area],
                    moments=_said(moments),
                ),
            )
    return found


def _local(moment: str) -> date:
    """The day here of a moment as a database writes it, with UTC said or not."""
    at = datetime.fromisoformat(moment)
    return timezone.localdate(at if at.tzinfo else at.replace(tzinfo=UTC))


def _clearances(one: int | None, on: date) -> dict[int, tuple[tuple[str, date], ...]]:
    valid = Clearance.objects.valid(on).order_by()
    if one is not None:
        valid = valid.filter(offer=one)
    found: dict[int, tuple[tuple[str, date], ...]] = {}
    for offer, kind, before in valid.values_list("offer", "kind").annotate(before=Max("renew_before")):
        found[offer] = (*found.get(offer, ()), (kind, before))
    return found


def _vacancies(roles: "QuerySet[VolunteerRole]", on: date) -> list[Vacancy]:
    """Roles for which somebody is looked for."""
    wanted = roles.filter(pk__in=VolunteerRole.objects.open().order_by()).exclude(ends_on__lt=on)
    rows = list(
        wanted.annotate(
            skills_text=_text("skills"), languages_text=_text("languages"), moments_text=_text("moments")
        ).order_by("pk").values_list(
            "pk", "initiative", "initiative__area", "initiative__theme__slug", "skills_text", "languages_text",
            "moments_text", "rhythm", "starts_on", "adults_only", "needs_clearance", "people",
        )
    )  # fmt: skip
    if not rows:
        return []
    bound, asked, with_somebody, this_week = _taken({row[1] for row in rows}, on)
    places = _places()
    return [
        Vacancy(
            id=pk,
            initiative=initiative,
            where=places[area],
            theme=theme,
            skills=_said(skills),
            languages=_said(languages),
            moments=_said(moments),
            is_regular=rhythm == Rhythm.REGULAR,
            starts_on=starts_on,
            adults_only=adults_only,
            clearance=ClearanceKind.VOG if needs_clearance else "",
            together=people > 1 or initiative in with_somebody,
            room=max(0, people - bound[pk]),
            asked=asked[pk],
            nobody_yet=initiative not in with_somebody,
            proposed_this_week=this_week[initiative],
        )
        for (
            pk, initiative, area, theme, skills, languages, moments, rhythm, starts_on, adults_only,
            needs_clearance, people,
        ) in rows
    ]  # fmt: skip


def _taken(initiatives: Iterable[int], on: date) -> tuple[Counter[int], Counter[int], set[int], Counter[int]]:
    """Of roles: places taken, people asked. Of initiatives: which have somebody, how many were proposed lately."""
    since = timezone.make_aware(datetime.combine(on - WEEK, time.min))
    rows = (
        Match.objects.filter(role__initiative__in=list(initiatives))
        .order_by()
        .values_list("role", "role__initiative")
        .annotate(
            bound=Count("pk", filter=Q(state__in=BOUND_MATCHES)),
            asked=Count("pk", filter=Q(state__in=ASKED_MATCHES)),
            week=Count("pk", filter=Q(proposed_at__gte=since)),
        )
    )
    bound, asked, this_week, with_somebody = Counter[int](), Counter[int](), Counter[int](), set[int]()
    for role, initiative, taken, waits, proposed in rows:
        bound[role], asked[role] = taken, waits
        this_week[initiative] += proposed
        if taken:
            with_somebody.add(initiative)
    return bound, asked, with_somebody, this_week
