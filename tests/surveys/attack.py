"""An attacker who holds every published table of a survey, and what they can work out about a hidden number.

What they know, and what is written down in docs/adr/0009:

* the threshold, the rounding, and that a number that is shown reached the threshold (with several choices also how
  many did not choose it);
* the structure: parts add up to the whole, one choice adds up to who answered, with several choices nobody chose
  without answering and everybody who answered chose something; answered <= saw it <= took part, in every part;
* that neighbourhoods and kinds of respondent divide the same people, so that there is a number for each pair;
* of snapshots, that ten people more took part in each. Not that a number only grows: people withdraw.

They do not know what a person told them, and not which of the hidden numbers were hidden for others' sake.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Terms = Iterable[Any]


class Attacker:
    """Unknown counts with the inequalities that the publication puts on them."""

    def __init__(self, threshold: int) -> None:
        self.threshold = threshold
        self._index: dict[Any, int] = {}
        self._rows: list[dict[int, float]] = []
        self._most: list[float] = []

    def at_most(self, less: Terms, more: Terms, by: float = 0) -> None:
        """The sum of `less` is at most the sum of `more`, plus `by`."""
        row: defaultdict[int, float] = defaultdict(float)
        for sign, terms in ((1, less), (-1, more)):
            for term in terms:
                row[self._index.setdefault(term, len(self._index))] += sign
        self._rows.append(row)
        self._most.append(by)

    def equal(self, one: list[Any], other: list[Any]) -> None:
        self.at_most(one, other)
        self.at_most(other, one)

    def reads(self, terms: list[Any], published: int, least: int = 0) -> None:
        """The sum of `terms` was rounded to what is published."""
        self.at_most(terms, (), published + 2)
        self.at_most((), terms, -max(published - 2, least))

    def bounds(self, terms: list[Any]) -> tuple[float, float]:
        """The least and the most that the sum of `terms` can have been."""
        rows = [(i, j, v) for i, row in enumerate(self._rows) for j, v in row.items()]
        at, to, values = zip(*rows, strict=True)
        matrix = csr_matrix((values, (at, to)), shape=(len(self._rows), len(self._index)))
        found = []
        for sign in (1, -1):
            cost = np.zeros(len(self._index))
            for term in terms:
                cost[self._index[term]] += sign
            solved = linprog(cost, A_ub=matrix, b_ub=self._most, method="highs")
            assert solved.status in (0, 3), f"no such people: {solved.message}"
            found.append(sign * solved.fun if solved.status == 0 else float("inf"))
        return found[0], found[1]

    # --- what the structure says ------------------------------------------------------------------

    def learn(
        self,
        time: int,
        took_part: int | None,
        tables: Mapping[str, Any],
        parts: Mapping[str, Any],
        asked: Mapping[str, tuple[list[str], bool]],
        people: Mapping[str, list[str]],
    ) -> None:
        """Take in one snapshot: {question: table}, {question: parts}; `asked` and `people` are public knowledge."""
        groups = list(product(*people.values()))
        if took_part is not None:
            self.reads([("people", time, group) for group in groups], took_part)
        for question, (options, is_several) in asked.items():
            for group in groups:
                who = (time, question, group)
                chosen = [("n", *who, option) for option in options]
                self.at_most([("saw", *who)], [("people", time, group)])
                self.at_most([("answered", *who)], [("saw", *who)])
                if is_several:
                    self.at_most([("answered", *who)], chosen)
                    for one in chosen:
                        self.at_most([one], [("answered", *who)])
                else:
                    self.equal(chosen, [("answered", *who)])
            if question in tables:
                self._learn_table(
                    time, question, tables[question], parts.get(question, {}), is_several, people
                )

    def _learn_table(
        self,
        time: int,
        question: str,
        table: Mapping[str, Any],
        parts: Mapping[str, Any],
        is_several: bool,
        people: Mapping[str, list[str]],
    ) -> None:
        groups = list(product(*people.values()))
        every = [(time, question, group) for group in groups]
        shown = [n for n in table["options"].values() if n is not None]
        answered = [("answered", *who) for who in every]
        self.at_most([("saw", *who) for who in every], (), table["shown"] + 2)
        self.at_most((), answered, -self.threshold)
        # Where all options are shown, who answered is their sum and says nothing by itself.
        if table["answered"] is not None and (is_several or None in table["options"].values()):
            self.reads(answered, table["answered"])
        if table["shown"] > (table["answered"] or (max(shown) if is_several else sum(shown))):
            self.at_most((), [("saw", *who) for who in every], -(table["shown"] - 2))
        for terms, answered, n in self.cells(time, question, table, parts, people):
            if n is not None:
                self.reads(terms, n, self.threshold)
                if is_several:
                    self.at_most(terms, answered, -self.threshold)

    def waited(self, time: int) -> None:
        """Ten more took part than the time before."""
        before = [term for term in self._index if term[0] == "people" and term[1] == time - 1]
        now = [term for term in self._index if term[0] == "people" and term[1] == time]
        if before:
            self.at_most(before, now, -self.threshold)

    @staticmethod
    def cells(
        time: int,
        question: str,
        table: Mapping[str, Any],
        parts: Mapping[str, Any],
        people: Mapping[str, list[str]],
    ) -> Iterable[tuple[list[Any], list[Any], int | None]]:
        """(the unknowns that a cell adds up, who answered of them, what is published) for each cell."""
        groups = list(product(*people.values()))
        divided: dict[tuple[str, str], Mapping[str, int | None]] = {("", ""): table["options"]}
        for name, rows in parts.items():
            divided |= {(name, part): row for part, row in rows.items()}
        names = list(people)
        for (name, part), row in divided.items():
            inside = [group for group in groups if not name or group[names.index(name)] == part]
            for option, n in row.items():
                terms = [("n", time, question, group, option) for group in inside]
                yield terms, [("answered", time, question, group) for group in inside], n
