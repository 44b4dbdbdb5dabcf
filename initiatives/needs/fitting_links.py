"""What could be done about a need: offers, places, initiatives, proven approaches and decisions, best first.

The score is a sum of reasons that are shown, for and against. Words are compared by stem (Snowball), in the
language in which they were written; `initiatives.needs.cues` has the words in which residents say what an
approach, a kind of place or a skill could answer, `feedback.contributions.labelling` which words belong
together.

Pure functions on values; `initiatives.needs.services.need_suggestions` reads them from the database.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.i18n import Texts
from feedback.contributions.labelling import features, widen
from initiatives.needs.cues import cues

SUGGESTIONS_PER_NEED = 3


class LinkReason(StrEnum):
    """A reason for or against a fit; the texts are in initiatives.needs.need_words."""

    THEME = "theme"
    WORDS = "words"
    HERE = "here"
    NEAR = "near"
    RUNNING = "running"
    BEGINNING = "beginning"
    ROOM = "room"
    OFFERED = "offered"
    RESIDENTS = "residents"
    FITS_PLACE = "fits_place"
    FAR = "far"
    OTHER_THEME = "other_theme"
    NOT_SURE = "not_sure"
    NOT_FOR_PLACE = "not_for_place"


REASONS_AGAINST = frozenset(
    {LinkReason.FAR, LinkReason.OTHER_THEME, LinkReason.NOT_SURE, LinkReason.NOT_FOR_PLACE}
)
THEME_SCORE, SAME_AREA_SCORE, SAME_DISTRICT_SCORE = 20.0, 14.0, 7.0
MAX_WORDS_SCORE, WORDS_SATURATION = 50.0, 2.2
"""Maximum points for words, and the summed weight that gives about two thirds of it."""
READINESS_SCORES = {
    LinkReason.RUNNING: 10.0,
    LinkReason.BEGINNING: 7.0,
    LinkReason.ROOM: 7.0,
    LinkReason.OFFERED: 8.0,
}
FROM_RESIDENTS_SCORE = 2.0
SCORE_PER_MARK, PENALTY_PER_DOUBT, OTHER_THEME_PENALTY, FAR_PENALTY, NOT_SURE_PENALTY = (
    2.0,
    6.0,
    6.0,
    12.0,
    4.0,
)
OWN_WORD_WEIGHT, CUE_WEIGHT, FIELD_WEIGHT, PART_WEIGHT = 1.0, 0.8, 0.35, 0.6
"""Weights of a stem by origin: the target's own text, its cues, a related word, and a match on part of a word."""
MIN_SCORE = 12.0
"""Minimum score: targets below it are not suggested."""
MIN_PART_LENGTH = 5
# Stop words: they say when, or that somebody wants something, but not what.
_STOP_STEMS_TEXT = """
dag dagen week weken maand maanden jaar avond avonds ochtend middag nacht overdag weekend maandag dinsdag woensdag
donderdag vrijdag zaterdag zondag elke iedere altijd vaak vaker soms nooit weer iets iemand niemand niets wil willen
graag weinig rond langs nodig kom komen buurt plaats twee eerste laatste vier uur day days week weeks month months year
evening evenings morning afternoon night weekend monday tuesday wednesday thursday friday saturday sunday every each
always often sometimes never something somebody nobody nothing want wants like little around along neighbourhood two
first last four hour hours
"""
_STOP_STEMS = frozenset(_STOP_STEMS_TEXT.split())


@dataclass(frozen=True)
class NeedQuery:
    """A need. `words` per language; `path` are area ids, from its own area up to the municipality."""

    words: Texts
    theme: str
    path: tuple[int, ...]


@dataclass(frozen=True)
class LinkTarget:
    """Something a need can be linked to.

    `marks` say what it is, in marks of initiatives.needs.cues (“place.meeting”); `ready` that it is available
    now. An approach has no path: it can be begun anywhere.
    """

    kind: str
    key: str
    words: Texts
    theme: str = ""
    path: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()
    ready: LinkReason | None = None
    from_residents: bool = False
    is_old: bool = False

    @property
    def id(self) -> tuple[str, str]:
        return self.kind, self.key


@dataclass(frozen=True)
class LinkFit:
    """A target with its score, the reasons for and against, and the matching words."""

    target: LinkTarget
    score: float
    reasons: tuple[LinkReason, ...]
    against: tuple[LinkReason, ...]
    words: tuple[str, ...]


class LinkTargetIndex:
    """All targets, with the weights of their words computed once."""

    def __init__(self, targets: Iterable[LinkTarget]) -> None:
        self.targets = list(targets)
        self._says = {target.id: _stem_weights(target) for target in self.targets}
        self._seen: Counter[tuple[str, str]] = Counter(
            (language, root)
            for says in self._says.values()
            for language, roots in says.items()
            for root, weight in roots.items()
            if weight >= CUE_WEIGHT
        )

    def fitting(
        self,
        wanted: NeedQuery,
        *,
        without: Iterable[tuple[str, str]] = (),
        place: Mapping[str, tuple[int, int]] | None = None,
    ) -> list[LinkFit]:
        """Fits with at least LEAST points, best first, without those in `without`.

        `place` gives per approach how many marks of the area's advice speak for and against it.
        """
        linked = frozenset(without)
        roots = {language: _roots(text, language) for language, text in wanted.words.items() if text}
        found = [
            self._fit(
                wanted, roots, target, (place or {}).get(target.key, (0, 0)) if not target.path else (0, 0)
            )
            for target in self.targets
            if target.id not in linked
        ]
        return sorted(
            (fit for fit in found if fit.score >= MIN_SCORE),
            key=lambda fit: (-round(fit.score, 6), fit.target.kind, fit.target.key),
        )

    def _fit(
        self,
        wanted: NeedQuery,
        roots: Mapping[str, Mapping[str, str]],
        target: LinkTarget,
        place: tuple[int, int],
    ) -> LinkFit:
        reasons: list[tuple[LinkReason, float]] = []
        if target.theme and target.theme == wanted.theme:
            reasons.append((LinkReason.THEME, THEME_SCORE))
        elif target.theme and wanted.theme:
            reasons.append((LinkReason.OTHER_THEME, -OTHER_THEME_PENALTY))
        says, words = self._words(roots, target)
        if says:
            reasons.append((LinkReason.WORDS, MAX_WORDS_SCORE * (1 - math.exp(-says / WORDS_SATURATION))))
        reasons += _distance(wanted.path, target.path)
        if target.ready:
            reasons.append((target.ready, READINESS_SCORES[target.ready]))
        if target.from_residents:
            reasons.append((LinkReason.RESIDENTS, FROM_RESIDENTS_SCORE))
        if target.is_old:
            reasons.append((LinkReason.NOT_SURE, -NOT_SURE_PENALTY))
        fits, doubts = place
        if fits:
            reasons.append((LinkReason.FITS_PLACE, SCORE_PER_MARK * fits))
        if doubts:
            reasons.append((LinkReason.NOT_FOR_PLACE, -PENALTY_PER_DOUBT * doubts))
        # Distance and availability alone do not make a match: the theme or the words must match too.
        speaks = any(reason in (LinkReason.THEME, LinkReason.WORDS) for reason, _points in reasons)
        return LinkFit(
            target=target,
            score=max(0.0, sum(points for _reason, points in reasons)) if speaks else 0.0,
            reasons=tuple(reason for reason, _points in reasons if reason not in REASONS_AGAINST),
            against=tuple(reason for reason, _points in reasons if reason in REASONS_AGAINST),
            words=words,
        )

    def _words(
        self, roots: Mapping[str, Mapping[str, str]], target: LinkTarget
    ) -> tuple[float, tuple[str, ...]]:
        """(weight, matching words) in the language with the highest weight."""
        best: tuple[float, tuple[str, ...]] = 0.0, ()
        for language, wanted in roots.items():
            says = self._says[target.id].get(language, {})
            found = []
            for root, word in wanted.items():
                weight, matched = _weight(root, says)
                if weight:
                    rare = math.log(1 + len(self.targets) / (1 + self._seen[language, matched]))
                    found.append((weight * rare / 2, word))
            total = sum(points for points, _word in found)
            if total > best[0]:
                best = total, tuple(word for _points, word in sorted(found, key=lambda one: -one[0])[:3])
        return best


def _distance(here: Sequence[int], there: Sequence[int]) -> list[tuple[LinkReason, float]]:
    """By area: the same or one inside the other, the same district, or elsewhere in the municipality."""
    if not here or not there:
        return []
    if here[0] in there or there[0] in here[:-1]:
        return [(LinkReason.HERE, SAME_AREA_SCORE)]
    if there[0] == here[-1] or set(here[:-1]) & set(there[:-1]):
        return [(LinkReason.NEAR, SAME_DISTRICT_SCORE)]
    return [(LinkReason.FAR, -FAR_PENALTY)]


def _stem_weights(target: LinkTarget) -> dict[str, dict[str, float]]:
    """Per language the stems that speak for this target, with their weights."""
    languages = {*target.words, *(("nl", "en") if target.marks else ())}
    return {
        language: _weigh_stems(target.words.get(language, ""), target.marks, language)
        for language in languages
    }


@lru_cache(maxsize=20_000)
def _weigh_stems(text: str, marks: tuple[str, ...], language: str) -> dict[str, float]:
    own = _roots(text, language)
    found = dict.fromkeys(own, OWN_WORD_WEIGHT)
    for mark in marks:
        for root in _roots(cues(language).get(mark, ""), language):
            found[root] = max(found.get(root, 0.0), CUE_WEIGHT)
    for root in _roots(" ".join(widen(own.values(), language)), language):
        found.setdefault(root, FIELD_WEIGHT)
    return found


@lru_cache(maxsize=20_000)
def _roots(text: str, language: str) -> dict[str, str]:
    """{stem: word as written}, without words that occur in any text."""
    _weights, origin = features(text, language)
    return {
        name[1:]: min(words)
        for name, words in origin.items()
        if name.startswith("=") and not words & _STOP_STEMS
    }


def _weight(root: str, says: Mapping[str, float]) -> tuple[float, str]:
    """Weight of a stem and the stem it matched: itself, or part of a longer word (“buurtmaaltijd”, “maaltijd”)."""
    if root in says:
        return says[root], root
    parts = [
        (PART_WEIGHT * weight, other)
        for other, weight in says.items()
        if min(len(root), len(other)) >= MIN_PART_LENGTH and (other in root or root in other)
    ]
    return max(parts, default=(0.0, ""))
