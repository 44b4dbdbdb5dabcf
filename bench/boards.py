"""The boards of the desk with 60,000 answers owed: the first look of a minute, and the looks after it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import Figure, at_most
from bench.house import house
from bench.phones import Phone
from bench.servers import SITE, Server, granian

SECTION = "boards"
OWED = 60_000
SECONDS = 60
"""So long numbers are kept."""
COLLEAGUES = 8
"""So many look for the first time after somebody else did."""
LOOKS = 40
LIMIT = 50


def measure() -> Iterator[Figure]:
    with house() as home:
        home.seed("answers", "250")
        home.seed("owe", str(OWED))
        pages = json.loads(home.seed("boards", str(COLLEAGUES + 2)))
        with granian(SITE, home.environment) as site:
            desks = {name: Desk(site, **page) for name, page in pages.items()}
            for desk in desks.values():
                desk.another_looks()  # draws templates for the first time
            time.sleep(SECONDS + 1)
            for name, desk in desks.items():
                for which, milliseconds in desk.looks():
                    yield at_most(SECTION, f"server time of {name}, {which}", milliseconds, LIMIT, unit=" ms")


@dataclass
class Desk:
    """One board, and the colleagues who look at it one after another, each for the first time."""

    site: Server
    url: str
    colleagues: list[dict[str, str]]

    def another_looks(self) -> None:
        self.phone = Phone(self.site.url)
        self.phone.cookies |= self.colleagues.pop()
        self.phone.get(self.url)

    def looks(self) -> Iterator[tuple[str, float]]:
        """Milliseconds of processor time: who counts for all, colleagues after that, and the next looks of the last."""
        yield "first look of a minute", self.site.cpu_of(1, self.another_looks) * 1000
        yield "first look of a colleague", self.site.cpu_of(COLLEAGUES, self.another_looks) * 1000
        yield "looks after", self.site.cpu_of(LOOKS, lambda: self.phone.get(self.url)) * 1000
