"""What an example survey is made of: plain values, from which a draft is written.

Keys stand for ids that do not exist yet; conditions name them as conditions name ids (surveys/conditions.py).
In every text {place} becomes the name of the area.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Texts = Mapping[str, str]


def t(nl: str, en: str) -> Texts:
    return {"nl": nl, "en": en}


@dataclass(frozen=True)
class OptionPlan:
    key: str
    label: Texts
    hint: Texts = field(default_factory=dict)
    theme: str = ""
    dont_know: bool = False


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


@dataclass(frozen=True)
class LayerPlan:
    title: Texts
    questions: tuple[QuestionPlan, ...]
    theme: str = ""
    one_page: bool = False
    condition: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Plan:
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


DONT_KNOW = OptionPlan("dont_know", t("Weet ik niet", "I don't know"), dont_know=True)
MANAGER = t("Uw wijkmanager", "Your neighbourhood manager")
