"""A survey as plain values, from which a draft is written.

Used by the built-in examples, by the library of a municipality (as JSON), by new rounds, and to read and
write form files.

Keys stand for ids that do not exist yet; conditions, branches and piped answers refer to them as to ids
(surveys/questionnaire/conditions.py, branches.py, piping.py). In every text {place} becomes the name of the
area.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from core.i18n import Texts
from surveys.questionnaire.document import QUESTION_KINDS, Shape


def t(nl: str, en: str) -> Texts:
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
