"""Two hundred residents at once, who think as long as people do."""

import os
import resource
import statistics
import threading
import time
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import House, house
from bench.phones import Phone
from bench.servers import SITE, granian
from scenarios.rehearsal.residents import DEFAULT_TEXTS, Neighbourhood, Resident, ResidentRecord
from scenarios.rehearsal.sink import Sink

SECTION = "crowd"
RESIDENTS = 200
THINKING = (5.0, 10.0)
SECONDS = 75


class Enough(BaseException):
    """The time is over; not an Exception, so that nobody takes it for trouble."""


class Passer(Resident):
    """A resident who is called away when the time is over."""

    ends = 0.0

    def _think(self) -> None:
        pause = self.chance.uniform(*self.home.think)
        if time.monotonic() + pause > self.ends:
            raise Enough
        time.sleep(pause)


def measure() -> Iterator[Figure]:
    with house() as home:
        workers = 2 if home.engine == "PostgreSQL" else 1
        with granian(SITE, home.environment, workers=workers, threads=4 // workers) as site:
            warm(site.url)
            begun, before = time.monotonic(), site.cpu()
            mine = resource.getrusage(resource.RUSAGE_SELF)
            outcomes = play(site.url)
            took = time.monotonic() - begun
            used = resource.getrusage(resource.RUSAGE_SELF)
            generator = used.ru_utime + used.ru_stime - mine.ru_utime - mine.ru_stime
            server = site.cpu() - before
        yield from account(home, outcomes, took, server, generator)


def warm(url: str) -> None:
    """Every process of the server draws the start page a few times: a cold start is not what is measured."""
    for _visit in range(30):
        phone = Phone(url)  # a connection of its own, so that each process gets some
        phone.get("/p/haven/")
        phone.close()


def play(url: str, seconds: float = SECONDS) -> list[ResidentRecord]:
    home = Neighbourhood(url, "haven", DEFAULT_TEXTS, Sink(0), THINKING, seed=int(time.time()))
    people = [Passer(home, number, home.resident(number).chance) for number in range(RESIDENTS)]
    for resident in people:
        resident.ends = time.monotonic() + seconds
    threads = [threading.Thread(target=live, args=(resident,)) for resident in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [resident.did for resident in people]


def live(resident: Passer) -> None:
    try:
        time.sleep(resident.chance.uniform(0, THINKING[1]))  # they don't all come at the same moment
        resident.play()
    except Enough:
        resident.did.seconds = resident.phone.seconds


def account(
    home: House, outcomes: list[ResidentRecord], took: float, server: float, generator: float
) -> Iterator[Figure]:
    seconds = sorted(second for did in outcomes for second in did.seconds)
    troubles = [did.trouble for did in outcomes if did.trouble]
    cores = os.cpu_count() or 1
    cuts = statistics.quantiles(seconds, n=100)
    rate = f"{len(seconds)} in {took:.0f} s"
    yield Figure(SECTION, f"{RESIDENTS} residents on {home.engine}: requests", rate)
    yield Figure(SECTION, "p50, p95 of a request", f"{cuts[49] * 1000:.0f} ms, {cuts[94] * 1000:.0f} ms")
    shares = f"{server / took / cores:.0%}, {generator / took / cores:.0%}"
    yield Figure(SECTION, f"share of {cores} cores: server and database, generator", shares)
    yield at_most(SECTION, "residents who met an error", len(troubles), 0)
    for trouble in troubles[:3]:
        yield Figure(SECTION, f"  {trouble[:100]}", "")
    try:
        said = home.manage("recount").strip().splitlines()[-1]
        yield Figure(SECTION, "counters equal a recount", "yes", "yes", True)
    except RuntimeError as error:
        said = str(error).strip().splitlines()[-1]
        yield Figure(SECTION, "counters equal a recount", said[-60:], "yes", False)
    finished = sum(did.finished_first for did in outcomes)
    yield Figure(SECTION, "residents who finished the first layer", str(finished))
