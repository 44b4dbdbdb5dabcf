"""What surveys know of areas, for the advice: who wants to join in, who took part, what is urgent.

Per area only the last survey counts, over residents alone: surveys have people in common, so they are not
added up.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.i18n import pick
from neighbourhoods.models import Area, Municipality
from neighbourhoods.registries import AreaCount, Intention, Measure
from surveys.models import DayCount, Option, Survey, Tally
from surveys.publication import hidden_options
from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY, CounterValues
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import published_version
from surveys.results.services.results import FEW_PEOPLE, counts_of
from surveys.states import SEEN_BY_RESIDENTS, CountsAs, Respondent, SurveyState

MAX_AGE_DAYS = 3 * 365
"""Older answers say little about who lives there now."""

Cells = Counter[tuple[str, str]]


@dataclass
class _Meaning:
    """Meaning of the answers of one survey: question -> option -> mark, and question -> theme -> options."""

    marks: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    themes: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )


def survey_advice_inputs(areas: list[int]) -> dict[int, dict[str, Any]]:
    meanings = _meanings()
    if not meanings:
        return {}
    counted = _counted(meanings)
    found = {}
    for area in areas:
        polls = [pk for pk in meanings if counted.get((pk, area))]
        if polls:
            asked = [pk for pk in polls if _asked(meanings[pk], counted[pk, area]) >= FEW_PEOPLE]
            chosen = max(asked or polls)
            found[area] = _read(meanings[chosen], counted[chosen, area])
    return found


def polls_here(area: Area) -> list[Intention]:
    here = Survey.objects.filter(areas__in=Area.objects.inside([area.pk])).exclude(influence="")
    return [
        Intention(
            pick(survey.title, get_language() or ""),
            survey.influence,
            reverse("survey_settings", args=[survey.pk]),
            survey.influence_why,
        )
        for survey in here.exclude(state=SurveyState.CLOSED).distinct()
    ]


def _meanings() -> dict[int, _Meaning]:
    since = timezone.now() - timedelta(days=MAX_AGE_DAYS)
    rows = Option.objects.filter(
        ~Q(counts_as="") | Q(question__asks_needs=True, theme__isnull=False),
        question__layer__survey__state__in=SEEN_BY_RESIDENTS,
        question__layer__survey__opened_at__gte=since,
    )
    found: dict[int, _Meaning] = defaultdict(_Meaning)
    for survey, question, option, mark, asks_needs, theme in rows.order_by("pk").values_list(
        "question__layer__survey", "question", "pk", "counts_as", "question__asks_needs", "theme__slug"
    ):
        if mark:
            found[survey].marks[str(question)][str(option)] = mark
        if asks_needs and theme:
            found[survey].themes[str(question)][theme].append(str(option))
    return found


def _counted(meanings: dict[int, _Meaning]) -> dict[tuple[int, int], Cells]:
    """(survey, area) -> counters; each area includes all areas inside it."""
    questions = {question for each in meanings.values() for question in (*each.marks, *each.themes)}
    rows = (
        Tally.objects.trusted()
        .filter(
            survey__in=list(meanings),
            question__in=questions,
            respondent=Respondent.RESIDENT,
        )
        .values_list("survey", "area", "question", "option")
        .annotate(total=Sum("n"))
        .order_by()
    )
    parents = dict(Area.objects.order_by().values_list("pk", "parent"))
    found: dict[tuple[int, int], Cells] = defaultdict(Counter)
    for survey, area, question, option, n in rows:
        here: int | None = area
        while here is not None:
            found[survey, here][question, option] += n
            here = parents.get(here)
    return found


def _asked(meaning: _Meaning, cells: Cells) -> int:
    question = _question(meaning, cells, {CountsAs.JOINS})
    return cells[question, ANSWERED] if question else 0


def _question(meaning: _Meaning, cells: Cells, marks: Iterable[str]) -> str:
    """The most answered question that has one of these marks; "" if there is none."""
    wanted = set(marks)
    fitting = [question for question, options in meaning.marks.items() if wanted & set(options.values())]
    return max(fitting, key=lambda question: cells[question, ANSWERED], default="")


def _read(meaning: _Meaning, cells: Cells) -> dict[str, Any]:
    cell = Municipality.current().smallest_cell
    known: dict[str, Any] = {
        "responses": max(n for (_question, option), n in cells.items() if option == SHOWN_KEY),
    }
    if question := _question(meaning, cells, {CountsAs.JOINS}):
        joins, asked = _chose(meaning, cells, question, CountsAs.JOINS), cells[question, ANSWERED]
        known["asked"] = asked
        if asked:
            known |= {"wanting": 100 * joins / asked, "few": joins < cell}
    if question := _question(meaning, cells, {CountsAs.KNOWS}):
        knows, asked = _chose(meaning, cells, question, CountsAs.KNOWS), cells[question, ANSWERED]
        if asked >= FEW_PEOPLE and cell <= knows <= asked - cell:
            known["knowing"] = 100 * knows / asked
    ages = [mark for mark in CountsAs.values if mark not in (CountsAs.JOINS, CountsAs.KNOWS)]
    if question := _question(meaning, cells, ages):
        known["ages"] = {mark: _chose(meaning, cells, question, mark) for mark in ages}
    return known | _urgency(meaning, cells, cell)


def _chose(meaning: _Meaning, cells: Cells, question: str, mark: str) -> int:
    return sum(cells[question, option] for option, as_ in meaning.marks[question].items() if as_ == mark)


def _urgency(meaning: _Meaning, cells: Cells, cell: int) -> dict[str, Any]:
    """The theme named most, and the share of respondents that named it."""
    named = [
        (min(n, asked) / asked, theme)
        for question, themes in meaning.themes.items()
        if (asked := cells[question, ANSWERED]) >= FEW_PEOPLE
        for theme, options in themes.items()
        if (n := sum(cells[question, option] for option in options)) >= cell
    ]
    if not named:
        return {}
    share, theme = max(named)
    return {"urgency": 100 * share, "theme": theme}


# What people in an area asked for, and how many answered there: from counters only.


SURVEYS = 2
MAX_WISHES = 4


@dataclass(frozen=True)
class Wish:
    """One answer to a question about needs; `n` is None if too few to show."""

    label: Mapping[str, str]
    n: int | None


@dataclass(frozen=True)
class SurveyWishes:
    """One survey in this area. `people` is None if too few to show; `last_on` is the day of the last response."""

    survey: Survey
    people: int | None
    last_on: date | None
    wishes: tuple[Wish, ...]


def recent_survey_wishes(area: Area) -> list[SurveyWishes]:
    """The last surveys held in or around this area, newest first, with the most chosen answers here."""
    inside = list(Area.objects.inside([area.pk]).values_list("pk", flat=True))
    around = [one for one in (area.pk, area.parent_id, area.parent and area.parent.parent_id) if one]
    surveys = list(
        Survey.objects.public()
        .filter(Q(areas__in=inside) | Q(areas__in=around))
        .distinct()
        .select_related("current")
        .defer("current__document")
        .order_by("-opened_at")[:SURVEYS]
    )
    people = {
        row["survey"]: (row["total"], row["last"])
        for row in DayCount.objects.trusted()
        .filter(survey__in=surveys, area__in=inside, n__gt=0)
        .values("survey")
        .annotate(total=Sum("n"), last=Max("day"))
        .order_by()
    }
    counted = _counted_wishes(surveys, inside)
    threshold = Municipality.current().smallest_cell
    found = []
    for survey in surveys:
        total, last_on = people.get(survey.pk, (0, None))
        current = survey.current
        document = published_version(current.pk, current.digest).document if current else None
        found.append(
            SurveyWishes(
                survey=survey,
                people=total if total >= threshold else None,
                last_on=last_on,
                wishes=_wishes(document, counted[survey.pk], threshold) if document and total else (),
            )
        )
    return found


def _counted_wishes(surveys: list[Survey], areas: list[int]) -> dict[int, dict[tuple[str, str], int]]:
    counted: dict[int, dict[tuple[str, str], int]] = {survey.pk: {} for survey in surveys}
    rows = Tally.objects.trusted().filter(survey__in=surveys, area__in=areas)
    for survey, question, option, total in (
        rows.values_list("survey", "question", "option").annotate(total=Sum("n")).order_by()
    ):
        counted[survey][question, option] = total
    return counted


def _wishes(document: Document, counted: CounterValues, threshold: int) -> tuple[Wish, ...]:
    question = next((one for one in document.questions if one.asks_needs and one.options), None)
    if question is None:
        return ()
    counts = counts_of(question, counted)
    few = hidden_options(counts, threshold)
    chosen = sorted(
        (option for option in question.offered if not option.dont_know and counts.options[option.id]),
        key=lambda option: (option.id in few, -counts.options[option.id]),
    )
    return tuple(
        Wish(option.label, None if option.id in few else counts.options[option.id])
        for option in chosen[:MAX_WISHES]
    )


def response_counts_per_area(areas: list[int]) -> list[AreaCount]:
    def read() -> Mapping[int, tuple[float, float]]:
        rows = DayCount.objects.trusted().filter(area__in=areas).values_list("area").annotate(total=Sum("n"))
        return {area: (total, 0) for area, total in rows.order_by() if total}

    least = Municipality.current().smallest_cell
    return [AreaCount("answers", _("Took part in a survey"), Measure.COUNT, read, least=least)]
