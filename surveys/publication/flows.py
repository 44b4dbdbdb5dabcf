"""A network of counts that add up, and how far one of them could differ.

Everybody who answered is a unit of flow: from the neighbourhood where they live to the option they chose, and
on to their kind of respondent. What is known of a count are the lower and upper bound of its arc. A count
could be another one if a unit can go round through the arcs, each within its bounds: a search for augmenting
paths (Ford and Fulkerson). The answer is exact for whole people.
"""

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass

Node = Hashable
ANY = 10**9
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

    def add(self, start: Node, end: Node, flow: int, low: int = 0, high: int = ANY) -> Arc:
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
