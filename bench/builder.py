"""Writing a survey of 100 questions: the page of the builder, and publishing all of it."""

import json
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, granian

SECTION = "builder"
GETS = 20
QUESTIONS = 100


def measure() -> Iterator[Figure]:
    with house() as home:
        desk = json.loads(home.seed("hundred", str(QUESTIONS)))
        with granian(SITE, home.environment) as site:
            phone = Phone(site.url)
            phone.cookies |= desk["cookies"]
            phone.get(desk["url"])
            looks = sorted(site.cpu_of(GETS, lambda: phone.get(desk["url"])) for _round in range(5))
        yield at_most(
            SECTION, f"builder page with {QUESTIONS} questions, server time", looks[2] * 1000, 150, unit=" ms"
        )
        yield at_most(
            SECTION, f"publishing {QUESTIONS} questions", float(home.seed("publish", str(desk["survey"]))), 1,
            unit=" s",
        )  # fmt: skip
