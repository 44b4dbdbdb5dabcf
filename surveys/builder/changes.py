"""Differences between two versions of a survey, as values to put into words, and whether the meaning changed.

Texts may be corrected without a change of meaning; the person who publishes says so. What was added, removed
or given another condition always changes the meaning: then a version of a new epoch follows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from surveys.library.plan import SURVEY_TEXTS
from surveys.questionnaire import conditions
from surveys.questionnaire.document import Document, Layer, Option, Question


class ChangeKind(StrEnum):
    ADDED = "added"
    OUT = "out"
    MOVED = "moved"
    REWORDED = "reworded"
    SET = "set"


@dataclass(frozen=True)
class Change:
    """One difference. `layer`, `question` and `option` say where, as far as they apply.

    `field` names what was reworded or set, in `language` for texts; `old` and `new` are the values before and
    after.
    """

    what: ChangeKind
    layer: Layer | None = None
    question: Question | None = None
    option: Option | None = None
    field: str = ""
    language: str = ""
    old: Any = None
    new: Any = None
    is_meaning: bool = False


SETTINGS = ("before", "influence", "erase_on", "areas")


def document_changes(old: Document, new: Document) -> list[Change]:
    """Everything that differs, in the order of the new version, then what was removed."""
    return [
        *_texts(old, new, SURVEY_TEXTS),
        *_settings(old, new, SETTINGS, is_meaning=True),
        *_settings(old, new, ("languages",), is_meaning=False),
        *_card(old, new),
        *_layers(old, new),
        *_questions(old, new),
    ]


def is_meaning(found: Sequence[Change]) -> bool:
    """Whether one of these cannot be a mere correction of words."""
    return any(change.is_meaning for change in found)


def is_reworded(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether a text that people read has changed. A translation that was added or removed does not count."""
    return any(words.strip() != new[code].strip() for code, words in old.items() if new.get(code, "").strip())


def _texts(old: Any, new: Any, fields: Sequence[str], **where: Any) -> Iterator[Change]:
    for field in fields:
        before, after = getattr(old, field), getattr(new, field)
        yield from _words(field, before, after, **where)


def _words(field: str, before: Mapping[str, str], after: Mapping[str, str], **where: Any) -> Iterator[Change]:
    for language in dict.fromkeys([*before, *after]):
        was, now = before.get(language, "").strip(), after.get(language, "").strip()
        if was != now:
            yield Change(ChangeKind.REWORDED, field=field, language=language, old=was, new=now, **where)


def _settings(
    old: Any, new: Any, fields: Sequence[str], *, is_meaning: bool, **where: Any
) -> Iterator[Change]:
    for field in fields:
        was, now = getattr(old, field), getattr(new, field)
        if (sorted(was) if isinstance(was, tuple) else was) != (
            sorted(now) if isinstance(now, tuple) else now
        ):
            yield Change(ChangeKind.SET, field=field, old=was, new=now, is_meaning=is_meaning, **where)


def _condition(old: Any, new: Any, **where: Any) -> Iterator[Change]:
    if conditions.to_json(old.condition) != conditions.to_json(new.condition):
        yield Change(
            ChangeKind.SET, field="condition", old=old.condition, new=new.condition, is_meaning=True, **where
        )


def _card(old: Document, new: Document) -> Iterator[Change]:
    before, after = old.expectation or {}, new.expectation or {}
    for row in dict.fromkeys([*before, *after]):
        if row != "id":
            yield from _words(f"card.{row}", before.get(row, {}), after.get(row, {}))


def _layers(old: Document, new: Document) -> Iterator[Change]:
    before = {layer.id: layer for layer in old.layers if layer.asked}
    after = {layer.id: layer for layer in new.layers if layer.asked}
    moved = _moved_ids([id for id in before if id in after], [id for id in after if id in before])
    for id, layer in after.items():
        if id not in before:
            yield Change(ChangeKind.ADDED, layer, is_meaning=True)
            continue
        was = before[id]
        if id in moved:
            yield Change(ChangeKind.MOVED, layer)
        yield from _texts(was, layer, ("title",), layer=layer)
        yield from _settings(was, layer, ("one_page",), is_meaning=False, layer=layer)
        yield from _condition(was, layer, layer=layer)
    for id, layer in before.items():
        if id not in after:
            yield Change(ChangeKind.OUT, layer, is_meaning=True)


def _questions(old: Document, new: Document) -> Iterator[Change]:
    before = {question.id: (layer, question) for layer in old.layers for question in layer.asked}
    after = {question.id: (layer, question) for layer in new.layers for question in layer.asked}
    moved = _moved_ids([id for id in before if id in after], [id for id in after if id in before])
    for id, (layer, question) in after.items():
        if id not in before:
            yield Change(ChangeKind.ADDED, layer, question, is_meaning=True)
            continue
        was_in, was = before[id]
        if id in moved or was_in.id != layer.id:
            yield Change(ChangeKind.MOVED, layer, question)
        yield from _question(was, question, layer)
    for id, (layer, question) in before.items():
        if id not in after:
            yield Change(ChangeKind.OUT, layer, question, is_meaning=True)


def _question(was: Question, now: Question, layer: Layer) -> Iterator[Change]:
    where: dict[str, Any] = {"layer": layer, "question": now}
    for field, before, after in zip(("text", "hint"), was.tokens, now.tokens, strict=True):
        yield from _words(field, before, after, **where)
    yield from _texts(was, now, ("purpose", "use", "owner"), **where)
    yield from _settings(was, now, ("skip", "theme"), is_meaning=False, **where)
    yield from _settings(was, now, ("type", "settings", "asks_needs"), is_meaning=True, **where)
    yield from _condition(was, now, **where)
    had = {option.id: option for option in was.offered}
    has = {option.id: option for option in now.offered}
    moved = _moved_ids([id for id in had if id in has], [id for id in has if id in had])
    for id, option in has.items():
        if id not in had:
            yield Change(ChangeKind.ADDED, option=option, is_meaning=True, **where)
            continue
        if id in moved:
            yield Change(ChangeKind.MOVED, option=option, is_meaning=now.kind.ordered, **where)
        yield from _texts(had[id], option, ("label", "hint"), option=option, **where)
        yield from _settings(had[id], option, ("theme",), is_meaning=False, option=option, **where)
        yield from _settings(had[id], option, ("dont_know",), is_meaning=True, option=option, **where)
    for id, option in had.items():
        if id not in has:
            yield Change(ChangeKind.OUT, option=option, is_meaning=True, **where)


def _moved_ids(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The smallest set of ids that must move to get from one order to the other."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {id for block in blocks for id in after[block.b : block.b + block.size]}
    return set(after) - stayed
