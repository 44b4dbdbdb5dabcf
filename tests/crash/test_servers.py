"""Every row of the table of crashes (docs/engine.md), on PostgreSQL with Celery and Redis."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from redis import Redis

from feedback.answers.services import release
from feedback.delivery.services import guards, outbox
from feedback.delivery.services.guards import worker_is_alive
from feedback.models import FollowUpItem, Message, NamedDebt
from feedback.states import FollowUpState, MessageState
from tests.crash.house import (
    BEAT,
    READERS,
    WORKER,
    account,
    all_settled,
    dropped,
    held_table,
    make_audience,
    misbehave,
    press,
    unsubscribe,
    wait_until,
    waits_for_lock,
)
from tests.feedback.sinks import free_port
from tests.people import make_user

pytestmark = [pytest.mark.crash, pytest.mark.server_databases]


def test_dies_before_the_release_commits(house):
    """T1: nothing happened; the user presses again."""
    follow_up, owner = make_audience(60)
    code = (
        "from feedback.answers.services.release import schedule_release; from feedback.models import FollowUp; "
        f"f = FollowUp.objects.get(pk={follow_up.pk}); schedule_release(follow_up=f, by=f.owner)"
    )
    with held_table("accounts_event"):
        request = house.start("manage.py", "shell", "-c", code)
        wait_until(lambda: waits_for_lock("accounts_event"), what="the press stands before its commit")
        house.kill(request)
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUpState.DRAFT and not NamedDebt.objects.exists()
    press(follow_up, owner)
    press(follow_up, owner)
    house.jobs()
    wait_until(all_settled)
    assert account(follow_up, house.sink, readers=60) == {"sent": 60}


def test_broker_is_lost_after_the_release(house):
    """The doorbell's message is gone; the look of beat finds what is due."""
    follow_up, owner = make_audience()
    misbehave(house.sink)
    press(follow_up, owner)
    release.end_holds()
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("celery")
    house.jobs()
    wait_until(all_settled)
    assert account(follow_up, house.sink)["uncertain"] == len(dropped(house.sink))


def test_broker_is_killed_and_comes_back_empty(house, tmp_path):
    """A press is never refused for it; worker and beat find the new one, and the database says what there is to do."""
    follow_up, owner = make_audience(60)
    port = free_port()
    house.environment["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    with redis_server(port, tmp_path):
        house.jobs()
        wait_until(worker_is_alive, what="a heartbeat")
    press(follow_up, owner)
    release.end_holds()
    time.sleep(1)
    with redis_server(port, tmp_path):
        # Celery waits longer before each new try, half a minute in the end.
        wait_until(all_settled, seconds=180)
        assert account(follow_up, house.sink, readers=60) == {"sent": 60}


def test_broker_is_killed_while_mail_goes_out(house, tmp_path):
    """Worker and beat live on, and no mail is lost or doubled for it."""
    follow_up, owner = make_audience(150)
    house.sink.at_data = take_time
    port = free_port()
    house.environment["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    press(follow_up, owner)
    release.end_holds()
    jobs = None
    for goal in (1, 60):
        with redis_server(port, tmp_path):
            jobs = jobs or house.jobs()
            wait_until(lambda goal=goal: len(house.sink.mails) >= goal, what=f"{goal} mails", seconds=120)
        time.sleep(1)
    with redis_server(port, tmp_path):
        wait_until(all_settled, seconds=120)
    assert account(follow_up, house.sink, readers=150) == {"sent": 150}
    assert [process.poll() for process in jobs] == [None, None]


def take_time(_address: str) -> None:
    time.sleep(0.03)


@contextmanager
def redis_server(port: int, folder: Path) -> Iterator[None]:
    """Of our own, empty, and killed at the end."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_dies_while_fanning_out(house):
    """T2: the chunk is undone, the next look goes on where the cursor stands."""
    follow_up, owner = make_audience()
    press(follow_up, owner)
    unsubscribe(follow_up, range(20))
    with held_table("feedback_followupitem"):
        worker, _beat = house.jobs()
        wait_until(lambda: waits_for_lock("feedback_followupitem"), what="a chunk stands before its commit")
        house.kill(worker)
    assert not FollowUpItem.objects.exists() and not Message.objects.exists()
    house.start(*WORKER)
    wait_until(all_settled)
    assert account(follow_up, house.sink) == {"sent": READERS - 20, "page_only": 20}


def test_dies_in_the_middle_of_sending_again_and_again(house):
    """Claimed: pending again. After T4: uncertain, at most a group per connection and kill."""
    follow_up, owner = make_audience()
    misbehave(house.sink)
    press(follow_up, owner)
    house.start(*BEAT)
    kills = 4
    for turn in range(kills):
        worker = house.start(*WORKER)
        goal = (turn + 1) * READERS // (kills + 2)
        wait_until(lambda goal=goal: len(house.sink.mails) >= goal, what=f"{goal} mails")
        unsubscribe(follow_up, range(500 + 20 * turn, 520 + 20 * turn))
        house.kill(worker)
    house.start(*WORKER)
    wait_until(all_settled)
    parts = account(follow_up, house.sink)
    most = kills * 2 * settings.OUTBOX_GROUP + len(dropped(house.sink))
    assert 1 <= parts["uncertain"] <= most and parts["suppressed"] >= 1


def test_two_workers_share_without_a_double(house):
    follow_up, owner = make_audience()
    misbehave(house.sink)
    press(follow_up, owner)
    house.jobs()
    house.start(*WORKER)
    wait_until(all_settled)
    account(follow_up, house.sink)


def test_database_is_restored_from_a_backup(house, settings):
    """Quarantine: not one mail leaves again, and new mail waits for a person."""
    follow_up, owner = make_audience()
    press(follow_up, owner)
    jobs = house.jobs()
    wait_until(lambda: len(house.sink.mails) >= 100)
    house.kill(*jobs)
    backup = settings.DATA_DIR / "backup.sql"
    dump(backup)
    jobs = house.jobs()
    wait_until(all_settled)
    house.kill(*jobs)
    restore(backup)
    assert Message.objects.filter(state=MessageState.PENDING).exists()
    house.jobs()
    wait_until(lambda: guards.outbox_epoch().quarantined_at is not None, what="quarantine")
    wait_until(all_settled)
    account_for_restored(house.sink)


def account_for_restored(sink) -> None:
    assert set(sink.ids.values()) == {1} and len(sink.mails) <= READERS
    states = set(Message.objects.values_list("state", flat=True).distinct())
    assert states == {MessageState.SENT, MessageState.UNCERTAIN}
    outbox.queue_message(purpose="notice", dedupe_key="new", language="nl", user=make_user(), subject="x")
    wait_until(lambda: Message.objects.get(dedupe_key="new").state == MessageState.PENDING)


def dump(backup) -> None:
    pg("pg_dump", "--data-only", "--table=feedback_*", f"--file={backup}")


def restore(backup) -> None:
    """The tables as they were: what pg_restore does, without its tables of others."""
    from django.db import connection

    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names() if name.startswith("feedback_")]
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
    connections.close_all()
    pg("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={backup}")


def pg(*command: str) -> None:
    from django.db import connection

    found = connection.settings_dict
    where = ["--host", found["HOST"], "--port", str(found["PORT"] or 5432), "--username", found["USER"]]
    subprocess.run(
        [*command, *where, found["NAME"]],
        check=True,
        stdout=sys.stderr,
        env={"PGPASSWORD": found["PASSWORD"] or "", "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )
