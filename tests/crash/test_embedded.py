"""The three worst crashes on SQLite with `runjobs`: killed while sending, another takes over, restored."""

import signal
import sqlite3

import pytest
from django.conf import settings
from django.db import connections

from feedback.delivery.services import guards
from feedback.models import Message
from feedback.states import MessageState
from tests.crash.house import (
    READERS,
    RUNJOBS,
    account,
    all_settled,
    dropped,
    make_audience,
    misbehave,
    press,
    unsubscribe,
    wait_until,
)

pytestmark = [pytest.mark.crash, pytest.mark.embedded]


def test_dies_in_the_middle_of_sending_again_and_again(house):
    follow_up, owner = make_audience()
    misbehave(house.sink)
    press(follow_up, owner)
    kills = 3
    for turn in range(kills):
        (jobs,) = house.jobs()
        goal = (turn + 1) * READERS // (kills + 2)
        wait_until(lambda goal=goal: len(house.sink.mails) >= goal, what=f"{goal} mails")
        unsubscribe(follow_up, range(500 + 20 * turn, 520 + 20 * turn))
        house.kill(jobs)
    house.jobs()
    wait_until(all_settled)
    parts = account(follow_up, house.sink)
    most = kills * 2 * settings.OUTBOX_GROUP + len(dropped(house.sink))
    assert 1 <= parts["uncertain"] <= most and parts["suppressed"] >= 1


def test_the_one_at_work_dies_and_the_other_takes_over(house):
    """And SIGTERM ends it, with nothing in hand."""
    follow_up, owner = make_audience()
    first = house.start(*RUNJOBS)
    press(follow_up, owner)
    wait_until(lambda: len(house.sink.mails) >= 50)
    second = house.start(*RUNJOBS)
    house.kill(first)
    wait_until(all_settled)
    account(follow_up, house.sink)
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=60) == 0
    assert "Traceback" not in house.log.read_text()


def test_database_is_restored_from_a_backup(house, settings):
    follow_up, owner = make_audience()
    press(follow_up, owner)
    jobs = house.jobs()
    wait_until(lambda: len(house.sink.mails) >= 100)
    house.kill(*jobs)
    backup = settings.DATA_DIR / "backup.sqlite3"
    path = connections["default"].settings_dict["NAME"]
    copy(path, backup)
    jobs = house.jobs()
    wait_until(all_settled)
    house.kill(*jobs)
    connections.close_all()
    copy(backup, path)
    assert Message.objects.filter(state=MessageState.PENDING).exists()
    house.jobs()
    wait_until(lambda: guards.outbox_epoch().quarantined_at is not None, what="quarantine")
    wait_until(all_settled)
    assert set(house.sink.ids.values()) == {1} and len(house.sink.mails) <= READERS


def copy(source, target) -> None:
    """SQLite's own backup: consistent, also while others write."""
    with sqlite3.connect(source) as read, sqlite3.connect(target) as write:
        read.backup(write)
    read.close()
    write.close()
