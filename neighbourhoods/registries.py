"""Registries that apps above neighbourhoods fill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

from accounts.models import User
from core.registry import Registry
from neighbourhoods.models import Trajectory
from neighbourhoods.states import Role


@dataclass(frozen=True)
class Action:
    """The main action; shown to users with this role in the area."""

    label: str
    url: str
    role: Role = Role.VIEWER


class PanelPage(Enum):
    """A page with panels of other apps, and what they are asked about."""

    FRONT = "front"  # nothing
    AREA = "area"  # the area, for colleagues
    PLACES = "places"  # the area, for who may change its places
    RESIDENTS = "residents"  # the area, for residents
    PRIVATE = "private"  # the receipt


@dataclass(frozen=True)
class Panel:
    """A block on a page: a title, a template, and its context.

    On an area page it also says how fresh its data is, what is missing, and the action for that.
    """

    title: str
    template: str
    context: dict[str, object]
    fresh: date | None = None
    missing: str = ""
    action: Action | None = None


class Measure(Enum):
    """How a column of the comparison is computed."""

    COUNT = "count"
    SHARE = "share"  # in per cent of its whole
    PER_THOUSAND = "per_thousand"  # per thousand residents


@dataclass(frozen=True)
class AreaCount:
    """A count per area by an app above. `read` is called only if the column is shown.

    It returns area -> (part, whole) for each area itself, without the areas inside; larger areas are added up. Only
    a share uses the whole. Areas without a count are absent. A number above zero and below `least` is not shown.
    With a `question` it is shown on the map of an area, under that title.
    """

    slug: str
    name: str
    measure: Measure
    read: Callable[[], Mapping[int, tuple[float, float]]]
    least: int = 0
    question: str = ""


@dataclass(frozen=True)
class Duty:
    """Something a colleague must hand over before leaving."""

    sentence: str
    count: int
    url: str


@dataclass(frozen=True)
class Intention:
    """A plan to involve residents, and its level of the ladder."""

    title: str
    level: str
    url: str
    why: str = ""


@dataclass(frozen=True)
class Gate:
    """A condition of a trajectory step. The step can't be done while `holds` is False."""

    step: int
    holds: bool
    sentence: str
    url: str = ""


@dataclass(frozen=True)
class LabelledLink:
    """A link with its label: a string, or texts per language."""

    label: str | Mapping[str, str]
    url: str


@dataclass(frozen=True)
class AnswersOwed:
    """Unanswered contributions, with links to pages that answer them; the quickest way comes first."""

    title: Mapping[str, str]
    asked_in: LabelledLink | None
    """Link to the promise, whose date can be moved there."""
    area: str
    """"" if it is about several areas."""
    people: int
    late: int
    before: date
    ways: Sequence[LabelledLink]


SupportCounts = tuple[int, int, int]
"""Yes, partly, no."""


@dataclass(frozen=True)
class TrajectoryPart:
    """Hooks of an app above: the trajectory data it supplies, and its action on closing. Every hook is optional."""

    gates: Callable[[Trajectory], list[Gate]] = lambda trajectory: []
    """The conditions that a step must meet before it can be done."""
    decided: Callable[[Trajectory], str] = lambda trajectory: ""
    """A sentence if the app has recorded the decision; "" otherwise."""
    reaction_rounds: Callable[[Trajectory], list[tuple[str, str]]] = lambda trajectory: []
    """(source, title) of polls that can ask whether people support the results."""
    support: Callable[[str], tuple[int, SupportCounts | None] | None] = lambda source: None
    """(respondents, public counts) of the reaction round `source`; None if this app does not know it."""
    answers_owed_in: Callable[[Trajectory], list[AnswersOwed]] = lambda trajectory: []
    """What people who spoke still wait for, earliest promise first."""
    closing_blockers: Callable[[Trajectory], list[str]] = lambda trajectory: []
    """Sentences that block closing, such as an open survey or an unread mail."""
    on_close: Callable[[Trajectory, User, datetime], None] = lambda trajectory, by, now: None
    """Closes the app's own objects in the same transaction. Raises DomainError to refuse."""


@dataclass(frozen=True)
class PanelMaker:
    """Makes a block of a page, or None if there is nothing to show."""

    page: PanelPage
    make: Callable[..., Panel | None]


page_panels: Registry[PanelMaker] = Registry(
    "neighbourhoods.page_panels",
    "PanelMaker: on a page, (what the page is about) -> Panel | None",
    "blocks on pages of the apps below, per page by order",
)
_Made = TypeVar("_Made", bound=Callable[..., Panel | None])


def panel(page: PanelPage, key: str, *, order: int) -> Callable[[_Made], _Made]:
    """Decorator: show what it makes on that page."""

    def add(make: _Made) -> _Made:
        page_panels.register(f"{page.value}: {key}", order=order)(PanelMaker(page, make))
        return make

    return add


def panels_on(page: PanelPage, *about: Any) -> list[Panel]:
    return [found for one in page_panels if one.page is page and (found := one.make(*about))]


duties: Registry[Callable[[User], list[Duty]]] = Registry(
    "neighbourhoods.duties", "(user: User) -> list[Duty]", "what somebody must hand over before leaving"
)
retention_jobs: Registry[Callable[[datetime, int], dict[str, int]]] = Registry(
    "neighbourhoods.retention_jobs",
    "(now: datetime, days: int) -> dict[str, int], what went and how many",
    "what is erased when its time has come, with the days of config/retention.toml",
)
trajectory_parts: Registry[TrajectoryPart] = Registry(
    "neighbourhoods.trajectory_parts",
    "TrajectoryPart",
    "what apps know of a trajectory: its gates, its decision, who waits, what is closed along with it",
)
