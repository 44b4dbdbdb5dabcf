"""A draft to XLSForm."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from surveys.exchange.xlsform.relevant import (
    AREA_FIELD,
    RESPONDENT,
    EarlierQuestion,
    UntranslatableExpression,
    write_expression,
)
from surveys.library.plan import SURVEY_TEXTS, LayerPlan, QuestionPlan, SurveyPlan
from surveys.questionnaire import piping, walk
from surveys.questionnaire.document import QUESTION_KINDS, Shape

# Writes a plan as a form: survey, choices and settings for other tools, and our own sheet for the rest.


_XLSFORM_TYPE_BY_TYPE = {"number": "integer", "date": "date", "place": "geopoint"}
_LANGUAGE_LABELS = {"nl": "Nederlands", "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español",
          "ar": "العربية", "tr": "Türkçe", "pl": "Polski", "uk": "Українська"}  # fmt: skip


class InexpressibleFeature(StrEnum):
    """What the form cannot express, or expresses in another way."""

    LAYERS = "layers"  # a layer becomes a group, after which the respondent cannot stop
    WHY = "why"  # purpose, use and owner are in our own sheet
    LETTING_GO = "letting_go"
    AREA = "area"
    RESPONDENT = "respondent"
    TYPE = "type"
    CONDITION = "condition"
    JOINING = "joining"


@dataclass(frozen=True)
class ExportedForm:
    """Rows per sheet, and what the form cannot express: (code, question concerned)."""

    sheets: dict[str, list[list[str]]]
    untold: list[tuple[InexpressibleFeature, str]] = field(default_factory=list)

    def workbook(self) -> bytes:
        book = openpyxl.Workbook(write_only=True)
        for name, rows in self.sheets.items():
            sheet = book.create_sheet(name)
            sheet.freeze_panes = "A2"
            for number, row in enumerate(rows):
                sheet.append([_cell(sheet, value, bold=number == 0) for value in row])
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()


def form_from_plan(
    plan: SurveyPlan, *, languages: Sequence[str], form_id: str, version: str = ""
) -> ExportedForm:
    """The form of a plan, with a column per language; names are the keys of the plan."""
    return _XLSFormWriter(plan, list(languages) or ["nl"]).write(form_id, version)


def _heading(language: str) -> str:
    return f"{_LANGUAGE_LABELS.get(language, language.capitalize())} ({language})"


class _XLSFormWriter:
    def __init__(self, plan: SurveyPlan, languages: list[str]) -> None:
        self.plan, self.languages = plan, languages
        self.known: dict[str, EarlierQuestion] = {}
        self.extras: list[tuple[str, str, str, str]] = []
        self.untold: list[tuple[InexpressibleFeature, str]] = []
        self.asks: set[str] = set()
        self.lists: list[list[str]] = []

    def write(self, form_id: str, version: str) -> ExportedForm:
        rows = [
            row
            for number, layer in enumerate(self.plan.layers, 1)
            if layer.questions
            for row in self._layer(number, layer)
        ]
        hidden = [self._row("hidden", name) for name in (RESPONDENT, AREA_FIELD) if name in self.asks]
        for name in (RESPONDENT, AREA_FIELD):
            if name in self.asks:
                self.untold.append(
                    (InexpressibleFeature.RESPONDENT if name == RESPONDENT else InexpressibleFeature.AREA, "")
                )
        self._survey()
        labels = [_heading(code) for code in self.languages]
        sheets = {
            "survey": [
                ["type", "name", *(f"label::{label}" for label in labels), *(f"hint::{label}" for label in labels),
                 "relevant", "appearance", "constraint"],
                *hidden,
                *rows,
            ],
            "choices": [["list_name", "name", *(f"label::{label}" for label in labels)], *self.lists],
            "settings": [
                ["form_title", "form_id", "version", "default_language"],
                [self._title(), form_id, version, labels[0]],
            ],
            EXTRAS_SHEET_NAME: [list(EXTRAS_HEADINGS), *(list(row) for row in self.extras)],
        }  # fmt: skip
        return ExportedForm(sheets, list(dict.fromkeys(self.untold)))

    def _title(self) -> str:
        return self.plan.title.get(self.languages[0]) or next(iter(self.plan.title.values()), "") or "…"

    def _survey(self) -> None:
        plan = self.plan
        texts = {name: getattr(plan, name) for name in SURVEY_TEXTS}
        self._note(
            "survey",
            texts
            | {
                "influence": plan.influence,
                "without_contact": plan.without_contact,
                "stale": list(plan.stale),
            },
        )
        self._note("card", plan.card)
        if len(plan.layers) > 1:
            self.untold.append((InexpressibleFeature.LAYERS, ""))
        self.untold.append((InexpressibleFeature.WHY, ""))
        if plan.card and not plan.without_contact:
            self.untold.append((InexpressibleFeature.JOINING, ""))

    def _layer(self, number: int, layer: LayerPlan) -> Iterator[list[str]]:
        name = f"layer_{number}"
        yield self._row(
            "begin_group",
            name,
            layer.title,
            relevant=self._relevant(layer.condition, name),
            appearance="field-list" if layer.one_page else "",
        )
        self._note(f"layer:{name}", {"theme": layer.theme, "stale": list(layer.stale)})
        passed_by = walk.skipping_answers(layer)
        for question in layer.questions:
            condition = walk.add_skip_condition(question.condition, passed_by.get(question.key, []))
            yield self._question(question, self._relevant(condition, question.key))
        yield self._row("end_group", name)

    def _question(self, plan: QuestionPlan, relevant: str) -> list[str]:
        kind = QUESTION_KINDS.get(plan.type)
        type, appearance = "text", ""
        if kind and plan.options and kind.shape is not Shape.TEXT:
            type = f"{'select_one' if kind.shape is Shape.ONE else 'select_multiple'} {plan.key}"
            appearance = "likert" if kind.ordered else ""
            self._list(plan)
            if kind.shape not in (Shape.ONE, Shape.MANY):
                self.untold.append((InexpressibleFeature.TYPE, plan.key))
        elif plan.type in _XLSFORM_TYPE_BY_TYPE:
            type = _XLSFORM_TYPE_BY_TYPE[plan.type]
        else:
            appearance = "multiline" if plan.type != "short_text" else ""
            if plan.type not in ("short_text", "long_text"):
                self.untold.append((InexpressibleFeature.TYPE, plan.key))
        most = plan.settings.get("most") if type.startswith("select_multiple") else None
        row = self._row(
            type,
            plan.key,
            plan.text,
            plan.hint,
            relevant=relevant,
            appearance=appearance,
            constraint=f"count-selected(.) <= {most}" if most else "",
        )
        settings = {name: value for name, value in plan.settings.items() if not (most and name == "most")}
        self._note(
            f"question:{plan.key}",
            {
                "type": plan.type,
                "text": _with_tokens(plan.text),
                "hint": _with_tokens(plan.hint),
                "purpose": plan.purpose,
                "use": plan.use,
                "owner_role": plan.owner_role,
                "asks_needs": plan.asks_needs,
                "theme": plan.theme,
                "skip": "" if plan.skip == "skip" else plan.skip,
                "settings": settings,
                "stale": list(plan.stale),
            },
        )
        if plan.skip != "skip":
            self.untold.append((InexpressibleFeature.LETTING_GO, plan.key))
        dont_know = frozenset(option.key for option in plan.options if option.dont_know)
        if kind:
            self.known[plan.key] = EarlierQuestion(
                plan.key, plan.type, tuple(o.key for o in plan.options), dont_know
            )
        return row

    def _list(self, plan: QuestionPlan) -> None:
        for option in plan.options:
            self.lists.append(
                [plan.key, option.key, *(_plain(option.label.get(code, "")) for code in self.languages)]
            )
            self._note(
                f"choice:{plan.key}:{option.key}",
                {
                    "hint": option.hint,
                    "theme": option.theme,
                    "dont_know": option.dont_know,
                    "counts_as": option.counts_as,
                    "then": option.then,
                    "stale": list(option.stale),
                },
            )

    def _relevant(self, tree: Any, name: str) -> str:
        if tree is None:
            return ""
        try:
            said = write_expression(tree, self.known)
        except (UntranslatableExpression, KeyError):
            self.untold.append((InexpressibleFeature.CONDITION, name))
            return ""
        self.asks |= {each for each in (RESPONDENT, AREA_FIELD) if f"${{{each}}}" in said}
        return said

    def _row(
        self,
        type: str,
        name: str,
        label: Mapping[str, str] | None = None,
        hint: Mapping[str, str] | None = None,
        *,
        relevant: str = "",
        appearance: str = "",
        constraint: str = "",
    ) -> list[str]:
        label, hint = label or {}, hint or {}
        labels = [_plain(label.get(code, "")) for code in self.languages]
        hints = [_plain(hint.get(code, "")) for code in self.languages]
        return [type, name, *labels, *hints, relevant, appearance, constraint]

    def _note(self, about: str, fields: Mapping[str, Any]) -> None:
        self.extras += extras_rows(about, fields)


def _plain(words: str) -> str:
    """Replaces our tokens for earlier answers with theirs, and escapes anything else that looks like theirs."""
    return TOKEN.sub(lambda found: f"\0{{{found[1]}}}", words.replace("${", "$ {")).replace("\0", "$")


def _with_tokens(texts: Mapping[str, str]) -> dict[str, str]:
    return {code: words for code, words in texts.items() if TOKEN.search(words)}


def _cell(sheet: Any, value: str, *, bold: bool) -> Any:
    """A text cell, whatever it begins with: a spreadsheet must never read a text as a formula."""
    cell = openpyxl.cell.WriteOnlyCell(sheet, value=None)
    if value:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


# What XLSForm cannot express, in our own sheet: other tools ignore it, and an exported form can be imported
# unchanged.
#
# One row per text or mark: about, field, language, words. `about` is survey, card, layer:<group>,
# question:<name> or choice:<question>:<name>. Lists and settings are JSON.


EXTRAS_SHEET_NAME = "nabij"
EXTRAS_HEADINGS = ("about", "field", "language", "words")

# A piped earlier answer; here it names a key.
TOKEN = piping.TOKEN

Extras = dict[str, dict[str, Any]]

BOOLEAN_FIELDS = frozenset({"asks_needs", "dont_know", "without_contact", "one_page"})
JSON_FIELDS = frozenset({"settings", "stale"})


def extras_rows(about: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for all fields that are not empty."""
    for name, value in fields.items():
        if not value:
            continue
        if name in JSON_FIELDS:
            yield about, name, "", json.dumps(value, ensure_ascii=False, sort_keys=True)
        elif isinstance(value, Mapping):
            for language, words in value.items():
                if words:
                    yield about, name, language, words
        else:
            yield about, name, "", "yes" if value is True else str(value)


def read_extras(sheet: Iterator[tuple[str, str, str, str]]) -> Extras:
    """Inverse of extras_rows; unreadable values are dropped."""
    found: Extras = {}
    for about, name, language, value in sheet:
        fields = found.setdefault(about, {})
        if name in JSON_FIELDS:
            try:
                fields[name] = json.loads(value)
            except ValueError:
                continue
        elif name in BOOLEAN_FIELDS:
            fields[name] = value.lower() in ("yes", "true", "1", "ja")
        elif language:
            kept = fields.setdefault(name, {})
            if isinstance(kept, dict):
                kept[language] = value
        else:
            fields[name] = value
    return found


def restore_branches(layer: LayerPlan) -> LayerPlan:
    """The layer with the conditions its author wrote: those that branches add are derived from the options.

    If somebody changed a condition in the file since, that condition is kept and all branches are dropped.
    """
    passed_by = walk.skipping_answers(layer)
    try:
        questions = [
            replace(
                question,
                condition=walk.remove_skip_condition(question.condition, passed_by.get(question.key, [])),
            )
            for question in layer.questions
        ]
    except ValueError:
        questions = [
            replace(question, options=tuple(replace(option, then="") for option in question.options))
            for question in layer.questions
        ]
    return replace(layer, questions=tuple(questions))
