"""Statements that neighbours judge one by one: “that goes for me too”, “not for me”, or pass.

The author writes the first statements, as options. Neighbours add theirs (surveys.models.Statement): each is
a contribution, which is owed an answer, and is shown to others only after a colleague let it through.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from core.i18n import Texts, pick
from feedback.models import Contribution
from surveys.models import Statement
from surveys.questionnaire.counting import STATEMENT_VIEWS
from surveys.questionnaire.document import Question, QuestionKind, Shape
from surveys.questionnaire.question_types.base import (
    AnswerError,
    AnswerValue,
    ChoiceType,
    ResultOption,
    SubmittedData,
    cleaned_text,
)

_MAX_STATEMENTS = 10
STATEMENT_VIEW_LABELS: dict[str, dict[str, str]] = {
    "agree": {"nl": "Dat geldt ook voor mij", "en": gettext_noop("That goes for me too")},
    "not": {"nl": "Niet voor mij", "en": gettext_noop("Not for me")},
    "pass": {"nl": "Geen mening", "en": gettext_noop("Pass")},
}


@dataclass(frozen=True)
class StatementViews:
    """Input of one page: views by statement, own words (None: not asked), and whether the respondent is done."""

    views: Mapping[str, str] = field(default_factory=dict)
    own: str | None = None
    is_done: bool = False


@dataclass(frozen=True)
class StatementAnswer:
    """One statement with this person's view on it."""

    id: str
    text: Texts
    view: str = ""


class Statements(ChoiceType):
    key = "statements"
    label = gettext_lazy("statements by neighbours")
    # Ten statements of some 6 s each, since few people read all: our own estimate.
    kind = QuestionKind(Shape.VIEWS, seconds=45)
    template = "surveys/answer/types/statements.html"
    same_for_all = False
    max_length = 200

    def settings_fields(self) -> dict[str, forms.Field]:
        return {
            "most": forms.IntegerField(
                label=gettext_lazy("At most this many per person"),
                help_text=gettext_lazy(
                    "Each person gets different ones, so that all are read equally often."
                ),
                required=False,
                min_value=3,
                max_value=30,
                initial=_MAX_STATEMENTS,
            ),
            "own": forms.BooleanField(
                label=gettext_lazy("Neighbours may add one of their own"),
                help_text=gettext_lazy("You read it before others see it, and it gets an answer."),
                required=False,
                initial=True,
            ),
        }

    # --- answering

    def statements_for_person(
        self, question: Question, views: Mapping[str, Any], person: str
    ) -> list[StatementAnswer]:
        """The statements for this person: those they judged already, then others, in an order per person.

        The order of `views` means nothing: PostgreSQL reorders the keys of a JSON object.
        """
        texts = self.texts(question, without=person)
        ordered = sorted(texts, key=lambda id: sha256(f"{person}:{id}".encode()).digest())
        seen = [id for id in ordered if id in views]
        rest = [id for id in ordered if id not in views]
        ids = [*seen, *rest[: max(0, question.settings.get("most", _MAX_STATEMENTS) - len(seen))]]
        return [StatementAnswer(id, texts[id], str(views.get(id, ""))) for id in ids]

    def texts(self, question: Question, *, without: str = "") -> dict[str, Texts]:
        """By id: the author's statements and those of neighbours that were let through, except of the person
        `without`.
        """
        found: dict[str, Texts] = {option.id: option.label for option in question.options}
        if question.id.isdigit():
            theirs = (
                Statement.objects.through().filter(question=int(question.id)).select_related("contribution")
            )
            if without:
                theirs = theirs.exclude(contribution__receipt__response=UUID(without))
            for one in theirs.order_by("pk"):
                found[one.key] = {one.contribution.language: one.contribution.masked_text}
        return found

    def context(
        self, question: Question, stored: Any, sent: SubmittedData | None, person: str
    ) -> dict[str, Any]:
        """One by one for the respondent; all on one page when done, or when a colleague enters it."""
        views = stored if isinstance(stored, Mapping) else {}
        if sent and not person:
            views = self._sent_views(question, sent)
        told = self.statements_for_person(question, views, person)
        left = [each for each in told if not each.view]
        at_once = not person or (bool(views) and views.get("more") is not True)
        is_own_page = bool(sent and sent.get(self._done(question)))
        one = left[0] if left and not at_once and not is_own_page else None
        return {
            "one": one,
            "number": len(told) - len(left) + 1,
            "total": len(told),
            "says": list(STATEMENT_VIEW_LABELS.items()),
            "told": [(each, _ways(each)) for each in told] if at_once else [],
            "asks_own": one is None and question.settings.get("own", True),
            "own_field": self._own(question),
            "done_field": self._done(question) if person else "",
            "own": str(sent.get(self._own(question), "")) if sent else views.get("words", ""),
            "own_buttons": one is not None,
            "skip_label": _("Enough, go on") if views and one else "",
        }

    def with_words(self, stored: Any, contribution: Contribution) -> Any:
        return stored | {"words": contribution.text}

    def clean(self, question: Question, data: SubmittedData) -> AnswerValue:
        views = self._sent_views(question, data)
        if tapped := str(data.get(self.field(question)) or ""):
            id, _colon, view = tapped.partition(":")
            if id not in self.texts(question) or view not in STATEMENT_VIEWS:
                raise AnswerError(_("This answer does not belong to this question. Choose one of these."))
            views[id] = view
        own = data.get(self._own(question)) if question.settings.get("own", True) else None
        words = None if own is None else cleaned_text(str(own), self.max_length)
        is_done = bool(data.get(self._done(question)))
        return StatementViews(views, words, is_done) if views or words or is_done else None

    def _sent_views(self, question: Question, data: SubmittedData) -> dict[str, str]:
        """Views from a page with several statements; invalid ones are dropped."""
        sent = {id: str(data.get(f"{self.field(question)}-{id}") or "") for id in self.texts(question)}
        return {id: view for id, view in sent.items() if view in STATEMENT_VIEWS}

    def answer_text(self, question: Question, value: Any, language: str) -> str | list[str] | None:
        if not isinstance(value, Mapping):
            return None
        texts = self.texts(question)
        return [
            f"“{pick(texts[id], language)}”: {pick(STATEMENT_VIEW_LABELS[view], language)}"
            for id, view in value.items()
            if view in STATEMENT_VIEWS and id in texts
        ]

    # --- reading

    def result_options(self, question: Question) -> list[ResultOption]:
        return [
            ResultOption(f"{id}:{view}", _label_with_statement(text, STATEMENT_VIEW_LABELS[view]))
            for id, text in self.texts(question).items()
            for view in STATEMENT_VIEWS
        ]

    def parts(self, question: Question) -> list[tuple[ResultOption, list[ResultOption]]]:
        return [
            (
                ResultOption(id, text),
                [ResultOption(f"{id}:{view}", STATEMENT_VIEW_LABELS[view]) for view in STATEMENT_VIEWS],
            )
            for id, text in self.texts(question).items()
        ]

    def columns(self, question: Question, language: str) -> list[tuple[str, str]]:
        asked = pick(question.text, language)
        return [
            (f"q{question.id}.{id}", f"{asked}: {pick(text, language)}")
            for id, text in self.texts(question).items()
        ]

    def cells(self, question: Question, value: Any, language: str, text: str = "") -> list[str]:
        given = value if isinstance(value, Mapping) else {}
        return [
            pick(STATEMENT_VIEW_LABELS[view], language) if (view := given.get(id)) in STATEMENT_VIEWS else ""
            for id in self.texts(question)
        ]

    def _own(self, question: Question) -> str:
        return f"{self.field(question)}-own"

    def _done(self, question: Question) -> str:
        return f"{self.field(question)}-done"


def _ways(said: StatementAnswer) -> list[tuple[str, Texts, bool]]:
    return [(view, label, view == said.view) for view, label in STATEMENT_VIEW_LABELS.items()]


def _label_with_statement(text: Texts, says: Texts) -> dict[str, str]:
    return {code: f"{pick(text, code)}: {words}" for code, words in says.items()}
