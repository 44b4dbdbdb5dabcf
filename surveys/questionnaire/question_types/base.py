"""What every type of question answers to. A type is one small class; its families are the modules beside this one."""

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
    """What came in is no answer to this question. The message is a sentence for the person who answers.

    `choices` narrows the options to these, when what came in left some to choose from.
    """

    def __init__(self, sentence: str, choices: Iterable[str] = ()) -> None:
        super().__init__(sentence)
        self.choices = frozenset(choices)


@dataclass(frozen=True)
class WrittenAnswer:
    """A text that was written, before it is kept as a contribution; `theme` is a slug or "".

    `spot` is where it is about, where that is asked; it is given by people of 16 and older alone.
    """

    text: str
    theme: str = ""
    spot: Spot | None = None


AnswerValue = Any
"""What is kept for a question: an option id, an object as surveys/document.py has it, WrittenAnswer, Views, or None."""


class Sent(Protocol):
    """What a form sent: a QueryDict, or anything that answers as it does."""

    def get(self, key: str, default: Any = None, /) -> Any: ...
    def getlist(self, key: str, /) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Start:
    """An answer that a new question begins with. `counts_as` is one of surveys.states.CountsAs."""

    label: dict[str, str]
    counts_as: str = ""


@dataclass(frozen=True)
class Missing:
    """What a type lacks before it can be asked: a sentence, the setting, and the language if it is about one."""

    sentence: str
    setting: str
    language: str = ""


@dataclass(frozen=True)
class ResultOption:
    """A key of the counters with its label: what results, snapshots and exports have a row for.

    What was taken out of a survey that runs keeps its row as long as somebody is counted under it.
    """

    id: str
    label: Texts
    retired: bool = False


class QuestionType:
    """How one type behaves. `question` is always a question of the published document."""

    key: ClassVar[str]
    label: ClassVar[Label]
    kind: ClassVar[QuestionKind]
    template: ClassVar[str]
    one_tap: ClassVar[bool] = False  # may stand in layer 1: every option is a button
    has_options: ClassVar[bool] = False  # its author writes the answers to choose from
    least_options: ClassVar[int] = 0
    max_length: ClassVar[int] = 0  # of what is written
    is_about_person: ClassVar[bool] = False  # asks who somebody is or where they live, not what they think
    same_for_all: ClassVar[bool] = True  # unanswered, it is drawn alike for everybody
    setting_texts: ClassVar[frozenset[str]] = frozenset()  # settings that are a text per language
    skip: ClassVar[str] = ""  # how it always lets go, whatever its author chose

    @property
    def is_text(self) -> bool:
        return self.kind.shape is Shape.TEXT

    def field(self, question: Question) -> str:
        """The name of the form field in which the answer comes."""
        return f"q{question.id}"

    # --- for who writes it

    def settings_fields(self) -> dict[str, forms.Field]:
        """What the author of a question can set for this type, beside what every question has."""
        return {}

    def is_one_tap(self, settings: Mapping[str, Any]) -> bool:
        return self.one_tap

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[Missing]:
        """What must be set before it can be asked."""
        yield from ()

    def starting_options(self, settings: Mapping[str, Any]) -> list[Start]:
        """What a new question of this type begins with."""
        return []

    def frozen_options(self, areas: Iterable[Any]) -> list[dict[str, Any]]:
        """Options that nobody writes: made at publication, from the areas (rows) in which is asked."""
        return []

    def frozen_settings(self, settings: Mapping[str, Any], areas: Iterable[Any]) -> Mapping[str, Any]:
        """Settings as they are published."""
        return settings

    # --- for who answers it

    def context(self, question: Question, stored: Any, sent: Sent | None, person: str) -> dict[str, Any]:
        """What its template needs beside question and options; `person` tells one respondent from another."""
        return {"value": sent.get(self.field(question), "") if sent is not None else stored}

    def with_words(self, stored: Any, said: Contribution) -> Any:
        """What is stored, with the contribution it refers to, as `context` wants it."""
        return said.text

    def chosen(self, question: Question, stored: Any, sent: Sent | None) -> frozenset[str]:
        """Ids of options that are marked."""
        if sent is not None:
            return frozenset(str(id) for id in sent.getlist(self.field(question)))
        if isinstance(stored, Mapping):
            return frozenset(id for id, yes in stored.items() if yes is True)
        return frozenset({stored} if isinstance(stored, str) else ())

    def clean(self, question: Question, data: Sent) -> AnswerValue:
        """The answer to keep, or None when nothing was given. Raises AnswerError."""
        raise NotImplementedError

    def area_told(self, question: Question, value: Any) -> str | None:
        """The id of the area in which somebody with this answer lives, "" for elsewhere; None when it says nothing."""
        return None

    def said(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        """The stored answer in words, for the person who gave it. None for what is kept as words elsewhere."""
        return None

    # --- for who reads it

    def result_options(self, question: Question) -> list[ResultOption]:
        """Every key that is counted for it, in order, with a label: also those that nobody chose."""
        return []

    def parts(self, question: Question) -> list[tuple[ResultOption, list[ResultOption]]]:
        """Where several things are asked at once, each with its own keys; they are read one by one."""
        return []

    def columns(self, question: Question, language: str) -> list[tuple[str, str]]:
        """(name, heading) of the columns of an export."""
        return [(f"q{question.id}", pick(question.text, language))]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        """One cell per column; `text` is the contribution's text where the value refers to one."""
        raise NotImplementedError


class Choosing(QuestionType):
    """Options of its own."""

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
    """A text that the house makes itself, in all its languages."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = say(*about)
    return found
