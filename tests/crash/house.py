"""Real processes around a real database and a real mail server, to be killed in the middle of the work."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Contact, Receipt, User
from accounts.states import ReceiptPurpose
from feedback.answers.services import release
from feedback.answers.services.reckoning import count_delivery
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards
from feedback.models import AnswerOwed, Contribution, FollowUp, Message, Topic
from feedback.states import UNSETTLED_STATES, ContributionKind, FollowUpState, MessageState, Owed
from tests.feedback.factories import make_follow_up, make_topic
from tests.feedback.sinks import Sink
from tests.people import make_area, make_municipality, make_user

READERS = 600
BASE = Path(settings.BASE_DIR)
SHORT = {
    "HOLD_SECONDS": "0",
    "LEASE_SECONDS": "3",
    "RUNJOBS_LEASE_SECONDS": "2",
    "LOOK_SECONDS": "0.5",
    "SWEEP_SECONDS": "1",
    "RELAY_REST_SECONDS": "0.5",
    "BACKOFF_SECONDS": "0.5,0.5,1,1,1,1",
    "SMTP_TIMEOUT": "2",
    "FAN_OUT_CHUNK": "100",
    "LOG_LEVEL": "ERROR",
}
WORKER = ["-m", "celery", "--app", "config", "worker", "--pool", "threads", "--concurrency", "2"]
WORKER += ["--loglevel", "error", "--without-gossip", "--without-mingle"]
BEAT = ["-m", "celery", "--app", "config", "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile="]
RUNJOBS = ["manage.py", "runjobs"]


class House:
    """The installation under test: its database is the test database, its mail server is `sink`."""

    def __init__(self, sink: Sink, data_dir: Path, redis_url: str) -> None:
        self.sink, self.redis_url = sink, redis_url
        self.environment = os.environ | SHORT | {
            "TESTING": "",
            "DEBUG": "",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": url_of_test_database(),
            "REDIS_URL": redis_url,
            "DATA_DIR": str(data_dir),
            "EMAIL_URL": sink.url,
            "SITE_URL": settings.SITE_URL,
            "HTTP_ON_LOCALHOST": "1",
            "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self._running: list[subprocess.Popen] = []
        self.log = data_dir / "processes.log"

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=BASE,
                env=self.environment | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def jobs(self) -> list[subprocess.Popen]:
        """Whatever runs the jobs here: worker and beat, or runjobs."""
        if self.redis_url:
            return [self.start(*WORKER), self.start(*BEAT)]
        return [self.start(*RUNJOBS)]

    def jobs_standing_at(self, point: str, *, calls: int = 0) -> Callable[[], None]:
        """The jobs, which stand still at `module:function` after so many calls. Returns what kills them there."""
        reached = self.log.with_name("reached")
        reached.unlink(missing_ok=True)
        standing = ("-m", "tests.crash.standing", f"{point}:{calls}:{reached}")
        if self.redis_url:
            running = [self.start(*standing, *WORKER), self.start(*BEAT)]
        else:
            running = [self.start(*standing, *RUNJOBS)]

        def kill() -> None:
            wait_until(reached.exists, what=f"the jobs stand at {point}")
            self.kill(*running)

        return kill

    def kill(self, *processes: subprocess.Popen) -> None:
        """Not asked: killed, as a machine that loses its power would."""
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._running.remove(process)

    def close(self) -> None:
        self.kill(*self._running)


def url_of_test_database() -> str:
    found = connection.settings_dict
    if settings.IS_SQLITE:
        return f"sqlite:///{found['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**found)


# --- what is to be told --------------------------------------------------------------------------


def address(number: int) -> str:
    return f"resident-{number}@example.nl"


def number_of(mail_address: str) -> int:
    return int(mail_address.partition("@")[0].rpartition("-")[2])


def make_audience(readers: int = READERS) -> tuple[FollowUp, User]:
    """`readers` who left an address and wait for one answer."""
    make_municipality()
    owner = make_user(title="neighbourhood manager")
    topic = make_topic("option:31", area=make_area("Oosterhaven"), title="Een plek om elkaar te ontmoeten")
    receipts = Receipt.objects.bulk_create(
        Receipt(purpose=ReceiptPurpose.PARTICIPATION, language="nl", code_hash=f"{number:064d}")
        for number in range(readers)
    )
    Contact.objects.bulk_create(
        Contact(
            receipt=receipt, email=address(number), is_16_or_older=True, consent="Ja.",
            confirmed_at=timezone.now(),
        )
        for number, receipt in enumerate(receipts)
    )  # fmt: skip
    make_debts(topic, owner, receipts)
    guards.outbox_may_send()
    return make_follow_up(source=topic.source, key=topic.key, owner=owner), owner


def make_debts(topic: Topic, owner: User, receipts: list[Receipt]) -> None:
    said = Contribution.objects.bulk_create(
        Contribution(receipt=receipt, topic=topic, slot="9:31", kind=ContributionKind.CHOICE, language="nl")
        for receipt in receipts
    )
    AnswerOwed.objects.bulk_create(
        AnswerOwed(
            receipt=thing.receipt, contribution=thing, topic=topic, owner=owner,
            due_on=timezone.localdate() + timedelta(days=30),
        )
        for thing in said
    )  # fmt: skip


def press(follow_up: FollowUp, owner: User) -> None:
    settings.HOLD_SECONDS = 0
    release.schedule_release(follow_up=follow_up, by=owner)


def misbehave(sink: Sink) -> None:
    """Take every 60th mail and drop the line before saying so; say “later” to every 40th. The first time only.

    Only the first time: whoever sends a dropped one again shows up as a double.
    """
    said_later: set[str] = set()
    dropped_once: set[str] = set()

    def drops(to: str) -> bool:
        first = number_of(to) % 60 == 11 and to not in dropped_once
        dropped_once.add(to)
        return first

    def later(to: str) -> str | None:
        if number_of(to) % 40 == 7 and to not in said_later:
            said_later.add(to)
            return "451 4.3.0 try again later"
        return None

    sink.at_data = later
    sink.drops = drops


def dropped(sink: Sink) -> set[str]:
    return {to for to in sink.recipients if number_of(to) % 60 == 11}


def unsubscribe(follow_up: FollowUp, numbers: range) -> None:
    for number in numbers:
        hearing_back.unsubscribe(receipt=Contact.objects.get(email=address(number)).receipt)


# --- waiting and adding up -----------------------------------------------------------------------


def wait_until(condition: Callable[[], bool], *, seconds: float = 40, what: str = "") -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"Waited {seconds} seconds in vain: {what or condition.__name__}"
        time.sleep(0.05)


def all_settled() -> bool:
    """Everybody has their item, and no message is under way."""
    if FollowUp.objects.filter(state__in=[FollowUpState.HOLD, FollowUpState.RELEASED]).exists():
        return False
    return Message.objects.exists() and not Message.objects.filter(state__in=UNSETTLED_STATES).exists()


def account(follow_up: FollowUp, sink: Sink, *, readers: int = READERS) -> dict[str, int]:
    """Add everything up: nothing doubled, nobody unaccounted for, nobody mailed after unsubscribing."""
    follow_up.refresh_from_db()
    arrived = sink.ids
    doubled = {name: times for name, times in arrived.items() if times > 1}
    assert not doubled, f"{len(doubled)} mails arrived twice"
    messages = list(Message.objects.select_related("receipt__contact"))
    assert len(messages) <= readers and not set(arrived) - {message.message_id for message in messages}
    for message in messages:
        came = arrived[message.message_id]
        if message.state == MessageState.SENT:
            assert came == 1, f"{message} says sent and never arrived"
        elif message.state != MessageState.UNCERTAIN:
            assert came == 0, f"{message} arrived"
        gone = message.receipt.contact.unsubscribed_at
        if gone and came:
            assert message.handed_over_at <= gone, f"{message} was handed over after unsubscribing"
    summed = count_delivery(follow_up)
    assert summed.is_equal and summed.audience == readers, summed
    assert follow_up.items.count() == readers
    sent = Message.objects.filter(state=MessageState.SENT).count()
    assert AnswerOwed.objects.filter(state=Owed.SENT).count() == sent
    assert AnswerOwed.objects.filter(state=Owed.OPEN).count() == 0
    return {name: number for name, number in summed.parts.items() if number}


@contextmanager
def held_table(name: str) -> Iterator[None]:
    """Nobody can write into this table meanwhile (PostgreSQL): whoever wants to stands still in a transaction."""
    ready, leave = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
            ready.set()
            leave.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        leave.set()
        thread.join()


def waits_for_lock(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND query ILIKE %s",
            [f"%{table}%"],
        )
        return cursor.fetchone()[0] > 0
