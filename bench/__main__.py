"""`python -m bench [section ...]`: measure, print each figure when it is there, and all of them at the end."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator

from bench import (
    answer,
    boards,
    builder,
    compare,
    crowd,
    exports,
    followups,
    hands,
    letters,
    listening,
    matching,
    needs,
    places,
    released,
    results,
    suggest,
    weight,
)
from bench.figures import Figure

SECTIONS: dict[str, Callable[[], Iterator[Figure]]] = {
    "answer": answer.measure,
    "results": results.measure,
    "boards": boards.measure,
    "builder": builder.measure,
    "compare": compare.measure,
    "weight": weight.measure,
    "followups": followups.measure,
    "crowd": crowd.measure,
    "released": released.measure,
    "hands": hands.measure,
    "places": places.measure,
    "exports": exports.measure,
    "letters": letters.measure,
    "suggest": suggest.measure,
    "listening": listening.measure,
    "matching": matching.measure,
    "needs": needs.measure,
}


def main() -> None:
    # An ordinary end, so that servers stop and houses are cleared away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"any of {', '.join(SECTIONS)}")
    wanted = parser.parse_args().sections or list(SECTIONS)
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    figures = []
    for section in wanted:
        begun = time.monotonic()
        for figure in SECTIONS[section]():
            print(figure, flush=True)
            figures.append(figure)
        print(f"{section} took {time.monotonic() - begun:.0f} s", flush=True)
    print("\nIn short")
    for figure in figures:
        print(figure)
    missed = [figure for figure in figures if figure.holds is False]
    print(f"{len(missed)} of {sum(figure.holds is not None for figure in figures)} targets missed")


if __name__ == "__main__":
    main()
