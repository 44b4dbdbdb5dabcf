"""How many people took which path in a survey: the counters of the running version, in two queries."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Sum

from neighbourhoods.models import Municipality
from surveys.models import Survey, Tally
from surveys.opening.path_flows import PathFlows, path_flows
from surveys.questionnaire.document import Document
from surveys.questionnaire.published import running


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
    version = running(survey) if survey.opened_at else None
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
