"""A million responses in one file: how long it takes, and how much memory the process that makes it has."""

import json
from collections.abc import Iterator

from bench.figures import Figure, at_most
from bench.house import house

SECTION = "exports"
MANY = 1_000_000
LIMIT = 300
"""MB."""


def measure() -> Iterator[Figure]:
    with house("bench_exports") as home:
        home.seed("answers", "250")
        home.seed("grow-answers", str(MANY))
        for form in ("csv", "xlsx"):
            told = json.loads(home.seed("export", form))
            name = f"{told['rows']:,} responses as {form.upper()}"
            yield at_most(SECTION, f"{name}, memory", told["memory"], LIMIT, unit=" MB")
            yield Figure(SECTION, f"{name}, time", f"{told['seconds']:.0f} s, {told['size']:.0f} MB")
