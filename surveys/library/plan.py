"""A survey as plain values, from which a draft is written.

Used by the built-in examples, by the library of a municipality (as JSON), by new rounds, and to read and
write form files.

Keys stand for ids that do not exist yet; conditions, branches and piped answers refer to them as to ids
(surveys/questionnaire/conditions.py, branches.py, piping.py). In every text {place} becomes the name of the
area.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, overload

from core.i18n import Texts
from surveys.questionnaire import conditions, piping, walk
from surveys.questionnaire.document import QUESTION_KINDS, Shape


def bilingual(nl: str, en: str) -> Texts:
    return {"nl": nl, "en": en}


SURVEY_TEXTS = ("title", "lead", "who_asks", "why", "promise", "influence_text", "owner_role")
"""Fields of a survey that hold a text by language."""
QUESTION_TEXTS = ("text", "hint", "purpose", "use", "owner_role")
"""Fields of a question that hold a text by language."""


@dataclass(frozen=True)
class OptionPlan:
    key: str
    label: Texts
    hint: Texts = field(default_factory=dict)
    theme: str = ""
    dont_know: bool = False
    counts_as: str = ""
    then: str = ""
    stale: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.key


@dataclass(frozen=True)
class QuestionPlan:
    key: str
    type: str
    text: Texts
    purpose: Texts
    use: Texts
    owner_role: Texts
    options: tuple[OptionPlan, ...] = ()
    hint: Texts = field(default_factory=dict)
    asks_needs: bool = False
    theme: str = ""
    skip: str = "skip"
    condition: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.key

    @property
    def shape(self) -> Shape | None:
        return QUESTION_KINDS[self.type].shape if self.type in QUESTION_KINDS else None

    @property
    def offered(self) -> tuple[OptionPlan, ...]:
        return self.options


@dataclass(frozen=True)
class LayerPlan:
    title: Texts
    questions: tuple[QuestionPlan, ...]
    theme: str = ""
    one_page: bool = False
    condition: Mapping[str, Any] | None = None
    stale: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[QuestionPlan, ...]:
        return self.questions


@dataclass(frozen=True)
class SurveyPlan:
    """The first layer is for everybody."""

    slug: str
    name: Texts
    about: Texts
    title: Texts
    lead: Texts
    who_asks: Texts
    why: Texts
    promise: Texts
    influence: str
    influence_text: Texts
    owner_role: Texts
    card: Mapping[str, Texts]
    layers: tuple[LayerPlan, ...]
    without_contact: bool = False
    stale: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()


def to_json(plan: SurveyPlan | LayerPlan | QuestionPlan) -> dict[str, Any]:
    """As plain JSON values; plan_from, layer_from and question_from read them."""
    return asdict(plan)


def plan_from(raw: Mapping[str, Any]) -> SurveyPlan:
    return SurveyPlan(
        **_known(SurveyPlan, raw)
        | {
            "layers": tuple(layer_from(layer) for layer in raw["layers"]),
            "stale": tuple(raw.get("stale", ())),
            "proposed": tuple(raw.get("proposed", ())),
        }
    )


def layer_from(raw: Mapping[str, Any]) -> LayerPlan:
    questions = tuple(question_from(question) for question in raw["questions"])
    return LayerPlan(
        **_known(LayerPlan, raw) | {"questions": questions, "stale": tuple(raw.get("stale", ()))}
    )


def question_from(raw: Mapping[str, Any]) -> QuestionPlan:
    options = tuple(
        OptionPlan(**_known(OptionPlan, option) | {"stale": tuple(option.get("stale", ()))})
        for option in raw.get("options", ())
    )
    return QuestionPlan(
        **_known(QuestionPlan, raw)
        | {
            "options": options,
            "stale": tuple(raw.get("stale", ())),
            "proposed": tuple(raw.get("proposed", ())),
        }
    )


def _known(kind: type, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Drops fields that a later version of Nabij added."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in raw.items() if name in names}


# Makes a plan self-contained: references to questions outside it are removed and counted.


AnyPlan = SurveyPlan | LayerPlan | QuestionPlan


@dataclass
class RemovedReferences:
    """Numbers of conditions removed, of answers that now lead to the next question, and of texts changed."""

    conditions: int = 0
    ways: int = 0
    texts: int = 0

    def __bool__(self) -> bool:
        return bool(self.conditions or self.ways or self.texts)


@overload
def without_outside_references(plan: SurveyPlan) -> tuple[SurveyPlan, RemovedReferences]: ...
@overload
def without_outside_references(plan: LayerPlan) -> tuple[LayerPlan, RemovedReferences]: ...
@overload
def without_outside_references(plan: QuestionPlan) -> tuple[QuestionPlan, RemovedReferences]: ...
@overload
def without_outside_references(plan: AnyPlan) -> tuple[AnyPlan, RemovedReferences]: ...
def without_outside_references(plan: AnyPlan) -> tuple[AnyPlan, RemovedReferences]:
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
        self.left = RemovedReferences()
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
        if piping.piped_question_ids(texts) <= self.options.keys():
            return texts
        self.left.texts += 1
        return piping.rename_token_questions(texts, lambda key: key if key in self.options else None)

    def condition(self, tree: Any) -> Any:
        try:
            conditions.rename_condition_ids(tree, self._question, self._option)
        except KeyError:
            self.left.conditions += 1
            return None
        return tree

    def option(self, option: OptionPlan, layer: LayerPlan) -> OptionPlan:
        within = {walk.END_OF_LAYER, "", *(question.key for question in layer.questions)}
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
