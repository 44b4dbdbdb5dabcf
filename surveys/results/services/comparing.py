"""Compares one question between groups: areas, or rounds of the same survey over the years."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from neighbourhoods.models import Area, Municipality
from surveys.models import Option, Survey, Tally
from surveys.models import Question as Row
from surveys.questionnaire.counting import ANSWERED
from surveys.questionnaire.document import Question, Shape
from surveys.questionnaire.question_types import ResultOption, type_of
from surveys.results.crossing import OptionPair, hidden_cells
from surveys.results.services.results import FEW_PEOPLE

_OTHER = "other"
COMPARED = (Shape.ONE, Shape.MANY, Shape.NUMBER, Shape.DAY)


@dataclass(frozen=True)
class ComparisonColumn:
    """A group: how many answered, None if too few to show."""

    name: str
    people: int | None
    is_few: bool


@dataclass(frozen=True)
class ComparisonCell:
    n: int | None
    percent: int | None


@dataclass(frozen=True)
class ComparisonRow:
    """`label` is None for an option that this round does not have."""

    label: Mapping[str, str] | None
    cells: tuple[ComparisonCell, ...]


@dataclass(frozen=True)
class AnswerComparison:
    """Names of rounds: `missing` did not ask this, or with another meaning; `broken` stopped asking it while
    running.
    """

    question: Question
    columns: tuple[ComparisonColumn, ...]
    lines: tuple[ComparisonRow, ...]
    missing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def has_few(self) -> bool:
        return any(column.is_few for column in self.columns)


def compare_areas(
    survey: Survey, question: Question, areas: Iterable[Area], *, invited: bool | None
) -> AnswerComparison:
    of_way = {} if invited is None else {"channel__invited": invited}
    rows = Tally.objects.trusted().filter(survey=survey, question=question.id, **of_way)
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for area, option, n in rows.values_list("area", "option").annotate(total=Sum("n")).order_by():
        counted[str(area)][option] = n
    return _laid(question, [(area.name, counted[str(area.pk)]) for area in areas])


def compare_rounds(survey: Survey, question: Question, *, invited: bool | None) -> AnswerComparison:
    """Oldest round first. A round's owner links questions when it is made; unlinked questions are not compared."""
    rounds = _rounds(survey)
    asked, stopped, answers = _same(rounds, question)
    of_way = {} if invited is None else {"channel__invited": invited}
    rows = Tally.objects.trusted().filter(question__in=[str(pk) for pk in asked.values()], **of_way)
    counted: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for pk, option, n in rows.values_list("survey", "option").annotate(total=Sum("n")).order_by():
        counted[pk][answers.get(option, option)] += n
    named = [(one, _name(one)) for one in rounds]
    return _laid(
        question,
        [(name, counted[one.pk]) for one, name in named if one.pk in asked],
        missing=tuple(name for one, name in named if one.pk not in asked),
        broken=tuple(name for one, name in named if one.pk in stopped and one != survey),
    )


def _rounds(survey: Survey) -> list[Survey]:
    """All surveys connected by `round_of`, in the order in which they opened; drafts hold no answers."""
    found, look = {survey.pk}, {survey.pk}
    while look:
        rows = Survey.objects.filter(pk__in=look).values_list("round_of", "rounds")
        look = {pk for row in rows for pk in row if pk} - found
        found |= look
    return list(Survey.objects.filter(pk__in=found, opened_at__isnull=False).order_by("opened_at"))


def _name(survey: Survey) -> str:
    return f"{survey.opened_at:%Y}: {survey}"


def _same(rounds: list[Survey], question: Question) -> tuple[dict[int, int], set[int], dict[str, str]]:
    """(survey -> its question that is this one, surveys that stopped asking it while running, option id ->
    option here).
    """
    wanted = [one.pk for one in rounds]
    questions = Row.objects.filter(layer__survey__in=wanted).values_list(
        "pk", "same_as", "layer__survey", "retired"
    )
    back = {pk: same for pk, same, *_rest in questions}
    here = _first(back, int(question.id))
    these = [row for row in questions if _first(back, row[0]) == here]
    asked = {survey: pk for pk, _same, survey, _retired in these}
    stopped = {survey for _pk, _same, survey, retired in these if retired}
    options = Option.objects.filter(question__in=asked.values()).values_list("pk", "same_as", "question")
    back = {pk: same for pk, same, _question in options}
    own = {_first(back, pk): str(pk) for pk, _same, of in options if of == int(question.id)}
    return asked, stopped, {str(pk): own.get(_first(back, pk), _OTHER) for pk in back}


def _first(back: Mapping[int, int | None], pk: int) -> int:
    """The first id in the chain of `same_as` references."""
    seen = set()
    while (before := back.get(pk)) and before not in seen and before in back:
        seen.add(pk)
        pk = before
    return pk


def _laid(
    question: Question,
    groups: list[tuple[str, Mapping[str, int]]],
    missing: tuple[str, ...] = (),
    broken: tuple[str, ...] = (),
) -> AnswerComparison:
    threshold = Municipality.current().smallest_cell
    options = type_of(question).result_options(question)
    if any(counts.get(_OTHER) for _name, counts in groups):
        options = [*options, ResultOption(_OTHER, {})]
    cells: dict[OptionPair, int] = {
        (option.id, str(place)): counts.get(option.id, 0)
        for option in options
        for place, (_name, counts) in enumerate(groups)
    }
    hidden = hidden_cells(cells, threshold)
    answered = [counts.get(ANSWERED, 0) for _name, counts in groups]

    def cell(option: str, place: int) -> ComparisonCell:
        n, people = cells[option, str(place)], answered[place]
        if (option, str(place)) in hidden:
            return ComparisonCell(None, None)
        return ComparisonCell(n, round(100 * n / people) if people >= FEW_PEOPLE else None)

    return AnswerComparison(
        question=question,
        columns=tuple(
            ComparisonColumn(name, n if n >= threshold or not n else None, n < FEW_PEOPLE)
            for (name, _counts), n in zip(groups, answered, strict=True)
        ),
        lines=tuple(
            ComparisonRow(
                None if option.id == _OTHER else option.label,
                tuple(cell(option.id, place) for place in range(len(groups))),
            )
            for option in options
        ),
        missing=missing,
        broken=broken,
    )
