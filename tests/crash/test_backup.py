"""The drill of docs/backup.md: its very commands, carried out while mail is leaving, on whatever database is in use.

After the backup somebody erases themselves, somebody unsubscribes, and the other mails leave. Then the database is put
back. Nobody is mailed twice, nobody comes back, and a person lets the outbox go on.
"""

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client

from accounts.codes import new_code
from accounts.models import Contact, Event, Receipt
from core.keyed import code_hash
from feedback.answers.services.reckoning import count_delivery
from feedback.contacts.services import hearing_back
from feedback.delivery.services import guards, outbox
from feedback.models import FollowUp, Message
from feedback.states import MessageState
from tests.crash.house import BASE, House, address, all_settled, make_audience, number_of, press, wait_until
from tests.feedback.journey import page_of
from tests.people import make_root, make_user

pytestmark = pytest.mark.crash
READERS, ERASED, GONE = 80, 70, 71
LATE = range(60, READERS)
"""Whom the relay puts off: their mail is pending when the backup is made."""


def commands(name: str) -> str:
    """A block of the page, by the line that it begins with."""
    page = (BASE / "docs" / "backup.md").read_text()
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    (found,) = [text for text in blocks if text.strip().splitlines()[0].strip() == f"# {name}"]
    return textwrap.dedent(found)


@pytest.fixture
def shell(house: House, tmp_path: Path):
    """Runs a block as the page says, and returns what it printed."""
    environment = house.environment | {
        "BACKUPS": str(tmp_path / "backups"),
        "DATABASE_FILE": str(connections["default"].settings_dict["NAME"]),
        "COLLEAGUE": "editor@example.nl",
        "PATH": f"{Path(sys.executable).parent}:{house.environment['PATH']}",
    }

    def run(name: str) -> str:
        done = subprocess.run(
            ["sh", "-eu", "-c", commands(name)],
            cwd=BASE, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{name}:\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def engine() -> Iterator[str]:
    yield "SQLite" if settings.IS_SQLITE else "PostgreSQL"


@pytest.mark.parametrize("disk_is_gone", [False, True], ids=["the database is lost", "the disk is lost"])
def test_drill(house, shell, engine, disk_is_gone):
    # --- an ordinary day, and a backup in the middle of it
    make_root()
    follow_up, owner = make_audience(READERS)
    colleague = make_user(email="editor@example.nl", title="teamleider")
    code = new_code()
    Receipt.objects.filter(contact__email=address(ERASED)).update(code_hash=code_hash(code))
    late = {"yes": True}
    house.sink.at_data = lambda to: "451 later" if late["yes"] and number_of(to) in LATE else None
    house.environment["BACKOFF_SECONDS"] = "4,4,4,4,4,4"
    press(follow_up, owner)
    jobs = house.jobs()
    wait_until(lambda: len(house.sink.mails) == LATE.start, what="everybody whom the relay took")
    wait_until(lambda: Message.objects.filter(state=MessageState.PENDING, attempts=1).count() == len(LATE))
    shell(f"backup, {engine}")

    # --- what the backup does not know
    receipt = Receipt.objects.get(contact__email=address(ERASED))
    gone = Client().post(f"{page_of(receipt)}erase/", {"code": code})
    assert "W-" in gone.content.decode()
    hearing_back.unsubscribe(receipt=Receipt.objects.get(contact__email=address(GONE)))
    shell("the journal")
    late["yes"] = False
    wait_until(all_settled, what="the others")
    assert len(house.sink.mails) == READERS - 2
    house.kill(*jobs)

    # --- it is lost, and put back
    connections.close_all()
    if disk_is_gone:
        guards.journal_file().unlink()
        guards.epoch_file().unlink()
    shell(f"restore, {engine}")
    if disk_is_gone:
        shell("the disk is gone")
    assert Contact.objects.filter(email=address(ERASED)).exists(), "a backup brings everything back"
    assert Message.objects.filter(state=MessageState.PENDING).count() == len(LATE)
    said = shell("look")
    assert "ON HOLD" in said and f"{MessageState.UNCERTAIN:14}{len(LATE) - 1:8}" in said, said
    assert not Contact.objects.filter(email=address(ERASED)).exists()
    assert not Receipt.objects.filter(pk=receipt.pk).exists()
    assert Contact.objects.get(email=address(GONE)).unsubscribed_at
    assert Event.objects.get(verb="replayed_journal").facts == {"erased": 1, "unsubscribed": 1}

    # --- web and jobs start; nothing leaves
    house.jobs()
    wait_until(lambda: Client().get("/health/ready").json()["checks"]["jobs"]["ok"], what="jobs")
    outbox.queue_message(
        purpose="notice", dedupe_key="new", language="nl", user=colleague, subject="x", text="x"
    )
    answer = Client().get("/health/ready")
    assert answer.status_code == 503 and not answer.json()["checks"]["outbox"]["ok"]
    assert len(house.sink.mails) == READERS - 2

    # --- somebody looked
    assert "Mail may leave again" in shell("release")
    wait_until(lambda: Message.objects.get(dedupe_key="new").state == MessageState.SENT, what="new mail")
    assert Client().get("/health/ready").json()["checks"]["outbox"]["ok"]
    assert set(house.sink.ids.values()) == {1} and len(house.sink.mails) == READERS - 1
    summed = count_delivery(FollowUp.objects.get())
    assert summed.is_equal and (summed.audience, summed.erased) == (READERS, 1)
    assert (summed.sent, summed.uncertain) == (LATE.start, len(LATE) - 1)
    call_command(
        "outbox",
        "--receipt",
        str(Receipt.objects.get(contact__email=address(GONE)).pk),
        stdout=(told := StringIO()),
    )
    assert "Unsubscribed" in told.getvalue() and "uncertain" in told.getvalue()
