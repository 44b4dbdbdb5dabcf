"""Labels for texts: suggestions learnt from texts that people coded, and how far two readers agree.

A suggestion gives its reasons and has no effect by itself.

Features are words and their stems (Snowball; Dutch, English, German, French, Turkish and more), and
character n-grams in languages that write compounds as one word: "geveltuin". `learn` fits a logistic
regression whose prior is the words of each label, so that examples move it only as far as needed. Pure
Python.

Related words: a theme named by one of them gets the others. A file per language (vocabulary/nl.txt, en.txt), one
field per line: its heads, a colon, and related words; after a second colon those of them that often mean something
else, which weigh less. So an administrator who names a theme “Jeugd” need not list every word about young people.
These words are general, the same for every municipality; local ones are entered with the theme itself.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer

_STEMMER_LANGUAGES = {
    "nl": "dutch", "en": "english", "de": "german", "fr": "french", "tr": "turkish", "es": "spanish",
    "it": "italian", "pt": "portuguese", "ar": "arabic",
}  # fmt: skip
MIN_TRAINING_EXAMPLES = 10
"""Minimum number of examples."""
MIN_SUGGESTION_SCORE = 0.4
"""Minimum score of a suggestion."""
WORDS_PER_SUGGESTION = 3
PRIOR_WEIGHT_FOR, PRIOR_WEIGHT_AGAINST = 4.0, 1.0
"""Prior weight of a label's word for that label, and against other labels."""
INVERSE_REGULARISATION = 5.0
"""Inverse regularisation: how freely the model follows its examples."""
BIAS_FEATURE = 0.5, -4.0
"""The bias feature: its value, and its prior weight for a label with words."""
MAX_ITERATIONS, CONVERGENCE_TOLERANCE = 40, 0.01
COMPOUND_FREE_LANGUAGES = frozenset(["en", "fr", "es", "it", "pt"])
"""Languages that write compounds as separate words: n-grams add nothing there."""
# Stop words.
_STOP_WORD_LIST = """
de het een en of in op aan van voor met te bij tot uit om over naar door is zijn was er dat die dit deze wij we ik je u
hij ze zij hun ons onze mijn niet geen ook wel nog meer veel al als dan maar want omdat zo hoe wat wie waar kan kunnen
moet moeten wordt worden zou zouden heeft hebben had the a an and or on at for to with from by are be been it its this
that these those our i you they them their there not no more so as if than then but because should would could can will
have has do does need needs very all any
"""
_STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
_WORD = re.compile(r"[^\W\d_]{2,40}")


@dataclass(frozen=True)
class TrainingExample:
    text: str
    language: str
    labels: frozenset[str]


@dataclass(frozen=True)
class LabelSuggestion:
    """A label, its score (0 to 1), and the words of the text that support it."""

    label: str
    score: float
    words: tuple[str, ...]


@lru_cache(maxsize=20)
def _stemmer(language: str) -> Any:
    name = _STEMMER_LANGUAGES.get(language[:2])
    return snowballstemmer.stemmer(name) if name else None


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """The stem in lower case without accents; the word itself if there is no stemmer for the language."""
    stemmer = _stemmer(language)
    return _plain(stemmer.stemWord(word) if stemmer else word)


def _plain(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


@lru_cache(maxsize=50_000)
def _features_of(word: str, language: str) -> tuple[tuple[str, float], ...]:
    """Stem and n-grams of a word, weighted so that words have about equal weight."""
    if word in _STOP_WORDS or len(word) < 3:
        return ()
    root = stem(word, language)
    whole = (
        ((f"={root}", 1.0),) if root == word else ((f"={root}", math.sqrt(0.5)), (f"#{word}", math.sqrt(0.5)))
    )
    if language in COMPOUND_FREE_LANGUAGES:
        return whole
    parts = [root[at : at + size] for size in (4, 5) for at in range(len(root) - size + 1)]
    parts += [f"<{root[:3]}"]
    weight = 1 / math.sqrt(len(parts))
    return (*whole, *((f"~{part}", weight) for part in parts))


def features(text: str, language: str) -> tuple[dict[str, float], dict[str, set[str]]]:
    """Feature weights of a text, and the words each feature came from."""
    weights: dict[str, float] = {}
    origin: dict[str, set[str]] = defaultdict(set)
    for found in _WORD.finditer(text):
        word = found[0]
        for name, weight in _features_of(word.lower(), language[:2]):
            weights[name] = max(weights.get(name, 0.0), weight)
            origin[name].add(word.lower())
    return weights, origin


Hints = Mapping[str, Iterable[tuple[str, str, float]]]


def learn(examples: Iterable[TrainingExample], hints: Hints | None = None) -> "Model | None":
    """Train a model; None if there are too few examples.

    `hints` are (word, language, weight) per label, written by the author of the label list; they are the
    prior, so that suggestions start sensibly.
    """
    examples = list(examples)
    return Model(examples, hints or {}) if len(examples) >= MIN_TRAINING_EXAMPLES else None


class Model:
    def __init__(self, examples: list[TrainingExample], hints: Hints) -> None:
        rows = [{"": BIAS_FEATURE[0]} | features(one.text, one.language)[0] for one in examples]
        labels = {label for one in examples for label in one.labels} | set(hints)
        told = {label: _told(hints.get(label, ())) for label in labels}
        others = {
            name: max(one.get(name, 0.0) for one in told.values()) for own in told.values() for name in own
        }
        self.tells: dict[str, dict[str, float]] = {}
        for label, own in told.items():
            begin = {name: -PRIOR_WEIGHT_AGAINST * value for name, value in others.items()}
            begin |= {"": BIAS_FEATURE[1] if own else 0.0} | {
                name: PRIOR_WEIGHT_FOR * value for name, value in own.items()
            }
            self.tells[label] = _fit(rows, [label in one.labels for one in examples], begin)

    def suggest(self, text: str, language: str) -> list[LabelSuggestion]:
        weights, origin = features(text, language)
        found = []
        for label, tell in self.tells.items():
            parts = {name: tell[name] * value for name, value in weights.items() if name in tell}
            score = _sigmoid(tell[""] * BIAS_FEATURE[0] + sum(parts.values()))
            if score < MIN_SUGGESTION_SCORE:
                continue
            said: dict[str, float] = defaultdict(float)
            for name, value in parts.items():
                for word in origin[name]:
                    said[word] += value
            most = sorted(said.items(), key=lambda one: -one[1])[:WORDS_PER_SUGGESTION]
            words = tuple(word for word, value in most if value > 0)
            if words:
                found.append(LabelSuggestion(label, score, words))
        return sorted(found, key=lambda one: -one.score)


def _told(words: Iterable[tuple[str, str, float]]) -> dict[str, float]:
    told: dict[str, float] = {}
    for word, language, weight in words:
        for name, value in features(word, language)[0].items():
            told[name] = max(told.get(name, 0.0), value * weight)
    return told


def _fit(rows: list[dict[str, float]], given: list[bool], begin: Mapping[str, float]) -> dict[str, float]:
    """Fit logistic regression weights near `begin` (the prior), with both classes weighted equally, by
    coordinate ascent on the dual. Each step uses the curvature bound 1/4, so it can't overshoot.
    """
    weights: dict[str, float] = defaultdict(float, begin)
    yes, no = sum(given), len(given) - sum(given)
    weigh = {True: len(rows) / 2 / yes, False: len(rows) / 2 / no} if yes and no else {}
    sizes = [sum(value * value for value in row.values()) for row in rows]
    pulls = [0.0] * len(rows)
    for _round in range(MAX_ITERATIONS):
        most = 0.0
        for at, row in enumerate(rows):
            reach = INVERSE_REGULARISATION * weigh.get(given[at], 1.0)
            chance = _sigmoid(sum(weights[name] * value for name, value in row.items()))
            step = (reach * (given[at] - chance) - pulls[at]) / (1 + reach * sizes[at] / 4)
            pulls[at] += step
            for name, value in row.items():
                weights[name] += step * value
            most = max(most, abs(step))
        if most < CONVERGENCE_TOLERANCE:
            break
    return dict(weights)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, value))))


# --- related words -----------------------------------------------------------------------------

_VOCABULARY_DIR = Path(__file__).with_name("vocabulary")
AMBIGUOUS_WORD_WEIGHT = 0.5
"""Weight of a word that often means something else."""
Field = tuple[tuple[str, ...], dict[str, float]]


@cache
def fields(language: str) -> tuple[Field, ...]:
    """(heads, weight per word) of each field in this language; empty without a file."""
    file = _VOCABULARY_DIR / f"{language}.txt"
    if not file.exists():
        return ()
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        heads, sure, less = (part.split() for part in f"{line}:".split(":")[:3])
        found.append(
            (tuple(heads), dict.fromkeys([*heads, *sure], 1.0) | dict.fromkeys(less, AMBIGUOUS_WORD_WEIGHT))
        )
    return tuple(found)


def widen(words: Iterable[str], language: str) -> dict[str, float]:
    """Weights of these words, and of all words in each field that one of them heads.

    A word heads a field as written, or else by its stem, so that parking does not bring the words of park.
    """
    words = [word.lower() for word in words]
    brought: dict[str, float] = {}
    for members in (members for word in words for members in _headed(word, language)):
        brought |= {word: max(weight, brought.get(word, 0.0)) for word, weight in members.items()}
    return dict.fromkeys(words, 1.0) | brought


@cache
def _headed(word: str, language: str) -> list[dict[str, float]]:
    as_written = [members for heads, members in fields(language) if word in heads]
    root = stem(word, language)
    return as_written or [
        members for heads, members in fields(language) if root in [stem(head, language) for head in heads]
    ]


# --- agreement of two readers ------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """Counts of yes-or-no decisions by two readers on the same things."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def observed(self) -> float:
        """Share of equal decisions; 0 without decisions."""
        return (self.both + self.neither) / self.n if self.n else 0.0

    @property
    def kappa(self) -> float | None:
        """1 is full agreement, 0 is chance level, below 0 is worse than chance.

        None if undefined: no decisions, or both readers gave one and the same answer throughout.
        """
        if not self.n:
            return None
        first, second = self.both + self.only_first, self.both + self.only_second
        expected = (first * second + (self.n - first) * (self.n - second)) / self.n**2
        return None if expected == 1 else (self.observed - expected) / (1 - expected)


def count_agreement(decisions: Iterable[tuple[bool, bool]]) -> Agreement:
    counts = Counter((bool(first), bool(second)) for first, second in decisions)
    return Agreement(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def agreement_per_label(
    readings: Iterable[tuple[frozenset[str], frozenset[str]]],
) -> tuple[Agreement, dict[str, Agreement]]:
    """Agreement over all decisions (each text times each label that was used), and per label."""
    readings = list(readings)
    labels = sorted({label for first, second in readings for label in first | second})
    found = {
        label: count_agreement((label in first, label in second) for first, second in readings)
        for label in labels
    }
    whole = count_agreement(
        (label in first, label in second) for first, second in readings for label in labels
    )
    return whole, found
