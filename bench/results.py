"""The results page of the desk, with few and with very many responses."""

import json
from collections.abc import Callable, Iterator

from bench.figures import Figure, at_most, side_by_side
from bench.house import House, house
from bench.phones import Phone
from bench.servers import SITE, Server, granian

SECTION = "results"
GETS = 60


def measure() -> Iterator[Figure]:
    """Two houses side by side, so that whatever else the machine does weighs on both."""
    with house() as small, house("nabij_bench_large") as large:
        small.seed("answers", "250")
        small.seed("grow", "1000")
        large.seed("answers", "250")
        large.seed("grow", "100000")
        with granian(SITE, small.environment) as few, granian(SITE, large.environment) as many:
            look_at_few, look_at_many = looks(small, few), looks(large, many)
            pair = side_by_side(look_at_many, look_at_few)
    yield at_most(SECTION, "server time of a look, 1,000 responses", pair.other * 1000, 10, unit=" ms")
    yield at_most(SECTION, "server time of a look, 100,000 responses", pair.ours * 1000, 10, unit=" ms")
    yield at_most(SECTION, "growth from 1,000 to 100,000", pair.ratio, 1.2)


def looks(home: House, site: Server) -> Callable[[], float]:
    """Measures seconds of processor time of a look. The tables are drawn anew only when a number changed."""
    desk = json.loads(home.seed("desk"))
    phone = Phone(site.url)
    phone.cookies |= desk["cookies"]
    return lambda: site.cpu_of(GETS, lambda: phone.get(desk["url"]))
