"""Translates conditions between `relevant` of XLSForm (a little XPath) and the trees of
surveys/questionnaire/conditions.py.

Only expressions that mean the same here are read. All others raise Unread, so that the question is asked of
everybody and the report says so. Questions and choices are named by their keys.

=====================================  ===============================================
``${q} = 'a'``                         the answer to q is a (several choices: is among them)
``selected(${q}, 'a')``                the same
``${q} != ''``, ``count-selected > 0`` q was answered
``${q} >= 3``                          the number is 3 or more
``and``, ``or``, ``not()``, brackets   as in English
``${nabij_respondent} = 'resident'``   kind of respondent; our own, in forms that we wrote
``${nabij_area} = '3'``                area where the respondent lives; likewise
=====================================  ===============================================
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.questionnaire.document import QUESTION_KINDS, Shape

RESPONDENT, AREA_FIELD = "nabij_respondent", "nabij_area"
_LONGEST = 2_000
MAX_DEPTH = 15

_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*[^{}]+?\s*\})|(?P<text>'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w.-]*))"
)


class UntranslatableExpression(ValueError):
    """An expression that has no equivalent here; `about` names the question if that is the cause."""

    def __init__(self, about: str = "") -> None:
        super().__init__(about or "expression")
        self.about = about


@dataclass(frozen=True)
class EarlierQuestion:
    """An earlier question as conditions need it: its key, its type and the keys of its choices in order."""

    key: str
    type: str
    choices: tuple[str, ...] = ()
    dont_know: frozenset[str] = frozenset()

    @property
    def shape(self) -> Shape:
        return QUESTION_KINDS[self.type].shape

    def beyond(self, choice: str) -> tuple[str, ...]:
        """The points of a scale after this choice."""
        points = [key for key in self.choices if key not in self.dont_know]
        return tuple(points[points.index(choice) + 1 :]) if choice in points else ()


def parse_expression(expression: str, known: Mapping[str, EarlierQuestion]) -> Any:
    """The tree of an expression; None if it is always true. Raises Unread."""
    if len(expression) > _LONGEST:
        raise UntranslatableExpression
    reader = _Reader(_tokens(expression), known)
    tree = reader.either()
    if reader.at < len(reader.tokens):
        raise UntranslatableExpression
    return None if tree is True else _plain(tree)


def write_expression(tree: Any, known: Mapping[str, EarlierQuestion]) -> str:
    """The expression of a tree, with brackets where needed. Raises Unread if XLSForm cannot express it."""
    match tree:
        case {"any": parts}:
            return " or ".join(_inner(part, known) for part in parts)
        case {"all": parts}:
            return " and ".join(_inner(part, known) for part in parts)
        case {"not": {"answered": key}}:
            return f"${{{key}}} = ''"
        case {"not": part}:
            return f"not({write_expression(part, known)})"
        case {"answered": key}:
            return f"${{{key}}} != ''"
        case {"is": pair}:
            return f"${{{pair['question']}}} = '{pair['option']}'"
        case {"includes": pair}:
            return f"selected(${{{pair['question']}}}, '{pair['option']}')"
        case {"more_than": pair}:
            beyond = known[pair["question"]].beyond(pair["option"])
            if not beyond:
                raise UntranslatableExpression
            # `selected` on a single choice marks a part of the scale: see _folded.
            return " or ".join(f"selected(${{{pair['question']}}}, '{choice}')" for choice in beyond)
        case {"at_least": pair}:
            return f"${{{pair['question']}}} >= {pair['n']}"
        case {"respondent": kinds}:
            return _one_of(RESPONDENT, kinds)
        case {"in_area": areas}:
            return _one_of(AREA_FIELD, areas)
    raise UntranslatableExpression


def questions_in(expression: str) -> list[str]:
    return re.findall(r"\$\{\s*([^{}]+?)\s*\}", expression)


def _inner(part: Any, known: Mapping[str, EarlierQuestion]) -> str:
    said = write_expression(part, known)
    return f"({said})" if next(iter(part)) in ("any", "all", "more_than", "respondent", "in_area") else said


def _one_of(name: str, values: Sequence[str]) -> str:
    return " or ".join(f"${{{name}}} = '{value}'" for value in values)


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, expression.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise UntranslatableExpression
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], known: Mapping[str, EarlierQuestion]) -> None:
        self.tokens, self.known, self.at, self.depth = tokens, known, 0, 0

    def either(self) -> Any:
        parts = [self.both()]
        while self.take("word", "or"):
            parts.append(self.both())
        if True in parts:
            return True
        if len(parts) == 1:
            return _rest_of_scale(parts, self.known) or parts[0]
        return _folded(parts, self.known)

    def both(self) -> Any:
        parts = [self.one()]
        while self.take("word", "and"):
            parts.append(self.one())
        parts = [part for part in parts if part is not True] or [True]
        return parts[0] if len(parts) == 1 else {"all": parts}

    def one(self) -> Any:
        kind, said = self.next()
        if (kind, said) == ("sign", "("):
            return self.bracket()
        if kind == "word":
            return self.call(said.lower())
        if kind == "ref":
            return self.compare(_name(said))
        raise UntranslatableExpression

    def bracket(self) -> Any:
        self.deeper()
        tree = self.either()
        self.need("sign", ")")
        self.depth -= 1
        return tree

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UntranslatableExpression

    def call(self, name: str) -> Any:
        self.need("sign", "(")
        match name:
            case "true":
                self.need("sign", ")")
                return True
            case "not":
                tree = self.bracket()
                if tree is True:
                    raise UntranslatableExpression
                return {"not": tree}
            case "selected":
                question = self.question(_name(self.need("ref")))
                self.need("sign", ",")
                choice = self.literal()
                self.need("sign", ")")
                return _Point(self._choice_test(question, choice))
            case "count-selected" | "string-length":
                question = self.question(_name(self.need("ref")))
                self.need("sign", ")")
                sign, count = self.need("sign"), self.need("number")
                if (sign, count) in ((">", "0"), (">=", "1"), ("!=", "0")):
                    return {"answered": question.key}
                if (sign, count) in (("=", "0"), ("<", "1"), ("<=", "0")):
                    return {"not": {"answered": question.key}}
        raise UntranslatableExpression

    def compare(self, name: str) -> Any:
        sign = self.need("sign")
        if name in (RESPONDENT, AREA_FIELD) and name not in self.known:
            if sign != "=":
                raise UntranslatableExpression
            return {"respondent" if name == RESPONDENT else "in_area": [self.literal()]}
        question = self.question(name)
        if question.shape is Shape.__members__.get("NUMBER") and sign in (">=", ">", "<", "<="):
            return self.number(question, sign)
        value = self.literal()
        if sign not in ("=", "!="):
            raise UntranslatableExpression
        if value == "":
            test: Any = {"answered": question.key}
            return test if sign == "!=" else {"not": test}
        test = self._choice_test(question, value)
        return test if sign == "=" else {"not": test}

    def number(self, question: EarlierQuestion, sign: str) -> Any:
        said = self.need("number")
        if "." in said:
            raise UntranslatableExpression
        n = int(said) + (1 if sign in (">", "<=") else 0)
        test = {"at_least": {"question": question.key, "n": n}}
        if sign in (">=", ">"):
            return test
        # Less than: only if a number was given, since no answer is not a small number.
        return {"all": [{"answered": question.key}, {"not": test}]}

    def _choice_test(self, question: EarlierQuestion, choice: str) -> Any:
        if choice not in question.choices and not choice.startswith("area:"):
            raise UntranslatableExpression(question.key)
        match question.shape:
            case Shape.ONE:
                return {"is": {"question": question.key, "option": choice}}
            case Shape.MANY:
                return {"includes": {"question": question.key, "option": choice}}
        raise UntranslatableExpression(question.key)

    def question(self, name: str) -> EarlierQuestion:
        if name not in self.known:
            raise UntranslatableExpression(name)
        return self.known[name]

    def literal(self) -> str:
        kind, said = self.next()
        if kind == "text":
            return said[1:-1].strip()
        if kind == "number":
            return said
        raise UntranslatableExpression

    def next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise UntranslatableExpression
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, kind: str, text: str) -> bool:
        if self.at < len(self.tokens) and (self.tokens[self.at][0], self.tokens[self.at][1].lower()) == (
            kind,
            text,
        ):
            self.at += 1
            return True
        return False

    def need(self, kind: str, text: str = "") -> str:
        found, value = self.next()
        if found != kind or (text and value != text):
            raise UntranslatableExpression
        return value


def _name(reference: str) -> str:
    return reference[2:-1].strip()


class _Point(dict[str, Any]):
    """A test written with `selected`; several of them on one scale can together be a part of it."""


def _folded(parts: list[Any], known: Mapping[str, EarlierQuestion]) -> Any:
    """An `or`; one over areas, kinds of respondent or the rest of a scale becomes a single test."""
    for name in ("respondent", "in_area"):
        if all(name in part for part in parts):
            return {name: [value for part in parts for value in part[name]]}
    return _rest_of_scale(parts, known) or {"any": parts}


def _rest_of_scale(parts: list[Any], known: Mapping[str, EarlierQuestion]) -> Any:
    if not all(isinstance(part, _Point) and "is" in part for part in parts):
        return None
    (question, *others) = {part["is"]["question"] for part in parts}
    by_key = {each.key: each for each in known.values()}
    if others or not QUESTION_KINDS[by_key[question].type].ordered:
        return None
    points = tuple(part["is"]["option"] for part in parts)
    for choice in by_key[question].choices:
        if by_key[question].beyond(choice) == points:
            return {"more_than": {"question": question, "option": choice}}
    return None


def _plain(tree: Any) -> Any:
    match tree:
        case {"any": parts} | {"all": parts}:
            return {next(iter(tree)): [_plain(part) for part in parts]}
        case {"not": part}:
            return {"not": _plain(part)}
    return dict(tree)
