"""What moved: answers given back and after how many days, who waits, needs that were linked, volunteers who were
spoken to, initiatives that became real. Counted in the database, in as many queries for a city as for a street.

Everything is counted per area and month, so parts add up to the whole; a person counts once in each area where they
spoke, in the month of their first word there. What somebody withdrew is counted no more. Who erases themselves stays
in the numbers, and nowhere else (`keep_numbers`, MonthOfMovement).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from itertools import chain
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, Exists, IntegerField, Max, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import Receipt
from feedback.models import AnswerOwed, FollowUp
from feedback.registries import daily_jobs
from feedback.states import ANSWERED, FollowUpState, Owed
from initiatives.models import Initiative, MonthOfMovement, Need, NeedLink, Offer
from initiatives.states import OPEN_NEEDS, InitiativeState, NeedState, OfferKind
from neighbourhoods.models import Area

MONTHS = 12
IN_TIME = timedelta(days=2)
"""Within 48 hours: the day they came forward, or one of the two after it."""
FEW = 30
"""Of fewer people no percentage is shown."""
FEW_ANSWERS = 5
"""Of fewer answers no median is shown."""


@dataclass
class Counts:
    """Of one area in one month, or the sum of several."""

    people: int = 0
    answered: int = 0
    waiting: int = 0
    late: int = 0
    days: Counter[int] = field(default_factory=Counter)
    volunteers: int = 0
    in_time: int = 0
    needs: int = 0
    """Open now."""
    without_link: int = 0
    heard: int = 0
    met: int = 0
    begun: int = 0
    running: int = 0

    def add(self, other: "Counts") -> None:
        for one in fields(self):
            if one.name == "days":
                self.days.update(other.days)
            else:
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def left(self) -> int:
        """Erased themselves before they had an answer to everything."""
        return self.people - self.answered - self.waiting

    @property
    def in_term(self) -> int:
        """Who wait, and were promised an answer on a day that is still to come."""
        return self.waiting - self.late

    @property
    def answers(self) -> int:
        return sum(self.days.values())

    @property
    def median(self) -> float | None:
        """Days until half of the answers were given; None while that says nothing."""
        return None if self.answers < FEW_ANSWERS else median(self.days.elements())

    @property
    def is_empty(self) -> bool:
        return self == Counts()


@dataclass(frozen=True)
class Standing:
    """How it stood at the end of a month, where somebody looked in that month."""

    waiting: int
    late: int
    needs: int
    without_link: int
    running: int


@dataclass(frozen=True)
class Month:
    first: date
    counts: Counts
    standing: Standing | None


@dataclass
class Movement:
    """What the dashboard shows of some areas, over the months up to `today`."""

    total: Counts
    per_area: dict[int, Counts]
    months: list[Month]
    before: Counts
    """Of the time before these months: who still waits, what is still open or running."""
    outcomes: dict[str, int]


def month_of(day: date) -> date:
    return day.replace(day=1)


def months_until(today: date, count: int = MONTHS) -> list[date]:
    """The first days of so many months, the last one that of today."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def movement(areas: Iterable[int], *, today: date | None = None, months: int = MONTHS) -> Movement:
    """Of these areas, each by itself without what lies inside."""
    today = today or timezone.localdate()
    wanted, shown = set(areas), months_until(today, months)
    kept = list(MonthOfMovement.objects.filter(area__in=wanted, month__gte=shown[0]))
    before, per_area = Counts(), {area: Counts() for area in wanted}
    per_month = {month: Counts() for month in shown}
    gone = ((row.area_id, row.month, _gone(row)) for row in kept)
    for area, month, counts in chain(_everything(wanted, today), gone):
        if month < shown[0]:
            counts = _still_stands(counts)
        per_month.get(month, before).add(counts)
        per_area[area].add(counts)
    standing: dict[date, list[MonthOfMovement]] = defaultdict(list)
    for row in kept:
        if row.waiting is not None:
            standing[row.month].append(row)
    return Movement(
        total=_sum([before, *per_month.values()]),
        per_area={area: counts for area, counts in per_area.items() if not counts.is_empty},
        months=[Month(month, per_month[month], _stood(standing[month])) for month in shown],
        before=before,
        outcomes=_outcomes(wanted, shown[0]),
    )


def _sum(parts: Iterable[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        total.add(part)
    return total


def _still_stands(old: Counts) -> Counts:
    """Of a time before the months that are shown: only who still waits, and what is still open or running."""
    return Counts(
        people=old.waiting, waiting=old.waiting, late=old.late,
        needs=old.needs, without_link=old.without_link, running=old.running,
    )  # fmt: skip


def _gone(row: MonthOfMovement) -> Counts:
    return Counts(
        people=row.gone_people,
        answered=row.gone_answered,
        volunteers=row.gone_volunteers,
        in_time=row.gone_in_time,
        days=Counter({int(days): n for days, n in row.gone_days.items()}),
    )


def _stood(rows: list[MonthOfMovement]) -> Standing | None:
    if not rows:
        return None
    return Standing(**{one.name: sum(getattr(row, one.name) for row in rows) for one in fields(Standing)})


# --- counted in the database -------------------------------------------------------------------

Counted = Iterator[tuple[int, date, Counts]]


def _everything(areas: set[int], today: date) -> Counted:
    """By area and month, as many rows as there are days, however many people."""
    owed = AnswerOwed.objects.filter(topic__area__in=areas).exclude(state=Owed.WITHDRAWN)
    yield from _people(owed, today)
    yield from _answers(owed)
    yield from _volunteers(Offer.objects.filter(area__in=areas), today)
    yield from _needs(Need.objects.standing().filter(area__in=areas))
    yield from _initiatives(Initiative.objects.filter(area__in=areas))


def _people(owed: QuerySet[AnswerOwed], today: date) -> Counted:
    """Each person once per area; they wait while anything of theirs does, and late when one thing is."""
    whole = IntegerField()
    waits = Case(When(state=Owed.OPEN, then=1), default=0, output_field=whole)
    late = Case(When(state=Owed.OPEN, due_on__lt=today, then=1), default=0, output_field=whole)
    each = (
        owed.order_by()
        .values("topic__area", "receipt")
        .annotate(first=Min("since"), waits=Max(waits), late=Max(late))
        .values_list("topic__area", "receipt", "first", "waits", "late")
    )
    sql, parameters = each.query.sql_with_params()
    with connection.cursor() as cursor:
        # Django can't group what it grouped already; the inner query is its own, with its own parameters.
        cursor.execute(
            "WITH person (area, receipt, first, waits, late) AS (" + sql + ") "  # noqa: S608
            "SELECT area, first, COUNT(*), SUM(waits), SUM(late) FROM person GROUP BY area, first",
            parameters,
        )
        found = cursor.fetchall()
    for area, first, people, waiting, are_late in found:
        day = _day(first)
        yield (
            area,
            month_of(day),
            Counts(people=people, answered=people - waiting, waiting=waiting, late=are_late),
        )


def _day(value: date | str) -> date:
    """SQLite hands out text where Django does not look."""
    return value if isinstance(value, date) else parse_date(value) or date.min


def _answers(owed: QuerySet[AnswerOwed]) -> Counted:
    """In the month in which each was given, after how many days."""
    found = owed.filter(state__in=ANSWERED).annotate(on=TruncDate("settled_at")).order_by()
    for area, since, on, n in found.values_list("topic__area", "since", "on").annotate(n=Count("pk")):
        yield area, month_of(on), Counts(days=Counter({max(0, (on - since).days): n}))


def _volunteers(offers: QuerySet[Offer], today: date) -> Counted:
    """Who came forward, once the two days are over or they were spoken to."""
    hands = offers.filter(kind=OfferKind.HANDS, withdrawn_from="").order_by()
    for area, on, spoken, n in hands.values_list("area", "offered_on", "contacted_on").annotate(
        n=Count("pk")
    ):
        in_time = spoken is not None and spoken - on <= IN_TIME
        if spoken is not None or today - on > IN_TIME:
            yield area, month_of(on), Counts(volunteers=n, in_time=n if in_time else 0)


def _needs(needs: QuerySet[Need]) -> Counted:
    linked = Exists(NeedLink.objects.filter(need=OuterRef("pk")))
    rows = needs.order_by().annotate(linked=linked)
    columns = ("area", "heard_on", "state", "state_on", "linked")
    for area, heard, state, state_on, has_link, n in rows.values_list(*columns).annotate(n=Count("pk")):
        is_open = state in OPEN_NEEDS
        yield (
            area,
            month_of(heard),
            Counts(heard=n, needs=n if is_open else 0, without_link=n if is_open and not has_link else 0),
        )
        if state == NeedState.MET:
            yield area, month_of(state_on), Counts(met=n)


def _initiatives(initiatives: QuerySet[Initiative]) -> Counted:
    """What runs, and what of it began while somebody of ours looked after it; what was there before is no news."""
    became_real = initiatives.filter(state__in=[InitiativeState.RUNNING, InitiativeState.ENDED]).order_by()
    rows = became_real.annotate(is_ours=Q(owner__isnull=False)).values_list(
        "area", "state", "since", "state_on", "is_ours"
    )
    for area, state, since, state_on, is_ours, n in rows.annotate(n=Count("pk")):
        if state == InitiativeState.RUNNING:
            yield area, month_of(since or state_on), Counts(running=n)
        if since and is_ours:
            yield area, month_of(since), Counts(begun=n)


def _outcomes(areas: set[int], since: date) -> dict[str, int]:
    """How many answers of ours said what, since the first of the months."""
    told = FollowUp.areas.through.objects.filter(followup=OuterRef("pk"), area__in=areas)
    out = [FollowUpState.RELEASED, FollowUpState.FANNED_OUT, FollowUpState.CLOSED]
    found = FollowUp.objects.filter(Exists(told), state__in=out, released_at__date__gte=since).order_by()
    return dict(found.values_list("outcome").annotate(n=Count("pk")))


# --- what stays of who is erased ----------------------------------------------------------------


class Numbers:
    """Implements feedback.registries.PersonalData: before everything else of somebody goes, how many they were."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """It is counted no more, as was asked."""

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """It is counted again, from what is there."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        """Numbers are about nobody."""
        return {}

    def erase(self, receipt: Receipt) -> None:
        keep_numbers(receipt)


@transaction.atomic
def keep_numbers(receipt: Receipt) -> None:
    """Add this person to the bare counts, as they are counted now. Rows in one order: two who go at once both count."""
    today = timezone.localdate()
    owed = AnswerOwed.objects.filter(receipt=receipt).exclude(state=Owed.WITHDRAWN)
    cells: dict[tuple[date, int], Counts] = defaultdict(Counts)
    for found in (
        _people(owed, today),
        _answers(owed),
        _volunteers(Offer.objects.filter(receipt=receipt), today),
    ):
        for area, month, counts in found:
            cells[month, area].add(counts)
    months, areas = {month for month, _area in cells}, {area for _month, area in cells}
    MonthOfMovement.objects.bulk_create(
        [MonthOfMovement(area_id=area, month=month) for month, area in sorted(cells)], ignore_conflicts=True
    )
    held = MonthOfMovement.objects.select_for_update(no_key=True).filter(month__in=months, area__in=areas)
    rows = [row for row in held.order_by("month", "area") if (row.month, row.area_id) in cells]
    for row in rows:
        _add(row, cells[row.month, row.area_id])
    kept = ("people", "answered", "volunteers", "in_time", "days")
    MonthOfMovement.objects.bulk_update(rows, [f"gone_{name}" for name in kept])


def _add(row: MonthOfMovement, counts: Counts) -> None:
    row.gone_people += counts.people
    row.gone_answered += counts.answered
    row.gone_volunteers += counts.volunteers
    row.gone_in_time += counts.in_time
    days = Counter({int(one): n for one, n in row.gone_days.items()}) + counts.days
    row.gone_days = {str(one): n for one, n in sorted(days.items())}


# --- how it stood --------------------------------------------------------------------------------


@daily_jobs.register("initiatives.movement")
def look_at_the_month(now: datetime | None = None) -> str:
    """How it stands now, in the row of this month: the last look of a month is how it stood at its end."""
    today = timezone.localdate(now)
    areas = set(Area.objects.values_list("pk", flat=True))
    found = movement(areas, today=today).per_area
    this_month = month_of(today)
    known = MonthOfMovement.objects.filter(month=this_month).values_list("area", flat=True)
    standing = [one.name for one in fields(Standing)]
    rows = [
        MonthOfMovement(
            area_id=area,
            month=this_month,
            **{name: getattr(found.get(area, Counts()), name) for name in standing},
        )
        for area in sorted({*found, *known})
    ]
    MonthOfMovement.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["area", "month"], update_fields=standing
    )
    return f"{len(rows)} areas looked at"
