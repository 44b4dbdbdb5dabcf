"""Days that go by: the clock is moved, people and colleagues do things in the morning, the jobs run in the evening.

It writes into the database it is run in, so the command makes one for it (`rehearse --season`, `--year`). Who plays is
a `Part`; what must hold of all mail and of every day that was promised is looked at here, each evening.
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
from feedback.answers.services import inbox, letters_by_post, pump
from feedback.answers.services.reminders import everything_due
from feedback.contacts.services import hearing_back
from feedback.daily import run_daily
from feedback.models import Message, ToldDue
from feedback.states import MessageState, ReminderStage
from scenarios.rehearsal.sink import Sink

DONE = (MessageState.SENT, MessageState.DELIVERED, MessageState.BOUNCED)
UNDER_WAY = (MessageState.CLAIMED, MessageState.HANDING_OVER, MessageState.UNCERTAIN, MessageState.FAILED)
LOOKS = 20
"""At most so many turns of the jobs in one evening."""


@dataclass
class Account:
    """What each stretch of days came to. `troubles` must stay empty."""

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
    """Somebody who plays along."""

    def morning(self, day: int) -> None:
        """What they do on this day, the first being 0."""

    def forgotten(self, on: date) -> Iterator[str]:
        """What does not hold this evening, in words; nothing when all is well."""

    def figures(self) -> dict[str, Any]:
        """How it stands, for one line of the table."""


class Days:
    """So many days from `begins_on`, all chance from one seed."""

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
        self.chance = Random(seed)  # noqa: S311  it has to come out the same again
        self.sent: dict[str, str] = {}
        """Message-ID -> dedupe key of every mail and text that left, also of those that are kept no longer."""
        self.texts: dict[str, str] = {}
        """Name of the file in which the console keeps a text -> to which number."""
        self.text_ids: list[str] = []
        self.account = Account()
        self.parts: list[Part] = []

    def run(self) -> Account:
        began = time.monotonic()
        for day in range(self.number):
            with self.at(day, 9):
                self._confirm()
                for part in self.parts:
                    part.morning(day)
            with self.at(day, 20):  # before nine: no telephone rings at night
                self._evening(day)
        self.account.seconds = round(time.monotonic() - began, 1)
        return self.account

    @contextmanager
    def at(self, day: int, hour: int) -> Iterator[None]:
        on = self.begins_on + timedelta(days=day)
        moment = timezone.make_aware(datetime.combine(on, clock(hour)))
        with time_machine.travel(moment, tick=True):
            yield

    def perhaps(self, share: float) -> bool:
        return self.chance.random() < share

    def attempt(self, what: str, action: Callable[..., Any], **fields: Any) -> Any:
        """Whatever the house refuses is refused as it would be on the page, and counted."""
        try:
            done = action(**fields)
        except DomainError:
            self.account.did[f"refused: {what}"] += 1
            return None
        self.account.did[what] += 1
        return done

    def _confirm(self) -> None:
        """Most press the button in the mail, or follow the link in the text, that asks whether it is theirs."""
        unsure = Contact.objects.filter(confirmed_at=None, unsubscribed_at=None, postal="")
        for contact in unsure.select_related("receipt").order_by("pk"):
            asked = self.sink.to(contact.email) if contact.email else contact.mobile in self.texts.values()
            if asked and self.perhaps(0.5):
                hearing_back.confirm_address(receipt=contact.receipt, key=hearing_back.confirm_key(contact))
                self.account.did["addresses confirmed"] += 1

    def _evening(self, day: int) -> None:
        run_daily()
        for _look in range(LOOKS):
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
        """What is past its day, and nobody heard that."""
        told = {(one.thing, one.day) for one in ToldDue.objects.exclude(stage=ReminderStage.SOON)}
        for one in everything_due(on):
            if (one.day < on or not one.is_looked_after) and (one.thing, one.day) not in told:
                yield f"{one.thing} is late since {one.day}, and nobody was told"

    def mail(self) -> Iterator[str]:
        """Each mail once, and what is not sent says why."""
        # What is kept no longer, or went with who was erased, was sent all the same.
        self.sent.update(
            Message.objects.filter(state__in=DONE)
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
        if stuck := Message.objects.filter(state__in=UNDER_WAY).count():
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
