"""What may be published of counted answers, so that nobody is recognised in a small number.

Three rules (surveys.md; the threshold is a setting of the municipality, ten by default):

1. A table with any cell under the threshold is left out whole. A cell of zero counts as under it: "none of
   the twelve feels safe here" says something about each of the twelve. With several choices, not choosing
   an option is a cell as well: "all but two want lighting" points at two.
2. What is published is rounded to 5. Totals follow from rounded cells and are never rounded by themselves:
   five cells of 12 shown as 10 beside a total of 60 would give all five away. So whoever holds the table
   knows each cell to within five values (three for a cell of 10, when they know the threshold).
3. Tables are renewed only after at least ten new responses, or two of them around one respondent would
   reveal a whole answer. At closing too: with fewer, the last one becomes the final one.

Tables that are parts of one whole (a question by area) stand or fall together: see `public_breakdown`.
Leaving out fewer of them by complementary suppression is future work.
"""

from collections.abc import Mapping
from dataclasses import dataclass

THRESHOLD = 10
STEP = 5


@dataclass(frozen=True)
class Counts:
    """Exact counts of one question.

    `options` must hold every option that could be chosen, also those nobody chose; empty for texts.
    `is_several` tells whether one person may be in more than one cell.
    """

    shown: int
    answered: int
    options: Mapping[str, int]
    is_several: bool = False


@dataclass(frozen=True)
class PublicTable:
    """Rounded counts of one question: of the `shown` who saw it `answered` answered, with `options` each."""

    shown: int
    answered: int
    options: Mapping[str, int]


def rounded(n: int) -> int:
    """The nearest multiple of 5."""
    return STEP * ((n + STEP // 2) // STEP)


def public_number(n: int, threshold: int = THRESHOLD) -> int | None:
    """A number of people as residents read it ("about 10 neighbours"); None for "among the first"."""
    return rounded(n) if n >= threshold else None


def public(counts: Counts, threshold: int = THRESHOLD) -> PublicTable | None:
    """The table as the public sees it, or None when it is left out."""
    if any(cell < threshold for cell in _cells(counts)):
        return None
    options = {key: rounded(n) for key, n in counts.options.items()}
    answered = _rounded_answered(counts, options)
    return PublicTable(shown=max(rounded(counts.shown), answered), answered=answered, options=options)


def public_breakdown(
    parts: Mapping[str, Counts], threshold: int = THRESHOLD
) -> tuple[PublicTable, Mapping[str, PublicTable]] | None:
    """One question divided over areas (or kinds of respondent): the whole and its parts, or None.

    When one part has to be left out all are, since it could be had by subtracting the others. The whole is
    the sum of the rounded parts; publish this one and not `public` of the whole beside it. A part nobody
    saw is left out of the division only if it can't be known to exist (leave it out of `parts`).
    """
    tables = {key: table for key, counts in parts.items() if (table := public(counts, threshold))}
    if len(tables) < len(parts) or not tables:
        return None
    keys = dict.fromkeys(key for table in tables.values() for key in table.options)
    whole = PublicTable(
        shown=sum(table.shown for table in tables.values()),
        answered=sum(table.answered for table in tables.values()),
        options={key: sum(table.options.get(key, 0) for table in tables.values()) for key in keys},
    )
    return whole, tables


def is_due(now: int, last: int | None, threshold: int = THRESHOLD) -> bool:
    """Whether tables over `now` responses may follow those over `last` (None: there are none yet)."""
    return now - (last or 0) >= threshold


def _cells(counts: Counts) -> list[int]:
    """Every number that the table would let somebody read or work out directly."""
    chosen = list(counts.options.values())
    not_chosen = [counts.answered - n for n in chosen] if counts.is_several else []
    return [counts.answered, *chosen, *not_chosen]


def _rounded_answered(counts: Counts, options: Mapping[str, int]) -> int:
    """A total that says no more than the rounded cells do.

    One choice: their sum. Several: the rounded number, but within what the rounded cells allow (nobody
    chose without answering, everybody who answered chose something).
    """
    if not options:
        return rounded(counts.answered)
    total = sum(options.values())
    if not counts.is_several:
        return total
    return min(max(rounded(counts.answered), max(options.values())), total)


def hidden(counts: Counts, threshold: int = THRESHOLD) -> frozenset[str]:
    """Options whose number the desk hatches: too few, or to be had from the total by taking off the others.

    Colleagues need numbers to work with, so only cells are hidden, never the table. With one choice the
    hidden cells hide each other: alone, one would follow from the total, so the smallest of the others goes
    along until what is hidden together reaches the threshold.
    """
    few = {key for key, n in counts.options.items() if n < threshold}
    if counts.is_several or not few:
        return frozenset(few)
    rest = sorted((n, key) for key, n in counts.options.items() if key not in few)
    while rest and (len(few) < 2 or sum(counts.options[key] for key in few) < threshold):
        few.add(rest.pop(0)[1])
    return frozenset(few)
