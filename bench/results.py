"""The results page of the desk, with few and with very many responses."""

import json
import statistics
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, Server, granian

SECTION = "results"
GETS = 60
ROUNDS = 5


def measure() -> Iterator[Figure]:
    with house() as home, granian(SITE, home.environment) as site:
        desk = json.loads(home.seed("desk"))
        phone, url = Phone(site.url), desk["url"]
        phone.cookies |= desk["cookies"]
        home.seed("answers", "250")
        home.seed("multiply", "4", "1")
        few = page(site, phone, url)
        yield at_most(SECTION, "server time of a look, 1,000 responses", few * 1000, 10, unit=" ms")
        home.seed("multiply", "100", "17")
        many = page(site, phone, url)
        yield at_most(SECTION, "server time of a look, 100,000 responses", many * 1000, 10, unit=" ms")
        yield at_most(SECTION, "growth from 1,000 to 100,000", many / few, 1.2)


def page(site: Server, phone: Phone, url: str) -> float:
    """Median seconds of processor time of a look. The tables are drawn anew only when a number changed."""
    phone.get(url)
    return statistics.median(site.cpu_of(GETS, lambda: phone.get(url)) for _round in range(ROUNDS))
