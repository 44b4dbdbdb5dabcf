"""What feedback asks of the apps above it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.utils import timezone

from accounts.models import Receipt, User
from feedback import letters
from feedback.models import Message
from neighbourhoods.registries import Panel
from neighbourhoods.registry import Registry

Texts = dict[str, str]


class PersonalData(Protocol):
    """What an app holds about the holder of a receipt, and the four things they may ask of it."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """It no longer counts; nothing is lost yet."""

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Undo a withdrawal."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        """Everything, under headings a person understands; JSON-ready."""

    def erase(self, receipt: Receipt) -> None:
        """Gone, with every copy. Called inside one transaction for all apps; the receipt goes last."""


@dataclass(frozen=True)
class Moment:
    """Something on the timeline of a private page: a day, a sentence, and perhaps a link to more.

    `about` names what it was about, per language; `before` says that the day is the last one for it.
    """

    on: date
    text: str
    about: Texts = field(default_factory=dict)
    url: str = ""
    link: str = ""
    before: bool = False

    @property
    def todo(self) -> bool:
        """Still to come. What was promised for a day stays to come until it happened."""
        return self.before or self.on > timezone.localdate()


@dataclass(frozen=True)
class Audience:
    """A poll that can be answered, and the topics in it that can be named apart."""

    source: str
    title: Texts
    languages: list[str] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)
    about: str = ""  # what tells it from another with the same title


private_panels: Registry[Callable[[Receipt], Panel | None]] = Registry(
    "feedback.private_panels",
    "(receipt: Receipt) -> Panel | None",
    "blocks on the private page of a resident",
)
private_timeline: Registry[Callable[[Receipt], list[Moment]]] = Registry(
    "feedback.private_timeline",
    "(receipt: Receipt) -> list[Moment]",
    "what happened, and what is still to come, on the private page of a resident",
)
personal_data: Registry[PersonalData] = Registry(
    "feedback.personal_data",
    "withdraw, put_back, download, erase of a receipt",
    "what apps hold about the holder of a receipt",
)
audiences: Registry[Callable[[User], list[Audience]]] = Registry(
    "feedback.audiences", "(user: User) -> list[Audience]", "polls whose people can be told something"
)
published_counts: Registry[Callable[[str, str, int], int | None]] = Registry(
    "feedback.published_counts",
    "(source: str, key: str, area: int) -> int | None",
    "how many said it, from the public snapshot alone",
)
invitations: Registry[Callable[[list[Message]], dict[int, letters.Invited | str]]] = Registry(
    "feedback.invitations",
    "(messages: list[Message]) -> dict[int, Invited | str]",
    "what an invitation says, by message, or why it must not leave any more; asked the moment before it leaves",
)
daily_jobs: Registry[Callable[[], str]] = Registry(
    "feedback.daily_jobs",
    "() -> str, a line that says what it did",
    "what runs once a day: retention, recounts",
)
