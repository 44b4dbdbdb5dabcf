"""A house to measure: a database of its own, the demo municipality, as many responses as wanted."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class House:
    """Where the measured database is. `environment` is what servers and commands need to find it."""

    environment: dict[str, str]
    folder: Path
    engine: str

    def manage(self, *words: str, settings: str = "config.settings") -> str:
        """Run a management command in the house and return what it printed."""
        environment = os.environ | self.environment | {"DJANGO_SETTINGS_MODULE": settings}
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(words)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def run(self, module: str, *words: str) -> str:
        """Run a module in the house and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT, env=os.environ | self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{module} {' '.join(words)} failed:\n{done.stderr[-2000:]}")
        return done.stdout.strip()

    def seed(self, *words: str) -> str:
        return self.run("bench.seed", *words)

    def ask(self, question: str) -> tuple:
        """One row of an answer, without Django: to look on while something else is measured."""
        url = self.environment["DATABASE_URL"]
        if self.engine == "SQLite":
            connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)
        else:
            import psycopg2

            connection = psycopg2.connect(url)
        try:
            cursor = connection.cursor()
            cursor.execute(question)
            return cursor.fetchone()
        finally:
            connection.close()

    def fill(self) -> None:
        """To 100,000 responses: 250 by the door that residents use, the others as copies of theirs."""
        self.seed("answers", "250")
        self.seed("grow", "100000")


@contextmanager
def house(kind: str = "bench", *, mail: str = "mailbox://", **more: str) -> Iterator[House]:
    """A fresh house beside the database of DATABASE_URL when that is given, else on SQLite; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nabij-bench-"))
    given = os.environ.get("DATABASE_URL", "")
    environment = {
        "DEBUG": "",
        "TESTING": "",
        "ZEAL": "",
        "SECRET_KEY": "a key for measuring only, of no other use at all",
        "DATA_DIR": str(folder),
        "EMAIL_URL": mail,
        "LOG_LEVEL": "ERROR",
        "SITE_URL": "http://localhost:8000",
        "HTTP_ON_LOCALHOST": "1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "BEGINNINGS_AT_ONCE": "1000000",  # all come from one address
    } | more
    if given:
        name = f"{urlsplit(given).path.removeprefix('/')}_{kind}"
        _postgres(given, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        parts = urlsplit(given)
        environment |= {
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
            "BENCH_DATABASE": name,
        }
    else:
        environment["DATABASE_URL"] = f"sqlite:///{folder / 'nabij.sqlite3'}"
    built = House(environment, folder, "PostgreSQL" if given else "SQLite")
    try:
        built.manage("migrate", "--verbosity", "0")
        built.seed("house")
        built.manage("migrate", "--run-syncdb", "--verbosity", "0", settings="bench.bare.settings")
        built.seed("bare")
        yield built
    finally:
        if given:
            _postgres(given, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        shutil.rmtree(folder, ignore_errors=True)


def _postgres(url: str, *statements: str) -> None:
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()
