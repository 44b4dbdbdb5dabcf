"""`make run` after installation: it starts, says where everything is, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from scenarios.management.commands.up import refuse_taken_port, where_mail_goes


def free_port() -> int:
    with closing(socket.socket()) as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """That of `make run` on a machine where nothing is set, with its data in `folder`."""
    ours = {"TESTING", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL", "SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DEBUG": "1", "DATA_DIR": str(folder), **changes}


def processes_in(session: int) -> list[str]:
    """Command lines of what still runs with this DATA_DIR; honcho gives each process a session of its own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"NABIJ_TEST={session}".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.mark.crash
def test_up_starts_twice_and_leaves_nothing_behind(tmp_path):
    """The second time it finds everything there."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        start_and_stop(tmp_path, stop)


def start_and_stop(folder: Path, stop: signal.Signals) -> None:
    port, mark = free_port(), os.getpid()
    redis = {"REDIS_URL": settings.REDIS_URL} if settings.REDIS_URL else {}
    changes = {"PORT": str(port), "NABIJ_TEST": str(mark), "PYTHONUNBUFFERED": "1", **redis}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"], cwd=settings.BASE_DIR, env=environment(folder, **changes),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until_it_answers(process, f"http://localhost:{port}/health/live")
        os.killpg(process.pid, stop)
        told, _nothing = process.communicate(timeout=20)
    finally:
        process.kill()
    assert f"http://localhost:{port}/" in told
    assert "password" in told
    assert "/mailbox/" in told
    assert "Traceback" not in told
    assert process.returncode == 128 + stop
    assert not processes_in(mark)


def wait_until_it_answers(process: subprocess.Popen, url: str) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)
    process.kill()
    pytest.fail(f"It does not answer:\n{process.communicate()[0]}")


def test_taken_port_is_one_sentence():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match=r"Port \d+ .* Choose another, for example: make run PORT="):
            refuse_taken_port("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"PORT": "abc"}, "PORT must be a number"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must be postgres://"),
        ({"DATABASE_URL": "postgres://postgres@127.0.0.1:1/x"}, "database of DATABASE_URL does not answer"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis of REDIS_URL does not answer"),
        ({"DATA_DIR": "/proc/nabij"}, "DATA_DIR must be a folder"),
        ({"DEBUG": ""}, "Set SECRET_KEY"),
    ],
)
def test_wrong_setting_is_one_sentence(tmp_path, change, sentence):
    told = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env=environment(tmp_path, PORT=str(free_port())) | change, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert sentence in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [("mailbox://", "/mailbox/"), ("smtp+tls://user:secret@relay.example:587", "relay.example:587")],
)
def test_where_mail_goes_names_the_relay_and_no_password(settings, url, said):
    settings.EMAIL_URL = url
    assert said in where_mail_goes()
    assert "secret" not in where_mail_goes()
