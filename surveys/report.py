"""What surveys adds to the final report of a trajectory: how it was asked, who was heard, what was said.

All numbers of people come from a public snapshot. Underrepresented groups are named without numbers.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst as upper_first
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.i18n import pick
from feedback.registries import TopicSource
from neighbourhoods.models import Backing, Theme, Trajectory
from neighbourhoods.states import BackingState
from neighbourhoods.trajectories.documents import (
    Block,
    bullet_list_block,
    paragraph_block,
    subheading_block,
    table_block,
)
from surveys.models import Option, Snapshot, Survey
from surveys.opening.paths import ReachStatus
from surveys.opening.services.reach import AGE_BAND_LABELS, GroupRow, Reach, read_reach
from surveys.publication.services import published_options
from surveys.questionnaire.published import published_version
from surveys.results.services.outcome import (
    OpenOrInvitedOutcome,
    OutcomeAnswer,
    QuestionOutcome,
    SurveyOutcome,
    read_outcome,
)
from surveys.states import SEEN_BY_RESIDENTS, ChannelKind


def surveys_seen_by_residents(trajectory: Trajectory) -> list[TopicSource]:
    return [TopicSource(survey.subject, survey.title) for survey in _surveys_seen_by_residents(trajectory)]


def survey_report_blocks(trajectory: Trajectory) -> dict[str, list[Block]]:
    ran = _surveys_seen_by_residents(trajectory)
    last = {one.survey_id: one for one in Snapshot.objects.last_of_each().filter(survey__in=ran)}
    found = [(survey, _outcome(survey, last.get(survey.pk))) for survey in ran]
    if not found:
        return {}
    return {
        "procedure": [block for survey, _outcome in found for block in _asked(survey)],
        "reach": [
            *(block for each in found for block in _reach(*each)),
            paragraph_block(_("This says something, but it does not hold for everybody who lives there.")),
        ],
        "plan:who": [
            paragraph_block(_("About %s people took part in the survey.") % outcome.people)
            for _survey, outcome in found
            if outcome.people
        ],
        "input": _input([outcome for _survey, outcome in found]),
    }


def _surveys_seen_by_residents(trajectory: Trajectory) -> list[Survey]:
    ran = Survey.objects.filter(trajectory=trajectory, state__in=SEEN_BY_RESIDENTS, current__isnull=False)
    return list(
        ran.select_related("current", "area").prefetch_related("areas__parent", "channels").order_by("pk")
    )


def _outcome(survey: Survey, snapshot: Snapshot | None) -> SurveyOutcome:
    if snapshot:
        return read_outcome(survey, snapshot)
    assert survey.current is not None
    return SurveyOutcome(
        survey, published_version(survey.current.pk, survey.current.digest).document, None, ()
    )


def _title(survey: Survey) -> str:
    return pick(survey.title, get_language() or "")


def _day(moment: datetime | date) -> str:
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return date_format(day, "j F Y")


# --- how it was asked -------------------------------------------------------------------------


def _asked(survey: Survey) -> Iterator[Block]:
    yield subheading_block(_("The survey “%s”") % _title(survey))
    assert survey.opened_at is not None
    words = {"since": _day(survey.opened_at), "areas": ", ".join(area.name for area in survey.areas.all())}
    if survey.closed_at:
        words["until"] = _day(survey.closed_at)
        yield paragraph_block(_("It was open from %(since)s to %(until)s, for %(areas)s.") % words)
    else:
        yield paragraph_block(_("It has been open since %(since)s, for %(areas)s.") % words)
    ways = {
        str(ChannelKind(channel.kind).label)
        for channel in survey.channels.all()
        if channel.kind != ChannelKind.REHEARSAL
    }
    if ways:
        yield paragraph_block(_("Ways in: %s.") % ", ".join(sorted(ways)))
    signed = Backing.objects.filter(
        subject__startswith=f"{survey.subject}:", state=BackingState.SIGNED
    ).order_by("decided_at")
    for backing in signed:
        if backing.decided_at and backing.backer_title:
            backed = {"who": upper_first(backing.backer_title), "day": _day(backing.decided_at)}
            yield paragraph_block(_("%(who)s stood behind it, signed on %(day)s.") % backed)


# --- who was heard ----------------------------------------------------------------------------


def _reach(survey: Survey, outcome: SurveyOutcome) -> Iterator[Block]:
    yield subheading_block(_("The survey “%s”") % _title(survey))
    if not outcome.people:
        yield paragraph_block(_("Too few people took part to tell how many."))
        return
    yield from _participation_blocks(survey, outcome)
    # Exact counts, used only to decide whether a group lagged behind; none is shown.
    reach = read_reach(survey, list(survey.areas.all()), list(survey.channels.all()), invited=None)
    if reach.living:
        yield paragraph_block(
            _("%s people live there.") % number_format(int(reach.living), force_grouping=True)
        )
    if rows := list(_ages(survey, reach.ages)):
        head = [_("Age"), _("People, rounded to 5"), _("Of all who live there")]
        yield table_block(_("How old those were who told it"), head, rows, numbers=[1])
    if reach.not_heard:
        yield paragraph_block(_("Of these groups much fewer took part than live there:"))
        yield bullet_list_block(str(each.name) for each in reach.not_heard)
    yield paragraph_block(" ".join(_standings(reach)))


def _standings(reach: Reach) -> Iterator[str]:
    """One sentence per breakdown: whether a group is underrepresented, or that this is unknown. Never omits a
    breakdown, because readers take a missing sentence as good news."""
    heard = [reach.age_status, reach.area_status].count(ReachStatus.HEARD)
    if reach.age_status == ReachStatus.HEARD:
        yield _("No age group stayed far behind.")
    elif reach.age_status != ReachStatus.BEHIND:
        yield _("Whether an age group stayed behind, we don't know.")
    if reach.area_status == ReachStatus.HEARD:
        yield _("No neighbourhood stayed far behind.")
    elif reach.area_status not in (None, ReachStatus.BEHIND):
        yield _("Whether a neighbourhood stayed behind, we don't know.")
    if heard:
        yield _("Whom we don't count, we don't see.")


def _participation_blocks(survey: Survey, outcome: SurveyOutcome) -> Iterator[Block]:
    ways = [way for way in outcome.ways if way.people]
    if len(ways) == 1 and ways[0].is_open:
        yield paragraph_block(_("About %s people took part. They came by themselves.") % ways[0].people)
        return
    yield table_block(
        _("How many took part"),
        [_("How they came"), _("People, rounded to 5")],
        [[_channel_group_label(way), str(way.people)] for way in ways],
        numbers=[1],
    )


def _channel_group_label(way: OpenOrInvitedOutcome) -> str:
    return _("By themselves") if way.is_open else _("Were invited")


def _ages(survey: Survey, rows: Iterable[GroupRow]) -> Iterator[list[str]]:
    """Uses the public table. An age band may be the sum of several options."""
    told = published_options(survey.pk)
    of_band: dict[str, list[int | None]] = {}
    marks = Option.objects.filter(question__layer__survey=survey, counts_as__in=AGE_BAND_LABELS).order_by(
        "pk"
    )
    for pk, band in marks.values_list("pk", "counts_as"):
        of_band.setdefault(band, []).append(told.get(str(pk)))
    for row in rows:
        numbers = of_band.get(row.group.key, [])
        n = None if None in numbers or not numbers else sum(int(number or 0) for number in numbers)
        lives = row.group.living_percent
        yield [str(row.name), _not_shown() if n is None else str(n), f"{lives:.0f}%" if lives else "–"]


# --- what was said ----------------------------------------------------------------------------


def _input(outcomes: list[SurveyOutcome]) -> list[Block]:
    """Per theme and question: needs with their counts, and one sentence on the other answers."""
    language = get_language() or ""
    needs: dict[str, dict[str, list[tuple[OpenOrInvitedOutcome, OutcomeAnswer]]]] = {}
    other: dict[str, list[str]] = {}
    for outcome in outcomes:
        for way, _layer, told in outcome.question_outcomes():
            question = pick(told.question.text, language)
            if told.question.asks_needs:
                for answer, theme in _named(told):
                    needs.setdefault(theme, {}).setdefault(question, []).append((way, answer))
            elif len(outcome.ways) == 1 and told.most:
                other.setdefault(told.question.theme or "", []).append(f"{question} {told.sentence}")
    if not needs and not other:
        return [paragraph_block(_("Too few people took part to show what they said."))]
    names = {
        str(theme.pk): theme.name for theme in Theme.objects.filter(pk__in=filter(None, {*needs, *other}))
    }
    blocks = [
        paragraph_block(
            _(
                "“Not shown” stands for few people, or for what would give away few people. "
                "Numbers are rounded to 5."
            )
        )
    ]
    for theme in [*names, ""]:
        if theme not in needs and theme not in other:
            continue
        blocks.append(
            subheading_block(upper_first(pick(names[theme], language)) if theme else _("Other subjects"))
        )
        blocks += [_table(question, found) for question, found in needs.get(theme, {}).items()]
        if theme in other:
            blocks.append(bullet_list_block(other[theme]))
    wrote = _(
        "What residents wrote was read by a colleague and answered. It is not counted here, and nobody is quoted."
    )
    return [*blocks, paragraph_block(wrote)]


def _named(told: QuestionOutcome) -> Iterator[tuple[OutcomeAnswer, str]]:
    """Each answer with its theme; “I don't know” is left out."""
    for answer in told.answers:
        option = told.question.option(answer.id)
        if option is None or not option.dont_know:
            yield answer, (option.theme if option else None) or told.question.theme or ""


def _table(question: str, found: list[tuple[OpenOrInvitedOutcome, OutcomeAnswer]]) -> Block:
    """Open and invited channels have separate columns: they are never added up."""
    language = get_language() or ""
    ways = {way.key: way for way, _answer in found}
    rows: dict[str, dict[str, int | None]] = {}
    for way, answer in found:
        rows.setdefault(pick(answer.label, language), {})[way.key] = answer.n
    head = [_("What was named"), *(_channel_group_label(way) for way in ways.values())]
    if len(ways) == 1:
        head[1] = _("People, rounded to 5")
    # Most named first; suppressed counts keep their order, which reveals nothing.
    most_first = sorted(rows.items(), key=lambda row: -sum(n or 0 for n in row[1].values()))
    body = [[label, *(_shown(cells, way) for way in ways)] for label, cells in most_first]
    return table_block(question, head, body, numbers=range(1, 1 + len(ways)))


def _shown(cells: dict[str, int | None], way: str) -> str:
    if way not in cells:
        return "–"
    n = cells[way]
    return _not_shown() if n is None else str(n)


def _not_shown() -> str:
    return _("not shown")
