"""The question columns of an export: of one version, or of all versions. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.i18n import Texts
from surveys.questionnaire.document import Document, Question


@dataclass(frozen=True)
class ExportedQuestion:
    """A question as last asked, with every option it ever had. `versions` are the numbers of versions that
    asked it.

    `layer` in `layers` is the id of its layer per version: an answer counts only if that layer was finished.
    """

    question: Question
    layer_title: Texts
    layers: dict[int, str]

    @property
    def versions(self) -> list[int]:
        return sorted(self.layers)


def exported_questions(documents: Sequence[tuple[int, Document]]) -> list[ExportedQuestion]:
    """Takes (version number, document), oldest first. Returns the order of the newest; removed questions come
    last.
    """
    found: dict[str, ExportedQuestion] = {}
    for number, document in documents:
        for layer in document.layers:
            for question in layer.questions:
                before = found.get(question.id)
                layers = dict(before.layers) if before else {}
                if not question.retired:
                    layers[number] = layer.id
                if layers:
                    merged = _with_options(question, before.question if before else None)
                    found[question.id] = ExportedQuestion(merged, layer.title, layers)
    newest = [question.id for _number, document in documents[-1:] for question in document.questions]
    order = [id for id in newest if id in found]
    return [found[id] for id in [*order, *(id for id in found if id not in set(order))]]


def _with_options(question: Question, before: Question | None) -> Question:
    gone = [option for option in before.options if question.option(option.id) is None] if before else []
    return replace(question, options=(*question.options, *gone)) if gone else question


def span(numbers: Iterable[int]) -> str:
    """1, 2, 3, 5 as "1-3, 5"."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
