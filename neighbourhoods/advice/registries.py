"""Registries that take an advice; the other registries of the app don't need one."""

from collections.abc import Callable
from dataclasses import dataclass

from core.registry import Registry
from neighbourhoods.advice.advice import Advice


@dataclass(frozen=True)
class Fitting:
    """A proven approach beside the advice for an area, with the reasons for and against it."""

    slug: str
    name: str
    about: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    url: str


fitting_approaches: Registry[Callable[[Advice], list[Fitting]]] = Registry(
    "neighbourhoods.fitting_approaches",
    "(advice: Advice) -> list[Fitting], best first",
    "proven approaches that fit a place",
)
