"""Example surveys: one TOML file in `examples/` each, read into a `SurveyPlan`.

A file holds the fields of `SurveyPlan` except the slug, which is the file name. {shared = "name"} refers to a
piece of `shared.toml` or of the table [shared] in the file itself. Fields with their default value are left
out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from pathlib import Path
from typing import Any

from core.i18n import Texts
from surveys.library.plan import LayerPlan, OptionPlan, QuestionPlan, SurveyPlan, plan_from

EXAMPLES_PATH = Path(__file__).parent / "examples"
SHARED_PIECES_PATH = Path(__file__).with_name("shared.toml")
_LANGUAGES = {"nl", "en"}
_PARTS: Mapping[type, tuple[str, type]] = {
    SurveyPlan: ("layers", LayerPlan),
    LayerPlan: ("questions", QuestionPlan),
    QuestionPlan: ("options", OptionPlan),
}


def read_example(path: Path) -> SurveyPlan:
    """Raises ValueError with the file name and the place in the file that is invalid."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        pieces = {**_shared(), **raw.pop("shared", {})}
        raw = {"slug": path.stem, **_filled(raw, pieces)}
        _check(SurveyPlan, raw, where="the survey")
        return plan_from(raw)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path.name} is not an example survey: {error}") from error


@cache
def _shared() -> dict[str, Any]:
    return tomllib.loads(SHARED_PIECES_PATH.read_text("utf-8"))


def _filled(value: Any, pieces: Mapping[str, Any]) -> Any:
    """Replaces each {shared = "name"} in the value with the piece of that name."""
    match value:
        case {"shared": str(name)}:
            if len(value) > 1 or name not in pieces:
                raise ValueError(f"{value} does not name a shared piece, or says more than its name")
            return pieces[name]
        case dict():
            return {key: _filled(each, pieces) for key, each in value.items()}
        case list():
            return [_filled(each, pieces) for each in value]
    return value


def _check(kind: type, raw: Any, *, where: str) -> None:
    """Raises ValueError for a field that is unknown, missing, or a text without both languages."""
    if not isinstance(raw, dict):
        raise ValueError(f"{where} is not a table")
    known: dict[str, Field[Any]] = {each.name: each for each in fields(kind)}
    if unknown := raw.keys() - known.keys():
        raise ValueError(f"{where} has unknown fields: {', '.join(sorted(unknown))}")
    for name, each in known.items():
        if name not in raw:
            if each.default is MISSING and each.default_factory is MISSING:
                raise ValueError(f"{where} has no {name}")
        elif each.type == Texts and not _is_text(raw[name]):
            raise ValueError(f"{name} of {where} is not a text in {' and '.join(sorted(_LANGUAGES))}")
    part, part_kind = _PARTS.get(kind, ("", object))
    for number, each_part in enumerate(raw.get(part, ()), start=1):
        _check(part_kind, each_part, where=f"{part}[{number}] of {where}")


def _is_text(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _LANGUAGES
        and all(isinstance(words, str) for words in value.values())
    )


LIBRARY: dict[str, SurveyPlan] = {
    slug: read_example(EXAMPLES_PATH / f"{slug}.toml")
    for slug in (
        "first-sounding",
        "play",
        "youth",
        "green",
        "safety",
        "meeting",
        "traffic",
        "village-hall",
        "street-idea",
        "square",
        "reaction",
    )
}
"""In the order in which they are offered to authors."""
