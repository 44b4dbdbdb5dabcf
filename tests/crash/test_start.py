"""What is started on a database with the demo in it ends by itself, out of debug."""

import pytest

from scenarios.demo.people import DOMAIN
from tests.crash.house import BEAT, RUNJOBS, WORKER
from tests.people import make_user

WEB = [
    "-m",
    "granian",
    "--interface",
    "wsgi",
    "--port",
    "0",
    "--respawn-failed-workers",
    "config.wsgi:application",
]


@pytest.mark.crash
@pytest.mark.parametrize(
    ("command", "with_redis"), [(WEB, False), (RUNJOBS, False), (WORKER, True), (BEAT, True)]
)
def test_nothing_starts_on_the_demo(house, command, with_redis):
    """And says why in one line."""
    make_user(email=f"editor@{DOMAIN}")
    process = house.start(*command, REDIS_URL="redis://127.0.0.1:1/0" if with_redis else "")
    process.wait(120)
    said = house.log.read_text()
    assert "Nabij cannot start: This database holds the demo municipality" in said
    assert "Traceback" not in said
