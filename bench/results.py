"""The results page of the desk, with few and with very many responses; and a closer look at all of them."""

import json
import statistics
import time
from collections.abc import Callable, Iterator

from bench.figures import Figure, at_most, side_by_side
from bench.house import House, house
from bench.phones import Phone
from bench.servers import SITE, Server, granian

SECTION = "results"
GETS = 60
MANY = 1_000_000


def measure() -> Iterator[Figure]:
    """Two houses side by side, so that whatever else the machine does weighs on both."""
    with house() as small, house("bench_large") as large:
        small.seed("answers", "250")
        small.seed("grow", "1000")
        large.seed("answers", "250")
        large.seed("grow-answers", str(MANY))
        with granian(SITE, small.environment) as few, granian(SITE, large.environment) as many:
            look_at_few, look_at_many = looks(small, few), looks(large, many)
            pair = side_by_side(look_at_many, look_at_few)
            first, again = closer(large, many)
            on = large.engine
    yield at_most(SECTION, "server time of a look, 1,000 responses", pair.other * 1000, 10, unit=" ms")
    yield at_most(SECTION, f"server time of a look, {MANY:,} responses", pair.ours * 1000, 10, unit=" ms")
    yield at_most(SECTION, f"growth from 1,000 to {MANY:,}", pair.ratio, 1.2)
    name = f"two questions across each other, {MANY:,} responses"
    if on == "PostgreSQL":
        yield at_most(SECTION, name, first, 2, unit=" s")
    else:
        yield Figure(SECTION, name, f"{first:.2f} s")
    yield at_most(SECTION, "the same again, kept", again * 1000, 200, unit=" ms")


def looks(home: House, site: Server) -> Callable[[], float]:
    """Measures seconds of processor time of a look. The tables are drawn anew only when a number changed."""
    url, phone = _editor(home, site, "url")
    return lambda: site.cpu_of(GETS, lambda: phone.get(url))


def closer(home: House, site: Server) -> tuple[float, float]:
    """Seconds on the clock of a first look at two questions, and of the same again. Each first look asks anew."""
    url, phone = _editor(home, site, "closer")
    firsts, others = [], []
    for day in range(1, 6):
        for found in (firsts, others):
            begun = time.monotonic()
            phone.get(f"{url}&since=2000-01-{day:02}")
            found.append(time.monotonic() - begun)
    return statistics.median(firsts), statistics.median(others)


def _editor(home: House, site: Server, what: str) -> tuple[str, Phone]:
    desk = json.loads(home.seed("desk"))
    phone = Phone(site.url)
    phone.cookies |= desk["cookies"]
    return desk[what], phone
