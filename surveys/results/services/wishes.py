"""What people in an area asked for, and how many answered there: from counters only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, Sum
from django.utils.translation import gettext as _

from neighbourhoods.models import Area, Municipality
from neighbourhoods.registries import AreaCount, Measure
from surveys.models import DayCount, Survey, Tally
from surveys.publication import hidden
from surveys.questionnaire.counting import Counted
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import published
from surveys.results.services.results import counts_of

SURVEYS = 2
WISHES = 4


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


def wishes(area: Area) -> list[SurveyWishes]:
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
    counted = _counted(surveys, inside)
    threshold = Municipality.current().smallest_cell
    found = []
    for survey in surveys:
        total, last_on = people.get(survey.pk, (0, None))
        current = survey.current
        document = published(current.pk, current.digest).document if current else None
        found.append(
            SurveyWishes(
                survey=survey,
                people=total if total >= threshold else None,
                last_on=last_on,
                wishes=_wishes(document, counted[survey.pk], threshold) if document and total else (),
            )
        )
    return found


def _counted(surveys: list[Survey], areas: list[int]) -> dict[int, dict[tuple[str, str], int]]:
    counted: dict[int, dict[tuple[str, str], int]] = {survey.pk: {} for survey in surveys}
    rows = Tally.objects.trusted().filter(survey__in=surveys, area__in=areas)
    for survey, question, option, total in (
        rows.values_list("survey", "question", "option").annotate(total=Sum("n")).order_by()
    ):
        counted[survey][question, option] = total
    return counted


def _wishes(document: Document, counted: Counted, threshold: int) -> tuple[Wish, ...]:
    question = next((one for one in document.questions if one.asks_needs and one.options), None)
    if question is None:
        return ()
    counts = counts_of(question, counted)
    few = hidden(counts, threshold)
    chosen = sorted(
        (option for option in question.offered if not option.dont_know and counts.options[option.id]),
        key=lambda option: (option.id in few, -counts.options[option.id]),
    )
    return tuple(
        Wish(option.label, None if option.id in few else counts.options[option.id])
        for option in chosen[:WISHES]
    )


def answers_given(areas: list[int]) -> list[AreaCount]:
    def read() -> Mapping[int, tuple[float, float]]:
        rows = DayCount.objects.trusted().filter(area__in=areas).values_list("area").annotate(total=Sum("n"))
        return {area: (total, 0) for area, total in rows.order_by() if total}

    least = Municipality.current().smallest_cell
    return [AreaCount("answers", _("Took part in a survey"), Measure.COUNT, read, least=least)]
