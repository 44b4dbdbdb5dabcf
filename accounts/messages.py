"""Finds every translatable text in the code, so that a check can compare the catalogues with it.

GNU gettext does this as well but is a system package; `make check` needs only Python. Python files are parsed to a
syntax tree, templates with Django's own `templatize`.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation.template import templatize

from accounts.details import VERBS

SOURCES = (
    "core",
    "scenarios",
    "config",
    "surveys",
    "initiatives",
    "feedback",
    "neighbourhoods",
    "accounts",
    "templates",
)
# Our catalogue translates the pages of these libraries as well.
TRANSLATED_LIBRARIES = ("allauth",)
# Which texts a call takes before its other arguments: (has a context, has a plural).
CALLS = {
    "_": (False, False),
    "gettext": (False, False),
    "gettext_lazy": (False, False),
    "gettext_noop": (False, False),
    "N_": (False, False),
    "ngettext": (False, True),
    "ngettext_lazy": (False, True),
    "pgettext": (True, False),
    "pgettext_lazy": (True, False),
    "npgettext": (True, True),
    "npgettext_lazy": (True, True),
}
_LITERAL = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_FORMAT = r"[-#0+]*\d*(?:\.\d+)?[diouxXeEfFgGcrs]"
_PLACEHOLDER = re.compile(
    rf"(?<!%)(?:%%)*(?:%\((?P<name>\w+)\){_FORMAT}|(?P<percent>%{_FORMAT})(?!\w))"
    r"|(?<!\{)\{(?P<brace>\w*)(?:![rsa])?(?::[^{}]*)?\}(?!\})"
)
_TEMPLATE_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?(?:\s*,\s*{_LITERAL})?")


@dataclass(frozen=True, order=True)
class Text:
    """One text as gettext knows it; `plural` is empty when there is one form."""

    singular: str
    plural: str = ""
    context: str = ""


def texts_in_house(base: Path) -> dict[Text, str]:
    """Every text with the place where it first occurs, as `path:line`."""
    found: dict[Text, str] = {}
    for folder in SOURCES:
        for path in sorted((base / folder).rglob("*")):
            for line, text in texts_in_file(path):
                found.setdefault(text, f"{path.relative_to(base)}:{line}")
    return found


def texts_in_libraries(base: Path) -> set[Text]:
    """Texts on pages of the libraries, except for templates that we override."""
    ours = {str(path.relative_to(base / "templates")) for path in (base / "templates").rglob("*")}
    found: set[Text] = set()
    for name in TRANSLATED_LIBRARIES:
        spec = find_spec(name)
        for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
            for path in folder.rglob("*"):
                if str(path).partition("/templates/")[2] not in ours:
                    found |= {text for _line, text in texts_in_file(path)}
    return found


def texts_in_file(path: Path) -> Iterator[tuple[int, Text]]:
    if path.suffix == ".py" and "migrations" not in path.parts:
        yield from texts_in_python(path.read_text())
    elif path.suffix in (".html", ".txt", ".svg"):
        yield from texts_in_template(path.read_text())


def placeholders(text: str) -> Counter[str]:
    """The placeholders: `%(name)s` and `{name}` counted once per name, `%s` and `{}` as often as they occur."""
    found: Counter[str] = Counter()
    for match in _PLACEHOLDER.finditer(text):
        if match["name"]:
            found[f"%({match['name']})s"] = 1
        elif match["percent"]:
            found[match["percent"]] += 1
        elif match["brace"]:
            found[f"{{{match['brace']}}}"] = 1
        else:
            found["{}"] += 1
    return found


def texts_in_python(source: str) -> Iterator[tuple[int, Text]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for verb in verbs_of_event(node):
                yield node.lineno, Text(verb, context="log")
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            literals: list[Any] = [part.value for part in node.args if isinstance(part, ast.Constant)]
            # Of `pgettext("log", verb)` only the context is a literal; the possible texts are found elsewhere.
            enough = name in CALLS and len(literals) >= 1 + sum(CALLS[name])
            if enough and all(isinstance(part, str) for part in literals):
                yield node.lineno, as_text(name, literals)


def verbs_of_event(call: ast.Call) -> list[str]:
    """The verbs in `Event.log("backed", ...)` that VERBS lacks; either of a condition. Shown on the log page."""
    function = call.func
    is_log = isinstance(function, ast.Attribute) and function.attr == "log"
    if not is_log or getattr(getattr(function, "value", None), "id", "") != "Event" or not call.args:
        return []
    verb = call.args[0]
    verbs = [verb.body, verb.orelse] if isinstance(verb, ast.IfExp) else [verb]
    said = [str(one.value) for one in verbs if isinstance(one, ast.Constant)]
    return [one for one in said if one not in VERBS]


def texts_in_template(source: str) -> Iterator[tuple[int, Text]]:
    as_python = templatize(source)
    for match in _TEMPLATE_CALL.finditer(as_python):
        name, *literals = match.groups()
        line = as_python.count("\n", 0, match.start()) + 1
        yield line, as_text(name, [ast.literal_eval(part) for part in literals if part])


def as_text(name: str, literals: list[str]) -> Text:
    has_context, has_plural = CALLS[name]
    context = literals.pop(0) if has_context else ""
    return Text(literals[0], literals[1] if has_plural else "", context)
