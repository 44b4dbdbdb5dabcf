"""Whether open data are as they are described: as much of JSON Schema as our descriptions use."""

from collections.abc import Mapping
from typing import Any

TYPES = {
    "integer": int,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "array": list,
}


def fits(value: Any, schema: Mapping[str, Any], named: Mapping[str, Any] | None = None) -> bool:
    """`named` are the schemas that this one refers to."""
    if "$ref" in schema:
        return fits(value, (named or {})[schema["$ref"].rpartition("/")[2]], named)
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(type(value) is TYPES[kind] for kind in kinds):
        return False
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        missing = set(schema.get("required", ())) - set(value)
        return not missing and all(n in known and fits(each, known[n], named) for n, each in value.items())
    if isinstance(value, dict):
        return all(fits(each, schema["additionalProperties"], named) for each in value.values())
    return all(fits(each, schema["items"], named) for each in value) if isinstance(value, list) else True
