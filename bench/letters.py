"""Ten thousand letters, each with a code: how long a job takes, how much memory, and the desk beside them."""

import json
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, granian

SECTION = "letters"
LETTERS = 10_000
GETS = 20


def measure() -> Iterator[Figure]:
    with house("bench_letters") as home:
        made = json.loads(home.seed("letters", str(LETTERS)))
        yield at_most(SECTION, f"{LETTERS:,} letters, list to zip", made["seconds"], 300, unit=" s")
        yield at_most(SECTION, "memory of the job", made["megabytes"], 500, unit=" MB")
        with granian(SITE, home.environment) as site:
            phone = Phone(site.url)
            phone.cookies |= made["cookies"]
            for name, url in made["urls"].items():
                phone.get(url)
                seconds = site.cpu_of(GETS, lambda url=url: phone.get(url))
                yield at_most(SECTION, f"server time of the {name}", seconds * 1000, 200, unit=" ms")
