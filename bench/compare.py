"""All areas of a city of 500 side by side: the table and the map."""

import json
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, granian

SECTION = "compare"
GETS = 30
LOOKS = {"table": "", "map": "?view=map", "small maps": "?view=small"}


def measure() -> Iterator[Figure]:
    with house() as home:
        home.seed("city", "500")
        asked = json.loads(home.seed("compare"))
        for name, queries in asked["queries"].items():
            yield at_most(SECTION, f"queries of the {name}, 500 areas", queries, 8)
        with granian(SITE, home.environment) as site:
            phone = Phone(site.url)
            phone.cookies |= asked["cookies"]
            for name, query in LOOKS.items():
                url = asked["url"] + query
                phone.get(url)
                seconds = site.cpu_of(GETS, lambda url=url: phone.get(url))
                yield at_most(
                    SECTION, f"server time of the {name}, 500 areas", seconds * 1000, 150, unit=" ms"
                )
