"""Applies our own sheet in a form to its questions, choices and layers, as far as it fits."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from surveys.exchange.xlsform import extras as own
from surveys.exchange.xlsform.form import MAX_TEXT_LENGTH
from surveys.library.plan import OptionPlan, QuestionPlan
from surveys.questionnaire.document import QUESTION_KINDS, Shape

_SKIPS = frozenset({"skip", "dont_know", "rather_not"})
_FIELDS: Mapping[str, type] = {
    "most": int,
    "least": int,
    "ask_theme": bool,
    "unit": dict,
    "earliest": str,
    "latest": str,
}


def enriched(plan: QuestionPlan, name: str, extras: own.Extras, known: Container[str]) -> QuestionPlan:
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
        stale=names_of(extra.get("stale")),
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
        stale=names_of(extra.get("stale")),
    )


def parse_texts(raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping):
        return {}
    return {
        str(code): words[:MAX_TEXT_LENGTH] for code, words in raw.items() if isinstance(words, str) and words
    }


def names_of(raw: object) -> tuple[str, ...]:
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
