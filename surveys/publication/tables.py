"""Exact counts, rounding, and which counts are too small to show."""

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

# --- flows ----------------------------------------------------------------------------------------
# A flow network of counts: computes by how much a reader could misjudge each count.
#
# Everybody who answered is a unit of flow: from the neighbourhood where they live to the option they chose, and
# on to their kind of respondent. What is known of a count are the lower and upper bound of its arc. A count
# can have another value if a unit of flow can circulate through the arcs within their bounds: a search for
# augmenting paths (Ford and Fulkerson). The answer is exact for whole people.


Node = Hashable
UNBOUNDED = 10**9
"""More than there are people."""


@dataclass
class Arc:
    start: Node
    end: Node
    flow: int
    low: int
    high: int


class Network:
    """Arcs that carry the true counts. Inflow equals outflow at every node."""

    def __init__(self) -> None:
        self._leaving: defaultdict[Node, list[Arc]] = defaultdict(list)
        self._entering: defaultdict[Node, list[Arc]] = defaultdict(list)

    def add(self, start: Node, end: Node, flow: int, low: int = 0, high: int = UNBOUNDED) -> Arc:
        arc = Arc(start, end, flow, min(low, flow), max(high, flow))
        self._leaving[start].append(arc)
        self._entering[end].append(arc)
        return arc

    def room(self, arc: Arc, enough: int) -> int:
        """By how many values the count can differ, up and down together; stops counting at `enough`."""
        up = self._push(arc, min(arc.high - arc.flow, enough), upward=True)
        return up + self._push(arc, min(arc.flow - arc.low, enough - up), upward=False)

    def _push(self, arc: Arc, most: int, *, upward: bool) -> int:
        """How many of `most` can go round by the other arcs; flows are restored afterwards."""
        goal, start = (arc.start, arc.end) if upward else (arc.end, arc.start)
        moved: list[tuple[Arc, int]] = []
        total = 0
        while total < most and (path := self._path(start, goal, arc)):
            amount = min(most - total, *(_left(step, way) for step, way in path))
            for step, way in path:
                step.flow += way * amount
                moved.append((step, way * amount))
            total += amount
        for step, amount in moved:
            step.flow -= amount
        return total

    def _path(self, start: Node, goal: Node, without: Arc) -> list[tuple[Arc, int]]:
        """The shortest path between two nodes by arcs whose flow can increase, or decrease backwards."""
        came: dict[Node, tuple[Node, Arc, int] | None] = {start: None}
        queue = deque([start])
        while queue and goal not in came:
            node = queue.popleft()
            onward = [(arc.end, arc, 1) for arc in self._leaving[node]]
            back = [(arc.start, arc, -1) for arc in self._entering[node]]
            for other, arc, way in onward + back:
                if other not in came and arc is not without and _left(arc, way) > 0:
                    came[other] = (node, arc, way)
                    queue.append(other)
        path: list[tuple[Arc, int]] = []
        at: Node = goal
        while step := came.get(at):
            at, arc, way = step
            path.append((arc, way))
        return path


def _left(arc: Arc, way: int) -> int:
    return arc.high - arc.flow if way > 0 else arc.flow - arc.low


# --- the tables of one question -------------------------------------------------------------------


THRESHOLD = 10
ROUNDING_STEP = 5


@dataclass(frozen=True)
class QuestionCounts:
    """Exact counts of one question, over everybody or over one part of them.

    `options` must hold every option that could be chosen, including those nobody chose. `is_several`: one
    person may be in more than one cell.
    """

    shown: int
    answered: int
    options: Mapping[str, int]
    is_several: bool = False

    def is_few(self, option: str, threshold: int) -> bool:
        """Whether too few people chose the option or, with several choices, too few did not choose it.

        Zero is also too few: "none of the twelve feels safe here" says something about each of the twelve.
        """
        n = self.options[option]
        return n < threshold or (self.is_several and self.answered - n < threshold)


def rounded(n: int) -> int:
    """The nearest multiple of 5."""
    return ROUNDING_STEP * ((n + ROUNDING_STEP // 2) // ROUNDING_STEP)


def bounds_of_rounded(n: int, threshold: int = 0) -> tuple[int, int]:
    """Minimum and maximum of the count behind a rounded number, knowing that none below `threshold` is shown."""
    return max(n - ROUNDING_STEP // 2, threshold), n + ROUNDING_STEP // 2


def public_number(n: int, threshold: int = THRESHOLD) -> int | None:
    """A number of people as residents read it ("about 10 neighbours"); None if too small to show."""
    return rounded(n) if n >= threshold else None


def is_due(now: int, last: int | None, threshold: int = THRESHOLD) -> bool:
    """Whether tables over `now` people may follow those over `last` (None: there are none yet).

    Two tables that differ by one person would reveal that person's answers.
    """
    return now - (last or 0) >= threshold


def hidden_options(counts: QuestionCounts, threshold: int = THRESHOLD) -> frozenset[str]:
    """Options whose count is hidden on the desk: too small, or derivable from the total minus the others.

    Colleagues need numbers to work with, so only cells are hidden, never the table. With a single choice, one
    hidden cell would follow from the total, so the smallest other cells are hidden too, until together they
    reach the threshold.
    """
    few = {key for key, n in counts.options.items() if n < threshold}
    if counts.is_several or not few:
        return frozenset(few)
    rest = sorted((n, key) for key, n in counts.options.items() if key not in few)
    while rest and (len(few) < 2 or sum(counts.options[key] for key in few) < threshold):
        few.add(rest.pop(0)[1])
    return frozenset(few)


# The tables of one question: over everybody, and by neighbourhood or kind of respondent.
#
# First every cell that is too small is hidden. Then each cell, shown or hidden, is checked as by somebody who
# holds the whole table: can it still be any value that its rounding allows, given that options add up to those
# who answered, and parts to the whole? If not, the total beside the table is hidden, and after that the
# smallest number that reveals the cell, until every cell has room. Hiding more never takes room from another
# cell, so this terminates.
#
# The reader is assumed to know more than anybody can: exactly how many took part in each part. Except where
# that would hide everything: in parts so small that none of their numbers is published, people may as well come
# from another such part, or be a few (`Crowd.lends`) of a larger part that can do without them in every other
# table.


ROUNDING_ROOM = ROUNDING_STEP - 1
"""A number rounded to 5 can be five numbers."""

Breakdowns = Mapping[str, Mapping[str, QuestionCounts]]
"""{"area": {"3": counts, "4": counts}, "kind": {...}}: the parts of each add up to the whole."""

Options = Mapping[str, int | None]


@dataclass(frozen=True, order=True)
class PublishedCell:
    """One cell of the tables: an option, over everybody or in a part of a breakdown."""

    option: str
    breakdown: str = ""
    part: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.breakdown


@dataclass(frozen=True)
class Table:
    """Of the `shown` who saw it `answered` answered, with `options` each; None is hidden.

    `answered` is None if it would reveal a hidden cell. `parts` has the same options per breakdown and part.
    """

    shown: int
    answered: int | None
    options: Options
    parts: Mapping[str, Mapping[str, Options]]


@dataclass(frozen=True)
class Crowd:
    """The people of one part: how many took part, and how many of them could live elsewhere as far as published."""

    people: int
    lends: int = ROUNDING_ROOM


Crowds = Mapping[str, Mapping[str, Crowd]]


def spare_people(part: QuestionCounts, people: int, threshold: int) -> int:
    """How many people of a part this table can do without: those who did not answer, or within the rounding."""
    spare = people - part.answered
    for option, n in part.options.items():
        low = 0 if part.is_few(option, threshold) else bounds_of_rounded(rounded(n), threshold)[0]
        spare += n - low
    return min(spare, ROUNDING_ROOM)


def publishable_table(
    whole: QuestionCounts,
    breakdowns: Breakdowns | None = None,
    threshold: int = THRESHOLD,
    took_part: int | None = None,
    crowds: Crowds | None = None,
) -> Table | None:
    """The public table of one question; None if fewer than the threshold answered, or nothing can be shown.

    `took_part` and `crowds` are how many took part, in all and per part; by default those who saw this
    question.
    """
    if whole.answered < threshold:
        return None
    divided = {name: parts for name, parts in (breakdowns or {}).items() if len(parts) > 1}
    known = (whole.shown, whole.shown if took_part is None else took_part)
    crowds = crowds or {
        name: {part: Crowd(counts.shown) for part, counts in parts.items()} for name, parts in divided.items()
    }
    spare = min(bounds_of_rounded(rounded(n))[1] - n for n in known)
    tables = _Tables(whole, divided, crowds, threshold, spare)
    tables.settle()
    return tables.published()


class _Side:
    """One half of the network: from the start to the options, or mirrored from the options to the end."""

    def __init__(self, network: Network, ahead: bool) -> None:
        self.network, self.is_forward = network, ahead
        self.root, self.option_port = ("begin", "in") if ahead else ("end", "out")

    def add(self, near: Node, far: Node, flow: int, low: int = 0, high: int = UNBOUNDED) -> Arc:
        start, end = (near, far) if self.is_forward else (far, near)
        return self.network.add(start, end, flow, low, high)


@dataclass
class _Tables:
    """The exact counts, with the cells hidden so far.

    `spare` is how many more may have seen the question, for somebody who knows the rounded number.
    """

    whole: QuestionCounts
    breakdowns: Breakdowns
    crowds: Crowds
    threshold: int
    spare: int
    hidden: set[PublishedCell] = field(default_factory=set)
    shows_answered: bool = False

    def __post_init__(self) -> None:
        for option in self.whole.options:
            if self.whole.is_few(option, self.threshold):
                self.hide(PublishedCell(option))
        for cell in self._cells():
            if not cell.is_whole and self._counts(cell).is_few(cell.option, self.threshold):
                self.hide(cell)
        # With a single choice the shown numbers add up to the total, which tells nothing new if all are
        # shown.
        if self.whole.is_several:
            self.shows_answered = True
        elif any(PublishedCell(option) in self.hidden for option in self.whole.options):
            self.shows_answered = rounded(self.whole.answered) >= self._sum_shown()

    def hide(self, cell: PublishedCell) -> None:
        """Hides a cell; one over everybody hides the same option in every part."""
        self.hidden.add(cell)
        if cell.is_whole:
            self.hidden.update(part for part in self._cells() if part.option == cell.option)

    def settle(self) -> None:
        """Hide cells until every cell has the room that its rounding leaves."""
        arcs = self._arcs()
        waiting = sorted(arcs)
        while waiting:
            cell = waiting[-1]
            network, arc = arcs[cell]
            if network.room(arc, self._wanted(cell)) >= self._wanted(cell):
                waiting.pop()
                continue
            before = set(self.hidden)
            if not self._give_way(cell):
                waiting.pop()
            arcs = self._arcs()
            waiting = [one for one in (*waiting, *sorted(self.hidden - before - {cell})) if one in arcs]

    def published(self) -> Table | None:
        options = self._row(self.whole, "", "")
        if all(n is None for n in options.values()):
            return None
        total = self._sum_shown()
        answered: int | None = rounded(self.whole.answered) if self.shows_answered else None
        if not self.whole.is_several and None not in options.values():
            answered = total
        least = answered or (max(n or 0 for n in options.values()) if self.whole.is_several else total)
        return Table(
            shown=max(rounded(self.whole.shown), least),
            answered=answered,
            options=options,
            parts={
                name: {part: self._row(counts, name, part) for part, counts in parts.items()}
                for name, parts in self.breakdowns.items()
            },
        )

    # --- what to hide next ------------------------------------------------------------------------

    def _give_way(self, cell: PublishedCell) -> bool:
        """Hide one thing that reveals `cell`: the total, then the smallest number beside it. False if there
        is none.
        """
        if self.shows_answered:
            self.shows_answered = False
            return True
        shown = [other for other in self._shown() if other.breakdown == cell.breakdown]
        others = [other for other in shown if other != cell]
        row = [other for other in others if other.option == cell.option and not cell.is_whole]
        itself = [cell] if cell in shown else []
        column = [other for other in others if other.part == cell.part]
        order = (column, itself) if cell.is_whole else (row, itself, column)
        beside = next(filter(None, order), [])
        if not beside and cell.is_whole:
            return False
        if not beside:
            # Nothing is left to hide beside it: drop this breakdown for the question.
            self.breakdowns = {
                name: parts for name, parts in self.breakdowns.items() if name != cell.breakdown
            }
            return True
        self.hide(min(beside, key=lambda other: (self._count(other), other)))
        return True

    def _wanted(self, cell: PublishedCell) -> int:
        if cell in self.hidden:
            return ROUNDING_ROOM
        low, high = bounds_of_rounded(rounded(self._count(cell)), self.threshold)
        return high - low

    # --- what a reader knows, as networks ---------------------------------------------------------

    def _arcs(self) -> dict[PublishedCell, tuple[Network, Arc]]:
        """Each cell with its network. With several choices every option is a network by itself."""
        options = list(self.whole.options)
        groups = [[option] for option in options] if self.whole.is_several else [options]
        found: dict[PublishedCell, tuple[Network, Arc]] = {}
        for group in groups:
            network, arcs = self._network(group)
            found |= {cell: (network, arc) for cell, arc in arcs.items()}
        return found

    def _network(self, options: list[str]) -> tuple[Network, dict[PublishedCell, Arc]]:
        """From the parts of one breakdown via the options to the parts of the other, and back to the start."""
        network, arcs = Network(), {}
        for option in options:
            cell = PublishedCell(option)
            arcs[cell] = network.add(("in", option), ("out", option), self._count(cell), *self._bounds(cell))
        sides = [*self.breakdowns.items(), ("", {}), ("", {})][:2]
        for side, (name, parts) in zip((_Side(network, True), _Side(network, False)), sides, strict=True):
            for option in options:
                if not parts:
                    side.add(side.root, (side.option_port, option), self._count(PublishedCell(option)))
                for part in parts:
                    cell = PublishedCell(option, name, part)
                    arcs[cell] = side.add(
                        (name, part), (side.option_port, option), self._count(cell), *self._bounds(cell)
                    )
            for part, counts in parts.items() if self.whole.is_several else ():
                side.add(side.root, (name, part), sum(counts.options[option] for option in options))
            if parts and not self.whole.is_several:
                self._add_crowds(side, name)
        flow = sum(self.whole.options[option] for option in options)
        network.add(
            "end", "begin", flow, *((0, UNBOUNDED) if self.whole.is_several else self._bounds_of_total())
        )
        return network, arcs

    def _add_crowds(self, side: "_Side", name: str) -> None:
        """Limits answers from a part to the people who took part there, as far as that is known."""
        dark, moved, more = ((kind, name) for kind in ("dark", "moved", "more"))
        parts, dark_parts = self.breakdowns[name], self._dark(name)
        for part, counts in parts.items():
            if part in dark_parts:
                side.add(dark, (name, part), counts.answered)
                continue
            crowd, has = self.crowds[name][part], ("has", name, part)
            side.add(side.root, has, counts.answered, 0, crowd.people)
            side.add(has, (name, part), counts.answered)
            side.add(has, moved, 0, 0, crowd.lends)
            side.add(more, (name, part), 0)
        together = sum(self.crowds[name][part].people for part in dark_parts)
        side.add(side.root, dark, sum(parts[part].answered for part in dark_parts), 0, together)
        side.add(moved, dark, 0)
        side.add(more, dark, 0)
        side.add(side.root, more, 0, 0, self.spare)

    def _dark(self, name: str) -> list[str]:
        """Parts of which no table shows any number."""
        return [part for part in self.breakdowns[name] if self.crowds[name][part].people < self.threshold]

    def _bounds_of_total(self) -> tuple[int, int]:
        low, high = bounds_of_rounded(rounded(self.whole.answered)) if self.shows_answered else (0, UNBOUNDED)
        return low, min(high, self.whole.shown + self.spare)

    def _bounds(self, cell: PublishedCell) -> tuple[int, int]:
        """The minimum and maximum of this cell, for a reader who knows everything but the answers."""
        n = self._count(cell)
        low, high = (0, UNBOUNDED) if cell in self.hidden else bounds_of_rounded(rounded(n), self.threshold)
        if not self.whole.is_several:
            return low, high
        counts = self._counts(cell)
        if self.shows_answered:
            # Everybody who answered chose something, so at least what the other options leave over.
            low = max(low, counts.answered - sum(counts.options.values()) + n)
        kept_apart = 0 if cell in self.hidden else self.threshold
        return low, min(high, counts.answered + self._more_answered(cell) - kept_apart)

    def _more_answered(self, cell: PublishedCell) -> int:
        """How many more may have answered: of those who saw it, or who might live in a part that small."""
        if not cell.is_whole:
            dark = self._dark(cell.breakdown)
            if cell.part not in dark:
                return 0
            others = sum(self.breakdowns[cell.breakdown][part].answered for part in dark if part != cell.part)
            lenders = [crowd.lends for part, crowd in self.crowds[cell.breakdown].items() if part not in dark]
            return others + min(lenders, default=0)
        most = bounds_of_rounded(rounded(self.whole.answered))[1] if self.shows_answered else UNBOUNDED
        return min(most, self.whole.shown + self.spare) - self.whole.answered

    # --- the numbers --------------------------------------------------------------------------------

    def _cells(self) -> list[PublishedCell]:
        return [
            PublishedCell(option, name, part)
            for option in self.whole.options
            for name, parts in [("", [""]), *self.breakdowns.items()]
            for part in parts
        ]

    def _shown(self) -> list[PublishedCell]:
        return [cell for cell in self._cells() if cell not in self.hidden]

    def _counts(self, cell: PublishedCell) -> QuestionCounts:
        return self.whole if cell.is_whole else self.breakdowns[cell.breakdown][cell.part]

    def _count(self, cell: PublishedCell) -> int:
        return self._counts(cell).options[cell.option]

    def _row(self, counts: QuestionCounts, breakdown: str, part: str) -> dict[str, int | None]:
        return {
            option: None if PublishedCell(option, breakdown, part) in self.hidden else rounded(n)
            for option, n in counts.options.items()
        }

    def _sum_shown(self) -> int:
        return sum(n or 0 for n in self._row(self.whole, "", "").values())
