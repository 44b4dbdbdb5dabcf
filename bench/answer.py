"""The page with a question, and answering it: what that costs beside a bare Django app."""

import json
from collections.abc import Callable, Iterator

from bench.figures import Figure, Pair, at_most, side_by_side
from bench.house import House, house
from bench.phones import Phone, begin, taps
from bench.servers import BARE, SITE, Server, granian

SECTION = "answer"
GETS = 1000
PEOPLE = 100
"""So many people answer the four questions of the first layer in each round."""


def measure() -> Iterator[Figure]:
    with house() as home:
        yield from queries(home)
        with granian(SITE, home.environment) as site, granian(BARE, home.environment) as bare:
            yield page(site, bare)
            before = answers(site, bare)
            yield at_most(SECTION, "POST of an answer, 0 before it", before.ratio, 2.2, more=str(before))
            home.fill()
            after = answers(site, bare)
            yield at_most(SECTION, "POST of an answer, 100,000 before it", after.ratio, 2.2, more=str(after))
            growth = after.ratio / before.ratio
            yield at_most(SECTION, "growth of that ratio from 0 to 100,000", growth, 1.1)


def queries(home: House) -> Iterator[Figure]:
    for most in json.loads(home.seed("queries")).values():
        of_poll = f"in a poll of {most['questions']} questions"
        yield at_most(SECTION, f"queries of an answer page, {of_poll}", most["get"], 4)
        yield at_most(SECTION, f"most queries of an answer, {of_poll}", most["post"], 8)


def page(site: Server, bare: Server) -> Figure:
    phone, other = Phone(site.url), Phone(bare.url)
    url = begin(phone, "linde")
    pair = side_by_side(lambda: gets(site, phone, url), lambda: gets(bare, other, "/bench/"))
    return at_most(SECTION, "GET of an answer page", pair.ratio, 2.5, more=str(pair))


def gets(server: Server, phone: Phone, url: str) -> float:
    phone.close()  # a server hangs up on who was silent for half a minute, as while the other is measured
    return server.cpu_of(GETS, lambda: phone.get(url))


def answers(site: Server, bare: Server) -> Pair:
    """The mean over the four answers of the first layer, of which the last books what was said."""
    return side_by_side(lambda: people_answer(site), lambda: people_post(bare))


def people_answer(site: Server) -> float:
    """Seconds of processor time per answer; beginning is not measured."""
    actions: list[Callable[[], object]] = []
    phone = Phone(site.url)
    url = begin(phone, "linde")
    ways = []
    while "/q/" in url:  # one goes ahead and finds which buttons there are
        name, value = taps(phone.get(url))[0]
        ways.append((url, name, value))
        url = phone.post(url, **{name: value})
    for _person in range(PEOPLE):
        begin(phone, "linde")
        cookies = dict(phone.cookies)
        actions += [lambda way=way, cookies=cookies: answer(phone, cookies, *way) for way in ways]
    rest = iter(actions)
    return site.cpu_of(len(actions), lambda: next(rest)())


def answer(phone: Phone, cookies: dict[str, str], url: str, name: str, value: str) -> None:
    phone.cookies = dict(cookies)
    phone.post(url, **{name: value})


def people_post(bare: Server) -> float:
    phone = Phone(bare.url)
    marks = iter([{}, {}, {}, {"last": "1"}] * PEOPLE)
    return bare.cpu_of(4 * PEOPLE, lambda: phone.post("/bench/", q="3", **next(marks)))
