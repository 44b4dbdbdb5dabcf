"""How many people took each arrow of the paths picture, derived from counters alone.

Counters tell how many reached a question, chose an answer, or skipped. An arrow that follows from one answer
has that answer's count. Another arrow has the remainder: everybody who reached a question left it along one
arrow, and arrived along one. What cannot be derived has no number. Small numbers are hidden, together with
those from which they could be derived.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveys.opening.paths import BEGIN, Arrow, arrows
from surveys.publication import Counts, hidden
from surveys.questionnaire.branches import END
from surveys.questionnaire.counting import ANSWERED, SHOWN, Counted
from surveys.questionnaire.document import Layer, Shape

ArrowKey = tuple[str, str]
"""An arrow by its two ends; (place, "") is a place itself."""


@dataclass(frozen=True)
class PathFlows:
    """Numbers of people by arrow key, and by question id (BEGIN: of the layer).

    None: too few to show. A missing key: unknown.
    """

    along: Mapping[ArrowKey, int | None]
    at: Mapping[str, int | None]


def path_flows(layer: Layer, counted: Counted, threshold: int) -> PathFlows:
    """The numbers of one layer. `counted` must be of one epoch, since another meaning has other arrows."""
    found = arrows(layer)
    at = {question.id: counted.get((question.id, SHOWN), 0) for question in layer.asked}
    if not any(at.values()):
        return PathFlows({}, {})
    first = layer.asked[0]
    if first.condition is None:
        at[BEGIN] = at[
            first.id
        ]  # otherwise some of them may have been asked nothing before the next question
    known = {arrow.key: n for arrow in found if (n := _known(arrow, counted, at)) is not None}
    _fill(known, found, at)
    few = _few(known, found, at, counted, threshold)
    return PathFlows(
        along={key: None if key in few else n for key, n in known.items()},
        at={id: None if (id, "") in few else n for id, n in at.items()},
    )


def _known(arrow: Arrow, counted: Counted, at: Mapping[str, int]) -> int | None:
    """The number that the counters give for an arrow by themselves."""
    if not arrow.is_certain:
        return None
    if arrow.source is None:
        return at.get(BEGIN)
    if arrow.is_for_all:
        return at[arrow.source.id]
    if arrow.source.shape is not Shape.ONE:
        return None
    chose = sum(counted.get((arrow.source.id, option.id), 0) for option in arrow.options)
    silent = at[arrow.source.id] - counted.get((arrow.source.id, ANSWERED), 0)
    return chose + (silent if arrow.by_others else 0)


def _sums(found: Iterable[Arrow]) -> dict[ArrowKey, list[ArrowKey]]:
    """Per place: the arrows out of it, and those into it, each adding up to the people who reached it."""
    sums: defaultdict[ArrowKey, list[ArrowKey]] = defaultdict(list)
    for arrow in found:
        source, target = arrow.key
        sums[source, "out"].append(arrow.key)
        if target != END:
            sums[target, "in"].append(arrow.key)
    return sums


def _fill(known: dict[ArrowKey, int], found: list[Arrow], at: Mapping[str, int]) -> None:
    """If one arrow of a place is unknown, it gets the remainder of the others."""
    sums = _sums(found)
    for _round in found:
        for (place, _side), keys in sums.items():
            missing = [key for key in keys if key not in known]
            if len(missing) == 1 and place in at:
                rest = at[place] - sum(known[key] for key in keys if key != missing[0])
                if rest >= 0:
                    known[missing[0]] = rest


def _few(
    known: Mapping[ArrowKey, int],
    found: list[Arrow],
    at: Mapping[str, int],
    counted: Counted,
    threshold: int,
) -> set[ArrowKey]:
    """What to hide: small numbers, those that reveal a hidden answer, and the next where one could be derived."""
    numbers = {**known, **{(id, ""): n for id, n in at.items()}}
    few = {key for key, n in numbers.items() if n < threshold}
    few |= {arrow.key for arrow in found if arrow.key in known and _tells(arrow, counted, threshold)}
    sums = [[*keys, (place, "")] for (place, _side), keys in _sums(found).items()]
    before = -1
    while before < len(few):
        before = len(few)
        for members in sums:
            if not all(key in numbers for key in members):
                continue  # a part is unknown, so nothing can be derived
            gone = [key for key in members if key in few]
            rest = sorted((numbers[key], key) for key in members if key not in few)
            while gone and rest and (len(gone) < 2 or sum(numbers[key] for key in gone) < threshold):
                gone.append(rest.pop(0)[1])
            few.update(gone)
    return few


def _tells(arrow: Arrow, counted: Counted, threshold: int) -> bool:
    """Whether its number, beside the results of its question, would reveal an answer hidden there."""
    question = arrow.source
    if question is None or not arrow.options:
        return False
    options = {option.id: counted.get((question.id, option.id), 0) for option in question.options}
    hatched = hidden(Counts(0, sum(options.values()), options), threshold)
    inside = hatched & {option.id for option in arrow.options}
    return bool(inside) and inside != hatched
