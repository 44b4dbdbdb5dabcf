"""Whom a survey reaches, and along which path people go through it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.errors import DomainError
from core.rows import get_or_gone, is_id
from neighbourhoods.advice.services import (
    AGE_INDICATORS,
    RESIDENTS_INDICATOR,
    ResidentCounts,
    residents_by_age,
)
from neighbourhoods.models import Area, Municipality, ParticipationRules
from surveys.builder.services.publish import add_channel
from surveys.models import Channel, DayCount, Option, Survey, Tally
from surveys.opening.paths import (
    PathFlows,
    PopulationGroup,
    ReachStatus,
    groups,
    groups_behind,
    path_flows,
    reach_status,
)
from surveys.paper.services.paper import code_counts
from surveys.paper.ways import REACH_SUGGESTIONS, ReachSuggestion
from surveys.questionnaire.counting import SHOWN_KEY
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import running_version
from surveys.questionnaire.question_types.base import translate_to_all
from surveys.states import Respondent

# Who has answered, live, compared with who lives there; and what would help to hear the others.
#
# Reads counters only. Invited and open channels are two groups: each call reads one of them.


_KEPT_SECONDS = 300
MAX_DAYS_BY_DAY = 21
"""Days. Longer periods are shown by week."""

AGE_BAND_LABELS: dict[str, Any] = {
    "15-24": gettext_lazy("15 to 24 years old"),
    "25-44": gettext_lazy("25 to 44 years old"),
    "45-64": gettext_lazy("45 to 64 years old"),
    "65+": gettext_lazy("65 and older"),
}


@dataclass(frozen=True)
class ChannelUse:
    """`people` came in this way, None if too few to show; `used` of `out` codes or links were used."""

    channel: Channel
    people: int | None
    out: int | None
    used: int


@dataclass(frozen=True)
class GroupRow:
    name: str | Promise
    group: PopulationGroup


@dataclass(frozen=True)
class UnderrepresentedGroup:
    """A group from which little was heard, what helps, and the channel for it if it exists already."""

    key: str
    name: str | Promise
    group: PopulationGroup
    helps: ReachSuggestion
    planned: Channel | None


@dataclass(frozen=True)
class PeriodCount:
    day: date
    people: int | None


@dataclass(frozen=True)
class Reach:
    """`living` is None if the number of people living there is unknown. `told_age` are residents who told
    their age.

    `age_standing` and `area_standing` are the status of those breakdowns (None: not broken down by area);
    `least` is the part of its share, in percent, below which a group is behind.
    """

    total: int
    residents: int
    living: int | None
    ages: tuple[GroupRow, ...]
    age_known: int
    asks_age: bool
    areas: tuple[GroupRow, ...]
    elsewhere: int | None
    ways: tuple[ChannelUse, ...]
    kinds: tuple[GroupRow, ...]
    by_week: bool
    days: tuple[PeriodCount, ...]
    not_heard: tuple[UnderrepresentedGroup, ...]
    age_status: ReachStatus
    area_status: ReachStatus | None
    least: float

    @property
    def lacks_figures(self) -> bool:
        lacking = {ReachStatus.NO_FIGURES, ReachStatus.SOME_FIGURES}
        return self.living is None or bool(lacking & {self.age_status, self.area_status})

    @property
    def ages_unknown(self) -> list[GroupRow]:
        return [row for row in self.ages if row.group.living is None]

    @property
    def areas_unknown(self) -> list[GroupRow]:
        return [row for row in self.areas if row.group.living is None]

    @property
    def percent(self) -> float | None:
        return 100 * self.residents / self.living if self.living and self.residents >= 30 else None

    @property
    def most_people(self) -> int:
        return max((when.people or 0 for when in self.days), default=0)


def read_reach(survey: Survey, areas: list[Area], channels: list[Channel], *, invited: bool | None) -> Reach:
    """Takes a fixed number of queries, whatever the number of responses."""
    threshold = Municipality.current().smallest_cell
    least = ParticipationRules.current().limits().band_share
    of_way = {} if invited is None else {"channel__invited": invited}
    days, per_area, per_channel = _response_counts(survey, of_way)
    here = _living(areas)
    outer = _outermost(areas)
    kinds, ages = _counted(survey, of_way)
    living: Counter[str] = Counter()
    for area in outer:
        living.update(here[area.pk])
    known = {
        what
        for what in (RESIDENTS_INDICATOR, *AGE_INDICATORS)
        if all(what in here[area.pk] for area in outer)
    }
    age_rows = groups(
        ages or {},
        {band: living[band] for band in AGE_INDICATORS if band in known},
        threshold=threshold,
        least=least,
    )
    apart = len(areas) > 1 and len(outer) == len(areas)
    area_rows = groups(
        {str(area.pk): per_area[area.pk] for area in areas} if apart else {},
        {
            str(area.pk): here[area.pk][RESIDENTS_INDICATOR]
            for area in areas
            if RESIDENTS_INDICATOR in here[area.pk]
        },
        threshold=threshold,
        least=least,
    )
    names = {str(area.pk): area.name for area in areas}
    elsewhere = sum(n for area, n in per_area.items() if str(area) not in names)
    codes = code_counts(survey) if any(channel.invited for channel in channels) else {}
    by_week, when = _days(days, threshold)
    told_age = sum((ages or {}).values())
    return Reach(
        total=per_channel.total(),
        residents=kinds[Respondent.RESIDENT],
        living=living[RESIDENTS_INDICATOR] if RESIDENTS_INDICATOR in known else None,
        ages=tuple(GroupRow(AGE_BAND_LABELS[group.key], group) for group in age_rows),
        age_known=told_age,
        asks_age=ages is not None,
        areas=tuple(GroupRow(names[group.key], group) for group in area_rows),
        elsewhere=elsewhere if apart and (elsewhere >= threshold or not elsewhere) else None,
        ways=tuple(
            ChannelUse(
                channel,
                _hide_small_number(per_channel[channel.pk], threshold),
                *codes.get(channel.pk, (None, 0)),
            )
            for channel in channels
            if invited is None or channel.invited == invited
        ),
        kinds=tuple(
            GroupRow(kind.label, PopulationGroup(kind, _hide_small_number(kinds[kind], threshold)))
            for kind in Respondent
        ),
        by_week=by_week,
        days=when,
        not_heard=tuple(
            _not_heard(survey, channels, groups_behind(age_rows), groups_behind(area_rows), names)
        ),
        age_status=ReachStatus.NOT_ASKED if ages is None else reach_status(age_rows, told_age),
        area_status=reach_status(area_rows, sum(per_area[area.pk] for area in areas)) if apart else None,
        least=least,
    )


def _hide_small_number(n: int, threshold: int) -> int | None:
    """Only the small number is hidden, not a second one: the number who took part reveals nothing about their
    answers.
    """
    return n if n >= threshold or not n else None


def _response_counts(
    survey: Survey, of_way: dict[str, bool]
) -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """How many came, per day, per area and per channel."""
    found: tuple[Counter[Any], Counter[Any], Counter[Any]] = Counter(), Counter(), Counter()
    rows = DayCount.objects.trusted().filter(survey=survey, **of_way).order_by()
    # Summed here, not in the database: there are only days × channels × areas rows, and this takes one query.
    for *keys, n in rows.values_list("day", "area", "channel", "n"):
        for counter, key in zip(found, keys, strict=True):
            counter[key] += n
    return found


def _living(areas: list[Area]) -> dict[int, ResidentCounts]:
    """Cached for some minutes: figures change once a year."""
    pks = [area.pk for area in areas]
    key = f"living:{'-'.join(map(str, pks))}"
    return cache.get_or_set(key, lambda: residents_by_age(pks), _KEPT_SECONDS) or {}


def _counted(survey: Survey, of_way: dict[str, bool]) -> tuple[Counter[str], Counter[str] | None]:
    """People per kind of respondent, and residents per age band; the latter None if no age is asked.

    Nobody finishes a layer without seeing a question, so the question shown most often gives the number of
    people.
    """
    marks = dict(
        Option.objects.filter(question__layer__survey=survey, counts_as__in=AGE_INDICATORS)
        .order_by()
        .values_list("pk", "counts_as")
    )
    wanted = {str(pk): band for pk, band in marks.items()}
    rows = (
        Tally.objects.trusted()
        .filter(survey=survey, option__in=[SHOWN_KEY, *wanted], **of_way)
        .order_by()
        .values_list("question", "option", "respondent")
        .annotate(total=Sum("n"))
    )
    kinds: Counter[str] = Counter()
    ages: Counter[str] = Counter()
    for _question, option, respondent, n in rows:
        if option == SHOWN_KEY:
            kinds[respondent] = max(kinds[respondent], n)
        elif option in wanted and respondent == Respondent.RESIDENT:
            ages[wanted[option]] += n
    return kinds, Counter({band: ages[band] for band in AGE_INDICATORS}) if marks else None


def _outermost(areas: Iterable[Area]) -> list[Area]:
    """The areas that are not inside another of them, where their people are counted already."""
    found = list(areas)
    all_of_them = {area.pk for area in found}
    return [
        area
        for area in found
        if not all_of_them & {area.parent_id, area.parent.parent_id if area.parent else None}
    ]


def _days(days: Counter[date], threshold: int) -> tuple[bool, tuple[PeriodCount, ...]]:
    """Every day between the first and the last, or every week (its Monday)."""
    came = {day: n for day, n in days.items() if n}
    if not came:
        return False, ()
    first, last = min(came), max(came)
    by_week = (last - first).days >= MAX_DAYS_BY_DAY
    step = timedelta(days=7 if by_week else 1)
    counts: Counter[date] = Counter()
    for day, n in came.items():
        counts[day - timedelta(days=day.weekday()) if by_week else day] += n
    at, until = min(counts), max(counts)
    when = []
    while at <= until:
        n = counts[at]
        when.append(PeriodCount(at, n if n >= threshold or not n else None))
        at += step
    return by_week, tuple(when)


# --- what would help --------------------------------------------------------------------------


def _not_heard(
    survey: Survey,
    channels: list[Channel],
    ages: Iterable[PopulationGroup],
    areas: Iterable[PopulationGroup],
    names: dict[str, str],
) -> Iterable[UnderrepresentedGroup]:
    for group in ages:
        helps = REACH_SUGGESTIONS[group.key]
        planned = _planned(channels, helps, "", None)
        yield UnderrepresentedGroup(f"age:{group.key}", AGE_BAND_LABELS[group.key], group, helps, planned)
    for group in areas:
        helps, name = REACH_SUGGESTIONS["area"], names[group.key]
        planned = _planned(channels, helps, name, int(group.key))
        yield UnderrepresentedGroup(f"area:{group.key}", name, group, helps, planned)


@transaction.atomic
def add_suggested_channel(*, survey: Survey, key: str, by: User) -> Channel:
    """Add the channel that helps this group, or return the one added before. Logs who did it.

    Raises DomainError if the survey is not under way, or the group is gone.
    """
    if not survey.is_under_way:
        raise DomainError(
            _("Ways in can be added from the moment the survey is published until it is closed.")
        )
    what, _colon, which = key.partition(":")
    area = survey.areas.filter(pk=int(which)).first() if what == "area" and is_id(which) else None
    if not area and not (what == "age" and which in AGE_INDICATORS):
        raise DomainError(_("This group is no longer there. Look at the page again."))
    helps = REACH_SUGGESTIONS["area" if area else which]
    where, area_id = (area.name, area.pk) if area else ("", None)
    # Lock: pressed twice, or by two colleagues, must make one channel.
    get_or_gone(Survey.objects.select_for_update(), pk=survey.pk)
    return _planned(survey.channels.all(), helps, where, area_id) or add_channel(
        survey=survey, kind=helps.kind, name=_way_name(helps, where), area_id=area_id, by=by
    )


def _way_name(helps: ReachSuggestion, where: str) -> str:
    return (str(helps.name) % {"where": where})[:80]


def _planned(
    channels: Iterable[Channel], helps: ReachSuggestion, where: str, area: int | None
) -> Channel | None:
    """The open channel that was added for it before, whatever the language of the colleague who did."""
    names = set(translate_to_all(_way_name, helps, where).values())
    return next(
        (
            channel
            for channel in channels
            if not channel.closed_on
            and channel.area_id == area
            and channel.kind == helps.kind
            and channel.name in names
        ),
        None,
    )


# How many people took which path in a survey: the counters of the running version, in two queries.


@dataclass(frozen=True)
class PathCounts:
    """`layers` by layer id; `stopped` by question id: how many went no further, None for too few to show."""

    document: Document
    layers: Mapping[str, PathFlows]
    stopped: Mapping[str, int | None]

    @property
    def is_empty(self) -> bool:
        return not any(one.at for one in self.layers.values())


def count_paths(survey: Survey) -> PathCounts | None:
    """None until the survey opened. Excludes suspect responses, and answers to an earlier meaning."""
    version = running_version(survey) if survey.opened_at else None
    if version is None:
        return None
    threshold = Municipality.current().smallest_cell
    rows = Tally.objects.trusted().filter(survey=survey, epoch=version.epoch)
    counted = {
        (question, option): n
        for question, option, n in rows.values_list("question", "option").annotate(n=Sum("n")).order_by()
    }
    return PathCounts(
        version.document,
        {layer.id: path_flows(layer, counted, threshold) for layer in version.document.layers if layer.asked},
        {
            question: n if n >= threshold else None
            for question, n in survey.stops.values_list("question", "n")
            if n
        },
    )
