"""Makes a plan self-contained: references to questions outside it are removed and counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, overload

from surveys.library.plan import LayerPlan, OptionPlan, QuestionPlan, SurveyPlan
from surveys.questionnaire import branches, conditions, piping

Anything = SurveyPlan | LayerPlan | QuestionPlan


@dataclass
class Left:
    """Numbers of conditions removed, of answers that now lead to the next question, and of texts changed."""

    conditions: int = 0
    ways: int = 0
    texts: int = 0

    def __bool__(self) -> bool:
        return bool(self.conditions or self.ways or self.texts)


@overload
def detached(plan: SurveyPlan) -> tuple[SurveyPlan, Left]: ...
@overload
def detached(plan: LayerPlan) -> tuple[LayerPlan, Left]: ...
@overload
def detached(plan: QuestionPlan) -> tuple[QuestionPlan, Left]: ...
@overload
def detached(plan: Anything) -> tuple[Anything, Left]: ...
def detached(plan: Anything) -> tuple[Anything, Left]:
    """The plan without conditions, branches and piped answers that refer to a question not (yet) in it."""
    work = _Detaching()
    match plan:
        case SurveyPlan():
            return replace(plan, layers=tuple(work.layer(layer) for layer in plan.layers)), work.left
        case LayerPlan():
            return work.layer(plan), work.left
        case QuestionPlan():
            return work.question(plan, LayerPlan({}, (plan,))), work.left


class _Detaching:
    """Walks a plan in order, because only earlier questions can be asked about or repeated."""

    def __init__(self) -> None:
        self.left = Left()
        self.options: dict[str, frozenset[str]] = {}

    def layer(self, layer: LayerPlan) -> LayerPlan:
        condition = self.condition(layer.condition)
        questions = tuple(self.question(question, layer) for question in layer.questions)
        return replace(layer, condition=condition, questions=questions)

    def question(self, question: QuestionPlan, layer: LayerPlan) -> QuestionPlan:
        alone = replace(
            question,
            text=self.texts(question.text),
            hint=self.texts(question.hint),
            condition=self.condition(question.condition),
            options=tuple(self.option(option, layer) for option in question.options),
        )
        self.options[question.key] = frozenset(option.key for option in question.options)
        return alone

    def texts(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        if piping.piped(texts) <= self.options.keys():
            return texts
        self.left.texts += 1
        return piping.renamed(texts, lambda key: key if key in self.options else None)

    def condition(self, tree: Any) -> Any:
        try:
            conditions.renamed(tree, self._question, self._option)
        except KeyError:
            self.left.conditions += 1
            return None
        return tree

    def option(self, option: OptionPlan, layer: LayerPlan) -> OptionPlan:
        within = {branches.END, "", *(question.key for question in layer.questions)}
        if option.then in within:
            return option
        self.left.ways += 1
        return replace(option, then="")

    def _question(self, key: str) -> str:
        if key not in self.options:
            raise KeyError(key)
        return key

    def _option(self, question: str, key: str) -> str:
        # Options made by a type itself (“area:12”) have the same key everywhere.
        if ":" not in key and key not in self.options[question]:
            raise KeyError(key)
        return key
