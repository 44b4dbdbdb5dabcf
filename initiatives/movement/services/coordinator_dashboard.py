"""Figures of the coordinator's day: first contacts, roles without volunteers, answers, and how fairly
introductions fall.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext

from accounts.models import User
from core.i18n import pick
from initiatives.models import Challenge, Initiative, Match, Need, Offer, VolunteerRole
from initiatives.states import ASKED_MATCHES, BOUND_MATCHES, MatchState, OfferState, Side
from neighbourhoods.models import Area, ParticipationRules
from neighbourhoods.registries import Duty, duties
from neighbourhoods.states import Power

RATE_PERIOD = timedelta(days=90)
"""The rate covers offers of the last 90 days."""
_MONTHS_COUNTED = 12
DASHBOARD_ROWS_SHOWN = 8


@dataclass(frozen=True)
class Rate:
    """The number of offers contacted in time, of all."""

    in_time: int
    of: int
    days: int = 0
    """The term of the first contact, in whole days."""

    @property
    def percent(self) -> int | None:
        return round(100 * self.in_time / self.of) if self.of else None


def first_contact_rate(offers: QuerySet[Offer], *, today: date) -> Rate:
    """Contacted within the term of the first contact. Offers still within the term and not contacted are not
    counted."""
    since = today - RATE_PERIOD
    return _rate(_first_contacts(offers.filter(offered_on__gte=since)), today)


def _first_contacts(offers: QuerySet[Offer]) -> list[tuple[date, date | None, int]]:
    """(offered on, first contact or None, count), grouped by day so that the list stays short. Withdrawn
    offers are left out."""
    rows = offers.filter(withdrawn_from="").order_by().values_list("offered_on", "contacted_on")
    return list(rows.annotate(n=Count("pk")))


def _rate(rows: Iterable[tuple[date, date | None, int]], today: date) -> Rate:
    term = timedelta(days=ParticipationRules.current().days("first_contact"))
    in_time = of = 0
    for offered, spoken, n in rows:
        if spoken is None and today - offered <= term:
            continue
        of += n
        if spoken is not None and spoken - offered <= term:
            in_time += n
    return Rate(in_time, of, term.days)


def open_roles(user: User) -> QuerySet[VolunteerRole]:
    """Open roles in areas where `user` is coordinator, annotated with `bound` (places taken) and `asked`
    (people asked)."""
    mine = Area.objects.where(user, least=Power.COORDINATOR)
    asked = Count("matches", filter=Q(matches__state__in=ASKED_MATCHES))
    roles = VolunteerRole.objects.open().filter(initiative__area__in=mine)
    return roles.with_places_taken().annotate(asked=asked).select_related("initiative__area").order_by("pk")


@dataclass(frozen=True)
class MatchAnswer:
    match: Match
    side: str
    at: datetime

    @property
    def is_no(self) -> bool:
        return self.match.state == MatchState.DECLINED


def recent_match_answers(user: User, *, today: date) -> list[MatchAnswer]:
    """Yes and no answers since yesterday, newest first."""
    since = timezone.make_aware(datetime.combine(today - timedelta(days=1), time.min))
    said = Q(volunteer_yes_at__gte=since) | Q(initiative_yes_at__gte=since)
    matches = (
        Match.objects.visible_to(user)
        .filter(said | Q(state=MatchState.DECLINED, state_at__gte=since))
        .select_related("offer", "role__initiative")
        .distinct()
        .order_by("-state_at")
    )
    found = []
    for match in matches[: DASHBOARD_ROWS_SHOWN + 1]:
        if match.state == MatchState.DECLINED:
            found.append(MatchAnswer(match, match.declined_by, match.state_at))
            continue
        for side, at in (
            (Side.VOLUNTEER, match.volunteer_yes_at),
            (Side.INITIATIVE, match.initiative_yes_at),
        ):
            if at and at >= since:
                found.append(MatchAnswer(match, side, at))
    return sorted(found, key=lambda one: one.at, reverse=True)


# --- fairness ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """Offers of one month: their number, the median days until first contact, and the rate."""

    first: date
    offers: int
    half: float | None
    rate: Rate


def months(offers: QuerySet[Offer], *, today: date) -> list[Month]:
    """The last twelve months that have offers, newest first."""
    first = today.replace(day=1)
    firsts = [first]
    while len(firsts) < _MONTHS_COUNTED:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    rows: dict[date, list[tuple[date, date | None, int]]] = defaultdict(list)
    for row in _first_contacts(offers.filter(offered_on__gte=firsts[-1])):
        rows[row[0].replace(day=1)].append(row)
    return [_month(one, rows[one], today) for one in firsts if rows[one]]


def _month(first: date, rows: list[tuple[date, date | None, int]], today: date) -> Month:
    waited = [
        (spoken - offered).days for offered, spoken, n in rows for _one in range(n) if spoken is not None
    ]
    return Month(first, sum(n for *_days, n in rows), median(waited) if waited else None, _rate(rows, today))


@dataclass(frozen=True)
class IntroductionStats:
    """Introductions per name, most first; and names that look for volunteers and got none."""

    rows: list[tuple[str, int]]
    none: list[str]

    @property
    def total(self) -> int:
        return sum(n for _name, n in self.rows)

    @property
    def largest_share(self) -> int | None:
        """Percentage of all introductions that the largest received."""
        return round(100 * self.rows[0][1] / self.total) if self.rows else None


def introductions(user: User, *, today: date) -> tuple[IntroductionStats, IntroductionStats]:
    """Introductions of the last year, per initiative and per neighbourhood."""
    since = timezone.make_aware(datetime.combine(today - timedelta(days=365), time.min))
    language = get_language() or ""
    made = (
        Match.objects.visible_to(user)
        .filter(introduced_at__gte=since)
        .order_by()
        .values_list("role__initiative", "role__initiative__name", "role__initiative__area__name", "pk")
        .distinct()
    )
    names: dict[int, str] = {}
    per_initiative: Counter[int] = Counter()
    per_area: Counter[str] = Counter()
    for initiative, name, area, _pk in made:
        names[initiative] = pick(name, language)
        per_initiative[initiative] += 1
        per_area[area] += 1
    looking: dict[int, str] = {}
    areas: set[str] = set()
    for role in open_roles(user):
        looking[role.initiative_id] = pick(role.initiative.name, language)
        areas.add(role.initiative.area.name)
    none = [name for pk, name in looking.items() if pk not in per_initiative]
    by_initiative = [(names[pk], n) for pk, n in per_initiative.most_common()]
    return (
        IntroductionStats(by_initiative, sorted(none)),
        IntroductionStats(per_area.most_common(), sorted(areas - per_area.keys())),
    )


def offers_without_match(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Offers without a match or open proposal, longest wait first."""
    taken = Match.objects.filter(state__in=BOUND_MATCHES | ASKED_MATCHES).values("offer")
    return (
        offers.filter(state__in=[OfferState.NEW, OfferState.CONTACTED])
        .exclude(pk__in=taken)
        .order_by("offered_on", "id")
    )


# Duties that must be handed over before a colleague leaves: offers, challenges, initiatives and needs.


@duties.register("initiatives")
def offers_to_look_after(user: User) -> list[Duty]:
    count = Offer.objects.waiting().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d offer to help.", "%(count)d offers to help.", count) % {"count": count}
    return [Duty(sentence, count, f"{reverse('hands')}?owner={user.pk}")]


@duties.register("initiatives.challenges")
def requests_to_decide(user: User) -> list[Duty]:
    count = Challenge.objects.undecided().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext(
        "%(count)d request to take over a task.", "%(count)d requests to take over a task.", count
    )
    return [Duty(sentence % {"count": count}, count, f"{reverse('challenges')}?owner={user.pk}")]


@duties.register("initiatives.begun")
def initiatives_to_look_after(user: User) -> list[Duty]:
    count = Initiative.objects.owned_by(user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d initiative.", "%(count)d initiatives.", count) % {"count": count}
    return [Duty(sentence, count, f"{reverse('initiatives')}?owner={user.pk}")]


@duties.register("initiatives.needs")
def needs_to_look_after(user: User) -> list[Duty]:
    count = Need.objects.open().filter(owner=user).count()
    if not count:
        return []
    sentence = ngettext("%(count)d need of residents.", "%(count)d needs of residents.", count) % {
        "count": count
    }
    return [Duty(sentence, count, f"{reverse('needs')}?owner={user.pk}")]
