"""The coordinator's day with 5,000 offers: time of the server and queries, of the page and of one offer."""

import json
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, granian

SECTION = "hands"
OFFERS, ROLES = 5_000, 150
GETS = 30
LIMIT, QUERIES = 200, 12


def measure() -> Iterator[Figure]:
    with house() as home:
        home.seed("offers", str(OFFERS), str(ROLES))
        asked = json.loads(home.seed("hands"))
        for name, queries in asked["queries"].items():
            if name in asked["targets"]:
                yield at_most(SECTION, f"queries of {name}, {OFFERS:,} offers", queries, QUERIES)
            else:
                yield Figure(SECTION, f"queries of {name}, {OFFERS:,} offers", str(queries))
        with granian(SITE, home.environment) as site:
            phone = Phone(site.url)
            phone.cookies |= asked["cookies"]
            for name, url in asked["urls"].items():
                phone.get(url)
                milliseconds = site.cpu_of(GETS, lambda url=url: phone.get(url)) * 1000
                label = f"server time of {name}, {OFFERS:,} offers"
                if name in asked["targets"]:
                    yield at_most(SECTION, label, milliseconds, LIMIT, unit=" ms")
                else:
                    yield Figure(SECTION, label, f"{milliseconds:.0f} ms")
