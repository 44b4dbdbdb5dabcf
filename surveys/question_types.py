"""The types a question can have: the one place where a type is declared.

A type is one small class: what an answer looks like to the pure modules (`kind`), how it is shown, how what
came in is cleaned, what its author can set, and what it becomes in an export. `register` makes it known
everywhere: to the document and the walk (surveys.document.KINDS), the builder, the runner, results and exports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from neighbourhoods.texts import pick
from surveys.document import KINDS, Kind, Question, Shape

Label = str | Promise


class AnswerError(ValueError):
    """What came in is no answer to this question. The message is a sentence for the person who answers."""


@dataclass(frozen=True)
class Words:
    """A text that was written, before it is kept as a contribution; `theme` is a slug or ""."""

    text: str
    theme: str = ""


class Sent(Protocol):
    """What a form sent: a QueryDict, or anything that answers as it does."""

    def get(self, key: str, default: Any = None, /) -> Any: ...
    def getlist(self, key: str, /) -> Sequence[Any]: ...


class QuestionType:
    """How one type behaves. `question` is always a question of the published document."""

    key: ClassVar[str]
    label: ClassVar[Label]
    kind: ClassVar[Kind]
    template: ClassVar[str]
    one_tap: ClassVar[bool] = False  # may stand in layer 1: every option is a button
    least_options: ClassVar[int] = 0

    @property
    def has_options(self) -> bool:
        return self.kind.shape is not Shape.TEXT

    @property
    def is_text(self) -> bool:
        return self.kind.shape is Shape.TEXT

    def field(self, question: Question) -> str:
        """The name of the form field in which the answer comes."""
        return f"q{question.id}"

    def settings_fields(self) -> dict[str, forms.Field]:
        """What the author of a question can set for this type, beside what every question has."""
        return {}

    def starting_options(self) -> list[dict[str, str]]:
        """Labels that a new question of this type begins with, per language."""
        return []

    def clean(self, question: Question, data: Sent) -> str | dict[str, bool] | Words | None:
        """The answer to keep, or None when nothing was given. Raises AnswerError."""
        raise NotImplementedError

    def columns(self, question: Question, language: str) -> list[tuple[str, str]]:
        """(name, heading) of the columns of an export."""
        return [(f"q{question.id}", pick(question.text, language))]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        """One cell per column; `text` is the contribution's text where the value refers to one."""
        raise NotImplementedError


class _Choosing(QuestionType):
    """One option out of some."""

    template = "surveys/answer/types/choice.html"
    one_tap = True
    least_options = 2

    def clean(self, question: Question, data: Sent) -> str | dict[str, bool] | Words | None:
        chosen = str(data.get(self.field(question)) or "")
        return _known(question, chosen) if chosen else None

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [_label(question, str(value), language) if value else ""]


class OneChoice(_Choosing):
    key = "one_choice"
    label = gettext_lazy("one choice")
    kind = Kind(Shape.ONE)


class Scale(_Choosing):
    key = "scale"
    label = gettext_lazy("scale, every point in words")
    kind = Kind(Shape.ONE, ordered=True)

    def starting_options(self) -> list[dict[str, str]]:
        return [
            {"nl": "Heel fijn", "en": "Very good"},
            {"nl": "Fijn", "en": "Good"},
            {"nl": "Gaat wel", "en": "So-so"},
            {"nl": "Niet fijn", "en": "Not good"},
            {"nl": "Helemaal niet fijn", "en": "Not good at all"},
        ]


class YesNo(_Choosing):
    key = "yes_no"
    label = gettext_lazy("yes or no")
    kind = Kind(Shape.ONE)

    def starting_options(self) -> list[dict[str, str]]:
        return [{"nl": "Ja", "en": "Yes"}, {"nl": "Nee", "en": "No"}]


class SeveralChoices(QuestionType):
    key = "several_choices"
    label = gettext_lazy("several choices")
    kind = Kind(Shape.MANY)
    template = "surveys/answer/types/several.html"
    least_options = 2

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

    def clean(self, question: Question, data: Sent) -> str | dict[str, bool] | Words | None:
        chosen = {_known(question, str(id)): True for id in data.getlist(self.field(question)) if id}
        most = question.settings.get("most")
        if most and len(chosen) > most:
            raise AnswerError(
                ngettext("Choose at most %(most)s.", "Choose at most %(most)s.", most) % {"most": most}
            )
        alone = [id for id in chosen if (option := question.option(id)) and option.dont_know]
        if alone and len(chosen) > 1:
            raise AnswerError(
                _("You chose “%(option)s” and something else. Take one of the two away.")
                % {"option": _label(question, alone[0], "")}
            )
        return chosen or None

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


class _Writing(QuestionType):
    """Words of their own. They live in a contribution; the response keeps its id."""

    template = "surveys/answer/types/words.html"
    max_length: ClassVar[int]

    def clean(self, question: Question, data: Sent) -> str | dict[str, bool] | Words | None:
        # A phone sends line ends as \r\n, which would count double; NUL is refused by PostgreSQL.
        text = str(data.get(self.field(question)) or "").replace("\r\n", "\n").replace("\0", "").strip()
        if not text:
            return None
        if too_long := max(0, len(text) - self.max_length):
            raise AnswerError(
                ngettext(
                    "Your text is %(count)s character too long. We kept it all; shorten it a little.",
                    "Your text is %(count)s characters too long. We kept it all; shorten it a little.",
                    too_long,
                )
                % {"count": too_long}
            )
        return Words(text)

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        return [text]


class ShortText(_Writing):
    key = "short_text"
    label = gettext_lazy("a few words")
    kind = Kind(Shape.TEXT, seconds=20)
    max_length = 200


class LongText(_Writing):
    key = "long_text"
    label = gettext_lazy("a longer text")
    kind = Kind(Shape.TEXT, seconds=45)
    max_length = 2_000


class OwnTopic(LongText):
    """What did we not ask? With the choice of a theme, so that it is found sooner."""

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

    def clean(self, question: Question, data: Sent) -> str | dict[str, bool] | Words | None:
        words = super().clean(question, data)
        if not isinstance(words, Words):
            return words
        return Words(words.text, str(data.get(self.theme_field(question)) or "").replace("\0", "")[:50])


TYPES: dict[str, QuestionType] = {}


def register(kind: type[QuestionType]) -> None:
    TYPES[kind.key] = kind()
    KINDS[kind.key] = kind.kind


for each in (OneChoice, SeveralChoices, Scale, YesNo, ShortText, LongText, OwnTopic):
    register(each)


def type_of(question: Question) -> QuestionType:
    return TYPES[question.type]


def choices() -> list[tuple[str, Label]]:
    return [(key, kind.label) for key, kind in TYPES.items()]


def _known(question: Question, option: str) -> str:
    if question.option(option) is None:
        raise AnswerError(_("This answer does not belong to this question. Choose one of these."))
    return option


def _label(question: Question, option: str, language: str) -> str:
    found = question.option(option)
    return pick(found.label, language) if found else option
