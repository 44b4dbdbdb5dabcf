"""The registry of what apps know of areas; it takes an advice, the other registries of the app don't."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.registry import Registry
from neighbourhoods.advice.advice import Advice
from neighbourhoods.models import Area
from neighbourhoods.registries import AreaCount, Intention


@dataclass(frozen=True)
class Fitting:
    """A proven approach beside the advice for an area, with the reasons for and against it."""

    slug: str
    name: str
    about: str
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    url: str


@dataclass(frozen=True)
class AreaSource:
    """What an app knows of areas, beside the panels of their pages. What it has nothing to say about, it leaves out."""

    figures: Callable[[list[int]], list[AreaCount]] = lambda areas: []
    """Figures per area in bulk, for comparing and for the map."""
    inputs: Callable[[list[int]], dict[int, dict[str, Any]]] = lambda areas: {}
    """For the advice, in bulk: names of `neighbourhoods.advice.advice.Inputs` or `services.advice`."""
    intentions: Callable[[Area], list[Intention]] = lambda area: []
    """What asks residents along in an area, to hold against the advice."""
    approaches: Callable[[Advice], list[Fitting]] = lambda advice: []
    """Proven approaches that fit a place, best first."""


area_sources: Registry[AreaSource] = Registry(
    "neighbourhoods.area_sources",
    "AreaSource",
    "what apps know of areas: figures, inputs of the advice, what asks residents along, proven approaches",
)
