"""The loop, once around, over real HTTP and real SMTP: what a municipality rehearses before it opens."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.db import close_old_connections, connection

from feedback.delivery.services import pump
from scenarios.management.commands.stage_rehearsal import CODE, stage
from scenarios.rehearsal.play import Plan, Play
from scenarios.rehearsal.residents import DEFAULT_TEXTS
from surveys.results.services.recount import recount_survey
from tests.people import PASSWORD, make_area, make_municipality, make_theme, make_user

RESIDENTS = 10


@pytest.fixture
def relay(settings) -> int:
    """The port of a mail server that the site hands its mail to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.HOLD_SECONDS = 1
    settings.RELAY_REST_SECONDS = 1
    return port


@pytest.fixture
def jobs(transactional_db) -> Iterator[None]:
    """What looks every two seconds in a real installation, in a thread of this process."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.2):
            close_old_connections()
            pump.dispatch_due()
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_a_small_rehearsal_adds_up(live_server, relay, jobs):
    make_municipality()
    areas = [make_area("Havenkom"), make_area("De Linde")]
    make_theme("meeting")
    editor, backer = make_user("editor"), make_user("backer")
    survey = stage(areas=areas, editor=editor, backer=backer)
    plan = Plan(
        url=live_server.url, poll=CODE, residents=RESIDENTS, seed=3, at_once=3, think=(0, 0.01),
        staff=editor.email, password=PASSWORD, sink_port=relay, words=DEFAULT_TEXTS, patience=40,
    )  # fmt: skip

    report = Play(plan, say=lambda line: None).run()

    assert report.troubles == []
    assert report.is_clean, report.as_dict()
    # The play was worth seeing: people finished, were told, and some mail went out.
    assert report.finished >= RESIDENTS / 2
    assert report.mails_received > 0
    assert report.waiting_after == 0
    assert recount_survey(survey=survey) == []
