"""The interface of a question type. A type is one small class; its families are the modules beside this one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.i18n import Texts, pick
from feedback.contributions.services.contributions import Spot
from feedback.models import Contribution
from surveys.questionnaire.document import Question, QuestionKind, Shape

Label = str | Promise


class AnswerError(ValueError):
    """The input is not an answer to this question. The message is a sentence for the respondent.

    `choices` narrows the options to these, if the input left several possible.
    """

    def __init__(self, sentence: str, choices: Iterable[str] = ()) -> None:
        super().__init__(sentence)
        self.choices = frozenset(choices)


@dataclass(frozen=True)
class WrittenAnswer:
    """A written text before it is stored as a contribution; `theme` is a slug or "".

    `spot` is the place it is about, if asked; only people of 16 and older give one.
    """

    text: str
    theme: str = ""
    spot: Spot | None = None


AnswerValue = Any
"""Stored for a question: an option id, an object as in questionnaire/document.py, WrittenAnswer, Views, or None."""


class Sent(Protocol):
    """Submitted form data: a QueryDict, or anything with these methods."""

    def get(self, key: str, default: Any = None, /) -> Any: ...
    def getlist(self, key: str, /) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Start:
    """An answer that a new question starts with. `counts_as` is one of surveys.states.CountsAs."""

    label: dict[str, str]
    counts_as: str = ""


@dataclass(frozen=True)
class Missing:
    """What a type lacks before it can be asked: a sentence, the setting, and the language if it concerns one."""

    sentence: str
    setting: str
    language: str = ""


@dataclass(frozen=True)
class ResultOption:
    """A counter key with its label: one row in results, snapshots and exports.

    An option removed from a running survey keeps its row as long as somebody is counted under it.
    """

    id: str
    label: Texts
    retired: bool = False


class QuestionType:
    """The behaviour of one type. `question` is always a question of the published document."""

    key: ClassVar[str]
    label: ClassVar[Label]
    kind: ClassVar[QuestionKind]
    template: ClassVar[str]
    one_tap: ClassVar[bool] = False  # may stand in layer 1: every option is a button
    has_options: ClassVar[bool] = False  # the author writes the options
    least_options: ClassVar[int] = 0
    max_length: ClassVar[int] = 0  # of the written text, in characters
    is_about_person: ClassVar[bool] = False  # asks who somebody is or where they live, not what they think
    same_for_all: ClassVar[bool] = True  # unanswered, it renders the same for everybody
    setting_texts: ClassVar[frozenset[str]] = frozenset()  # settings that hold a text per language
    skip: ClassVar[str] = ""  # fixed wording of the skip button, whatever the author chose

    @property
    def is_text(self) -> bool:
        return self.kind.shape is Shape.TEXT

    def field(self, question: Question) -> str:
        return f"q{question.id}"

    # --- for the author

    def settings_fields(self) -> dict[str, forms.Field]:
        """Settings of this type for the author, besides those of every question."""
        return {}

    def is_one_tap(self, settings: Mapping[str, Any]) -> bool:
        return self.one_tap

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[Missing]:
        yield from ()

    def starting_options(self, settings: Mapping[str, Any]) -> list[Start]:
        return []

    def frozen_options(self, areas: Iterable[Any]) -> list[dict[str, Any]]:
        """Options not written by an author: made at publication from the areas (rows) of the survey."""
        return []

    def frozen_settings(self, settings: Mapping[str, Any], areas: Iterable[Any]) -> Mapping[str, Any]:
        return settings

    # --- for the respondent

    def context(self, question: Question, stored: Any, sent: Sent | None, person: str) -> dict[str, Any]:
        """What its template needs besides question and options; `person` tells one respondent from another."""
        return {"value": sent.get(self.field(question), "") if sent is not None else stored}

    def with_words(self, stored: Any, said: Contribution) -> Any:
        """The stored value combined with the contribution it refers to, as `context` expects it."""
        return said.text

    def chosen(self, question: Question, stored: Any, sent: Sent | None) -> frozenset[str]:
        if sent is not None:
            return frozenset(str(id) for id in sent.getlist(self.field(question)))
        if isinstance(stored, Mapping):
            return frozenset(id for id, yes in stored.items() if yes is True)
        return frozenset({stored} if isinstance(stored, str) else ())

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        """The answer to store, or None if nothing was given. Raises AnswerError."""
        raise NotImplementedError

    def area_told(self, question: Question, value: Any) -> str | None:
        """Id of the area in which somebody with this answer lives, "" for elsewhere; None if the answer
        doesn't tell.
        """
        return None

    def said(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        """The stored answer in words, for the respondent. None for free text, which is stored elsewhere."""
        return None

    # --- for the reader of results

    def result_options(self, question: Question) -> list[ResultOption]:
        """Every counter key of the question, in order, with a label: also those that nobody chose."""
        return []

    def parts(self, question: Question) -> list[tuple[ResultOption, list[ResultOption]]]:
        """Sub-questions that are asked together, each with its own keys; they are reported one by one."""
        return []

    def columns(self, question: Question, language: str) -> list[tuple[str, str]]:
        """(name, heading) of the columns of an export."""
        return [(f"q{question.id}", pick(question.text, language))]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        """One cell per column; `text` is the contribution's text where the value refers to one."""
        raise NotImplementedError


class Choosing(QuestionType):
    """Types whose options the author writes."""

    has_options = True
    least_options = 2

    def result_options(self, question: Question) -> list[ResultOption]:
        return [ResultOption(option.id, option.label, option.retired) for option in question.options]


def check_option(question: Question, option: str) -> str:
    if option not in {each.id for each in question.offered}:
        raise AnswerError(_("This answer does not belong to this question. Choose one of these."))
    return option


def label_of(question: Question, option: str, language: str) -> str:
    found = question.option(option)
    return pick(found.label, language) if found else option


def in_every_language(say: Callable[..., str], *about: Any) -> dict[str, str]:
    """A built-in text in all configured languages."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = say(*about)
    return found
