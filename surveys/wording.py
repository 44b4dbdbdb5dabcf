"""Puts conditions and changes of a survey into words, for staff pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.i18n import pick
from surveys.builder.changes import Change, ChangeKind
from surveys.questionnaire.conditions import (
    AllOf,
    Answered,
    AnyOf,
    AtLeast,
    Condition,
    InArea,
    Includes,
    Is,
    MoreThan,
    Not,
    RespondentIs,
)
from surveys.questionnaire.document import Document
from surveys.states import Respondent, Skip

Label = str | Promise
Names = Mapping[str, str]
"""Area id -> name."""

_FIELDS: Mapping[str, Label] = {
    "title": gettext_lazy("Title"),
    "lead": gettext_lazy("First sentence"),
    "who_asks": gettext_lazy("Who asks?"),
    "why": gettext_lazy("Why?"),
    "promise": gettext_lazy("What you promise"),
    "influence_text": gettext_lazy("Influence in plain words"),
    "owner_role": gettext_lazy("The owner, as residents read it"),
    "before": gettext_lazy("They hear it before"),
    "influence": gettext_lazy("How much influence?"),
    "erase_on": gettext_lazy("Answers are erased on"),
    "areas": gettext_lazy("Neighbourhoods"),
    "languages": gettext_lazy("Languages"),
    "card.money": gettext_lazy("Money"),
    "card.time": gettext_lazy("Time"),
    "card.influence": gettext_lazy("Influence"),
    "card.contact": gettext_lazy("Contact"),
    "card.too_few": gettext_lazy("Too few people?"),
    "one_page": gettext_lazy("All questions on one page"),
    "condition": gettext_lazy("Asked of"),
    "text": gettext_lazy("The question"),
    "hint": gettext_lazy("Hint"),
    "purpose": gettext_lazy("Why"),
    "use": gettext_lazy("What we do with it"),
    "owner": gettext_lazy("Who does that"),
    "skip": gettext_lazy("The skip button says"),
    "theme": gettext_lazy("Theme"),
    "type": gettext_lazy("Type of question"),
    "settings": gettext_lazy("Settings of the type"),
    "asks_needs": gettext_lazy("This asks what people need"),
    "label": gettext_lazy("Answer"),
    "dont_know": gettext_lazy("This says “I don't know”"),
}


class DocumentWording:
    """Words the parts of one version: questions by their text, areas by their name."""

    def __init__(self, document: Document, areas: Names) -> None:
        self.document, self.areas = document, areas
        self.language = get_language() or ""

    def condition(self, condition: Condition | None) -> str:
        """Whom something is asked: “everybody”, or by area, kind of respondent and earlier answers."""
        return _("everybody") if condition is None else self._say(condition)

    def _say(self, condition: Condition, *, negated: bool = False) -> str:
        match condition:
            case Not(part):
                return self._say(part, negated=not negated)
            case AllOf(parts) | AnyOf(parts):
                every = isinstance(condition, AllOf) is not negated
                nested = [self._nested(part, negated=negated) for part in parts]
                return (_(" and ") if every else _(" or ")).join(nested)
            case Answered(question):
                said = _("who did not answer %(question)s") if negated else _("who answered %(question)s")
                return said % {"question": self.question(question)}
            case Is(question, option) | Includes(question, option):
                said = (
                    _("who did not choose %(answer)s at %(question)s")
                    if negated
                    else _("who chose %(answer)s at %(question)s")
                )
                return said % {
                    "answer": self.option(question, option),
                    "question": self.question(question),
                }
            case MoreThan(question, option):
                said = (
                    _("who did not go further than %(answer)s at %(question)s")
                    if negated
                    else _("who went further than %(answer)s at %(question)s")
                )
                return said % {
                    "answer": self.option(question, option),
                    "question": self.question(question),
                }
            case AtLeast(question, n):
                said = (
                    _("who gave less than %(number)s at %(question)s")
                    if negated
                    else _("who gave %(number)s or more at %(question)s")
                )
                return said % {"number": n, "question": self.question(question)}
            case InArea(areas):
                said = _("who does not live in %s") if negated else _("who lives in %s")
                return said % self.places(sorted(areas))
            case RespondentIs(kinds):
                said = _("who does not answer as %s") if negated else _("who answers as %s")
                names = dict(Respondent.choices)
                return said % _(" or ").join(str(names.get(kind, kind)) for kind in sorted(kinds))
            case _:
                return _("who meets a condition of another kind")

    def _nested(self, part: Condition, *, negated: bool) -> str:
        said = self._say(part, negated=negated)
        inner = part.part if isinstance(part, Not) else part
        return f"({said})" if isinstance(inner, AllOf | AnyOf) and len(inner.parts) > 1 else said

    def question(self, id: str) -> str:
        """The question text, shortened to fit in a sentence."""
        if not self.document.has_question(id):
            return _("a question that is gone")
        return f"“{_short(pick(self.document.question(id).text, self.language))}”"

    def option(self, question: str, id: str) -> str:
        if not self.document.has_question(question):
            return _("an answer that is gone")
        found = self.document.question(question).option(id)
        return f"“{pick(found.label, self.language)}”" if found else _("an answer that is gone")

    def places(self, ids: Sequence[str]) -> str:
        return ", ".join(self.areas.get(id, _("another neighbourhood")) for id in ids)


@dataclass(frozen=True)
class DescribedChange:
    """A change in words: place, sentence, and the old and new text if readable."""

    place: str
    sentence: str
    old: str = ""
    new: str = ""
    language: str = ""


def describe_changes(
    found: Sequence[Change], old: Document, new: Document, areas: Names
) -> list[DescribedChange]:
    before, after = DocumentWording(old, areas), DocumentWording(new, areas)
    return [_change(change, before, after) for change in found]


def _change(change: Change, before: DocumentWording, after: DocumentWording) -> DescribedChange:
    place, what = _place(change, after.language), _thing(change, after.language)
    match change.what:
        case ChangeKind.ADDED:
            return DescribedChange(place, _("%s: added") % what)
        case ChangeKind.OUT:
            return DescribedChange(place, _("%s: taken out") % what)
        case ChangeKind.MOVED:
            return DescribedChange(place, _("%s: moved") % what)
    field = str(_FIELDS.get(change.field, change.field))
    if change.option is not None:
        field = f"{what}, {field.lower()}" if change.field != "label" else str(_("Answer"))
    if change.what is ChangeKind.REWORDED:
        return DescribedChange(place, field, change.old, change.new, change.language)
    return DescribedChange(
        place, field, _value(change, change.old, before), _value(change, change.new, after)
    )


def _place(change: Change, language: str) -> str:
    if change.layer is None:
        return _("The expectation card") if change.field.startswith("card.") else _("The survey")
    name = _("Layer 1") if change.layer.first else _("Layer “%s”") % pick(change.layer.title, language)
    if change.question is None or (
        change.option is None and change.what in (ChangeKind.ADDED, ChangeKind.OUT)
    ):
        return name
    return f"{name}, “{_short(pick(change.question.text, language))}”"


def _thing(change: Change, language: str) -> str:
    if change.option is not None:
        return _("Answer “%s”") % pick(change.option.label, language)
    if change.question is not None:
        return _("Question “%s”") % pick(change.question.text, language)
    return _("The layer")


def _value(change: Change, value: Any, speaker: DocumentWording) -> str:
    match change.field:
        case "condition":
            return speaker.condition(value)
        case "before" | "erase_on":
            return date_format(date.fromisoformat(value), "j F Y") if value else ""
        case "areas":
            return speaker.places(value)
        case "languages":
            return ", ".join(value)
        case "skip":
            return str(dict(Skip.choices).get(value, value))
        case "theme" | "type" | "settings" | "influence":
            return ""
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value or "")


def _short(words: str, most: int = 60) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
