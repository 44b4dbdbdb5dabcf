"""Which tables a snapshot holds, and which of them are new. The list is fixed when the survey is published.

Separately for open and invited respondents (never one percentage): how many took part, how many finished each
layer, and each closed question over everybody; and by neighbourhood and kind of respondent, withheld until
the last snapshot, so that nobody can compare two of those. A table is renewed when ten more people are in it.
One that is not due keeps its content and its date.

Stored as JSON::

    tables  {"responses": 215, "options": {"31": 95},
             "ways": {"open": {"responses": 215, "on": "2027-03-04", "layers": {"5": 80},
                      "questions": {"9": {"on": "2027-03-04", "shown": 215, "answered": 210 or null,
                                          "options": {"31": 95, "32": null}}}}, "invited": {...}}}

    parts   {"open": {"9": {"area": {"3": {"31": 40, "32": null}}, "kind": {"resident": {...}}}}}
    exact   {"open": {"responses": 217, "layers": {"5": 81}, "questions": {"9": 208}}}, to compare the next one with

`options` adds both ways in up: a number of people, without a total to take a percentage of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.publication.tables import (
    Breakdowns,
    Crowd,
    Crowds,
    QuestionCounts,
    is_due,
    public_number,
    publishable_table,
    spare_people,
)

OPEN_GROUP = "open"
INVITED_GROUP = "invited"


@dataclass(frozen=True)
class ExactCounts:
    """Exact counts of one way in: open or invited."""

    responses: int
    layers: Mapping[str, int]
    questions: Mapping[str, tuple[QuestionCounts, Breakdowns]]


@dataclass(frozen=True)
class SnapshotTables:
    """What a snapshot stores; only `tables`, and `parts` of the last one, are public."""

    tables: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    exact: Mapping[str, Any] = field(default_factory=dict)

    def ways(self) -> Mapping[str, Any]:
        """Tables per way in. Snapshots from before the ways were separated are of the open one."""
        return self.tables.get("ways") or ({OPEN_GROUP: self.tables} if self.tables else {})


def next_snapshot_tables(
    heard: Mapping[str, ExactCounts], before: SnapshotTables, threshold: int, day: str
) -> SnapshotTables | None:
    """The next snapshot, or None if no way in has enough new responses."""
    due = [
        way for way, now in heard.items() if is_due(now.responses, _last(before, way, "responses"), threshold)
    ]
    if not due:
        return None
    ways, parts, exact = dict(before.ways()), dict(before.parts), dict(before.exact)
    for way in due:
        ways[way], parts[way], exact[way] = _renew(way, heard[way], before, threshold, day)
    return SnapshotTables(tables=_merge_channel_groups(ways), parts=parts, exact=exact)


def _renew(
    way: str, heard: ExactCounts, before: SnapshotTables, threshold: int, day: str
) -> tuple[Any, Any, Any]:
    """The tables, parts and exact counts of one way in; what is not due is copied."""
    last = before.ways().get(way, {})
    tables: dict[str, Any] = {
        "responses": public_number(heard.responses, threshold),
        "on": day,
        "layers": dict(last.get("layers", {})),
        "questions": dict(last.get("questions", {})),
    }
    parts = dict(before.parts.get(way, {}))
    exact = {key: dict(before.exact.get(way, {}).get(key, {})) for key in ("layers", "questions")}
    crowds = _crowds(heard, threshold)
    for layer, n in heard.layers.items():
        if is_due(n, exact["layers"].get(layer), threshold):
            tables["layers"][layer], exact["layers"][layer] = public_number(n, threshold), n
    for question, (counts, breakdowns) in heard.questions.items():
        if not is_due(counts.answered, exact["questions"].get(question), threshold):
            continue
        if table := publishable_table(counts, breakdowns, threshold, heard.responses, crowds):
            tables["questions"][question] = {
                "on": day,
                "shown": table.shown,
                "answered": table.answered,
                "options": dict(table.options),
            }
            parts[question], exact["questions"][question] = table.parts, counts.answered
    return tables, parts, {"responses": heard.responses, **exact}


def _crowds(heard: ExactCounts, threshold: int) -> Crowds:
    """How many took part in each part: as many as saw the question that most of them saw."""
    found: dict[str, dict[str, list[QuestionCounts]]] = {}
    for _counts, breakdowns in heard.questions.values():
        for name, parts in breakdowns.items():
            for part, counts in parts.items():
                found.setdefault(name, {}).setdefault(part, []).append(counts)
    return {
        name: {part: _crowd(tables, threshold) for part, tables in parts.items()}
        for name, parts in found.items()
    }


def _crowd(tables: list[QuestionCounts], threshold: int) -> Crowd:
    people = max(counts.shown for counts in tables)
    return Crowd(people, min(spare_people(counts, people, threshold) for counts in tables))


def _last(before: SnapshotTables, way: str, what: str) -> int | None:
    return before.exact.get(way, {}).get(what)


def _merge_channel_groups(ways: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, int] = {}
    for way in ways.values():
        for table in way["questions"].values():
            for option, n in table["options"].items():
                if n is not None:
                    options[option] = options.get(option, 0) + n
    return {
        "responses": sum(way["responses"] or 0 for way in ways.values()),
        "options": options,
        "ways": dict(ways),
    }
