"""Which files one action runs through: `python -m bench.trace` traces an answer, a release up to the mail, and a match.

A switch is a call that leaves one file for another. A file counts once it runs code of its own; `config`, libraries and
what every page runs (middleware, cache, template tags) are left out. A call from a service into a view is a turn back
up.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from bench.phones import taps

ROOT = Path(__file__).resolve().parent.parent
APPS = ("surveys", "initiatives", "feedback", "neighbourhoods", "accounts", "core")
OF_EVERY_PAGE = ("core/http.py", "core/cache.py", "core/drawings.py")


class Trace:
    """Files in the order in which they were entered, and the switches between them."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.switches = 0
        self.calls = 0
        self.turns_up: list[str] = []

    def __enter__(self) -> "Trace":
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *_error: Any) -> None:
        sys.setprofile(None)

    def _profile(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call" or (here := _file(frame)) is None:
            return
        self.calls += 1
        if here not in self.files:
            self.files.append(here)
        caller = frame.f_back
        while caller is not None and (before := _file(caller)) is None:
            caller = caller.f_back
        if caller is None or before == here:
            return
        self.switches += 1
        if "/services" in (before or "") and "/views" in here:
            self.turns_up.append(f"{before} -> {here}:{frame.f_code.co_name}")

    def __str__(self) -> str:
        told = f"{len(self.files)} files, {self.switches} switches, {self.calls} calls, {len(self.turns_up)} turns up"
        return "\n".join([told, *(f"  {name}" for name in [*self.files, *dict.fromkeys(self.turns_up)])])


def _file(frame: FrameType) -> str | None:
    """The file of ours that this frame runs, relative to the project. Import time does not count."""
    code = frame.f_code
    if not code.co_filename.startswith(str(ROOT)) or code.co_name == "<module>":
        return None
    name = code.co_filename[len(str(ROOT)) + 1 :]
    if name in OF_EVERY_PAGE or "/templatetags/" in name:
        return None
    return name if name.startswith(APPS) else None


def answer() -> Trace:
    """The tap that finishes the first layer: it counts, and what was said is owed an answer."""
    from django.test import Client

    phone = Client()
    url = phone.post("/p/oosterhaven/begin/", {"submit_key": secrets.token_urlsafe(24)}).url
    while True:
        name, value = taps(phone.get(url).content.decode())[0]
        with Trace() as trace:
            url = phone.post(url, {name: value}).url
        if "/q/" not in url:
            return trace


def release() -> Trace:
    """From pressing release to the mail at the relay, its hold included."""
    from django.utils import timezone

    from accounts.models import User
    from feedback.answers.services import compose
    from feedback.answers.services.release import schedule_release
    from feedback.delivery.services import pump
    from feedback.models import AnswerOwed
    from feedback.states import Outcome

    editor = User.objects.get(email__startswith="editor@")
    waiting = AnswerOwed.objects.waiting().filter(receipt__contact__confirmed_at__isnull=False)
    topic = waiting.exclude(receipt__contact__email="").latest("pk").topic
    follow_up = compose.start_follow_up(chosen={"source": topic.source, "key": [topic.key]}, by=editor)
    words = {"nl": "Dit gaat door.", "en": "This goes ahead."}
    compose.save_follow_up_draft(
        follow_up=follow_up, seen=follow_up.digest, by=editor, outcome=Outcome.ADOPTED,
        **dict.fromkeys(("title", "decided", "why", "next_step", "signed_as"), words),
    )  # fmt: skip
    now = timezone.now()
    while pump.send_due(now=now):  # what waited before
        pass
    with Trace() as trace:
        schedule_release(follow_up=follow_up, by=editor, now=now)
        pump.dispatch_due(now + timedelta(minutes=11))
    return trace


def match() -> Trace:
    """A coordinator asks both sides whether an offer and a role fit."""
    from django.db import transaction

    from accounts.models import User
    from core.errors import DomainError
    from initiatives.matching.services import matches
    from initiatives.models import Offer, VolunteerRole
    from initiatives.states import OfferKind

    coordinator = User.objects.get(email__startswith="coordinator@")
    for offer in Offer.objects.filter(kind=OfferKind.HANDS).order_by("pk"):
        for role in VolunteerRole.objects.exclude(matches__offer=offer):
            try:
                with transaction.atomic(), Trace() as trace:
                    matches.propose(offer=offer, role=role, by=coordinator)
            except DomainError:
                continue
            return trace
    raise RuntimeError("No offer of the demo can be proposed.")


def inside() -> None:
    import django

    django.setup()
    for action in (answer, release, match):
        print(f"{action.__name__}: {action()}")


def main() -> None:
    """A demo municipality of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nabij-trace-") as folder:
        environment = os.environ | {
            "DEBUG": "1", "DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/nabij.sqlite3",
            "EMAIL_URL": "mailbox://", "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        for words in (
            ("manage.py", "migrate", "--verbosity", "0"),
            ("manage.py", "demo"),
            ("-m", "bench.trace", "inside"),
        ):
            output = None if "inside" in words else subprocess.DEVNULL
            subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, stdout=output, check=True)


if __name__ == "__main__":
    main() if sys.argv[1:] != ["inside"] else inside()
