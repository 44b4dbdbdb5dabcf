"""A picture of all paths through a survey: which question may follow which, and after which answers.

Arrows are derived from the conditions, as in the walk, with everything unknown left open: there is an arrow
to every question that may come next. So it shows the effect of “then go to” and of conditions. Pure geometry:
boxes and arrows with coordinates for an SVG. An arrow has a key, so that results can add a number to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.questionnaire import branches
from surveys.questionnaire.conditions import AllOf, AnyOf, Condition, InArea, Not, RespondentIs, references
from surveys.questionnaire.document import Layer, Option, Question, Shape
from surveys.questionnaire.walk import Context, evaluate

BEGIN = "begin"
WIDTH, BOX, TALL, GAP, LEFT, TOP = 640, 300, 52, 44, 12, 64
"""Above the first box is the start of the layer."""
LANE, FIRST_LANE, BEGINS = 22, 26, 18


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
        return (self.source.id if self.source else BEGIN, self.target.id if self.target else branches.END)


def arrows(layer: Layer) -> list[Arrow]:
    """All arrows of a layer, in the order of its questions; those into the layer first."""
    asked = layer.asked
    into = [
        Arrow(None, asked[goal], is_perhaps=is_perhaps, is_certain=not is_perhaps)
        for goal, is_perhaps in _onward(asked, 0, {}).items()
        if goal < len(asked)
    ]
    return into + [arrow for here in range(len(asked)) for arrow in _from(asked, here)]


def _from(asked: Sequence[Question], here: int) -> list[Arrow]:
    """The arrows out of one question, by target."""
    question = asked[here]
    anybody = _onward(asked, here + 1, {})
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
    return _onward(asked, here + 1, {asked[here].id: value})


def _onward(asked: Sequence[Question], start: int, known: Mapping[str, Any]) -> dict[int, bool]:
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
        QuestionBox(question, f"{number}.{place + 1}", LEFT, TOP + place * (TALL + GAP))
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
            drawn.append(_around(arrow, here, there, lane))
            lane += 1
    height = TOP + len(asked) * (TALL + GAP) + 30
    return Picture(layer, boxes, tuple(drawn), height - 30, WIDTH + max(0, lane - 6) * LANE, height)


def _top(place: int) -> int:
    return TOP + place * (TALL + GAP)


def _straight(arrow: Arrow, here: int, there: int) -> DrawnArrow:
    x, above, below = LEFT + 28, _top(here) + TALL if here >= 0 else BEGINS + 8, _top(there)
    head = f"M{x - 5} {below - 8}l5 7l5 -7"
    return DrawnArrow(arrow, f"M{x} {above}V{below - 2}", head, x + 12, (above + below) // 2 + 5)


def _around(arrow: Arrow, here: int, there: int, lane: int) -> DrawnArrow:
    """Out at the right side of a box, down in its own lane, and in again."""
    right, out = LEFT + BOX, LEFT + BOX + FIRST_LANE + lane * LANE
    below = _top(there) + (TALL // 2 - 8 if arrow.target else 12)
    above, left = (_top(here) + TALL // 2, right) if here >= 0 else (BEGINS + 18, LEFT + 28)
    path = f"M{left} {above}H{out - 8}q8 0 8 8V{below - 8}q0 8 -8 8H{right + 2}"
    head = f"M{right + 8} {below - 5}l-7 5l7 5"
    return DrawnArrow(arrow, path, head, out + 8, above + 5 + (lane % 2) * 16)
