"""What moved: people told or answered on their page only, days until an answer, people waiting, needs linked,
volunteers contacted, initiatives begun. Counted in the database; the number of queries does not depend on the
number of areas.

Everything is counted per area and month, so parts add up to the whole; a person counts once per area where
they spoke, in the month of their first words there. Withdrawn words are not counted. An erased person remains
only in the counts (`store_erased_counts`, MonthOfMovement).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from itertools import chain
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Receipt
from core.deadlines import past_due
from core.i18n import pick
from feedback.models import AnswerOwed, FollowUp
from feedback.models.contributions import IS_PAGE_ONLY, IS_TOLD
from feedback.registries import daily_jobs
from feedback.states import FollowUpState, Owed
from initiatives.models import Initiative, MonthOfMovement, Need, NeedLink, Offer
from initiatives.needs.services.needs import NamedTopicCounts, count_named_topics, sum_named_counts
from initiatives.states import OPEN_NEEDS, InitiativeState, NeedState, OfferKind
from neighbourhoods.models import Area, Trajectory
from neighbourhoods.trajectories.documents import Block, paragraph_block, table_block

_MONTHS_SHOWN = 12
CONTACT_TERM = timedelta(days=2)
"""Within 48 hours: on the day they came forward or one of the two days after."""
MIN_WHOLE_FOR_PERCENTAGE = 30
"""No percentage is shown of fewer people."""
FEW_ANSWERS = 5
"""No median is shown of fewer answers."""
_KEPT_COUNTS = (
    "people", "told", "page_only", "waived", "answers_told", "answers_page_only", "answers_waived",
    "volunteers", "in_time",
)  # fmt: skip
"""Counts that are kept when somebody is erased, besides the days until their answers."""
ANSWER_COUNT_CASE = Case(
    When(IS_TOLD, then=Value("answers_told")),
    When(IS_PAGE_ONLY, then=Value("answers_page_only")),
    default=Value("answers_waived"),
    output_field=CharField(),
)


@dataclass
class MovementCounts:
    """Counts of one area in one month, or a sum of several."""

    people: int = 0
    told: int = 0
    """People whose words were all answered, each answer sent or told in person."""
    page_only: int = 0
    """People whose words were all answered, at least one of them on their own page only."""
    waived: int = 0
    """People who got no answer to anything, with the reason."""
    waiting: int = 0
    late: int = 0
    days: Counter[int] = field(default_factory=Counter)
    answers_told: int = 0
    answers_page_only: int = 0
    answers_waived: int = 0
    volunteers: int = 0
    in_time: int = 0
    needs: int = 0
    """Open now."""
    without_link: int = 0
    heard: int = 0
    met: int = 0
    begun: int = 0
    running: int = 0

    def add(self, other: "MovementCounts") -> None:
        for one in fields(self):
            if one.name == "days":
                self.days.update(other.days)
            else:
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def left(self) -> int:
        """People erased before everything was answered."""
        return self.people - self.told - self.page_only - self.waived - self.waiting

    @property
    def in_term(self) -> int:
        """People who wait and whose promised day is still to come."""
        return self.waiting - self.late

    @property
    def answers(self) -> int:
        return sum(self.days.values())

    @property
    def median(self) -> float | None:
        """Median days until an answer; None for fewer than FEW_ANSWERS."""
        return None if self.answers < FEW_ANSWERS else median(self.days.elements())

    @property
    def is_empty(self) -> bool:
        return self == MovementCounts()


@dataclass(frozen=True)
class MonthEndStanding:
    """The standing at the end of a month, if it was recorded in that month."""

    waiting: int
    late: int
    needs: int
    without_link: int
    running: int
    topics: int | None
    topics_left: int | None
    people_left: int | None
    """None: topics were not counted in that month."""


@dataclass(frozen=True)
class Month:
    first: date
    counts: MovementCounts
    standing: MonthEndStanding | None


@dataclass
class Movement:
    """What the dashboard shows of some areas, over the months up to `today`."""

    total: MovementCounts
    per_area: dict[int, MovementCounts]
    months: list[Month]
    before: MovementCounts
    """From before these months: only what still waits, is open or runs."""
    outcomes: dict[str, int]
    named: NamedTopicCounts
    """Topics as they stand now."""
    named_per_area: dict[int, NamedTopicCounts]


def month_of(day: date) -> date:
    return day.replace(day=1)


def months_until(today: date, count: int = _MONTHS_SHOWN) -> list[date]:
    """The first days of the last `count` months, oldest first; the last is the month of `today`."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def count_movement(
    areas: Iterable[int], *, today: date | None = None, months: int = _MONTHS_SHOWN
) -> Movement:
    """Counts of these areas, each without the areas inside it."""
    today = today or timezone.localdate()
    wanted, shown = set(areas), months_until(today, months)
    kept = list(MonthOfMovement.objects.filter(area__in=wanted, month__gte=shown[0]))
    before, per_area = MovementCounts(), {area: MovementCounts() for area in wanted}
    per_month = {month: MovementCounts() for month in shown}
    gone = ((row.area_id, row.month, _erased_counts(row)) for row in kept)
    for area, month, counts in chain(_all_count_rows(wanted, today), gone):
        if month < shown[0]:
            counts = _open_counts(counts)
        per_month.get(month, before).add(counts)
        per_area[area].add(counts)
    named_here = count_named_topics(wanted)
    standing: dict[date, list[MonthOfMovement]] = defaultdict(list)
    for row in kept:
        if row.waiting is not None:
            standing[row.month].append(row)
    return Movement(
        total=_sum([before, *per_month.values()]),
        per_area={area: counts for area, counts in per_area.items() if not counts.is_empty},
        months=[Month(month, per_month[month], _month_end_standing(standing[month])) for month in shown],
        before=before,
        outcomes=_outcomes(wanted, shown[0]),
        named=sum_named_counts(named_here.values()),
        named_per_area=named_here,
    )


def _sum(parts: Iterable[MovementCounts]) -> MovementCounts:
    total = MovementCounts()
    for part in parts:
        total.add(part)
    return total


def _open_counts(old: MovementCounts) -> MovementCounts:
    """From before the months shown: only what still waits, is open or runs."""
    return MovementCounts(
        people=old.waiting, waiting=old.waiting, late=old.late,
        needs=old.needs, without_link=old.without_link, running=old.running,
    )  # fmt: skip


def _erased_counts(row: MonthOfMovement) -> MovementCounts:
    return MovementCounts(
        **{name: getattr(row, f"gone_{name}") for name in _KEPT_COUNTS},
        days=Counter({int(days): n for days, n in row.gone_days.items()}),
    )


def _month_end_standing(rows: list[MonthOfMovement]) -> MonthEndStanding | None:
    if not rows:
        return None
    return MonthEndStanding(
        **{one.name: _sum_of([getattr(row, one.name) for row in rows]) for one in fields(MonthEndStanding)}
    )


def _sum_of(values: list[int | None]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


# --- counted in the database -------------------------------------------------------------------

_CountRows = Iterator[tuple[int, date, MovementCounts]]


def _all_count_rows(areas: set[int], today: date) -> _CountRows:
    """Rows per area and month. Their number depends on the number of days, not of people."""
    owed = AnswerOwed.objects.filter(topic__area__in=areas).exclude(state=Owed.WITHDRAWN)
    yield from _people(owed, today)
    yield from _answers(owed)
    yield from _volunteers(Offer.objects.filter(area__in=areas), today)
    yield from _needs(Need.objects.standing().filter(area__in=areas))
    yield from _initiatives(Initiative.objects.filter(area__in=areas))


def _people(owed: QuerySet[AnswerOwed], today: date) -> _CountRows:
    """Each person once per area; they wait while one of their answers is owed, and are late when one is late."""
    whole = IntegerField()
    waits = Case(When(state=Owed.OPEN, then=1), default=0, output_field=whole)
    late = Case(When(Q(state=Owed.OPEN) & past_due("due_on", today), then=1), default=0, output_field=whole)
    told = Case(When(IS_TOLD, then=1), default=0, output_field=whole)
    page = Case(When(IS_PAGE_ONLY, then=1), default=0, output_field=whole)
    each = (
        owed.order_by()
        .values("topic__area", "receipt")
        .annotate(first=Min("since"), waits=Max(waits), late=Max(late), told=Max(told), page=Max(page))
        .values_list("topic__area", "receipt", "first", "waits", "late", "told", "page")
    )
    sql, parameters = each.query.sql_with_params()
    with connection.cursor() as cursor:
        # Django can't aggregate over a grouped query; the inner SQL is the ORM's, with its own parameters.
        cursor.execute(
            "WITH person (area, receipt, first, waits, late, told, page) AS (" + sql + ") "  # noqa: S608
            "SELECT area, first, COUNT(*), SUM(waits), SUM(late), "
            "SUM((1 - waits) * page), SUM((1 - waits) * (1 - page) * told) FROM person GROUP BY area, first",
            parameters,
        )
        found = cursor.fetchall()
    for area, first, people, waiting, are_late, page_only, are_told in found:
        counts = MovementCounts(
            people=people, told=are_told, page_only=page_only, waiting=waiting, late=are_late
        )
        counts.waived = counts.left
        yield area, month_of(_day(first)), counts


def _day(value: date | str) -> date:
    """SQLite returns dates of raw queries as text."""
    return value if isinstance(value, date) else parse_date(value) or date.min


def _answers(owed: QuerySet[AnswerOwed]) -> _CountRows:
    """Per month in which an answer was given: how, and after how many days. A waived answer has no days."""
    found = (
        owed.exclude(state=Owed.OPEN).annotate(on=TruncDate("settled_at"), how=ANSWER_COUNT_CASE).order_by()
    )
    rows = found.values_list("topic__area", "since", "on", "how").annotate(n=Count("pk"))
    for area, since, on, how, n in rows:
        days = Counter() if how == "answers_waived" else Counter({max(0, (on - since).days): n})
        yield area, month_of(on), MovementCounts(days=days, **{how: n})


def _volunteers(offers: QuerySet[Offer], today: date) -> _CountRows:
    """Volunteers who were contacted, or whose two days are over."""
    hands = offers.filter(kind=OfferKind.HANDS, withdrawn_from="").order_by()
    for area, on, spoken, n in hands.values_list("area", "offered_on", "contacted_on").annotate(
        n=Count("pk")
    ):
        in_time = spoken is not None and spoken - on <= CONTACT_TERM
        if spoken is not None or today - on > CONTACT_TERM:
            yield area, month_of(on), MovementCounts(volunteers=n, in_time=n if in_time else 0)


def _needs(needs: QuerySet[Need]) -> _CountRows:
    linked = Exists(NeedLink.objects.filter(need=OuterRef("pk")))
    rows = needs.order_by().annotate(linked=linked)
    columns = ("area", "heard_on", "state", "state_on", "linked")
    for area, heard, state, state_on, has_link, n in rows.values_list(*columns).annotate(n=Count("pk")):
        is_open = state in OPEN_NEEDS
        yield (
            area,
            month_of(heard),
            MovementCounts(
                heard=n, needs=n if is_open else 0, without_link=n if is_open and not has_link else 0
            ),
        )
        if state == NeedState.MET:
            yield area, month_of(state_on), MovementCounts(met=n)


def _initiatives(initiatives: QuerySet[Initiative]) -> _CountRows:
    """Running initiatives, and those that began under an owner; older ones from the inventory do not count as
    begun."""
    became_real = initiatives.filter(state__in=[InitiativeState.RUNNING, InitiativeState.ENDED]).order_by()
    rows = became_real.annotate(is_ours=Q(owner__isnull=False)).values_list(
        "area", "state", "since", "state_on", "is_ours"
    )
    for area, state, since, state_on, is_ours, n in rows.annotate(n=Count("pk")):
        if state == InitiativeState.RUNNING:
            yield area, month_of(since or state_on), MovementCounts(running=n)
        if since and is_ours:
            yield area, month_of(since), MovementCounts(begun=n)


def _outcomes(areas: set[int], since: date) -> dict[str, int]:
    """Number of released answers per outcome, since the first month shown."""
    told = FollowUp.areas.through.objects.filter(followup=OuterRef("pk"), area__in=areas)
    out = [FollowUpState.RELEASED, FollowUpState.FANNED_OUT, FollowUpState.CLOSED]
    found = FollowUp.objects.filter(Exists(told), state__in=out, released_at__date__gte=since).order_by()
    return dict(found.values_list("outcome").annotate(n=Count("pk")))


# --- counts of erased people --------------------------------------------------------------------


class MovementPersonalData:
    """Implements feedback.registries.PersonalData. Must run before all others: it counts a person before
    their rows are erased."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: it is no longer counted, as was asked."""

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Do nothing: it is counted again from the rows."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        """Empty: the counts are about nobody in particular."""
        return {}

    def erase(self, receipt: Receipt) -> None:
        store_erased_counts(receipt)


@transaction.atomic
def store_erased_counts(receipt: Receipt) -> None:
    """Add this person to the stored counts, as they are counted now. Rows are locked in the order (month,
    area), so that concurrent erasures do not deadlock and both count."""
    today = timezone.localdate()
    owed = AnswerOwed.objects.filter(receipt=receipt).exclude(state=Owed.WITHDRAWN)
    cells: dict[tuple[date, int], MovementCounts] = defaultdict(MovementCounts)
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
    MonthOfMovement.objects.bulk_update(rows, [f"gone_{name}" for name in (*_KEPT_COUNTS, "days")])


def _add(row: MonthOfMovement, counts: MovementCounts) -> None:
    for name in _KEPT_COUNTS:
        setattr(row, f"gone_{name}", getattr(row, f"gone_{name}") + getattr(counts, name))
    days = Counter({int(one): n for one, n in row.gone_days.items()}) + counts.days
    row.gone_days = {str(one): n for one, n in sorted(days.items())}


# --- standing per month --------------------------------------------------------------------------


@daily_jobs.register("initiatives.movement")
def record_month_standing(now: datetime | None = None) -> str:
    """Upsert the standing of today into the row of this month; the last run of a month thereby records its end."""
    today = timezone.localdate(now)
    areas = set(Area.objects.values_list("pk", flat=True))
    moved = count_movement(areas, today=today)
    found, topics = moved.per_area, moved.named_per_area
    this_month = month_of(today)
    known = MonthOfMovement.objects.filter(month=this_month).values_list("area", flat=True)
    standing = [one.name for one in fields(MonthEndStanding)]
    counted = [name for name in standing if name not in _topics_of(NamedTopicCounts())]
    rows = [
        MonthOfMovement(
            area_id=area,
            month=this_month,
            **{name: getattr(found.get(area, MovementCounts()), name) for name in counted},
            **_topics_of(topics.get(area, NamedTopicCounts())),
        )
        for area in sorted({*found, *topics, *known})
    ]
    MonthOfMovement.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["area", "month"], update_fields=standing
    )
    return f"{len(rows)} areas looked at"


def _topics_of(found: NamedTopicCounts) -> dict[str, int]:
    return {"topics": found.topics, "topics_left": found.left, "people_left": found.people_left}


# --- section of the final report ------------------------------------------------------------------
# Section of the final report: initiatives that began in its areas since, as far as they are public.


_INITIATIVES_SHOWN = 50


def begun_initiatives_section(trajectory: Trajectory) -> dict[str, list[Block]]:
    """Public initiatives that began since the trajectory started. Participants are not counted: those numbers
    belong to the initiative."""
    inside = Area.objects.inside([area.pk for area in trajectory.areas.all()]).values("pk")
    since = trajectory.started_on
    begun = Initiative.objects.public().filter(Q(since__gte=since) | Q(since=None, public_on__gte=since))
    language = get_language() or ""
    rows = [
        [
            upper_first(pick(one.name, language)),
            one.area.name,
            upper_first(pick(one.theme.name, language)),
            f"{one.get_state_display()}, {date_format(one.state_on, 'j F Y')}",
        ]
        for one in begun.filter(area__in=inside)
        .select_related("area", "theme")
        .order_by("pk")[:_INITIATIVES_SHOWN]
    ]
    if not rows:
        return {"began": [paragraph_block(_("Nothing began yet that everybody can read of."))]}
    head = [_("What"), _("Where"), _("Theme"), _("How it is")]
    return {"began": [table_block(_("What began since"), head, rows)]}
