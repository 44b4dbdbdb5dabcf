"""Registries that the apps above fill for feedback."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.utils import timezone

from accounts.models import Receipt, User
from core.i18n import Texts
from core.registry import Registry
from feedback.delivery.emails import RenderedMail
from feedback.delivery.returned import ParsedMail
from feedback.models import FollowUp, Message
from feedback.states import MessagePurpose
from neighbourhoods.models import Area, Trajectory
from neighbourhoods.trajectories.documents import Block


class PersonalData(Protocol):
    """What an app stores about the holder of a receipt, and the four operations on it."""

    def withdraw(self, receipt: Receipt, *, now: datetime) -> None:
        """Stop counting the data; keep it, so that it can be put back."""

    def put_back(self, receipt: Receipt, *, now: datetime) -> None:
        """Undo a withdrawal."""

    def download(self, receipt: Receipt) -> dict[str, Any]:
        """All data as JSON-ready values, under headings a layperson understands."""

    def erase(self, receipt: Receipt) -> None:
        """Erase the data and every copy. Called for all apps in one transaction; the receipt is deleted last."""


class Carried(Protocol):
    """What messages carry to their readers.

    All but `create_messages` and `take_reply` are called in the transaction that changes the message, after the
    change.
    """

    def create_messages(self, *, now: datetime | None) -> None:
        """Create the messages that became due; called before messages are sent, outside a transaction."""

    def accepted(self, rendered: "list[MessageRenderer]", *, at: datetime) -> None:
        """The relay accepted what these renderers wrote."""

    def take_reply(self, reply: ParsedMail, message: Message | None, *, at: datetime) -> None:
        """A person wrote to us; `message` is what they reply to. Idempotent per `reply.key`."""

    def arrived(self, message: Message, *, at: datetime) -> None:
        """The message counts as sent or delivered by another proof."""

    def came_back(self, message: Message, *, at: datetime) -> None:
        """The message bounced or was returned."""

    def took_back(self, message: Message, *, came_back_at: datetime, at: datetime) -> None:
        """A colleague had noted by mistake, at `came_back_at`, that the message came back."""


@dataclass(frozen=True)
class Moment:
    """An entry on the timeline of a private page: a day, a sentence, and optionally a link.

    `about` names the subject, per language; `before` means that `on` is a deadline.
    """

    on: date
    text: str
    about: Texts = field(default_factory=dict)
    url: str = ""
    link: str = ""
    before: bool = False

    @property
    def todo(self) -> bool:
        """Whether it is still to come. A deadline stays to come until it is met, also past its day."""
        return self.before or self.on > timezone.localdate()


@dataclass(frozen=True)
class Audience:
    """A survey whose respondents a follow-up can address."""

    source: str
    title: Texts
    languages: list[str] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)
    about: str = ""  # distinguishes surveys with the same title


@dataclass(frozen=True)
class TopicSource:
    """Where residents were asked something in a trajectory. Its topics have this `source`."""

    source: str
    title: Texts


@dataclass(frozen=True)
class Pages:
    """Public paths to answer something now and to read its results; "" if there is none."""

    asks: str = ""
    tells: str = ""


@dataclass(frozen=True)
class RelatedItem:
    """Something that already exists for what people said: its name per language, its kind and its URL."""

    name: Texts
    kind: str
    url: str


class Due(Protocol):
    """A task of a colleague with a due date."""

    @property
    def key(self) -> str:
        """A stable identifier: offer:12, answers:survey:3."""

    @property
    def day(self) -> date: ...

    @property
    def owner(self) -> User | None: ...

    @property
    def is_looked_after(self) -> bool:
        """Whether its owner still works in its area."""

    @property
    def areas(self) -> Sequence[Area]: ...

    @property
    def lead_after(self) -> int:
        """After this many days past its day the lead is told as well."""

    @property
    def name(self) -> str:
        """The name in the active language."""

    @property
    def action(self) -> str:
        """What has to be done."""

    @property
    def url(self) -> str: ...


@dataclass(frozen=True)
class SourceHooks:
    """Hooks of a higher app for its sources ("survey:12"): questions, results and reactions to an answer. Every hook
    is optional."""

    asked_in: Callable[[Trajectory], list[TopicSource]] = lambda trajectory: []
    """What residents were asked in a trajectory."""
    part_of: Callable[[str], Trajectory | None] = lambda source: None
    """In which trajectory something was asked."""
    not_yet: Callable[[str], str] = lambda source: ""
    """Why something that was asked can't be closed yet."""
    pages_of: Callable[[str], Pages | None] = lambda source: None
    """Where something is asked and where its outcome can be read, for everybody."""
    published_count: Callable[[str, str, int], int | None] = lambda source, key, area: None
    """How many said it, from the public snapshot alone."""
    answers_given: Callable[[Receipt], list[tuple[str, str]]] = lambda receipt: []
    """(question, answer) pairs of closed questions in the active language, without personal data such as name or
    address."""
    known_about: Callable[[User, str, list[str], list[int]], list[RelatedItem]] = (
        lambda by, source, keys, areas: []
    )
    """Existing items about these topics, shown to the author of an answer. Contains only public items."""
    when_released: Callable[[FollowUp], None] = lambda follow_up: None
    """Called when an answer is released, in the same transaction."""
    report_sections: Callable[[Trajectory], dict[str, list[Block]]] = lambda trajectory: {}
    """Blocks per section of a final report or plan item (“plan:who”), in the active language. Contains only public
    data about people."""


MessageRenderer = Callable[[str], RenderedMail]
"""Renders one mail, given its unsubscribe URL ("" for a colleague)."""
Renderers = Callable[[list[Message]], dict[int, MessageRenderer | str]]
"""Returns per message id a renderer, or the reason not to send it. Called just before sending."""


@dataclass(frozen=True)
class MessageHooks:
    """Hooks of an app for messages: `renderers` renders those of one purpose, `carried` receives delivery results."""

    purpose: str = ""
    renderers: Renderers = lambda messages: {}
    carried: Carried | None = None


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

due: Registry[Callable[[date, date], Iterable[Due]]] = Registry(
    "feedback.due",
    "(today: date, soon: date) -> Iterable[Due]",
    "what is past its day, what nobody looks after any more, and what was promised by `soon`",
)
daily_jobs: Registry[Callable[[], str]] = Registry(
    "feedback.daily_jobs",
    "() -> str, a line that says what it did",
    "what runs once a day: retention, recounts",
)
source_hooks: Registry[SourceHooks] = Registry(
    "feedback.source_hooks",
    "SourceHooks",
    "what apps know of what residents are asked there, and what they do with an answer",
)
message_hooks: Registry[MessageHooks] = Registry(
    "feedback.message_hooks",
    "MessageHooks",
    "how messages of the apps above are rendered, and what becomes of what a message carries",
)


def renders(purpose: MessagePurpose) -> Callable[[Renderers], Renderers]:
    """Decorator: renders the messages of this purpose."""

    def add(renderers: Renderers) -> Renderers:
        message_hooks.register(purpose.value)(MessageHooks(purpose, renderers))
        return renderers

    return add


def carried() -> list[Carried]:
    """Those who hear whether a message arrived."""
    return [hooks.carried for hooks in message_hooks if hooks.carried]


def topic_sources_in(trajectory: Trajectory) -> list[TopicSource]:
    """What residents were asked in a trajectory, over all apps."""
    return [asked for hooks in source_hooks for asked in hooks.asked_in(trajectory)]
