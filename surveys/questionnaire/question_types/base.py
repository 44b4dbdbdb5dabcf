"""The interface of a question type, and the types in which one chooses or writes.

A type is one small class; its families are this module and those beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.i18n import Texts, pick
from feedback.contributions.services.contributions import ContributionLocation
from feedback.models import Contribution
from surveys.questionnaire.document import QUESTION_KINDS, Question, QuestionKind, Shape

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
    spot: ContributionLocation | None = None


AnswerValue = Any
"""Stored for a question: an option id, an object as in questionnaire/document.py, WrittenAnswer, Views, or None."""


class SubmittedData(Protocol):
    """Submitted form data: a QueryDict, or anything with these methods."""

    def get(self, key: str, default: Any = None, /) -> Any: ...
    def getlist(self, key: str, /) -> Sequence[Any]: ...


@dataclass(frozen=True)
class StartingOption:
    """An answer that a new question starts with. `counts_as` is one of surveys.states.CountsAs."""

    label: dict[str, str]
    counts_as: str = ""


@dataclass(frozen=True)
class MissingSetting:
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

    def missing(self, settings: Mapping[str, Any], languages: Sequence[str]) -> Iterator[MissingSetting]:
        yield from ()

    def starting_options(self, settings: Mapping[str, Any]) -> list[StartingOption]:
        return []

    def frozen_options(self, areas: Iterable[Any]) -> list[dict[str, Any]]:
        """Options not written by an author: made at publication from the areas (rows) of the survey."""
        return []

    def frozen_settings(self, settings: Mapping[str, Any], areas: Iterable[Any]) -> Mapping[str, Any]:
        return settings

    # --- for the respondent

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        """What its template needs besides question and options; `person` tells one respondent from another."""
        return {"value": sent.get(self.field(question), "") if sent is not None else stored}

    def with_words(self, stored: Any, contribution: Contribution) -> Any:
        """The stored value combined with the contribution it refers to, as `context` expects it."""
        return contribution.text

    def chosen(self, question: Question, stored: Any, sent: SubmittedData | None) -> frozenset[str]:
        if sent is not None:
            return frozenset(str(id) for id in sent.getlist(self.field(question)))
        if isinstance(stored, Mapping):
            return frozenset(id for id, yes in stored.items() if yes is True)
        return frozenset({stored} if isinstance(stored, str) else ())

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        """The answer to store, or None if nothing was given. Raises AnswerError."""
        raise NotImplementedError

    def area_told(self, question: Question, value: Any) -> str | None:
        """Id of the area in which somebody with this answer lives, "" for elsewhere; None if the answer
        doesn't tell.
        """
        return None

    def answer_text(self, question: Question, value: Any, language: str) -> str | list[str] | None:
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


QUESTION_TYPES: dict[str, QuestionType] = {}


def register(kind: type[QuestionType]) -> None:
    QUESTION_TYPES[kind.key] = kind()
    QUESTION_KINDS[kind.key] = kind.kind


def type_of(question: Question) -> QuestionType:
    return QUESTION_TYPES[question.type]


def home_area(page: Iterable[Question], values: Mapping[str, Any]) -> str | None:
    """Id of the area in which somebody with these answers lives, "" for elsewhere; None if none of them tells."""
    areas = (type_of(asked).area_told(asked, values[asked.id]) for asked in page if asked.id in values)
    return next((area for area in areas if area is not None), None)


class ChoiceType(QuestionType):
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


def translate_to_all(say: Callable[..., str], *about: Any) -> dict[str, str]:
    """A built-in text in all configured languages."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = say(*about)
    return found


class SingleChoice(ChoiceType):
    """Single choice."""

    template = "surveys/answer/types/choice.html"
    one_tap = True

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        chosen = str(data.get(self.field(question)) or "")
        return check_option(question, chosen) if chosen else None

    def answer_text(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        return label_of(question, str(value), language) if value else None

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [label_of(question, str(value), language) if value else ""]


class OneChoice(SingleChoice):
    key = "one_choice"
    label = gettext_lazy("one choice")
    kind = QuestionKind(Shape.ONE)


class Scale(SingleChoice):
    key = "scale"
    label = gettext_lazy("scale, every point in words")
    kind = QuestionKind(Shape.ONE, ordered=True)

    def starting_options(self, settings: Mapping[str, Any]) -> list[StartingOption]:
        return [
            StartingOption({"nl": "Heel fijn", "en": "Very good"}),
            StartingOption({"nl": "Fijn", "en": "Good"}),
            StartingOption({"nl": "Gaat wel", "en": "So-so"}),
            StartingOption({"nl": "Niet fijn", "en": "Not good"}),
            StartingOption({"nl": "Helemaal niet fijn", "en": "Not good at all"}),
        ]


class YesNo(SingleChoice):
    key = "yes_no"
    label = gettext_lazy("yes or no")
    kind = QuestionKind(Shape.ONE)

    def starting_options(self, settings: Mapping[str, Any]) -> list[StartingOption]:
        return [StartingOption({"nl": "Ja", "en": "Yes"}), StartingOption({"nl": "Nee", "en": "No"})]


class SeveralChoices(ChoiceType):
    key = "several_choices"
    label = gettext_lazy("several choices")
    kind = QuestionKind(Shape.MANY)
    template = "surveys/answer/types/several.html"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "most": forms.IntegerField(
                label=gettext_lazy("At most"),
                help_text=gettext_lazy("How many somebody may choose. Empty: as many as they like."),
                required=False,
                min_value=2,
                max_value=20,
            )
        }

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        chosen = {check_option(question, str(id)): True for id in data.getlist(self.field(question)) if id}
        most = question.settings.get("most")
        if most and len(chosen) > most:
            raise AnswerError(
                ngettext("Choose at most %(most)s.", "Choose at most %(most)s.", most) % {"most": most}
            )
        alone = [id for id in chosen if (option := question.option(id)) and option.dont_know]
        if alone and len(chosen) > 1:
            raise AnswerError(
                _("You chose “%(option)s” and something else. Take one of the two away.")
                % {"option": label_of(question, alone[0], "")}
            )
        return dict(chosen) or None

    def answer_text(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        if not isinstance(value, Mapping):
            return None
        return [label_of(question, id, language) for id, yes in value.items() if yes and question.option(id)]

    def columns(self, question: Question, language: str) -> list[tuple[str, str]]:
        asked = pick(question.text, language)
        return [
            (f"q{question.id}.{option.id}", f"{asked}: {pick(option.label, language)}")
            for option in question.options
        ]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        if not isinstance(value, Mapping):
            return ["" for _option in question.options]
        return ["1" if value.get(option.id) else "0" for option in question.options]


class TextType(QuestionType):
    """Free text, stored as a contribution."""

    template = "surveys/answer/types/words.html"

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        text = cleaned_text(str(data.get(self.field(question)) or ""), self.max_length)
        return WrittenAnswer(text) if text else None

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [text]


class ShortText(TextType):
    key = "short_text"
    label = gettext_lazy("a few words")
    kind = QuestionKind(Shape.TEXT, seconds=20)
    max_length = 200


class LongText(TextType):
    key = "long_text"
    label = gettext_lazy("a longer text")
    kind = QuestionKind(Shape.TEXT, seconds=45)
    max_length = 2_000


class OwnTopic(LongText):
    """“What did we not ask?”, with a choice of theme, so that it is found sooner."""

    key = "own_topic"
    label = gettext_lazy("own topic: what did we not ask?")
    template = "surveys/answer/types/own_topic.html"

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "ask_theme": forms.BooleanField(
                label=gettext_lazy("Let people choose a theme with it"), required=False, initial=True
            )
        }

    def theme_field(self, question: Question) -> str:
        return f"{self.field(question)}-theme"

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        words = super().clean(question, data)
        if not isinstance(words, WrittenAnswer):
            return words
        return WrittenAnswer(
            words.text, str(data.get(self.theme_field(question)) or "").replace("\0", "")[:50]
        )


def cleaned_text(typed: str, most: int) -> str:
    """The trimmed text, "" for nothing. Raises AnswerError if it is longer than `most` characters."""
    # Phones send line ends as \r\n, which would count double; PostgreSQL refuses NUL.
    text = typed.replace("\r\n", "\n").replace("\0", "").strip()
    if too_long := max(0, len(text) - most):
        raise AnswerError(
            ngettext(
                "Your text is %(count)s character too long. We kept it all; shorten it a little.",
                "Your text is %(count)s characters too long. We kept it all; shorten it a little.",
                too_long,
            )
            % {"count": too_long}
        )
    return text


class IncompletePage(Exception):
    """The input can't be saved as it is: `errors` by question id, or a kind `nudge`."""

    def __init__(self, errors: Mapping[str, AnswerError], *, nudge: bool = False) -> None:
        self.errors, self.nudge = errors, nudge


def read_page(page: tuple[Question, ...], data: SubmittedData) -> dict[str, Any]:
    """The cleaned answers of a page by question id; None for a skipped question. Raises IncompletePage."""
    if data.get("go") == "skip":
        return {asked.id: None for asked in page}
    values: dict[str, Any] = {}
    errors: dict[str, AnswerError] = {}
    for asked in page:
        try:
            values[asked.id] = type_of(asked).clean(asked, data)
        except AnswerError as error:
            errors[asked.id] = error
    if errors:
        raise IncompletePage(errors)
    if data.get("nudged") is None and _is_empty(page, values):
        raise IncompletePage({}, nudge=True)
    return values


def _is_empty(page: tuple[Question, ...], values: Mapping[str, Any]) -> bool:
    """Nothing chosen on a page with choices: the page asks once whether that is intended."""
    return all(value is None for value in values.values()) and any(
        question.shape not in (Shape.TEXT, Shape.VIEWS) for question in page
    )
