"""Crosstab of two questions: who gave both one answer and another."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from surveys.questionnaire.counting import PSEUDO_OPTIONS, option_keys
from surveys.questionnaire.document import Question

OptionPair = tuple[str, str]


def crossed(down: Question, across: Question, rows: Iterable[tuple[Any, Any, int]]) -> Counter[OptionPair]:
    """(option of one question, option of the other) -> people, from rows of (answer, answer, people).

    Answers are as stored; people who skipped one of the two are left out. Somebody who chose several options
    is in several cells.
    """
    cells: Counter[OptionPair] = Counter()
    for one, other, n in rows:
        for first in _options(down, one):
            for second in _options(across, other):
                cells[first, second] += n
    return cells


def _options(question: Question, value: Any) -> list[str]:
    return [key for key in option_keys(question, value) if key not in PSEUDO_OPTIONS]


def hidden_cells(cells: Mapping[OptionPair, int], threshold: int) -> frozenset[OptionPair]:
    """The cells hidden from colleagues: too small, or derivable from the totals of their row and column.

    `cells` holds every cell, including zeros. In a row or column no cell is hidden alone, if another has
    anybody in it. Zeros are shown: hiding those too would hide the whole table, and this is for colleagues,
    who must see what is there; for the public see surveys/publication/.
    """
    hidden = {pair for pair, n in cells.items() if 0 < n < threshold}
    lines: dict[tuple[int, str], list[OptionPair]] = {}
    for pair in cells:
        lines.setdefault((0, pair[0]), []).append(pair)
        lines.setdefault((1, pair[1]), []).append(pair)
    again = True
    while again:
        again = False
        for line in lines.values():
            if sum(pair in hidden for pair in line) != 1:
                continue
            shown = sorted((cells[pair], pair) for pair in line if cells[pair] and pair not in hidden)
            if shown:
                hidden.add(shown[0][1])
                again = True
    return frozenset(hidden)
