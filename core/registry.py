"""Lets a lower app call a higher one without importing it.

A lower app that shows or checks something of a higher app keeps a Registry; the higher app registers in
`AppConfig.ready()`. Similar to `django.core.checks.register`.
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

REGISTRIES: list["Registry"] = []


class Registry(Generic[T]):
    """A named list of entries with one typed signature, sorted by `order` and then by registration."""

    def __init__(self, name: str, signature: str, purpose: str) -> None:
        self.name, self.signature, self.purpose = name, signature, purpose
        self._entries: dict[str, T] = {}
        self._orders: dict[str, int] = {}
        REGISTRIES.append(self)

    def register(self, key: str, *, order: int = 0) -> Callable[[T], T]:
        """Decorator. Raises RuntimeError if the key is already registered."""

        def add(entry: T) -> T:
            if key in self._entries and self._entries[key] is not entry:
                raise RuntimeError(f"{key!r} is registered twice in {self.name}.")
            self._orders[key] = order
            entries = {**self._entries, key: entry}
            self._entries = {name: entries[name] for name in sorted(entries, key=self._orders.__getitem__)}
            return entry

        return add

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries.values())

    def __getitem__(self, key: str) -> T:
        return self._entries[key]

    def items(self) -> list[tuple[str, T]]:
        return list(self._entries.items())
