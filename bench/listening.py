"""The listening desk with a thousand coded texts on a page."""

import json
import time
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, Server, granian

SECTION = "listening"
TEXTS, LOOKS, LIMIT = 1_000, 20, 200


def measure() -> Iterator[Figure]:
    with house() as home:
        home.seed("answers", "250")
        desk = json.loads(home.seed("texts", str(TEXTS)))
        with granian(SITE, home.environment) as site:
            phone = Phone(site.url)
            phone.cookies |= desk["cookies"]
            for url in desk["pages"].values():
                phone.get(url)
            _wait_until_learnt(site)
            for name, url in desk["pages"].items():
                phone.get(url)
                spent = site.cpu_of(LOOKS, lambda url=url: phone.get(url)) * 1000  # type: ignore[misc]
                yield at_most(SECTION, f"server time of {name}", spent, LIMIT, unit=" ms")


def _wait_until_learnt(site: Server) -> None:
    """What suggests themes is learnt beside the pages, in a second or a few."""
    before = -1.0
    while (spent := site.cpu()) > before + 0.05:
        before = spent
        time.sleep(3)
