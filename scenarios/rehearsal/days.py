"""Simulates days: the clock is moved, residents and colleagues act in the morning, the jobs run in the evening.

It writes to the current database, so the command creates one for it (`rehearse --season`, `--year`). The actors are
`Part`s; each evening this module checks the invariants of all mail and of every due date.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from email.parser import BytesHeaderParser
from random import Random
from typing import Any, Protocol

import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.models import Contact
from accounts.states import DeliveryChannel
from core.errors import DomainError
from feedback.answers.services import letters_by_post
from feedback.answers.services.promises import everything_due
from feedback.contacts.services import hearing_back
from feedback.delivery.services import inbox, pump
from feedback.models import Message, ToldDue
from feedback.states import MessageState, ReminderStage
from feedback.tasks import run_daily
from scenarios.rehearsal.sink import Sink

FINISHED_STATES = (MessageState.SENT, MessageState.DELIVERED, MessageState.BOUNCED)
UNFINISHED_STATES = (
    MessageState.CLAIMED,
    MessageState.HANDING_OVER,
    MessageState.UNCERTAIN,
    MessageState.FAILED,
)
RUNS_PER_EVENING = 20
"""Maximum number of job rounds in one evening."""


@dataclass
class RehearsalReport:
    """The result of each period. `troubles` must stay empty."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    seconds: float = 0

    @property
    def is_clean(self) -> bool:
        return not self.troubles

    def table(self) -> str:
        if not self.rows:
            return ""
        names = list(self.rows[0])
        wide = [max(len(name), 7) for name in names]
        lines = ["  ".join(name.rjust(width) for name, width in zip(names, wide, strict=True))]
        lines += [
            "  ".join(str(row[name]).rjust(width) for name, width in zip(names, wide, strict=True))
            for row in self.rows
        ]
        return "\n".join(lines)


class Part(Protocol):
    """An actor in the simulation."""

    def morning(self, day: int) -> None:
        """Act on this day; the first day is 0."""

    def forgotten(self, on: date) -> Iterator[str]:
        """The invariants that are violated this evening, in words; empty when all is well."""

    def figures(self) -> dict[str, Any]:
        """The current numbers, for one row of the table."""


class Days:
    """`number` days from `begins_on`, with all randomness from one seed."""

    def __init__(
        self,
        *,
        begins_on: date,
        number: int,
        seed: int,
        sink: Sink,
        name: str = "week",
        row_every: int = 7,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.begins_on, self.number, self.sink, self.say = begins_on, number, sink, say
        self.name, self.row_every = name, row_every
        self.chance = Random(seed)  # noqa: S311  a fixed seed makes runs repeatable
        self.sent: dict[str, str] = {}
        """Message-ID -> dedupe key of every mail and text that was sent, including those that were erased since."""
        self.texts: dict[str, str] = {}
        """File name under which the console stores a text -> recipient number."""
        self.text_ids: list[str] = []
        self.account = RehearsalReport()
        self.parts: list[Part] = []

    def run(self) -> RehearsalReport:
        began = time.monotonic()
        for day in range(self.number):
            with self.travel_to(day, 9):
                self._confirm()
                for part in self.parts:
                    part.morning(day)
            with self.travel_to(day, 20):  # before nine, because no texts are sent at night
                self._evening(day)
        self.account.seconds = round(time.monotonic() - began, 1)
        return self.account

    @contextmanager
    def travel_to(self, day: int, hour: int) -> Iterator[None]:
        on = self.begins_on + timedelta(days=day)
        moment = timezone.make_aware(datetime.combine(on, clock(hour)))
        with time_machine.travel(moment, tick=True):
            yield

    def perhaps(self, share: float) -> bool:
        return self.chance.random() < share

    def attempt(self, what: str, action: Callable[..., Any], **fields: Any) -> Any:
        """Call a service; a DomainError is counted as a refusal, as the page would show it."""
        try:
            done = action(**fields)
        except DomainError:
            self.account.did[f"refused: {what}"] += 1
            return None
        self.account.did[what] += 1
        return done

    def _confirm(self) -> None:
        """Half of those asked each day confirm their address, from the mail or the text message."""
        unsure = Contact.objects.filter(confirmed_at=None, unsubscribed_at=None, postal="")
        for contact in unsure.select_related("receipt").order_by("pk"):
            asked = self.sink.to(contact.email) if contact.email else contact.mobile in self.texts.values()
            if asked and self.perhaps(0.5):
                hearing_back.confirm_address(receipt=contact.receipt, key=hearing_back.confirm_key(contact))
                self.account.did["addresses confirmed"] += 1

    def _evening(self, day: int) -> None:
        run_daily()
        for _look in range(RUNS_PER_EVENING):
            inbox.read_mailbox()
            letters_by_post.run_letter_batch_jobs()
            pump.dispatch_due()
            pump.send_sms()
            if not any(
                pump.has_due(timezone.now(), by) for by in (DeliveryChannel.MAIL, DeliveryChannel.TEXT)
            ):
                break
        self._read_texts()
        on = timezone.localdate()
        found = [
            *self.untold(on),
            *self.mail(),
            *(said for part in self.parts for said in part.forgotten(on)),
        ]
        for trouble in found:
            self.account.troubles.append(f"{on}: {trouble}")
            self.say(f"{on}: {trouble}")
        if (day + 1) % self.row_every == 0:
            self._tell((day + 1) // self.row_every)

    def _read_texts(self) -> None:
        for path in sorted((settings.DATA_DIR / "mailbox").glob("*.eml")):
            if path.name not in self.texts:
                text = BytesHeaderParser().parsebytes(path.read_bytes())
                self.texts[path.name] = text["To"]
                self.text_ids.append(text["Message-ID"])

    def untold(self, on: date) -> Iterator[str]:
        """Things past their date for which no reminder was sent."""
        told = {(one.thing, one.day) for one in ToldDue.objects.exclude(stage=ReminderStage.SOON)}
        for one in everything_due(on):
            if (one.day < on or not one.is_looked_after) and (one.key, one.day) not in told:
                yield f"{one.key} is late since {one.day}, and nobody was told"

    def mail(self) -> Iterator[str]:
        """Each mail was sent once, and each unsent mail has a reason."""
        # Remembers sent messages, because they may be erased later, by retention or with their receipt.
        self.sent.update(
            Message.objects.filter(state__in=FINISHED_STATES)
            .exclude(carrier=DeliveryChannel.LETTER)
            .order_by()
            .values_list("message_id", "dedupe_key")
        )
        received = Counter([*(letter.message_id for letter in self.sink.letters), *self.text_ids])
        for message_id, count in received.items():
            if count > 1:
                yield f"{self.sent.get(message_id, message_id)} was sent {count} times"
        if received.keys() != self.sent.keys():
            yield (
                f"{len(self.sent.keys() - received.keys())} mails lost, "
                f"{len(received.keys() - self.sent.keys())} unknown"
            )
        if stuck := Message.objects.filter(state__in=UNFINISHED_STATES).count():
            yield f"{stuck} mails are neither sent nor waiting"
        if due := sum(
            Message.objects.due(timezone.now(), by).count()
            for by in (DeliveryChannel.MAIL, DeliveryChannel.TEXT)
        ):
            yield f"{due} mails or texts are still due"

    def _tell(self, number: int) -> None:
        told: dict[str, Any] = {self.name: number}
        for part in self.parts:
            told |= part.figures()
        told |= {
            "mails": len(self.sink.letters),
            "texts": len(self.texts),
            "trouble": len(self.account.troubles),
        }
        self.account.rows.append(told)
        self.say(" ".join(f"{name} {value}" for name, value in told.items()))
