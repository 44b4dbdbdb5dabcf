"""Formats downloaded data for people. Imports nothing from Django."""

from collections.abc import Mapping
from typing import Any

_LabelledRows = list[tuple[str, str]]


def as_blocks(data: Any) -> list[_LabelledRows]:
    """Blocks of (name, value): a dict is one block, a list one block per entry, any other value a block
    with name ""."""
    if isinstance(data, Mapping):
        return [[(str(name), flat(value)) for name, value in data.items()]] if data else []
    if isinstance(data, list | tuple):
        return [block for entry in data for block in as_blocks(entry)]
    return [[("", flat(data))]]


def flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {flat(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(flat(inner) for inner in value)
    return "" if value is None else str(value)
