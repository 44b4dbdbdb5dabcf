"""Whether what is suggested for a need holds what a coordinator would choose, and how fast.

The fifty needs, what there is for them and the choice beside each were written by the makers of this software before
anything suggested: no official labelled them, and they are made up after what neighbourhoods ask for. With 20 of them
the weights were set; 30 were held apart.
"""

import csv
import time
from collections.abc import Iterator, Mapping
from functools import cache

from bench.figures import Figure, at_least, at_most
from bench.house import ROOT
from initiatives.initiatives.approaches import APPROACHES
from initiatives.needs.fitting_links import (
    SUGGESTIONS_PER_NEED,
    LinkReason,
    LinkTarget,
    LinkTargetIndex,
    NeedQuery,
)

SECTION = "needs"
AIM = 60
AREAS = {
    "oosterhaven": ("havenkom", "sluisbuurt", "de-linde"),
    "westpolder": ("molenhoek", "veldzicht", "kadekwartier"),
}
STATES = {"running": LinkReason.RUNNING, "preparing": LinkReason.BEGINNING}


def measure() -> Iterator[Figure]:
    shelf = LinkTargetIndex(things())
    cases = rows("needs_labels.tsv")
    held = [case for case in cases if case["half"] == "held"]
    tuned = [case for case in cases if case["half"] == "tune"]
    yield at_least(
        SECTION,
        f"top {SUGGESTIONS_PER_NEED} holds the choice, {len(cases)} needs",
        share(shelf, cases),
        AIM,
        unit=" %",
    )
    yield at_least(SECTION, f"of these, {len(held)} held apart", share(shelf, held), AIM, unit=" %")
    yield Figure(
        SECTION, f"of these, {len(tuned)} with which weights were set", f"{share(shelf, tuned):.0f} %"
    )
    yield Figure(SECTION, "first of all, held apart", f"{share(shelf, held, top=1):.0f} %")
    yield Figure(SECTION, "labelled by", "the makers of this software, no official")
    begun = time.perf_counter()
    for case in cases:
        shelf.fitting(wanted(case))
    spent = (time.perf_counter() - begun) / len(cases) * 1000
    yield at_most(SECTION, f"suggestions for one need out of {len(shelf.targets)}", spent, 10, unit=" ms")


def share(
    shelf: LinkTargetIndex, cases: list[Mapping[str, str]], *, top: int = SUGGESTIONS_PER_NEED
) -> float:
    """In per cent of the cases."""
    hits = sum(
        case["choice"] in [fit.target.key for fit in shelf.fitting(wanted(case))[:top]] for case in cases
    )
    return 100 * hits / len(cases)


def wanted(case: Mapping[str, str]) -> NeedQuery:
    return NeedQuery({"nl": case["need"]}, case["theme"], path(case["area"]))


def things() -> list[LinkTarget]:
    found = [_thing(row) for row in rows("needs_there.tsv")]
    return found + [
        LinkTarget(
            kind="approach", key=one.slug, marks=(f"approach.{one.slug}",),
            words={code: f"{one.name[code]} {one.answers[code]}" for code in ("nl", "en")},
        )
        for one in APPROACHES
    ]  # fmt: skip


def _thing(row: Mapping[str, str]) -> LinkTarget:
    kind, what = row["kind"], row["what"].split()
    marks = {
        "offer": [f"offer.{what[0]}", *(f"skill.{skill}" for skill in what[1:])],
        "place": [f"place.{what[0]}"],
        "initiative": [],
    }[kind]
    ready = {"offer": LinkReason.OFFERED, "place": LinkReason.ROOM}.get(kind) or STATES[what[0]]
    return LinkTarget(
        kind=kind, key=row["key"], words={"nl": row["words"]}, theme=row["theme"], path=path(row["area"]),
        marks=tuple(marks), ready=ready,
    )  # fmt: skip


@cache
def path(area: str) -> tuple[int, ...]:
    """Ids of an area and what it lies in, as the database would give them."""
    for number, (district, inside) in enumerate(AREAS.items(), start=1):
        if area == district:
            return (10 * number, 1)
        if area in inside:
            return (10 * number + 1 + inside.index(area), 10 * number, 1)
    raise ValueError(area)


def rows(name: str) -> list[Mapping[str, str]]:
    with (ROOT / "bench" / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))
