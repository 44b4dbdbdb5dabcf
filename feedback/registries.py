"""What feedback asks of the apps above it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.utils import timezone

from accounts.models import Receipt, User
from core.i18n import Texts
from core.registry import Registry
from feedback.delivery import emails
from feedback.models import FollowUp, Message
from neighbourhoods.models import Area, Trajectory
from neighbourhoods.registries import Panel
from neighbourhoods.trajectories.documents import Block


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


@dataclass(frozen=True)
class TopicSource:
    """Where residents were asked something in a trajectory: its topics bear this source."""

    source: str
    title: Texts


@dataclass(frozen=True)
class Pages:
    """Where everybody can answer something now, and read what came out of it: paths, or nothing."""

    asks: str = ""
    tells: str = ""


@dataclass(frozen=True)
class RelatedItem:
    """Something that is there already for what people said: what it is called, per language, and where it stands."""

    name: Texts
    kind: str
    url: str


class Due(Protocol):
    """Something that a colleague has to do by a day."""

    @property
    def thing(self) -> str:
        """What it is, the same every day: offer:12, answers:survey:3."""

    @property
    def day(self) -> date: ...

    @property
    def owner(self) -> User | None: ...

    @property
    def is_looked_after(self) -> bool:
        """Whether its owner still works where it is."""

    @property
    def areas(self) -> Sequence[Area]: ...

    @property
    def lead_after(self) -> int:
        """So many days after its day the lead is told as well."""

    @property
    def name(self) -> str:
        """What it is called, in the language of who reads."""

    @property
    def action(self) -> str:
        """What has to be done."""

    @property
    def url(self) -> str: ...


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
answers_given: Registry[Callable[[Receipt], list[tuple[str, str]]]] = Registry(
    "feedback.answers_given",
    "(receipt: Receipt) -> list[tuple[str, str]]",
    "question and answer, in the language that is active, of the closed answers that are booked together; nothing of "
    "who somebody is or where they live",
)
MessageRenderer = Callable[[str], emails.RenderedMail]
"""Writes one mail, told where its reader unsubscribes ("" for a colleague)."""

# By the purpose of the message.
message_renderers: Registry[Callable[[list[Message]], dict[int, MessageRenderer | str]]] = Registry(
    "feedback.message_renderers",
    "(messages: list[Message]) -> dict[int, Writer | str]",
    "mails of the apps above, by message: how one is written, or why it must not leave any more; asked the moment "
    "before it leaves",
)
when_released: Registry[Callable[[FollowUp], None]] = Registry(
    "feedback.when_released",
    "(follow_up: FollowUp) -> None",
    "what an answer that is released stands for above; in the transaction of its release",
)
known_about: Registry[Callable[[User, str, list[str], list[int]], list[RelatedItem]]] = Registry(
    "feedback.known_about",
    "(user: User, source: str, keys: list[str], areas: list[int]) -> list[RelatedItem]",
    "what is there already for what was said, for who writes an answer to it; only what residents may read of",
)
due: Registry[Callable[[date, date], Iterable[Due]]] = Registry(
    "feedback.due",
    "(today: date, soon: date) -> Iterable[Due]",
    "what is past its day, what nobody looks after any more, and what was promised by `soon`",
)
not_yet: Registry[Callable[[str], str]] = Registry(
    "feedback.not_yet",
    "(source: str) -> str, empty when nothing is in the way",
    "why something that was asked can't be rounded off yet",
)
part_of: Registry[Callable[[str], Trajectory | None]] = Registry(
    "feedback.part_of", "(source: str) -> Trajectory | None", "in which trajectory something was asked"
)
daily_jobs: Registry[Callable[[], str]] = Registry(
    "feedback.daily_jobs",
    "() -> str, a line that says what it did",
    "what runs once a day: retention, recounts",
)
asked_in: Registry[Callable[[Trajectory], list[TopicSource]]] = Registry(
    "feedback.asked_in",
    "(trajectory: Trajectory) -> list[TopicSource]",
    "what residents were asked in a trajectory",
)
pages_of: Registry[Callable[[str], Pages | None]] = Registry(
    "feedback.pages_of",
    "(source: str) -> Pages | None",
    "where something is asked and where its outcome can be read, for everybody",
)
report_sections: Registry[Callable[[Trajectory], dict[str, list[Block]]]] = Registry(
    "feedback.report_sections",
    "(trajectory: Trajectory) -> dict[str, list[Block]], by the section, or by an item of the plan (“plan:who”)",
    "what apps know for the sections of a final report, in the reader's language; of people only what everybody may "
    "read",
)
