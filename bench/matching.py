"""Who fits what: suggestions for one role, a round for everybody, and how near the best pair first comes to it.

In time of the processor: other work on the machine is not theirs.
"""

import json
from collections.abc import Iterator
from datetime import date

from bench.figures import Figure, at_least, at_most
from bench.house import house
from bench.volunteers import vacancies, volunteers
from initiatives.matching.ranking import ScoreMatrix, greedy_round, plan_round

SECTION = "matching"
MANY, ROUND, ROLES = 5_000, 2_000, 150
DAY = date(2026, 5, 4)
SEEDS = range(2026, 2036)


def measure() -> Iterator[Figure]:
    yield from _greedy()
    with house() as home:
        home.seed("volunteers", str(ROUND), str(ROLES))
        told = json.loads(home.seed("round"))
        assert told["volunteers"] == ROUND and told["vacancies"] == ROLES
        name = f"a round of {ROUND:,} volunteers and {ROLES} roles"
        yield at_most(SECTION, name, told["again_cpu"], 1, unit=" s")
        yield at_most(SECTION, "the first of a process, which reads scipy", told["first_cpu"], 2, unit=" s")
        yield Figure(SECTION, "the same by the clock", f"{told['again']:.2f} s, first {told['first']:.2f} s")
        yield at_most(SECTION, "most memory of that process", told["memory"], 300, unit=" MB")
    with house() as home:
        home.seed("volunteers", str(MANY), str(ROLES))
        told = json.loads(home.seed("suggestions", "40"))
        name = f"suggestions for one role among {MANY:,}"
        yield at_most(SECTION, name, told["worked"], 150, unit=" ms")
        yield Figure(
            SECTION, "the slowest of 20, and half by the clock", f"{told['slow']:.0f}, {told['clock']:.0f} ms"
        )
        yield at_most(SECTION, f"{name}, queries", told["queries"], 10)


def _greedy() -> Iterator[Figure]:
    """On ten made-up municipalities of the same seeds: what the best pair first reaches of the most there is."""
    shares = []
    for seed in SEEDS:
        roles = vacancies(ROLES, DAY, seed)
        sheet = ScoreMatrix(volunteers(ROUND, DAY, roles, seed), roles, DAY)
        shares.append(greedy_round(sheet).total / plan_round(sheet).total)
    yield at_least(SECTION, "best pair first, of the optimum: least of ten", min(shares), 0.95)
    yield Figure(SECTION, "the same, most of ten", f"{max(shares):.3f}")
