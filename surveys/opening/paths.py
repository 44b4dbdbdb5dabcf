"""Paths through a survey: values alone, no queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from surveys.publication import QuestionCounts, hidden_options
from surveys.questionnaire import walk
from surveys.questionnaire.conditions import AllOf, AnyOf, Condition, InArea, Not, RespondentIs, references
from surveys.questionnaire.counting import ANSWERED, SHOWN_KEY, CounterValues
from surveys.questionnaire.document import Layer, Option, Question, Shape
from surveys.questionnaire.walk import END_OF_LAYER, Context, evaluate

# A picture of all paths through a survey: which question may follow which, and after which answers.
#
# Arrows are derived from the conditions, as in the walk, with everything unknown left open: there is an arrow
# to every question that may come next. So it shows the effect of “then go to” and of conditions. Pure geometry:
# boxes and arrows with coordinates for an SVG. An arrow has a key, so that results can add a number to it.


BEGIN_KEY = "begin"
PICTURE_WIDTH, BOX_WIDTH, BOX_HEIGHT, BOX_GAP, PICTURE_LEFT, FIRST_BOX_TOP = 640, 300, 52, 44, 12, 64
"""Above the first box is the start of the layer."""
LANE_WIDTH, FIRST_LANE, BEGIN_Y = 22, 26, 18


@dataclass(frozen=True)
class Arrow:
    """A path from one question to another; from the start of the layer (source None), or to its end (target
    None).

    `options` are the answers after which it is taken; empty if everybody takes it (`is_for_all`), or only
    those without an answer. `by_others`: those without an answer take it. `is_perhaps`: for each of its
    answers more has to be true than the answer; `is_certain`: for none of them.
    """

    source: Question | None
    target: Question | None
    options: tuple[Option, ...] = ()
    is_perhaps: bool = False
    by_others: bool = True
    is_for_all: bool = True
    is_certain: bool = True

    @property
    def key(self) -> tuple[str, str]:
        return (
            self.source.id if self.source else BEGIN_KEY,
            self.target.id if self.target else walk.END_OF_LAYER,
        )


def arrows(layer: Layer) -> list[Arrow]:
    """All arrows of a layer, in the order of its questions; those into the layer first."""
    asked = layer.asked
    into = [
        Arrow(None, asked[goal], is_perhaps=is_perhaps, is_certain=not is_perhaps)
        for goal, is_perhaps in _reachable_places(asked, 0, {}).items()
        if goal < len(asked)
    ]
    return into + [arrow for here in range(len(asked)) for arrow in _arrows_from(asked, here)]


def _arrows_from(asked: Sequence[Question], here: int) -> list[Arrow]:
    """The arrows out of one question, by target."""
    question = asked[here]
    anybody = _reachable_places(asked, here + 1, {})
    others = _next(asked, here, None) if question.offered else anybody
    led: dict[int, list[Option]] = {}
    perhaps = dict(others)
    certain = {goal: not is_perhaps for goal, is_perhaps in others.items()}
    for option in question.offered if question.shape in (Shape.ONE, Shape.MANY) else ():
        value = option.id if question.shape is Shape.ONE else {option.id: True}
        for goal, is_perhaps in _next(asked, here, value).items():
            led.setdefault(goal, []).append(option)
            perhaps[goal] = perhaps.get(goal, True) and is_perhaps
            certain[goal] = certain.get(goal, True) and not is_perhaps
    if question.shape is Shape.MANY and len(anybody) > 1:
        # Several answers together can lead where none of them leads alone.
        perhaps, certain = dict.fromkeys(anybody, True) | perhaps, {}
    found = []
    for goal in sorted(perhaps):
        options = led.get(goal, [])
        # If everybody may go there, whatever they answered, no answer is named.
        is_for_all = goal in others and len(options) == len(question.offered)
        found.append(
            Arrow(
                question,
                asked[goal] if goal < len(asked) else None,
                () if is_for_all else tuple(options),
                is_perhaps=perhaps[goal],
                by_others=goal in others,
                is_for_all=is_for_all,
                is_certain=certain.get(goal, False),
            )
        )
    return found


def _next(asked: Sequence[Question], here: int, value: Any) -> dict[int, bool]:
    """Places that may follow `asked[here]` after this answer (None: skipped) -> whether more has to be true."""
    return _reachable_places(asked, here + 1, {asked[here].id: value})


def _reachable_places(asked: Sequence[Question], start: int, known: Mapping[str, Any]) -> dict[int, bool]:
    found: dict[int, bool] = {}
    for place in range(start, len(asked)):
        condition = asked[place].condition
        if not _may_be(condition, True, known):
            continue
        is_open = _may_be(condition, False, known)
        found[place] = is_open or bool(found)
        if not is_open:
            return found
    found[len(asked)] = bool(found)
    return found


def _may_be(condition: Condition | None, truth: bool, known: Mapping[str, Any]) -> bool:
    """Whether a condition may evaluate to `truth` if only these answers are known, and no area or kind of
    respondent.
    """
    match condition:
        case None:
            return truth
        case AnyOf(parts):
            some_or_every = any if truth else all
            return some_or_every(_may_be(part, truth, known) for part in parts)
        case AllOf(parts):
            some_or_every = all if truth else any
            return some_or_every(_may_be(part, truth, known) for part in parts)
        case Not(part):
            return _may_be(part, not truth, known)
        case InArea() | RespondentIs():
            return True
    if any(id not in known for id in references(condition)):
        return True
    return evaluate(condition, known, Context()) is truth


@dataclass(frozen=True)
class QuestionBox:
    question: Question
    number: str
    x: int
    y: int


@dataclass(frozen=True)
class DrawnArrow:
    """An arrow as an SVG path, with the position of its label."""

    arrow: Arrow
    path: str
    head: str
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """One layer, drawn from top to bottom; arrows that skip a question run at the right."""

    layer: Layer
    boxes: tuple[QuestionBox, ...]
    drawn: tuple[DrawnArrow, ...]
    end: int
    width: int
    height: int


def picture(layer: Layer, number: int) -> Picture:
    asked = layer.asked
    boxes = tuple(
        QuestionBox(
            question, f"{number}.{place + 1}", PICTURE_LEFT, FIRST_BOX_TOP + place * (BOX_HEIGHT + BOX_GAP)
        )
        for place, question in enumerate(asked)
    )
    places = {question.id: place for place, question in enumerate(asked)}
    drawn, lane = [], 0
    for arrow in arrows(layer):
        here = places[arrow.source.id] if arrow.source else -1
        there = places[arrow.target.id] if arrow.target else len(asked)
        if there == here + 1:
            drawn.append(_straight(arrow, here, there))
        else:
            drawn.append(_bypass_arrow(arrow, here, there, lane))
            lane += 1
    height = FIRST_BOX_TOP + len(asked) * (BOX_HEIGHT + BOX_GAP) + 30
    return Picture(
        layer, boxes, tuple(drawn), height - 30, PICTURE_WIDTH + max(0, lane - 6) * LANE_WIDTH, height
    )


def _top(place: int) -> int:
    return FIRST_BOX_TOP + place * (BOX_HEIGHT + BOX_GAP)


def _straight(arrow: Arrow, here: int, there: int) -> DrawnArrow:
    x, above, below = PICTURE_LEFT + 28, _top(here) + BOX_HEIGHT if here >= 0 else BEGIN_Y + 8, _top(there)
    head = f"M{x - 5} {below - 8}l5 7l5 -7"
    return DrawnArrow(arrow, f"M{x} {above}V{below - 2}", head, x + 12, (above + below) // 2 + 5)


def _bypass_arrow(arrow: Arrow, here: int, there: int, lane: int) -> DrawnArrow:
    """Out at the right side of a box, down in its own lane, and in again."""
    right, out = PICTURE_LEFT + BOX_WIDTH, PICTURE_LEFT + BOX_WIDTH + FIRST_LANE + lane * LANE_WIDTH
    below = _top(there) + (BOX_HEIGHT // 2 - 8 if arrow.target else 12)
    above, left = (_top(here) + BOX_HEIGHT // 2, right) if here >= 0 else (BEGIN_Y + 18, PICTURE_LEFT + 28)
    path = f"M{left} {above}H{out - 8}q8 0 8 8V{below - 8}q0 8 -8 8H{right + 2}"
    head = f"M{right + 8} {below - 5}l-7 5l7 5"
    return DrawnArrow(arrow, path, head, out + 8, above + 5 + (lane % 2) * 16)


# How many people took each arrow of the paths picture, derived from counters alone.
#
# Counters tell how many reached a question, chose an answer, or skipped. An arrow that follows from one answer
# has that answer's count. Another arrow has the remainder: everybody who reached a question left it along one
# arrow, and arrived along one. What cannot be derived has no number. Small numbers are hidden, together with
# those from which they could be derived.


ArrowKey = tuple[str, str]
"""An arrow by its two ends; (place, "") is a place itself."""


@dataclass(frozen=True)
class PathFlows:
    """Numbers of people by arrow key, and by question id (BEGIN: of the layer).

    None: too few to show. A missing key: unknown.
    """

    along: Mapping[ArrowKey, int | None]
    at: Mapping[str, int | None]


def path_flows(layer: Layer, counted: CounterValues, threshold: int) -> PathFlows:
    """The numbers of one layer. `counted` must be of one epoch, since another meaning has other arrows."""
    found = arrows(layer)
    at = {question.id: counted.get((question.id, SHOWN_KEY), 0) for question in layer.asked}
    if not any(at.values()):
        return PathFlows({}, {})
    first = layer.asked[0]
    if first.condition is None:
        at[BEGIN_KEY] = at[
            first.id
        ]  # otherwise some of them may have been asked nothing before the next question
    known = {arrow.key: n for arrow in found if (n := _known(arrow, counted, at)) is not None}
    _fill(known, found, at)
    few = _hidden_flows(known, found, at, counted, threshold)
    return PathFlows(
        along={key: None if key in few else n for key, n in known.items()},
        at={id: None if (id, "") in few else n for id, n in at.items()},
    )


def _known(arrow: Arrow, counted: CounterValues, at: Mapping[str, int]) -> int | None:
    """The number that the counters give for an arrow by themselves."""
    if not arrow.is_certain:
        return None
    if arrow.source is None:
        return at.get(BEGIN_KEY)
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
        if target != END_OF_LAYER:
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


def _hidden_flows(
    known: Mapping[ArrowKey, int],
    found: list[Arrow],
    at: Mapping[str, int],
    counted: CounterValues,
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


def _tells(arrow: Arrow, counted: CounterValues, threshold: int) -> bool:
    """Whether its number, beside the results of its question, would reveal an answer hidden there."""
    question = arrow.source
    if question is None or not arrow.options:
        return False
    options = {option.id: counted.get((question.id, option.id), 0) for option in question.options}
    hatched = hidden_options(QuestionCounts(0, sum(options.values()), options), threshold)
    inside = hatched & {option.id for option in arrow.options}
    return bool(inside) and inside != hatched


# Who has been heard and who has not, compared with who lives there. Pure.
#
# A group is behind if it took part for less than half of its share (the municipality can set another part), as
# in the advice. Nothing of the kind is said about fewer than thirty people.


_ENOUGH = 30


class ReachStatus(StrEnum):
    """What is known about the groups of one breakdown together."""

    NOT_ASKED = "not asked"
    NO_FIGURES = "no figures"
    SOME_FIGURES = "some figures"
    FEW = "few"
    BEHIND = "behind"
    HEARD = "heard"


@dataclass(frozen=True)
class PopulationGroup:
    """A group of people, and how many of them live there.

    `took` is None if hidden; `few`: because of its own number. Percentages are None among fewer than thirty
    people, and where it is unknown who lives there.
    """

    key: str
    took: int | None
    few: bool = False
    living: int | None = None
    took_percent: int | None = None
    living_percent: int | None = None
    is_behind: bool = False


def hidden_counts(counts: Mapping[str, int], threshold: int) -> frozenset[str]:
    """Keys of the counts too small to show, and of those from which they could be derived.

    A zero is shown, because it concerns no person and the page is about groups that were not heard. The
    hidden counts together reach the threshold, since a reader may know the total.
    """
    hidden = {key for key, n in counts.items() if 0 < n < threshold}
    rest = sorted((n, key) for key, n in counts.items() if n >= threshold)
    while hidden and rest and (len(hidden) < 2 or sum(counts[key] for key in hidden) < threshold):
        hidden.add(rest.pop(0)[1])
    return frozenset(hidden)


def groups(
    took: Mapping[str, int],
    living: Mapping[str, int],
    *,
    threshold: int,
    least: float = 50,
    whole: bool = True,
) -> tuple[PopulationGroup, ...]:
    """Every group of `took`, in its order. `least` is the part of its share, in percent, below which a group
    is behind.

    Without `whole` these are not all the people, so shares mean nothing (areas, some of them unknown).
    """
    everybody, heard = sum(living.get(key, 0) for key in took), sum(took.values())
    compared = whole and everybody > 0 and all(key in living for key in took)
    enough = heard >= _ENOUGH
    hidden = hidden_counts(took, threshold)

    def one(key: str, n: int) -> PopulationGroup:
        here = living.get(key)
        return PopulationGroup(
            key=key,
            took=None if key in hidden else n,
            few=0 < n < threshold,
            living=here,
            took_percent=round(100 * n / heard) if enough and key not in hidden else None,
            living_percent=round(100 * here / everybody) if compared and here is not None else None,
            is_behind=bool(compared and enough and here and n * everybody * 100 < here * heard * least),
        )

    return tuple(one(key, n) for key, n in took.items())


def reach_status(found: Collection[PopulationGroup], heard: int) -> ReachStatus:
    """HEARD only if no group is behind, every group has a figure, and enough people took part."""
    lacking = sum(1 for group in found if group.living is None)
    if lacking == len(found) or (not lacking and not any(group.living for group in found)):
        return ReachStatus.NO_FIGURES
    if lacking:
        return ReachStatus.SOME_FIGURES
    if heard < _ENOUGH:
        return ReachStatus.FEW
    return ReachStatus.BEHIND if groups_behind(found) else ReachStatus.HEARD


def groups_behind(found: Collection[PopulationGroup]) -> tuple[PopulationGroup, ...]:
    return tuple(group for group in found if group.is_behind)
