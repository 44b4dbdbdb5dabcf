"""Serialises cached values as JSON. A pickle runs code when it is loaded, and others may be able to write to Redis.

Beyond JSON it supports tuples, sets, counters, bytes, days, times, decimals, ids, safe strings, and enums,
dataclasses and model instances of our own apps. Those are rebuilt field by field without calling any of their code.
"""

import base64
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.utils.safestring import SafeString

TAG = "$"


class Unserializable(TypeError):
    """A value that can't be serialised, or bytes that this class did not write."""


class JsonSerializer:
    def dumps(self, value: Any) -> Any:
        # Plain integers, so that Redis can increment them.
        return value if type(value) is int else json.dumps(_plain(value), separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        try:
            return int(data)
        except ValueError:
            pass
        try:
            return json.loads(data, object_hook=_built)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Unserializable("This is not what Nabij wrote.") from error


# --- writing ------------------------------------------------------------------------------------

_WRITE: dict[type, Callable[[Any], Any]] = {
    SafeString: str,
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: lambda value: [value.days, value.seconds, value.microseconds],
    Decimal: str,
    UUID: str,
    tuple: lambda value: [_plain(one) for one in value],
    set: lambda value: [_plain(one) for one in value],
    frozenset: lambda value: [_plain(one) for one in value],
    Counter: lambda value: _pairs(value),
}


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in (str, int, float, bool) or value is None:
        return value
    if kind is list:
        return [_plain(one) for one in value]
    if kind is dict:
        if all(type(key) is str for key in value) and TAG not in value:
            return {key: _plain(one) for key, one in value.items()}
        return {TAG: "dict", "v": _pairs(value)}
    if write := _WRITE.get(kind):
        return {TAG: kind.__name__, "v": write(value)}
    if isinstance(value, Enum) and _is_ours(kind):
        return {TAG: "enum", "of": _path(kind), "v": _plain(value.value)}
    if isinstance(value, Model) and _is_ours(kind):
        return {TAG: "model", "of": value._meta.label_lower, "new": value._state.adding, "v": _columns(value)}
    if isinstance(value, tuple) and hasattr(value, "_fields") and _is_ours(kind):
        return {TAG: "named", "of": _path(kind), "v": [_plain(one) for one in value]}
    if is_dataclass(value) and _is_ours(kind):
        return {TAG: "data", "of": _path(kind), "v": _fields(value)}
    raise Unserializable(f"{kind.__module__}.{kind.__qualname__} can't be kept in the cache.")


def _pairs(value: dict[Any, Any]) -> list[list[Any]]:
    return [[_plain(key), _plain(one)] for key, one in value.items()]


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _columns(value: Model) -> dict[str, Any]:
    """The loaded columns; deferred ones stay deferred."""
    names = [field.attname for field in value._meta.concrete_fields]
    return {name: _plain(value.__dict__[name]) for name in names if name in value.__dict__}


# --- reading ------------------------------------------------------------------------------------

_READ: dict[str, Callable[[Any], Any]] = {
    "SafeString": SafeString,
    "bytes": base64.b64decode,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda value: timedelta(*value),
    "Decimal": Decimal,
    "UUID": UUID,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "Counter": lambda value: Counter(dict(value)),
    "dict": dict,
}


def _built(found: dict[str, Any]) -> Any:
    """The decoder calls it for the innermost object first."""
    if TAG not in found:
        return found
    tag, value = found[TAG], found["v"]
    if read := _READ.get(tag):
        return read(value)
    if tag == "model":
        model = apps.get_model(found["of"])
        if not _is_ours(model):
            raise Unserializable(found["of"])
        instance = model.from_db("default", list(value), list(value.values()))
        instance._state.adding = found["new"]
        return instance
    kind = _class_at(found["of"])
    if tag == "enum" and issubclass(kind, Enum):
        return kind(value)
    if tag == "named" and issubclass(kind, tuple):
        return tuple.__new__(kind, value)
    if tag == "data" and is_dataclass(kind):
        instance = object.__new__(kind)
        for field in fields(kind):
            object.__setattr__(instance, field.name, value[field.name])
        return instance
    raise Unserializable(tag)


# --- our own classes ----------------------------------------------------------------------------


@cache
def _our_apps() -> frozenset[str]:
    return frozenset(
        app.name for app in apps.get_app_configs() if app.path == str(settings.BASE_DIR / app.name)
    )


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in _our_apps()


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_at(path: str) -> type:
    """Looks only in modules that are loaded already: reading the cache never imports."""
    module, _colon, names = path.partition(":")
    found: Any = sys.modules[module]
    for name in names.split("."):
        found = getattr(found, name)
    if not isinstance(found, type) or not _is_ours(found):
        raise Unserializable(path)
    return found
