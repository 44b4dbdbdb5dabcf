"""A condition as plain form fields: tests on earlier answers, areas, kinds of respondent, and all or any of
them.

The JSON is that of surveys/questionnaire/conditions.py. A tree deeper than this form can show is kept, unless
somebody ticks that it may be replaced.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.forms import ConcurrentEditForm
from core.i18n import pick
from neighbourhoods.models import Area
from surveys.models import Question
from surveys.questionnaire import counting
from surveys.questionnaire.document import Shape
from surveys.questionnaire.piping import without_tokens
from surveys.questionnaire.question_types import QUESTION_TYPES
from surveys.states import Respondent

EMPTY_ROWS = 2
NumberedQuestion = tuple[str, Question]
TEST_BY_SHAPE = {Shape.ONE: "is", Shape.MANY: "includes"}


class PlainChoices(BaseChoiceIterator):
    """Choices used as given: Django copies the list for each field and once more for its widget."""

    def __init__(self, rows: list[tuple[str, Any]]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.rows)


class LongSelect(forms.Select):
    """A select of a thousand answers, the same in each row: rendered once, as that is most of the work of its
    page.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = self.build_attrs(self.attrs, attrs) | {"class": "utrecht-textbox"}
        options = _render_choices(
            tuple(
                (key, tuple(said) if isinstance(said, list | tuple) else said) for key, said in self.choices
            )
        )
        if value:
            options = options.replace(_option(value), _option(value, is_chosen=True), 1)
        # Safe: the options are output of format_html, changed only by other output of format_html.
        return format_html('<select name="{}"{}>{}</select>', name, flatatt(attributes), mark_safe(options))


@lru_cache(maxsize=8)
def _render_choices(choices: tuple[tuple[str, Any], ...]) -> str:
    return format_html_join(
        "",
        "{}",
        ((_group(key, said) if isinstance(said, tuple) else _line(key, said),) for key, said in choices),
    )


def _group(label: str, rows: Iterable[tuple[str, str]]) -> SafeString:
    lines = format_html_join("", "{}", ((_line(*row),) for row in rows))
    return format_html('<optgroup label="{}">{}</optgroup>', label, lines)


def _line(value: str, label: str) -> SafeString:
    return format_html("{}{}</option>", _option(value), label)


def _option(value: str, *, is_chosen: bool = False) -> SafeString:
    return format_html('<option value="{}"{}>', value, " selected" if is_chosen else "")


class ConditionForm(ConcurrentEditForm):
    match = forms.ChoiceField(
        label=gettext_lazy("When is this asked?"),
        choices=[
            ("all", gettext_lazy("when all of this is true")),
            ("any", gettext_lazy("when at least one of these is true")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Lives in"), widget=forms.CheckboxSelectMultiple, required=False
    )
    respondents = forms.MultipleChoiceField(
        label=gettext_lazy("Answers as"),
        choices=Respondent.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    replace = forms.BooleanField(label=gettext_lazy("Take this condition away"), required=False)

    def __init__(
        self, data: Any = None, *, condition: Any, earlier: Sequence[NumberedQuestion], areas: Iterable[Area]
    ) -> None:
        self.condition = condition
        match, leaves = _flatten_condition(condition)
        self.is_too_deep = leaves is None
        leaves = leaves or []
        tests = [test for leaf in leaves if (test := _test(leaf))]
        super().__init__(
            data,
            prefix="condition",
            initial={
                "match": match,
                "areas": _ids(leaves, "in_area"),
                "respondents": _ids(leaves, "respondent"),
            },
        )
        self.fields["areas"].choices = [(str(area.pk), area.name) for area in areas]  # type: ignore[attr-defined]
        choices = [("", _("no test")), *_choices(earlier)]
        rows = len(tests) + EMPTY_ROWS if len(choices) > 1 else len(tests)
        known = {value for _group, group in choices[1:] for value, _label in group}
        for row in range(rows):
            test = tests[row] if row < len(tests) else ""
            lost = [(test, _missing_test_label(test))] if test and test not in known else []
            self.fields[f"test_{row}"] = forms.ChoiceField(
                label=_("Earlier answer %s") % (row + 1),
                choices=PlainChoices([*choices, *lost]),
                required=False,
                initial=test,
                widget=LongSelect,
            )
        if self.is_too_deep:
            self.fields = {"replace": self.fields["replace"]}
        else:
            del self.fields["replace"]

    @property
    def is_set(self) -> bool:
        return self.condition is not None

    @property
    def tests(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("test_")]

    def to_json(self) -> Any:
        if self.is_too_deep:
            return None if self.cleaned_data["replace"] else self.condition
        data = self.cleaned_data
        tests = dict.fromkeys(value for name, value in data.items() if name.startswith("test_") and value)
        leaves = [_leaf(test) for test in tests]
        if data["areas"]:
            leaves.append({"in_area": data["areas"]})
        if data["respondents"]:
            leaves.append({"respondent": data["respondents"]})
        if len(leaves) < 2:
            return leaves[0] if leaves else None
        return {data["match"] or "all": leaves}


def _choices(earlier: Sequence[NumberedQuestion]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Per question all tests that can be made on it. The number stays visible when the list is closed."""
    language = get_language() or ""
    return [
        (
            f"{number} {pick(without_tokens(question.text), language)}",
            [(value, f"{number} {label}") for value, label in _test_choices_of_question(question)],
        )
        for number, question in earlier
    ]


def _test_choices_of_question(question: Question) -> list[tuple[str, str]]:
    kind, id = QUESTION_TYPES[question.type].kind, str(question.pk)
    found = [(f"answered:{id}", _("was answered")), (f"not-answered:{id}", _("was not answered"))]
    test = TEST_BY_SHAPE.get(kind.shape)
    options = [option for option in question.options.all() if not option.retired] if test else []
    for option in options:
        label = pick(option.label, get_language() or "")
        found.append((f"{test}:{id}:{option.pk}", _("chose “%s”") % label))
    for option in options:
        label = pick(option.label, get_language() or "")
        found.append((f"not-{test}:{id}:{option.pk}", _("did not choose “%s”") % label))
    if kind.ordered:
        for option in [option for option in options if not option.dont_know][:-1]:
            label = pick(option.label, get_language() or "")
            found.append((f"more_than:{id}:{option.pk}", _("further along than “%s”") % label))
    if kind.shape is Shape.NUMBER:
        starts = [band.least for band in counting.bands(*counting.bounds(question.settings))[1:]]
        found += [(f"at_least:{id}:{n}", _("at least %s") % n) for n in starts]
    return found


def _missing_test_label(test: str) -> str:
    """Label of a test that the list does not offer."""
    name, *_question, said = test.split(":")
    return _("at least %s") % said if name == "at_least" else _("asks about something that is gone")


def _flatten_condition(condition: Any) -> tuple[str, list[Any] | None]:
    """("all" or "any", leaves); leaves is None if the tree is deeper than the form."""
    if condition is None:
        return "all", []
    match condition:
        case {"any": [*parts]} | {"all": [*parts]}:
            match, leaves = next(iter(condition)), parts
        case _:
            match, leaves = "all", [condition]
    fits = all(_test(leaf) or "in_area" in leaf or "respondent" in leaf for leaf in leaves)
    return match, leaves if fits else None


def _test(leaf: Any) -> str:
    """The value of a leaf in the list of choices; "" if it is not in the list."""
    match leaf:
        case {"not": {"not": _}}:
            return ""
        case {"not": inner}:
            test = _test(inner)
            return f"not-{test}" if test and not test.startswith(("more_than", "at_least")) else ""
        case {"answered": str(question)}:
            return f"answered:{question}"
        case {"at_least": pair}:
            return f"at_least:{pair['question']}:{pair['n']}"
        case {"is": pair} | {"includes": pair} | {"more_than": pair}:
            return f"{next(iter(leaf))}:{pair['question']}:{pair['option']}"
    return ""


def _leaf(test: str) -> dict[str, Any]:
    if test.startswith("not-"):
        return {"not": _leaf(test.removeprefix("not-"))}
    name, question, *option = test.split(":", 2)
    if name == "at_least":
        return {name: {"question": question, "n": int(option[0])}}
    return {name: {"question": question, "option": option[0]}} if option else {name: question}


def _ids(leaves: list[Any], name: str) -> list[str]:
    return [id for leaf in leaves for id in leaf.get(name, [])]
