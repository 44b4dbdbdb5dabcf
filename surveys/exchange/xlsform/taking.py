"""XLSForm to a draft."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.exchange.xlsform import giving as own
from surveys.exchange.xlsform.book import (
    FALSE_VALUES,
    GROUP,
    LAYOUT_APPEARANCES,
    MAX_SELECTED_PATTERN,
    OTHER_OPTION_TEXTS,
    REMARK_BY_COLUMN,
    SELECT_PATTERN,
    SKIP_REMARK_BY_TYPE,
    XLSFORM_TYPES,
    YES_NO,
    Book,
    SheetRow,
)
from surveys.exchange.xlsform.form import LENGTHS, MAX_TEXT_LENGTH, XlsForm
from surveys.exchange.xlsform.relevant import (
    AREA_FIELD,
    RESPONDENT,
    EarlierQuestion,
    UntranslatableExpression,
    parse_expression,
    questions_in,
)
from surveys.exchange.xlsform.report import Remark, RemarkCode, UnusableForm, UnusableFormReason
from surveys.library.plan import SURVEY_TEXTS, LayerPlan, OptionPlan, QuestionPlan, SurveyPlan
from surveys.questionnaire.document import QUESTION_KINDS, Shape

# Reads a form into a plan: groups become layers, and what cannot be imported becomes a remark.


MAX_QUESTIONS = 300
MAX_CHOICES = 30  # as in the builder: more is unreadable on a phone


@dataclass(frozen=True)
class ImportedForm:
    plan: SurveyPlan
    languages: tuple[str, ...]
    remarks: tuple[Remark, ...]

    @property
    def count(self) -> int:
        return sum(len(layer.questions) for layer in self.plan.layers)


@dataclass
class _Layer:
    key: str
    title: dict[str, str]
    row: SheetRow | None = None
    condition: str = ""
    one_page: bool = False
    questions: list[QuestionPlan] = field(default_factory=list)


def plan_from_form(book: Book, *, languages: Sequence[str], unnamed: str) -> ImportedForm:
    """The plan of a form. `languages` are those of the municipality; `unnamed` is the language of texts whose
    column names none. Raises Unusable if no draft can be made.
    """
    return _XLSFormReader(XlsForm(book, tuple(languages), unnamed)).read()


class _XLSFormReader:
    def __init__(self, form: XlsForm) -> None:
        self.form = form
        self.layers: list[_Layer] = []
        self.groups: list[tuple[str, SheetRow, str]] = []  # kind, starting row, condition
        self.known: dict[str, EarlierQuestion] = {}
        self.note: tuple[SheetRow, dict[str, str]] | None = None

    def read(self) -> ImportedForm:
        for row in self.form.survey.rows:
            self._row(row)
        self._drop_note()
        for kind, row, _condition in self.groups:
            self.form.say(RemarkCode.NOT_CLOSED, row, "type", kind)
        self.form.add_unused_list_remarks()
        layers = [layer for layer in self.layers if layer.questions]
        for layer in self.layers:
            if layer.row and not layer.questions:
                self.form.say(RemarkCode.EMPTY_GROUP, layer.row, "type", layer.key)
        if not layers:
            raise UnusableForm(UnusableFormReason.NOTHING, remarks=self.form.sorted_remarks())
        plan = self._plan(layers)
        return ImportedForm(plan, self._spoken(layers), self.form.sorted_remarks())

    # --- row by row

    def _row(self, row: SheetRow) -> None:
        type = re.sub(r"\s+", " ", self.form.survey.cell(row, "type"))
        if type.startswith("#"):
            return
        name = self.form.survey.cell(row, "name")
        if not type:
            self.form.say(RemarkCode.NO_TYPE, row, "type", name or self.form.survey.cell(row, "label"))
            return
        if found := GROUP.match(type):
            self._group(found["what"].lower(), found["kind"].lower(), row, name)
            return
        if name in (RESPONDENT, AREA_FIELD):
            return
        low = type.lower()
        if low == "note":
            self._note(row)
            return
        if code := SKIP_REMARK_BY_TYPE.get(low.removeprefix("uri:")):
            self.form.say(code, row, "type", f"{type} {name}".strip())
            return
        if found := SELECT_PATTERN.match(type):
            self._select(found, row, name)
        elif low in XLSFORM_TYPES:
            here, code = XLSFORM_TYPES[low]
            if here not in QUESTION_KINDS:
                here, code = "short_text", code or RemarkCode.AS_TEXT
            if code is RemarkCode.AS_TEXT:
                here = "short_text"
            if here == "short_text" and "multiline" in self.form.survey.cell(row, "appearance"):
                here = "long_text"
            if code:
                self.form.say(code, row, "type", type)
            self._question(row, name, here)
        else:
            self.form.say(RemarkCode.UNKNOWN_TYPE, row, "type", f"{type} {name}".strip())

    def _group(self, what: str, kind: str, row: SheetRow, name: str) -> None:
        if what == "end":
            self._drop_note()
            if self.groups:
                self.groups.pop()
                if not self.groups:
                    self.layers.append(_Layer("", {}))
            else:
                self.form.say(RemarkCode.NOT_OPENED, row, "type", name or kind)
            return
        self._drop_note()
        condition = self.form.survey.cell(row, "relevant")
        if kind in ("repeat", "loop"):
            self.form.say(RemarkCode.REPEAT, row, "type", name)
        if self.groups:
            if kind == "group" and (title := self.form.texts(self.form.survey, row, "label", "layer")):
                self.form.say(RemarkCode.INNER_GROUP, row, "label", next(iter(title.values())))
        else:
            self.layers.append(
                _Layer(
                    name,
                    self.form.texts(self.form.survey, row, "label", "layer"),
                    row,
                    condition,
                    one_page="field-list" in self.form.survey.cell(row, "appearance"),
                )
            )
            condition = ""
        self.groups.append((kind, row, condition))
        self._cells(row, skip=("appearance",))

    def _note(self, row: SheetRow) -> None:
        """A note becomes the hint of the next question, if nothing else depends on it."""
        self._drop_note()
        words = self.form.texts(self.form.survey, row, "label", "hint")
        self.note = (row, words)
        if (
            not words
            or self.form.survey.cell(row, "relevant")
            or any(len(said) > LENGTHS["hint"] for said in words.values())
        ):
            self._drop_note()
        self._cells(row, skip=("appearance",))

    def _drop_note(self) -> None:
        if self.note:
            row, words = self.note
            self.form.say(RemarkCode.NOTE, row, "label", next(iter(words.values()), ""))
        self.note = None

    def _select(self, found: re.Match[str], row: SheetRow, name: str) -> None:
        if found["file"] or found["external"]:
            self.form.say(RemarkCode.ELSEWHERE, row, "type", self.form.survey.cell(row, "type"))
            return
        listed = found["list"] or ""
        choices = self.form.lists.get(listed, [])
        self.form.used_lists.add(listed)
        if not choices:
            self.form.say(RemarkCode.NO_CHOICES, row, "type", listed or self.form.survey.cell(row, "type"))
            return
        if len(choices) > MAX_CHOICES:
            self.form.say(RemarkCode.TOO_MANY_CHOICES, row, "type", f"{listed}: {len(choices)}")
            self._question(row, name, "short_text")
            return
        names = {each.lower() for _row, each, _label in choices}
        if found["one"]:
            is_scale = "likert" in self.form.survey.cell(row, "appearance")
            type = "scale" if is_scale else "yes_no" if names in YES_NO else "one_choice"
        else:
            type = "several_choices"
        if found["rank"]:
            self.form.say(RemarkCode.AS_ONE_OF_MANY, row, "type", listed)
        options = [OptionPlan(each, label) for _row, each, label in choices]
        if found["other"]:
            self.form.say(RemarkCode.OR_OTHER, row, "type", self.form.survey.cell(row, "type"))
            key = "other" if "other" not in names else "or_other"
            options.append(
                OptionPlan(
                    key,
                    {
                        code: OTHER_OPTION_TEXTS.get(code, OTHER_OPTION_TEXTS["en"])
                        for code in self.form.codes()
                    },
                )
            )
        self._question(row, name, type, tuple(options))

    def _question(self, row: SheetRow, name: str, type: str, options: tuple[OptionPlan, ...] = ()) -> None:
        if sum(len(layer.questions) for layer in self.layers) >= MAX_QUESTIONS:
            raise UnusableForm(UnusableFormReason.TOO_MANY_QUESTIONS, str(MAX_QUESTIONS))
        if not self.layers:
            self.layers.append(_Layer("", {}))
        layer = self.layers[-1]
        key = name or f"row{row.number}"
        if key in self.known:
            self.form.say(RemarkCode.SAME_NAME, row, "name", key)
            key = f"{key}_row{row.number}"
        text = self.form.texts(self.form.survey, row, "label", "question")
        if not text:
            self.form.say(RemarkCode.NO_LABEL, row, "label", name)
            text = {self.form.unnamed: name} if name else {}
        hint = self.form.texts(self.form.survey, row, "hint", "hint")
        if self.note:
            note, words = self.note
            if hint:
                self._drop_note()
            else:
                self.form.say(RemarkCode.NOTE_AS_HINT, note, "label", next(iter(words.values()), ""))
                hint = words
        self.note = None
        plan = QuestionPlan(
            key=key,
            type=type,
            text=text,
            hint=hint,
            purpose={},
            use={},
            owner_role={},
            options=options,
            condition=self._conditions(row),
            settings=self._cells(row, type=type),
        )
        plan = apply_extras(plan, name, self.form.extras, self.known)
        if not any("…" in words for texts in (plan.text, plan.hint) for words in texts.values()):
            self.form.withdraw_remarks(RemarkCode.PIPED, row)  # the token was restored from our own sheet
        layer.questions.append(plan)
        self.known[key] = EarlierQuestion(
            key,
            plan.type,
            tuple(o.key for o in plan.options),
            frozenset(o.key for o in plan.options if o.dont_know),
        )

    def _cells(self, row: SheetRow, *, type: str = "", skip: Sequence[str] = ()) -> dict[str, Any]:
        """Reports cells that we cannot import; returns the settings that they amount to."""
        settings: dict[str, Any] = {}
        for what, code in REMARK_BY_COLUMN.items():
            for column, said in self.form.survey.cells(row, what):
                most = (
                    MAX_SELECTED_PATTERN.match(said)
                    if what == "constraint" and type == "several_choices"
                    else None
                )
                if most:
                    settings["most"] = int(most[2]) - (most[1] == "<")
                elif what not in ("required", "readonly") or said.lower() not in FALSE_VALUES:
                    self.form.say(code, row, column.heading, said)
        for column, said in self.form.survey.cells(row, "appearance"):
            if "appearance" not in skip and not set(said.lower().split()) <= LAYOUT_APPEARANCES:
                self.form.say(RemarkCode.APPEARANCE, row, column.heading, said)
        return settings

    # --- conditions

    def _conditions(self, row: SheetRow) -> Any:
        """Its own condition and those of the groups around it, except the outermost, which is the layer's."""
        trees = [
            tree
            for place, said in [(at, condition) for _kind, at, condition in self.groups]
            + [(row, self.form.survey.cell(row, "relevant"))]
            if said and (tree := self._condition(place, said))
        ]
        return {"all": trees} if len(trees) > 1 else trees[0] if trees else None

    def _condition(self, row: SheetRow, said: str) -> Any:
        heading = next(
            (column.heading for column, _said in self.form.survey.cells(row, "relevant")), "relevant"
        )
        try:
            return parse_expression(said, self.known)
        except UntranslatableExpression as unread:
            missing = unread.about or next(
                (name for name in questions_in(said) if name not in self.known), ""
            )
            if missing and missing not in self.known:
                self.form.say(RemarkCode.CONDITION_ON, row, heading, said)
            else:
                self.form.say(RemarkCode.CONDITION, row, heading, said)
            return None

    # --- assembling the plan

    def _plan(self, layers: list[_Layer]) -> SurveyPlan:
        extra, card = self.form.extras.get("survey", {}), self.form.extras.get("card", {})
        texts = {name: parse_texts(extra.get(name)) for name in SURVEY_TEXTS}
        title = self.form.settings.get("form_title", "")
        if title and not texts["title"]:
            texts["title"] = {self.form.unnamed: title[: LENGTHS["title"]]}
        return SurveyPlan(
            slug="form",
            name=texts["title"],
            about={},
            **texts,
            influence=str(extra.get("influence") or ""),
            card={row: parse_texts(words) for row, words in card.items()},
            layers=tuple(self._layer(layer, is_first=not place) for place, layer in enumerate(layers)),
            without_contact=extra.get("without_contact") is True,
            stale=string_tuple(extra.get("stale")),
            proposed=(),  # a file does not tell what was confirmed
        )

    def _layer(self, layer: _Layer, *, is_first: bool) -> LayerPlan:
        extra = self.form.extras.get(f"layer:{layer.key}", {}) if layer.key else {}
        condition = None
        if layer.condition and layer.row:
            if is_first:
                self.form.say(RemarkCode.FIRST_CONDITION, layer.row, "relevant", layer.condition)
            else:
                condition = self._layer_condition(layer)
        plan = LayerPlan(
            title=layer.title,
            questions=tuple(layer.questions),
            theme=str(extra.get("theme") or "")[:50],
            one_page=layer.one_page,
            condition=condition,
            stale=string_tuple(extra.get("stale")),
        )
        return own.restore_branches(plan)

    def _layer_condition(self, layer: _Layer) -> Any:
        """Read when all questions are known, but may only refer to questions before the layer."""
        mine = {question.key for question in layer.questions}
        later = False
        before: dict[str, EarlierQuestion] = {}
        for each in self.layers:
            later = later or each is layer
            if not later:
                before |= {question.key: self.known[question.key] for question in each.questions}
        kept, self.known = self.known, {key: one for key, one in before.items() if key not in mine}
        try:
            assert layer.row
            return self._condition(layer.row, layer.condition)
        finally:
            self.known = kept

    def _spoken(self, layers: list[_Layer]) -> tuple[str, ...]:
        """The languages that have texts, the language of unnamed texts first."""
        said = {
            code
            for layer in layers
            for question in layer.questions
            for code, words in question.text.items()
            if words
        } or {self.form.unnamed}
        order = [self.form.unnamed, *self.form.house, *sorted(said)]
        return tuple(dict.fromkeys(code for code in order if code in said))


# Applies our own sheet in a form to its questions, choices and layers, as far as it fits.


_SKIPS = frozenset({"skip", "dont_know", "rather_not"})
_FIELDS: Mapping[str, type] = {
    "most": int,
    "least": int,
    "ask_theme": bool,
    "unit": dict,
    "earliest": str,
    "latest": str,
}


def apply_extras(plan: QuestionPlan, name: str, extras: own.Extras, known: Container[str]) -> QuestionPlan:
    """`known` are the earlier questions, whose answers its texts may repeat."""
    extra = extras.get(f"question:{name}", {})
    options = tuple(_option(option, extras.get(f"choice:{name}:{option.key}", {})) for option in plan.options)
    if not extra:
        return replace(plan, options=options)
    type = str(extra.get("type") or "")
    # Our own types that other tools lack are exported as text or several choices.
    base = QUESTION_KINDS[plan.type].shape
    theirs = (Shape.ONE, Shape.MANY, Shape.TEXT)
    fits = type in QUESTION_KINDS and (
        base in (Shape.TEXT, QUESTION_KINDS[type].shape)
        or (base is Shape.MANY and QUESTION_KINDS[type].shape not in theirs)
    )
    return replace(
        plan,
        text=_with_tokens(plan.text, extra.get("text"), known),
        hint=_with_tokens(plan.hint, extra.get("hint"), known),
        type=type if fits else plan.type,
        options=options,
        purpose=parse_texts(extra.get("purpose")),
        use=parse_texts(extra.get("use")),
        owner_role=parse_texts(extra.get("owner_role")),
        asks_needs=extra.get("asks_needs") is True,
        theme=str(extra.get("theme") or "")[:50],
        skip=str(extra["skip"]) if extra.get("skip") in _SKIPS else plan.skip,
        settings=dict(plan.settings) | _settings_of(extra.get("settings")),
        stale=string_tuple(extra.get("stale")),
    )


def _with_tokens(texts: Mapping[str, str], kept: object, known: Container[str]) -> dict[str, str]:
    """Texts with their original tokens for earlier answers, unless somebody changed the text since."""
    said = parse_texts(kept)
    return {
        code: said[code]
        if code in said and own.TOKEN.sub("…", said[code]) == words and _all_known(said[code], known)
        else words
        for code, words in texts.items()
    }


def _all_known(words: str, known: Container[str]) -> bool:
    return all(found[1] in known for found in own.TOKEN.finditer(words))


def _option(option: OptionPlan, extra: Mapping[str, Any]) -> OptionPlan:
    return replace(
        option,
        hint=parse_texts(extra.get("hint")),
        theme=str(extra.get("theme") or "")[:50],
        dont_know=extra.get("dont_know") is True,
        counts_as=str(extra.get("counts_as") or ""),
        then=str(extra.get("then") or ""),
        stale=string_tuple(extra.get("stale")),
    )


def parse_texts(raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        return {}
    return {
        str(code): words[:MAX_TEXT_LENGTH] for code, words in raw.items() if isinstance(words, str) and words
    }


def string_tuple(raw: object) -> tuple[str, ...]:
    return tuple(name for name in raw if isinstance(name, str)) if isinstance(raw, list) else ()


def _settings_of(raw: object) -> dict[str, Any]:
    """Settings whose values have the expected type."""
    if not isinstance(raw, Mapping):
        return {}
    found = {}
    for name, value in raw.items():
        expected = _FIELDS.get(name)
        if isinstance(value, Mapping):
            value = parse_texts(value)
        fits = type(value) is expected if expected else type(value) in (int, bool, str, dict)
        if fits:
            found[str(name)] = value
    return found
