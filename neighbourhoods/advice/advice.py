"""Advice on how to approach a neighbourhood: a table of rules, of which the first that matches applies.

Two axes decide. Load comes from registers, energy from the survey and the inventory. Registers can't measure
energy: over 1,307 neighbourhoods the figures that look like capacity (volunteering, control over one's life) and
those of load (making ends meet, loneliness) correlate at -0.92, so a table based on them would count poverty twice.
Unknown inputs never count in favour: without known reach or energy the advice is to reach people first.

Contains only keys, numbers and names of levels; the texts are in neighbourhoods.wording. Thresholds belong to the
municipality; the defaults are in neighbourhoods.rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property
from math import ceil, inf, nextafter
from typing import Any

from neighbourhoods.rules import Thresholds

LADDER = ("inform", "consult", "advise", "coproduce", "decide")
MIN_WARNING_STEPS = 2
"""A plan this many steps of the ladder away from the fitting level gets a warning."""


class Degree(StrEnum):
    LOW = "low"
    MID = "mid"
    HIGH = "high"
    UNKNOWN = "unknown"


class AreaApproach(StrEnum):
    NOT_YET = "not_yet"
    REACH = "reach"
    GIVE_ROOM = "give_room"
    MAKE_TOGETHER = "make_together"
    CONNECT = "connect"
    BUILD_UP = "build_up"
    DELIVER_FIRST = "deliver_first"
    SOUND_OUT = "sound_out"
    KEEP_LIGHT = "keep_light"


@dataclass(frozen=True)
class AdviceInputs:
    """What is known of one area. None means unknown, which is never the same as zero.

    load         mean deviation (z) of the two load figures from comparable areas of the municipality
    wanting      % of the people asked who want to join in or take the lead; `asked` is how many answered; `few`
                 when so few did that the number would identify them: it is then neither shown nor stored
    running      running initiatives; `residents` is the population; `spoken` key persons spoken to lately
    responses    people who took part in the survey
    left_behind  age bands that took part for less than half their share; None if ages are unknown
    urgency      % that named the top theme; `theme` is its slug, `theme_runs` whether an initiative on it runs
    cohesion     deviation of a cohesion index, or `knowing`: % that knows their neighbours, from the survey
    """

    load: float | None = None
    struggling: float | None = None
    lonely: float | None = None
    wanting: float | None = None
    asked: int = 0
    few: bool = False
    running: int | None = None
    residents: int | None = None
    spoken: int = 0
    responses: int | None = None
    left_behind: tuple[str, ...] | None = None
    mandate: bool | None = None
    budget: int | None = None
    hours: float | None = None
    urgency: float | None = None
    theme: str = ""
    theme_runs: bool = False
    cohesion: float | None = None
    knowing: float | None = None


@dataclass(frozen=True)
class Situation:
    """The inputs as the table reads them. `reached` requires known energy: people who were not asked were not
    reached.
    """

    mandate: bool
    reached: bool
    energy: Degree
    load: Degree


@dataclass(frozen=True)
class Rule:
    """One row of the table: conditions and advice. `levels` and `roles` run from least to most."""

    number: int
    approach: AreaApproach
    levels: tuple[str, ...]
    roles: tuple[str, ...]
    moves: tuple[str, ...]
    energy: frozenset[Degree] = frozenset(Degree)
    load: frozenset[Degree] = frozenset(Degree)
    mandate: bool = True
    reached: bool | None = True
    paid_help: str = ""

    def holds(self, situation: Situation) -> bool:
        return (
            situation.mandate == self.mandate
            and self.reached in (None, situation.reached)
            and situation.energy in self.energy
            and situation.load in self.load
        )


LOW, MID, HIGH = ({degree} for degree in (Degree.LOW, Degree.MID, Degree.HIGH))

ADVICE_RULES: tuple[Rule, ...] = (
    Rule(0, AreaApproach.NOT_YET, (), (), ("desk_profile", "inventory", "find_sponsor"),
         mandate=False, reached=None),
    Rule(1, AreaApproach.REACH, ("inform",), ("stimulate",),
         ("key_persons", "door_to_door", "gatherings", "no_conclusions"), reached=False),
    Rule(2, AreaApproach.GIVE_ROOM, ("coproduce", "decide"), ("facilitate", "let_go"),
         ("what_holds_back", "budget", "right_to_challenge", "cooperative"),
         energy=frozenset(HIGH), load=frozenset(LOW)),
    Rule(3, AreaApproach.MAKE_TOGETHER, ("coproduce",), ("facilitate",),
         ("co_design", "paid_support", "guard_overload"),
         energy=frozenset(HIGH), load=frozenset(MID | HIGH), paid_help="professional"),
    Rule(4, AreaApproach.CONNECT, ("consult", "advise", "coproduce"), ("stimulate",),
         ("match", "street_actions"), energy=frozenset(MID), load=frozenset(LOW | MID)),
    Rule(5, AreaApproach.BUILD_UP, ("advise",), ("stimulate",), ("kitchen_tables", "visible_job"),
         energy=frozenset(MID), load=frozenset(HIGH), paid_help="community_worker"),
    Rule(6, AreaApproach.DELIVER_FIRST, ("consult",), ("direct",),
         ("deliver_quickly", "strict_feedback", "no_volunteers"), energy=frozenset(LOW), load=frozenset(HIGH)),
    Rule(7, AreaApproach.SOUND_OUT, ("consult",), ("stimulate",), ("short_poll", "one_invitation"),
         energy=frozenset(LOW), load=frozenset(MID)),
    Rule(8, AreaApproach.KEEP_LIGHT, ("inform",), ("facilitate",), ("open_door", "yearly_poll"),
         energy=frozenset(LOW), load=frozenset(LOW)),
)  # fmt: skip

LEVEL_BY_DEGREE = {Degree.LOW: "consult", Degree.MID: "coproduce", Degree.HIGH: "decide"}
"""The level that fits the energy of an area, regardless of load."""


@dataclass(frozen=True)
class AdviceReason:
    """An input that led to the advice: its name, its degree, the key of its text, and the figures."""

    about: str
    degree: Degree
    key: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Tip:
    """If this input alone moved to `value` (`up`: to it or above, else to it or below), `rule` would apply."""

    about: str
    value: Any
    up: bool
    rule: Rule


@dataclass(frozen=True)
class Advice:
    """The rule that applies. Reasons and tips are computed on demand."""

    rule: Rule
    inputs: AdviceInputs
    thresholds: Thresholds

    @cached_property
    def energy(self) -> Degree:
        return energy_degree(self.inputs, self.thresholds)

    @cached_property
    def load(self) -> Degree:
        return load_degree(self.inputs, self.thresholds)

    @cached_property
    def reasons(self) -> tuple[AdviceReason, ...]:
        return tuple(_reasons(self.inputs, self.thresholds))

    @cached_property
    def missing(self) -> tuple[str, ...]:
        return tuple(_missing(self.inputs, self.thresholds))

    @cached_property
    def modifiers(self) -> tuple[str, ...]:
        return tuple(_modifiers(self.inputs, self.thresholds))

    @cached_property
    def tips(self) -> tuple[Tip, ...]:
        return tuple(_tips(self.inputs, self.thresholds))

    @property
    def approach(self) -> AreaApproach:
        return self.rule.approach

    @property
    def levels(self) -> tuple[str, ...]:
        return self.rule.levels

    def snapshot(self) -> dict[str, Any]:
        """The advice as JSON, stored with a decision."""
        return {
            "rule": self.rule.number,
            "approach": self.approach.value,
            "levels": list(self.levels),
            "roles": list(self.rule.roles),
            "energy": self.energy.value,
            "load": self.load.value,
            "reasons": [asdict(reason) for reason in self.reasons],
            "missing": list(self.missing),
            "modifiers": list(self.modifiers),
            "inputs": asdict(self.inputs) | ({"wanting": None} if self.inputs.few else {}),
            "thresholds": asdict(self.thresholds),
        }


def advise(inputs: AdviceInputs, thresholds: Thresholds | None = None) -> Advice:
    limits = thresholds or Thresholds()
    return Advice(rule_for(inputs, limits), inputs, limits)


def rule_for(inputs: AdviceInputs, limits: Thresholds) -> Rule:
    situation = situation_of(inputs, limits)
    return next(rule for rule in ADVICE_RULES if rule.holds(situation))


def situation_of(inputs: AdviceInputs, limits: Thresholds) -> Situation:
    """Unknown inputs are read with caution: unknown energy counts as not reached, unknown load as medium."""
    found, weight = energy_degree(inputs, limits), load_degree(inputs, limits)
    return Situation(
        mandate=inputs.mandate is not False,
        reached=is_reached(inputs, limits) is True and found is not Degree.UNKNOWN,
        energy=found,
        load=Degree.MID if weight is Degree.UNKNOWN else weight,
    )


def load_degree(inputs: AdviceInputs, limits: Thresholds) -> Degree:
    if inputs.load is None:
        return Degree.UNKNOWN
    if inputs.load > limits.load_high:
        return Degree.HIGH
    return Degree.LOW if inputs.load < limits.load_low else Degree.MID


def energy_degree(inputs: AdviceInputs, limits: Thresholds) -> Degree:
    """Energy, from the survey and the inventory. Unknown if too few people were asked, whatever is running."""
    if inputs.wanting is None or inputs.asked < limits.asked_enough:
        return Degree.UNKNOWN
    nothing_there = inputs.running == 0 and inputs.spoken < limits.spoken_enough
    if inputs.wanting < limits.wanting_low or nothing_there:
        return Degree.LOW
    density = initiatives_per_thousand(inputs)
    enough_runs = density is not None and density >= limits.running_high
    return Degree.HIGH if inputs.wanting >= limits.wanting_high and enough_runs else Degree.MID


def initiatives_per_thousand(inputs: AdviceInputs) -> float | None:
    if inputs.running is None or not inputs.residents:
        return None
    return 1000 * inputs.running / inputs.residents


def response_rate(inputs: AdviceInputs) -> float | None:
    """Response rate in % of the residents."""
    if inputs.responses is None or not inputs.residents:
        return None
    return 100 * inputs.responses / inputs.residents


def is_reached(inputs: AdviceInputs, limits: Thresholds) -> bool | None:
    """Whether every age band took part for at least half its share, or enough of all residents did; None if unknown."""
    share = response_rate(inputs)
    if inputs.left_behind == () or (share is not None and share >= limits.response_enough):
        return True
    return None if share is None and inputs.left_behind is None else False


def underrepresented_bands(
    took_part: Mapping[str, float], live_here: Mapping[str, float], limits: Thresholds
) -> tuple[str, ...] | None:
    """Age bands whose share of the respondents is under half (a setting) of their share of the residents.

    None if too few took part or the ages are not known.
    """
    everybody, took = sum(live_here.values()), sum(took_part.get(band, 0) for band in live_here)
    if not everybody or took < limits.asked_enough:
        return None
    return tuple(
        band
        for band, living in live_here.items()
        if took_part.get(band, 0) * everybody * 100 < living * took * limits.band_share
    )


def ladder_deviation(level: str, advice: Advice) -> int:
    """How many steps of the ladder a plan is too active (above 0) or too passive (below 0) for the area.

    0 when it is less than two steps off. Energy determines the fitting level; load lowers it, as in the advice.
    Where people must be reached first, asking little is right and asking much is compared with energy alone.
    """
    if level not in LADDER or level in advice.levels:
        return 0
    step = LADDER.index(level)
    most = [LADDER.index(LEVEL_BY_DEGREE[advice.energy])] if advice.energy in LEVEL_BY_DEGREE else []
    least = []
    if advice.rule.number > 1:
        least = [*most, LADDER.index(advice.levels[0])]
        most.append(LADDER.index(advice.levels[-1]))
    if most and (above := step - min(most)) >= MIN_WARNING_STEPS:
        return above
    if least and (below := step - max(least)) <= -MIN_WARNING_STEPS:
        return below
    return 0


def _reasons(inputs: AdviceInputs, limits: Thresholds) -> Iterator[AdviceReason]:
    if inputs.mandate is False:
        yield AdviceReason("means", Degree.LOW, "no_mandate", {})
    found = load_degree(inputs, limits)
    if found is not Degree.UNKNOWN:
        for key in ("struggling", "lonely"):
            if (share := getattr(inputs, key)) is not None:
                yield AdviceReason("load", found, key, {"share": share})
        if inputs.struggling is None and inputs.lonely is None:
            yield AdviceReason("load", found, "deviation", {"deviation": inputs.load})
    found = energy_degree(inputs, limits)
    if found is not Degree.UNKNOWN:
        share = None if inputs.few else inputs.wanting
        yield AdviceReason("energy", found, "wanting", {"share": share, "asked": inputs.asked})
        if inputs.running is not None:
            figures = {"count": inputs.running, "per_thousand": initiatives_per_thousand(inputs)}
            yield AdviceReason("energy", found, "running", figures)
        yield AdviceReason("energy", found, "spoken", {"count": inputs.spoken})
    yield from _reach(inputs, limits)
    if inputs.urgency is not None and inputs.urgency >= limits.urgent:
        yield AdviceReason("urgency", Degree.HIGH, "theme", {"share": inputs.urgency, "theme": inputs.theme})
    close = cohesion_degree(inputs, limits)
    if close is not Degree.UNKNOWN:
        yield AdviceReason("cohesion", close, "knowing" if inputs.knowing is not None else "index",
                     {"share": inputs.knowing, "deviation": inputs.cohesion})  # fmt: skip
    if inputs.budget is not None:
        degree = Degree.LOW if inputs.budget == 0 else Degree.MID
        yield AdviceReason("means", degree, "budget", {"amount": inputs.budget})
    if inputs.hours is not None:
        degree = Degree.LOW if inputs.hours == 0 else Degree.MID
        yield AdviceReason("means", degree, "hours", {"hours": inputs.hours})


def _reach(inputs: AdviceInputs, limits: Thresholds) -> Iterator[AdviceReason]:
    met = is_reached(inputs, limits)
    if met is None:
        return
    degree = Degree.HIGH if met else Degree.LOW
    if inputs.left_behind is not None:
        key = "left_behind" if inputs.left_behind else "every_age"
        yield AdviceReason("reach", degree, key, {"bands": list(inputs.left_behind)})
    share = response_rate(inputs)
    if share is not None and (inputs.left_behind is None or share >= limits.response_enough):
        yield AdviceReason("reach", degree, "response", {"share": share, "count": inputs.responses})


def cohesion_degree(inputs: AdviceInputs, limits: Thresholds) -> Degree:
    """What neighbours say themselves takes precedence over an index."""
    if inputs.knowing is not None:
        return Degree.LOW if inputs.knowing < limits.knowing_low else Degree.MID
    if inputs.cohesion is not None:
        return Degree.LOW if inputs.cohesion < limits.cohesion_low else Degree.MID
    return Degree.UNKNOWN


def _missing(inputs: AdviceInputs, limits: Thresholds) -> Iterator[str]:
    if inputs.mandate is None:
        yield "mandate"
    if inputs.load is None:
        yield "load"
    if inputs.wanting is None:
        yield "wanting"
    elif inputs.asked < limits.asked_enough:
        yield "few_asked"
    if inputs.running is None:
        yield "running"
    if inputs.residents is None:
        yield "residents"
    if is_reached(inputs, limits) is None:
        yield "reach"
    if cohesion_degree(inputs, limits) is Degree.UNKNOWN:
        yield "cohesion"
    if inputs.urgency is None:
        yield "urgency"
    if inputs.budget is None:
        yield "budget"
    if inputs.hours is None:
        yield "hours"


def _modifiers(inputs: AdviceInputs, limits: Thresholds) -> Iterator[str]:
    """Adjustments to carrying out the advice, whichever rule applies."""
    if inputs.budget == 0:
        yield "no_money"
    if inputs.hours == 0:
        yield "no_hours"
    if inputs.theme_runs:
        yield "join_first"
    if cohesion_degree(inputs, limits) is Degree.LOW:
        yield "street_first"
    urgent = inputs.urgency is not None and inputs.urgency >= limits.urgent
    if urgent and energy_degree(inputs, limits) is Degree.LOW:
        yield "municipality_owns"


# --- tips: distance to another rule ------------------------------------------------------------


def _tips(inputs: AdviceInputs, limits: Thresholds) -> Iterator[Tip]:
    """Per input and direction the nearest value at which another rule applies, all else equal."""
    now = rule_for(inputs, limits)
    for about, values in _threshold_values(inputs, limits).items():
        here = getattr(inputs, about)
        above = sorted(value for value in values if value > here)
        below = sorted((value for value in values if value < here), reverse=True)
        for up, way in ((True, above), (False, below)):
            for value in way:
                moved: dict[str, Any] = {about: value}
                rule = rule_for(replace(inputs, **moved), limits)
                if rule is not now:
                    yield Tip(about, value, up, rule)
                    break
    if inputs.mandate is False:
        yield Tip("mandate", True, True, rule_for(replace(inputs, mandate=True), limits))
    if inputs.left_behind:
        rule = rule_for(replace(inputs, left_behind=()), limits)
        if rule is not now:
            yield Tip("left_behind", (), True, rule)


def _threshold_values(inputs: AdviceInputs, limits: Thresholds) -> dict[str, set[float]]:
    """For every known number: the first values on both sides of its thresholds."""
    edges: dict[str, set[float]] = {}
    if inputs.wanting is not None:
        starts = (limits.wanting_high, limits.wanting_low)
        edges["wanting"] = {value for start in starts for value in (start, nextafter(start, -inf))}
        edges["asked"] = {limits.asked_enough} if inputs.asked < limits.asked_enough else set()
    if inputs.running is not None:
        edges["running"] = {0, 1}
        if inputs.residents:
            edges["running"] |= _neighbouring_values(
                _smallest_count(limits.running_high / 1000, inputs.residents)
            )
    if inputs.responses is not None and inputs.residents:
        edges["responses"] = _neighbouring_values(
            _smallest_count(limits.response_enough / 100, inputs.residents)
        )
    edges["spoken"] = _neighbouring_values(limits.spoken_enough)
    if inputs.load is not None:
        starts = (limits.load_high, limits.load_low)
        edges["load"] = {*starts, nextafter(starts[0], inf), nextafter(starts[1], -inf)}
    return {
        about: {value for value in values if about == "load" or value >= 0} for about, values in edges.items()
    }


def _neighbouring_values(enough: int) -> set[float]:
    return {enough - 1, enough, enough + 1}


def _smallest_count(share: float, residents: int) -> int:
    """The smallest whole number that is at least this share of the residents."""
    return ceil(round(share * residents, 9))
