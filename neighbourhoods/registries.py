"""What neighbourhoods asks of the apps above it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from neighbourhoods.models import Area
from neighbourhoods.registry import Registry


@dataclass(frozen=True)
class Panel:
    """A block on a page: a title, a template, and what it needs."""

    title: str
    template: str
    context: dict[str, object]


@dataclass(frozen=True)
class Duty:
    """Something a person must hand over before leaving."""

    sentence: str
    count: int
    url: str


area_panels: Registry[Callable[[Area], Panel | None]] = Registry(
    "neighbourhoods.area_panels", "(area: Area) -> Panel | None", "blocks on the page of an area"
)
duties: Registry[Callable[[User], list[Duty]]] = Registry(
    "neighbourhoods.duties", "(user: User) -> list[Duty]", "what somebody must hand over before leaving"
)
retention_jobs: Registry[Callable[[datetime, int], dict[str, int]]] = Registry(
    "neighbourhoods.retention_jobs",
    "(now: datetime, days: int) -> dict[str, int], what went and how many",
    "what is erased when its time has come, with the days of config/retention.toml",
)
front_panels: Registry[Callable[[], Panel | None]] = Registry(
    "neighbourhoods.front_panels", "() -> Panel | None", "blocks on the front page"
)
