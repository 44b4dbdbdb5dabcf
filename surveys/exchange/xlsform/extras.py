"""What XLSForm cannot express, in our own sheet: other tools ignore it, and an exported form can be imported
unchanged.

One row per text or mark: about, field, language, words. `about` is survey, card, layer:<group>,
question:<name> or choice:<question>:<name>. Lists and settings are JSON.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from surveys.library.plan import LayerPlan
from surveys.questionnaire import branches, piping

SHEET = "nabij"
HEAD = ("about", "field", "language", "words")

# A piped earlier answer; here it names a key.
TOKEN = piping.TOKEN

Extras = dict[str, dict[str, Any]]

FLAGS = frozenset({"asks_needs", "dont_know", "without_contact", "one_page"})
JSONS = frozenset({"settings", "stale"})


def extras_rows(about: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for all fields that are not empty."""
    for name, value in fields.items():
        if not value:
            continue
        if name in JSONS:
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
        if name in JSONS:
            try:
                fields[name] = json.loads(value)
            except ValueError:
                continue
        elif name in FLAGS:
            fields[name] = value.lower() in ("yes", "true", "1", "ja")
        elif language:
            kept = fields.setdefault(name, {})
            if isinstance(kept, dict):
                kept[language] = value
        else:
            fields[name] = value
    return found


def with_ways(layer: LayerPlan) -> LayerPlan:
    """The layer with the conditions its author wrote: those that branches add are derived from the options.

    If somebody changed a condition in the file since, that condition is kept and all branches are dropped.
    """
    passed_by = branches.passed_by(layer)
    try:
        questions = [
            replace(question, condition=branches.own(question.condition, passed_by.get(question.key, [])))
            for question in layer.questions
        ]
    except ValueError:
        questions = [
            replace(question, options=tuple(replace(option, then="") for option in question.options))
            for question in layer.questions
        ]
    return replace(layer, questions=tuple(questions))
