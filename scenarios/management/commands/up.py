"""`make run` after installation: database, demo municipality, then web and jobs together."""

import os
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from redis import Redis
from redis.exceptions import RedisError


class Command(BaseCommand):
    help = "Migrates, loads the demo municipality into an empty database, and starts web and jobs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = os.environ.get("HOST", "127.0.0.1"), settings.PORT
        refuse_taken_port(host, port)
        refuse_silent_services()
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEBUG:
            self.stdout.write(
                "Looking whether the demo municipality is there; making it takes a minute or so ..."
            )
            self.stdout.flush()
            call_command("demo", "--if-empty", stdout=self.stdout)
        self.stdout.write(f"Nabij: {settings.SITE_URL}/")
        self.stdout.write(f"Mail:  {where_mail_goes()}")
        self.stdout.write("Stop with Ctrl-C.\n")
        self.stdout.flush()
        connection.close()
        start_processes()


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CommandError(
                f"Port {port} on {host} cannot be used ({reason}). Choose another, for example: make run PORT=8010"
            ) from error


def refuse_silent_services() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        raise CommandError(f"The database of DATABASE_URL does not answer: {reason}") from error
    if settings.REDIS_URL:
        try:
            Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()
        except (RedisError, ValueError) as error:
            raise CommandError(f"The Redis of REDIS_URL does not answer: {error}") from error


def where_mail_goes() -> str:
    if settings.EMAIL_URL.startswith("mailbox:"):
        return f"nothing leaves this machine; read it at {settings.SITE_URL}/mailbox/"
    relay = urlsplit(settings.EMAIL_URL)
    return f"sent to real people through {relay.hostname}:{relay.port or 25}"


def start_processes() -> None:
    """Replace this process by honcho, so that signals reach it directly.

    SQLite has one writer, so it gets one web process with threads. Two processes also need a shared cache.
    """
    shared = not settings.IS_SQLITE and bool(settings.REDIS_URL)
    os.environ.setdefault("WEB_WORKERS", "2" if shared else "1")
    os.environ.setdefault("WEB_THREADS", "2" if shared else "4")
    # honcho gives every process its own PORT; links in mails must use that of the site.
    os.environ["SITE_URL"] = settings.SITE_URL
    # The Procfile calls `python`: make that the running interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # Silences Celery's long warning about running as root.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    processes = ["web", "worker", "beat"] if settings.REDIS_URL else ["web", "jobs"]
    honcho = [sys.executable, "-m", "honcho", "--env", os.devnull, "start", "--port", str(settings.PORT)]
    os.execv(sys.executable, [*honcho, *processes])  # noqa: S606
