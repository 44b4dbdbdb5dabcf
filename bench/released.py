"""A hundred thousand people are told something in one go, while two hundred residents answer beside it.

`BENCH_PEOPLE` makes it fewer. Two job processes; everything that is compared is of the same run: the web with and
without, our mail and Django's, both with residents at the door.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import crowd
from bench.figures import Figure, at_least, at_most
from bench.house import ROOT, House, house
from bench.relay import Relay, relay
from bench.servers import SITE, granian, peak_memory, seconds_of, step_back

SECTION = "released"
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
PLAIN = min(PEOPLE, 4_000)
FAN_OUT_SECONDS = 60
MEMORY = 200
ROUND = 75
# The hold ends when it is told to, and all residents come from one address.
SETTINGS = {"HOLD_SECONDS": "100000", "MAILS_PER_HOUR": "1000000"}
WORKER = ["-m", "celery", "--quiet", "--app", "config", "worker", "--pool", "threads", "--concurrency", "2"]
WORKER += ["--loglevel", "error", "--without-gossip", "--without-mingle"]
BEAT = [
    "-m",
    "celery",
    "--quiet",
    "--app",
    "config",
    "beat",
    "--scheduler",
    "celery.beat:Scheduler",
    "--pidfile=",
]
UNDER_WAY = (
    "SELECT (SELECT count(*) FROM feedback_followup WHERE state IN ('hold', 'released')) + "
    "(SELECT count(*) FROM feedback_message WHERE purpose = 'follow_up' "
    "AND state IN ('pending', 'claimed', 'handing_over'))"
)
AT_IT = "SELECT coalesce(max(CASE WHEN until > {now} THEN holder END), '') FROM feedback_lease WHERE name = '{name}'"


def measure() -> Iterator[Figure]:
    with relay() as post, house(mail=post.url, **SETTINGS) as home:
        home.run("bench.sending", "clear", "0")
        pressed = float(home.run("bench.sending", "release", str(PEOPLE)).splitlines()[-1])
        yield Figure(SECTION, f"pressing release for {PEOPLE:,} people, {home.engine}", f"{pressed:.1f} s")
        workers = 2 if home.engine == "PostgreSQL" else 1
        with (
            granian(SITE, home.environment, workers=workers, threads=4 // workers) as site,
            jobs(home) as processes,
        ):
            crowd.warm(site.url)
            without = play(site.url)
            cpu = [seconds_of(process.pid) for process in processes]
            home.run("bench.sending", "let-go", "0")
            beside, seen = while_sending(home, site.url)
            used = [seconds_of(process.pid) - was for process, was in zip(processes, cpu, strict=True)]
            peak = max(peak_memory(process.pid) for process in processes) / 1e6
            plain = django_beside(home, post, site.url)
            without += play(site.url)
        yield from told(home, post, without=without, beside=beside, plain=plain, peak=peak)
        shares = ", ".join(f"{seconds:.0f} s" for seconds in used)
        yield Figure(SECTION, "processor time of the two job processes", shares)
        if home.engine == "PostgreSQL":
            yield at_least(SECTION, "job processes that spoke to the relay", len(seen), 2)


@contextmanager
def jobs(home: House) -> Iterator[list[subprocess.Popen]]:
    """Two processes that do the jobs, and beat; on SQLite one of them works and one waits for it to die."""
    has_broker = bool(os.environ.get("REDIS_URL"))
    commands = [[*WORKER, "-n", f"bench-{n}"] if has_broker else ["manage.py", "runjobs"] for n in (1, 2)]
    if has_broker:
        commands.append(BEAT)
    environment = os.environ | home.environment | {"PYTHONWARNINGS": "ignore"}
    started = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for command in commands
    ]
    try:
        for process in started[:2]:
            step_back(process.pid)
        time.sleep(8)
        assert all(process.poll() is None for process in started), "a job process stopped"
        yield started[:2]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(30)


def play(url: str, seconds: float = ROUND) -> list[float]:
    """Seconds of each request of two hundred residents."""
    outcomes = crowd.play(url, seconds)
    troubles = [did.trouble for did in outcomes if did.trouble]
    assert not troubles, troubles[:3]
    return [second for did in outcomes for second in did.seconds]


def while_sending(home: House, url: str) -> tuple[list[float], set[str]]:
    """The residents go on until every mail has left. Also: which processes held a connection to the relay."""
    found: list[float] = []
    seen: set[str] = set()
    done = threading.Event()

    def look_on() -> None:
        while not done.wait(3):
            now = "now()" if home.engine == "PostgreSQL" else "datetime('now')"
            for number in (1, 2):
                (holder,) = home.ask(AT_IT.format(now=now, name=f"connection-{number}"))
                if holder:
                    seen.add(":".join(holder.split(":")[:2]))
            if home.ask(UNDER_WAY) == (0,):
                done.set()

    watcher = threading.Thread(target=look_on)
    watcher.start()
    ends = time.monotonic() + 60 + PEOPLE / 20
    while not done.is_set() and time.monotonic() < ends:
        found += play(url)
    assert done.is_set(), "not everything left in time"
    watcher.join()
    return found, seen


def django_beside(home: House, post: Relay, url: str) -> float:
    """Mails per second of Django's own mail, of the same words, over one connection, with residents at the door."""
    keep_letter(home, post)
    rate: list[float] = []
    sender = threading.Thread(
        target=lambda: rate.append(PLAIN / float(home.run("bench.sending", "plain", str(PLAIN))))
    )
    sender.start()
    play(url, 30)
    sender.join()
    return rate[0]


def keep_letter(home: House, post: Relay) -> None:
    """The words of an answer that came, for the other side to send the same."""
    from email import message_from_bytes, policy

    message = message_from_bytes(post.last(), policy=policy.default)
    words = {
        kind: part.get_content() if (part := message.get_body((kind,))) else "" for kind in ("plain", "html")
    }
    letter = {"subject": str(message["Subject"]), "text": words["plain"], "html": words["html"]}
    (home.folder / "letter.json").write_text(json.dumps(letter))


def told(
    home: House, post: Relay, *, without: list[float], beside: list[float], plain: float, peak: float
) -> Iterator[Figure]:
    home.run("bench.sending", "account", str(PEOPLE))
    account = json.loads((home.folder / "account.json").read_text())
    with_, bare = p95(beside), p95(without)
    more = f"{with_ * 1000:.0f} ms / {bare * 1000:.0f} ms = "
    yield at_most(SECTION, "p95 of a request while mail leaves, beside without", with_ / bare, 1.5, more=more)
    yield Figure(SECTION, "requests with and without", f"{len(beside):,} and {len(without):,}")
    fan_out = float(account["fan_out"])
    yield at_most(SECTION, "end of the hold until on everybody's page", fan_out, FAN_OUT_SECONDS, unit=" s")
    yield at_most(SECTION, "most memory of a job process", peak, MEMORY, unit=" MB")
    yield Figure(SECTION, "first mail until the last", f"{account['sending']:.0f} s")
    rate = account["alone"]
    more = f"{rate:.0f}/s / {plain:.0f}/s = "
    yield at_least(SECTION, "mails, beside Django's own mail", rate / plain, 0.5, more=more)
    taken = post.taken()
    doubled = sum(times > 1 for times in taken.values())
    lost = sum(taken[name] == 0 for name in account["ids"]) + PEOPLE - len(account["ids"])
    yield at_most(SECTION, "mails that came twice", doubled, 0)
    yield at_most(SECTION, "mails lost", lost, 0)
    summed = account["sum"]
    equal = summed["audience"] == summed["sent"] == account["owed"] == PEOPLE
    yield Figure(SECTION, "everybody in the sum was sent it", "yes" if equal else str(summed), "yes", equal)


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[18]
