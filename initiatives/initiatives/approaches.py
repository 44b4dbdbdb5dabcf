"""Proven approaches: what they answer, when they fit, what they take and where they go wrong.

Texts and conditions are in approaches.toml. Which ones fit a place follows from the advice
(neighbourhoods.advice.advice); reasons against are shown as plainly as reasons for.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.i18n import Texts
from neighbourhoods.advice.advice import Advice, Degree


class Evidence(StrEnum):
    STUDY = "a"
    PRACTICE = "b"
    JUDGEMENT = "c"


class ApproachReason(StrEnum):
    """A reason why an approach fits or not; the texts are in initiatives.initiatives.approach_wording."""

    ENERGY = "energy"
    TOO_LITTLE_ENERGY = "too_little_energy"
    MORE_IS_POSSIBLE = "more_is_possible"
    LOAD = "load"
    NOT_THIS_LOAD = "not_this_load"
    FREE = "free"
    AFFORDABLE = "affordable"
    TOO_DEAR = "too_dear"
    HOURS = "hours"
    NO_HOURS = "no_hours"
    HELPS_TO_REACH = "helps_to_reach"
    REACH_FIRST = "reach_first"
    THEME = "theme"
    THIS_THEME = "this_theme"
    OTHER_THEME = "other_theme"
    WORDS = "words"
    STREET = "street"
    ASSUMES_TIES = "assumes_ties"
    ASK_FIRST = "ask_first"


@dataclass(frozen=True)
class ProvenApproach:
    """`costs` is the minimum in euros; `hours` whether a colleague has to put in time each week."""

    slug: str
    name: Texts
    answers: Texts
    fits: Texts
    needs: Texts
    watch_out: Texts
    evidence: Evidence
    energy: frozenset[Degree]
    load: frozenset[Degree]
    costs: int = 0
    hours: bool = False
    reaches: bool = False
    street: bool = False
    themes: frozenset[str] = frozenset()
    local: Texts | None = None


APPROACH_TEXT_FIELDS = ("name", "answers", "fits", "needs", "watch_out", "local")
BOOLEAN_FIELDS = ("hours", "reaches", "street")
SET_FIELDS = ("energy", "load", "themes")


@dataclass(frozen=True)
class ApproachQuery:
    """What an approach is sought for: the theme of a need or an initiative, and the stems of its words."""

    theme: str = ""
    stems: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ApproachFit:
    approach: ProvenApproach
    reasons: tuple[ApproachReason, ...]
    against: tuple[ApproachReason, ...]

    @property
    def fits(self) -> bool:
        return not self.against


LOW, MID, HIGH = Degree.LOW, Degree.MID, Degree.HIGH
ALL_DEGREES = frozenset({LOW, MID, HIGH})
APPROACHES_PATH = Path(__file__).with_suffix(".toml")


def read_approaches(path: Path = APPROACHES_PATH) -> tuple[ProvenApproach, ...]:
    """Read the library. Raises ValueError naming the file and the approach that is incomplete."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} can't be read: {error}") from error
    approaches = []
    for slug, values in found.items():
        try:
            approaches.append(_approach(slug, values))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path.name} is not whole in [{slug}]: {error}") from error
    return tuple(approaches)


def _approach(slug: str, values: Mapping[str, Any]) -> ProvenApproach:
    degrees = {name: frozenset(map(Degree, values.get(name, ALL_DEGREES))) for name in ("energy", "load")}
    themes = frozenset(values.get("themes", ()))
    fields = dict(values) | degrees | {"themes": themes, "evidence": Evidence(values.get("evidence", ""))}
    return ProvenApproach(slug=slug, **fields)


APPROACHES = read_approaches()
APPROACHES_BY_SLUG: Mapping[str, ProvenApproach] = {approach.slug: approach for approach in APPROACHES}

LOW_COST_EUROS = 2_500
"""Affordable anywhere, in euros: used when the budget is unknown."""


# --- changes of a municipality ------------------------------------------------------------------


def serialise_approach(approach: ProvenApproach) -> dict[str, Any]:
    """Its fields as JSON values, without the slug."""
    return {
        **{name: dict(getattr(approach, name) or {}) for name in APPROACH_TEXT_FIELDS},
        **{name: sorted(getattr(approach, name)) for name in SET_FIELDS},
        **{name: getattr(approach, name) for name in BOOLEAN_FIELDS},
        "evidence": approach.evidence.value,
        "costs": approach.costs,
    }


def differences(base: ProvenApproach, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from the library's; of a text only the languages that differ."""
    found: dict[str, Any] = {}
    for name, there in serialise_approach(base).items():
        if name not in values or values[name] == there:
            continue
        if name in APPROACH_TEXT_FIELDS:
            # An emptied language is stored as an empty text; otherwise the library's text would come back.
            texts = {**dict.fromkeys(there, ""), **values[name]}
            if differing := {code: words for code, words in texts.items() if words != there.get(code, "")}:
                found[name] = differing
        else:
            found[name] = values[name]
    return found


def apply_changes(base: ProvenApproach, changes: Mapping[str, Any]) -> ProvenApproach:
    """The approach with these changes. Unknown values are ignored."""
    fields: dict[str, Any] = {}
    for name in APPROACH_TEXT_FIELDS:
        if name in changes:
            texts = {**(getattr(base, name) or {}), **changes[name]}
            fields[name] = {code: words for code, words in texts.items() if words} or None
    for name in ("energy", "load"):
        if name in changes:
            fields[name] = frozenset(Degree(one) for one in changes[name] if one in ALL_DEGREES)
    if "themes" in changes:
        fields["themes"] = frozenset(changes["themes"])
    fields |= {name: bool(changes[name]) for name in BOOLEAN_FIELDS if name in changes}
    if changes.get("evidence") in set(Evidence):
        fields["evidence"] = Evidence(changes["evidence"])
    if "costs" in changes:
        fields["costs"] = int(changes["costs"])
    return replace(base, **fields)


def own_approach(slug: str, values: Mapping[str, Any]) -> ProvenApproach:
    """An approach that the library does not have."""
    nothing: Texts = {}
    blank = ProvenApproach(
        slug,
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        Evidence.JUDGEMENT,
        energy=ALL_DEGREES,
        load=ALL_DEGREES,
    )
    return apply_changes(blank, values)


# --- distinguishing stems -----------------------------------------------------------------------

_WORD_PATTERN = re.compile(r"[^\W\d_]{4,}")
STEM_LENGTH = 5
COMMON_STEM_THRESHOLD = 4
"""A stem in this many approaches distinguishes none of them."""
# Nor do these stems, which occur in any Dutch or English sentence.
_COMMON_STEMS = """
about actie activ begin being beter bette bewon buren dorps drie each eerst elkaa ergen first five
form from gemee getti iets ieman jaar keer klein komen kunne langs littl maand mense month munic
neigh nemen once onder ongev other over paar peopl resid small someb stap step take that there three
tien vanui vijf voor want wants weeks weken week weini wijk wijkc wille what with year years zijn
"""
_STOP_STEMS = frozenset(_COMMON_STEMS.split())


def stems(*texts: str) -> frozenset[str]:
    """Prefixes of the words of four letters or more: enough to match “repareren” and “reparatie”."""
    found = {word[:STEM_LENGTH] for text in texts for word in _WORD_PATTERN.findall(text.casefold())}
    return frozenset(found - _STOP_STEMS)


def distinguishing_stems(approaches: Collection[ProvenApproach]) -> dict[str, frozenset[str]]:
    """Per slug the stems of its name, what it answers and what it takes, without those of COMMON approaches
    or more."""
    found = {
        one.slug: stems(*one.name.values(), *one.answers.values(), *one.needs.values()) for one in approaches
    }
    often = Counter(stem for each in found.values() for stem in each)
    return {
        slug: frozenset(stem for stem in each if often[stem] < COMMON_STEM_THRESHOLD)
        for slug, each in found.items()
    }


# --- approaches that fit ------------------------------------------------------------------------


def fit(
    approach: ProvenApproach,
    advice: Advice,
    sought: ApproachQuery | None = None,
    words: frozenset[str] = frozenset(),
) -> ApproachFit:
    """The reasons for and against this approach in the place. `words` are its distinguishing stems."""
    marks = [*_marks(approach, advice, sought)]
    if sought and sought.stems & words:
        marks.append((True, ApproachReason.WORDS))
    return ApproachFit(
        approach,
        reasons=tuple(mark for speaks_for, mark in marks if speaks_for),
        against=tuple(mark for speaks_for, mark in marks if not speaks_for),
    )


def rank_approaches(
    advice: Advice, approaches: Collection[ProvenApproach] = APPROACHES, sought: ApproachQuery | None = None
) -> list[ApproachFit]:
    """Every approach, best first: fewest reasons against, most reasons for, best evidence.

    With `sought`, approaches about that theme or those words come before those that only fit the place.
    """
    words = distinguishing_stems(approaches) if sought and sought.stems else {}
    fits = [fit(one, advice, sought, words.get(one.slug, frozenset())) for one in approaches]
    about = {ApproachReason.THIS_THEME, ApproachReason.WORDS}
    return sorted(
        fits,
        key=lambda one: (
            -len(about & set(one.reasons)),
            len(one.against),
            -len(one.reasons),
            one.approach.evidence,
        ),
    )


def _marks(
    approach: ProvenApproach, advice: Advice, sought: ApproachQuery | None
) -> Iterator[tuple[bool, ApproachReason]]:
    inputs = advice.inputs
    reach_first = advice.rule.number <= 1
    if reach_first:
        yield (
            approach.reaches,
            ApproachReason.HELPS_TO_REACH if approach.reaches else ApproachReason.REACH_FIRST,
        )
    elif advice.energy in approach.energy:
        yield True, ApproachReason.ENERGY
    else:
        too_little = approach.energy <= {MID, HIGH} and advice.energy is not HIGH
        yield False, ApproachReason.TOO_LITTLE_ENERGY if too_little else ApproachReason.MORE_IS_POSSIBLE
    if approach.load != ALL_DEGREES and advice.load is not Degree.UNKNOWN:
        suits = advice.load in approach.load
        yield suits, ApproachReason.LOAD if suits else ApproachReason.NOT_THIS_LOAD
    yield from _means(approach, advice)
    yield from _themes(approach, inputs.theme, sought)
    if "street_first" in advice.modifiers:
        yield approach.street, ApproachReason.STREET if approach.street else ApproachReason.ASSUMES_TIES
    if approach.local:
        yield False, ApproachReason.ASK_FIRST


def _themes(
    approach: ProvenApproach, named_most: str, sought: ApproachQuery | None
) -> Iterator[tuple[bool, ApproachReason]]:
    """An approach without themes can be about anything."""
    if sought is None or not sought.theme:
        if named_most and named_most in approach.themes:
            yield True, ApproachReason.THEME
    elif approach.themes:
        suits = sought.theme in approach.themes
        yield suits, ApproachReason.THIS_THEME if suits else ApproachReason.OTHER_THEME


def _means(approach: ProvenApproach, advice: Advice) -> Iterator[tuple[bool, ApproachReason]]:
    budget, hours = advice.inputs.budget, advice.inputs.hours
    if not approach.costs:
        yield True, ApproachReason.FREE
    elif budget is not None and approach.costs > budget:
        yield False, ApproachReason.TOO_DEAR
    elif budget is not None or approach.costs <= LOW_COST_EUROS:
        yield True, ApproachReason.AFFORDABLE
    if approach.hours and hours is not None:
        yield hours > 0, ApproachReason.HOURS if hours > 0 else ApproachReason.NO_HOURS
