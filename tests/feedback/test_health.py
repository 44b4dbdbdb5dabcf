"""What monitoring and the desk are told: each thing that can be wrong, one by one, and nothing about anybody."""

import json
import subprocess
import sys
import threading
from collections import namedtuple
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest.mock import patch

import pytest
from celery.signals import task_failure
from django.conf import settings as house
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from feedback import tasks
from feedback.answers.views import outbox
from feedback.delivery.services import guards, inbox, pump
from feedback.models import Heartbeat
from feedback.states import MessageState
from tests.feedback.factories import make_contact, make_message
from tests.people import signed_in
from tests.queries import no_writes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_work(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    Heartbeat.objects.create(name="jobs")


def ago(**much):
    return timezone.now() - timedelta(**much)


def ready(client) -> tuple[int, dict]:
    response = client.get(reverse("health_ready"))
    assert response.status_code in (200, 503) and "no-store" in response["Cache-Control"]
    found = response.json()
    assert found["ready"] == (response.status_code == 200)
    return response.status_code, found["checks"]


def _jobs_silent():
    Heartbeat.objects.update(at=ago(minutes=3))


def _jobs_never():
    Heartbeat.objects.all().delete()


def _held():
    guards.hold_outbox(reason="a.resident@example.nl was restored", by=None)


def _due_long():
    make_message(next_attempt_at=ago(hours=1))


def _relay_rests():
    make_message(next_attempt_at=ago(minutes=11))
    pump.open_circuit("The mail relay does not answer: timed out.")


def _inbox_shut():
    Heartbeat.objects.create(name=inbox.INBOX, at=ago(minutes=40))
    Heartbeat.objects.create(name=inbox.INBOX_CIRCUIT, note="AUTHENTICATIONFAILED")


def _daily_job_fails():
    with patch.object(tasks, "daily_jobs", {"feedback.broken": lambda: 1 / 0}):
        tasks.run_daily()


def _task_fails():
    task_failure.send(sender=tasks.recover, exception=ValueError("a.resident@example.nl"))


# what is wrong -> which check says so, what the desk says first
WRONG = [
    (_jobs_silent, {"jobs"}, "Er draait niets"),
    (_jobs_never, {"jobs"}, "Er draait niets"),
    (_held, {"outbox"}, "was restored"),
    (_due_long, {"oldest_due"}, ""),
    (_relay_rests, {"relay"}, "timed out"),
    (_inbox_shut, {"inbox"}, "AUTHENTICATIONFAILED"),
    (_daily_job_fails, {"tasks"}, ""),
    (_task_fails, {"tasks"}, ""),
]


@pytest.mark.parametrize(("breaks", "checks", "said"), WRONG)
def test_what_is_wrong_is_red_and_nothing_else(breaks, checks, said, client, settings, coordinator):
    settings.INBOX_URL = "imaps://a:b@mail.example.nl/Nabij"
    breaks()
    status, found = ready(client)
    assert status == 503 and {name for name, check in found.items() if not check["ok"]} == checks
    assert "@" not in json.dumps(found), "a reason may name somebody"
    page = signed_in(coordinator).get(reverse("outbox")).content.decode()
    assert said in page and ("nabij-notice--late" in page) == bool(said)


# what is no reason for alarm
FINE = [
    lambda: make_message(next_attempt_at=ago(minutes=5)),
    lambda: pump.open_circuit("for a moment"),
    lambda: (make_message(next_attempt_at=ago(minutes=2)), pump.open_circuit("short")),
    lambda: make_message(state=MessageState.SENT, next_attempt_at=ago(days=9)),
    lambda: Heartbeat.objects.create(name=inbox.INBOX_CIRCUIT, note="from before the mailbox was taken out"),
]


@pytest.mark.parametrize("happens", FINE, ids=range(len(FINE)))
def test_what_is_fine_is_green(happens, client, coordinator):
    happens()
    status, found = ready(client)
    assert status == 200 and all(check["ok"] for check in found.values())
    assert "nabij-notice--late" not in signed_in(coordinator).get(reverse("desk")).content.decode()


def test_it_is_cheap_whatever_waits(client, django_assert_max_num_queries):
    receipt = make_contact().receipt
    for _number in range(30):
        make_message(receipt)
    ready(client)  # the first time the migrations are looked up
    with django_assert_max_num_queries(7), no_writes():
        ready(client)


def test_full_disk_is_red(client, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(outbox.shutil, "disk_usage", lambda path: usage(10**12, 10**12, 1_000))
    status, found = ready(client)
    assert status == 503 and found["disk"] == {"ok": False, "free_mb": 0}


def test_migration_that_lacks_is_red_until_it_is_there(client, monkeypatch):
    monkeypatch.setattr(outbox, "_migrated", False)
    plan = [("feedback", "0099_later")]
    monkeypatch.setattr(outbox.MigrationExecutor, "migration_plan", lambda self, targets: plan)
    status, found = ready(client)
    assert status == 503 and found["migrations"] == {"ok": False} and "jobs" not in found
    plan.clear()
    assert ready(client)[0] == 200


def test_database_that_does_not_answer_is_red_and_the_process_lives(client, monkeypatch):
    def gone(*_args, **_kwargs):
        raise DatabaseError

    monkeypatch.setattr(outbox.connection, "cursor", gone)
    status, found = ready(client)
    assert (
        status == 503
        and found["database"] == {"ok": False}
        and set(found) - {"redis"} == {"disk", "database"}
    )
    assert client.get(reverse("health_live")).json() == {"live": True}


def test_live_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("health_live")).status_code == 200


@pytest.mark.parametrize(
    ("status", "checks", "asked", "fails"),
    [
        (200, {"jobs": {"ok": True}}, ["jobs"], False),
        (503, {"jobs": {"ok": True}, "relay": {"ok": False}}, ["jobs"], False),
        (503, {"jobs": {"ok": False}}, ["jobs"], True),
        (503, {}, ["jobs"], True),
        (200, {}, [], False),
        (503, {}, [], True),
    ],
)
def test_what_a_container_asks(status, checks, asked, fails):
    class Web(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"ready": status == 200, "checks": checks}).encode())

        def log_message(self, *_said):
            pass

    with HTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        told = subprocess.run(
            [sys.executable, "deploy/healthcheck.py", f"http://127.0.0.1:{server.server_port}/health/ready", *asked],
            cwd=house.BASE_DIR, capture_output=True, check=False, timeout=20,
        )  # fmt: skip
    assert bool(told.returncode) == fails
