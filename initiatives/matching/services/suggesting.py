"""Reads offers, roles and matches into the types of initiatives.matching, in a few queries.

Lists and days are read as text and parsed once per distinct text: with thousands of rows, converting every
value would take longer than everything else together.
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
    DeclinedRole,
    Location,
    MatchSuggestion,
    Ranking,
    Reason,
    RefusedPair,
    Vacancy,
    Volunteer,
    barriers,
    rank,
    suggest,
)
from initiatives.matching.ranking import Round, ScoreMatrix, greedy_round, plan_round
from initiatives.matching.skills import skills_in
from initiatives.models import Clearance, Match, Offer, VolunteerRole
from initiatives.states import (
    ASKED_MATCHES,
    BOUND_MATCHES,
    PUBLIC_INITIATIVES,
    ClearanceKind,
    Involvement,
    MatchState,
    OfferKind,
    OfferState,
    Rhythm,
    RoleState,
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
"""Maximum of matches and open proposals at the same time, by way of helping."""
WEEK = timedelta(days=7)
SUGGESTIONS_SHOWN, REFUSED_SHOWN = 5, 8
_OfferOrRole = TypeVar("_OfferOrRole", Offer, VolunteerRole)


@dataclass(frozen=True)
class RankedSuggestions(Generic[_OfferOrRole]):
    """Suggestions, best first, and refused pairs with their barriers."""

    best: list[tuple[_OfferOrRole, MatchSuggestion]]
    more: int
    refused: list[tuple[_OfferOrRole, RefusedPair]]
    more_refused: int

    @property
    def all_refused(self) -> int:
        return len(self.refused) + self.more_refused


@dataclass(frozen=True)
class Rounds:
    """The optimal round for all waiting volunteers, and the greedy one to compare."""

    planned: Round
    greedy: Round
    offers: dict[int, Offer]
    roles: dict[int, VolunteerRole]
    volunteers: int
    """Number of volunteers considered, and of vacancies."""
    vacancies: int


def rank_offers_for_role(
    role: VolunteerRole, *, by: User, on: date | None = None
) -> RankedSuggestions[Offer]:
    """The best volunteers for a role, of those `by` may see. Empty when the role seeks nobody."""
    day = on or timezone.localdate()
    vacancies = _vacancies(_open(VolunteerRole.objects.filter(pk=role.pk)), day)
    offers = _open_offers(day).visible_to(by)
    found = (
        rank(
            _volunteers(offers, day),
            vacancies,
            day,
            max_suggestions=SUGGESTIONS_SHOWN,
            max_refused=REFUSED_SHOWN,
        )
        if vacancies
        else Ranking()
    )
    named = _offers({one.volunteer for one in found.best} | {one.volunteer for one in found.refused})
    return RankedSuggestions(
        best=[(named[one.volunteer], one) for one in found.best],
        more=found.more,
        refused=[(named[one.volunteer], one) for one in found.refused],
        more_refused=found.more_refused,
    )


def rank_roles_for_offer(
    offer: Offer, *, by: User, on: date | None = None
) -> RankedSuggestions[VolunteerRole]:
    """The best roles for an offer, of those `by` may see."""
    day = on or timezone.localdate()
    volunteers = _volunteers(_open_offers(day).filter(pk=offer.pk), day)
    vacancies = _vacancies(_open(VolunteerRole.objects.visible_to(by)), day) if volunteers else []
    found = rank(volunteers, vacancies, day, max_suggestions=SUGGESTIONS_SHOWN, max_refused=REFUSED_SHOWN)
    named = _roles({one.vacancy for one in found.best} | {one.vacancy for one in found.refused})
    return RankedSuggestions(
        best=[(named[one.vacancy], one) for one in found.best],
        more=found.more,
        refused=[(named[one.vacancy], one) for one in found.refused],
        more_refused=found.more_refused,
    )


def suggest_pair(
    offer: Offer, role: VolunteerRole, *, on: date | None = None
) -> tuple[MatchSuggestion | None, tuple[Reason, ...]]:
    """The suggestion for one pair and its barriers. (None, ()) when the offer ended or the role seeks nobody."""
    if role.state != RoleState.OPEN or role.initiative.state not in PUBLIC_INITIATIVES:
        return None, ()
    day = on or timezone.localdate()
    volunteers = _volunteers(_open_offers(day).filter(pk=offer.pk), day)
    vacancies = _vacancies(VolunteerRole.objects.filter(pk=role.pk), day)
    if not volunteers or not vacancies:
        return None, ()
    return suggest(volunteers[0], vacancies[0]), barriers(volunteers[0], vacancies[0], day)


def plan_rounds(*, by: User, on: date | None = None) -> Rounds:
    """The rounds where `by` is coordinator."""
    day = on or timezone.localdate()
    mine = Area.objects.where(by, least=Power.COORDINATOR)
    vacancies = _vacancies(_open(VolunteerRole.objects.filter(initiative__area__in=mine)), day)
    volunteers = _volunteers(_open_offers(day).visible_to(by), day)
    sheet = ScoreMatrix(volunteers, vacancies, day)
    planned, greedy = plan_round(sheet), greedy_round(sheet)
    if planned.total == greedy.total:  # prefer the one that is easier to explain
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


# --- reading rows -------------------------------------------------------------------------------


def _open_offers(on: date) -> Any:
    """Offers of hands that have not ended."""
    offers = Offer.objects.hands().exclude(state=OfferState.CLOSED).exclude(until__lt=on)
    return offers.order_by()


def _offers(pks: set[int]) -> dict[int, Offer]:
    return Offer.objects.select_related("area").in_bulk(pks)


def _roles(pks: set[int]) -> dict[int, VolunteerRole]:
    return VolunteerRole.objects.select_related("initiative__area").in_bulk(pks)


TEXT_CAST_FIELDS = (
    "skills", "languages", "moments", "wishes", "rather_together", "is_adult", "offered_on", "confirmed_on",
    "paused_until", "until",
)  # fmt: skip
TRUE_VALUES = frozenset({"1", "true"})
"""How SQLite and PostgreSQL cast true to text."""


def _text(field: str) -> Cast:
    return Cast(F(field), TextField())


@lru_cache(maxsize=20_000)
def _split_text(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)


class SkillsByTextCache:
    """Cache of skills per text that stores no text: the keys are hashes under a key of this process, so
    nothing leads back to words that were erased."""

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


_skills_cache = SkillsByTextCache()


def _places() -> dict[int, Location]:
    """Where per area id; empty for the municipality, which has no place within it."""
    rows = Area.objects.order_by().values_list("pk", "kind", "parent", "parent__kind")
    return {
        pk: Location() if kind == AreaKind.MUNICIPALITY
        else Location(pk, parent if parent_kind == AreaKind.DISTRICT else None)
        for pk, kind, parent, parent_kind in rows
    }  # fmt: skip


@dataclass
class _History:
    """The matches of one offer so far."""

    bound: int = 0
    asked: int = 0
    matched: frozenset[int] = frozenset()
    declined: tuple[DeclinedRole, ...] = ()
    last: date | None = None
    """When its last match ended: it waits again since then."""


def _volunteers(offers: "QuerySet[Offer]", on: date) -> list[Volunteer]:
    rows = list(
        offers.annotate(
            reach=Subquery(_reach()[:1]),
            **{f"{name}_text": _text(name) for name in TEXT_CAST_FIELDS},
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
                skills=_split_text(skills) or (_skills_cache(words) if words else frozenset()),
                languages=_split_text(languages),
                moments=_split_text(moments),
                time=gift,
                way=way,
                theme=theme or "",
                rather_together=together and together in TRUE_VALUES,
                is_adult=is_adult in TRUE_VALUES,
                wishes=_split_text(wishes),
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
    """REACHABLE or UNREACHABLE per offer; no row means no consent or unsubscribed."""
    told = Case(
        When(~Q(phone="") | Q(confirmed_at__isnull=False), then=Value(REACHABLE)),
        default=Value(UNREACHABLE),
        output_field=TextField(),
    )
    here = Contact.objects.filter(receipt=OuterRef("receipt"), unsubscribed_at=None)
    return here.order_by().values_list(told)


def _histories(
    one: int | None, confirmed: Mapping[int, date], places: Mapping[int, Location]
) -> dict[int, _History]:
    """For one offer, or for all that did not end."""
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
            past.asked += (
                state == MatchState.PROPOSED
            )  # a volunteer on a waiting list may be asked for other things
            continue
        day = _local(at)
        past.last = max(past.last or day, day)
        if state == MatchState.DECLINED:
            past.declined += (
                DeclinedRole(
                    role=role,
                    initiative=initiative,
                    because=because,
                    on=day,
                    limits_other_roles=side == Side.VOLUNTEER and confirmed[offer] <= day,
                    where=places[area],
                    moments=_split_text(moments),
                ),
            )
    return found


def _local(moment: str) -> date:
    """The local day of a moment as the database writes it; without time zone it is UTC."""
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


def _open(roles: "QuerySet[VolunteerRole]") -> "QuerySet[VolunteerRole]":
    return roles.filter(pk__in=VolunteerRole.objects.open().order_by())


def _vacancies(roles: "QuerySet[VolunteerRole]", on: date) -> list[Vacancy]:
    """Those of these open roles that look for volunteers on a day."""
    wanted = roles.exclude(ends_on__lt=on)
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
    bound, asked, with_somebody, this_week = _count_taken_places({row[1] for row in rows}, on)
    places = _places()
    return [
        Vacancy(
            id=pk,
            initiative=initiative,
            where=places[area],
            theme=theme,
            skills=_split_text(skills),
            languages=_split_text(languages),
            moments=_split_text(moments),
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


def _count_taken_places(
    initiatives: Iterable[int], on: date
) -> tuple[Counter[int], Counter[int], set[int], Counter[int]]:
    """Per role: places taken and people asked. Per initiative: whether it has a volunteer, and proposals of
    the last week."""
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
