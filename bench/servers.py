"""Servers of our own on loopback, and the processor time they and their database used, from /proc."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SITE = "config.wsgi:application"
BARE = "bench.bare.wsgi:application"
TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A running site: where it listens, its process tree, and the database it talks to."""

    port: int
    pid: int
    database: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Seconds of processor time of the server's tree and of its PostgreSQL backends so far."""
        return sum(_seconds(pid) for pid in {*_tree(self.pid), *_backends(self.database)})

    def cpu_of(self, times: int, action: Callable[[], object]) -> float:
        """Mean seconds of processor time of one `action` done `times` times."""
        before = self.cpu()
        for _time in range(times):
            action()
        return (self.cpu() - before) / times

    def memory(self) -> int:
        """Resident bytes of the process tree."""
        page = os.sysconf("SC_PAGE_SIZE")
        return sum(int(_read(pid, "statm").split()[1]) * page for pid in _tree(self.pid))


def peak_memory(pid: int) -> int:
    """The most resident bytes that a process had so far."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", _read(pid, "status"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def seconds_of(pid: int) -> float:
    """Processor time of a process so far."""
    return _seconds(pid)


def step_back(pid: int | str) -> None:
    """What `cpu_shares: 64` of docker-compose.yml does for a worker. `pid` leads a session of its own, or is "self".

    Linux weighs sessions, and `nice` counts within one alone (sched(7), autogroup); 13 is a weight of 56 to 1024.
    """
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():
        group.write_text("13")


@contextmanager
def granian(app: str, environment: dict[str, str], *, workers: int = 1, threads: int = 2) -> Iterator[Server]:
    """The server of the Procfile with `app` in it; stops when the block ends."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--no-access-log",
        "--log-level", "error", app,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=os.environ | environment, start_new_session=True)
    try:
        _wait(port, process)
        yield Server(port, process.pid, environment.get("BENCH_DATABASE", ""))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(port: int, process: subprocess.Popen) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("The server stopped before it listened.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("The server did not listen within 20 seconds.")


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return "0 0 0"


def _stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat after the name, which may hold spaces: index 0 is the state."""
    return _read(pid, "stat").rpartition(")")[2].split()


def _seconds(pid: int) -> float:
    """User and system time of a process and of its children that ended."""
    fields = _stat(pid)
    return sum(int(value) for value in fields[11:15]) / TICK if len(fields) > 14 else 0.0


def _tree(root: int) -> set[int]:
    parents = {pid: int(fields[1]) for pid in _pids() if len(fields := _stat(pid)) > 2}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _backends(database: str) -> set[int]:
    """PostgreSQL's processes for this database, by the title they give themselves."""
    if not database:
        return set()
    return {
        pid
        for pid in _pids()
        if (line := _read(pid, "cmdline")).startswith("postgres:") and f" {database} " in line
    }


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
