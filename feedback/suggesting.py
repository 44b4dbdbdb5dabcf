"""Suggests what a text is about, from texts that people coded before. A suggestion says why, and counts nowhere.

Words are taken by their stem (Snowball; Dutch, English, German, French, Turkish and more), long ones by their
parts as well, because Dutch writes "geveltuin" where others write two words. `learn` makes a model of examples:
logistic regression when scikit-learn is there (the extra "suggest"), naive Bayes of our own otherwise.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Protocol

import snowballstemmer

LANGUAGES = {
    "nl": "dutch", "en": "english", "de": "german", "fr": "french", "tr": "turkish", "es": "spanish",
    "it": "italian", "pt": "portuguese", "ar": "arabic",
}  # fmt: skip
FEWEST = 10
"""Examples before anything is suggested."""
MOST_WORDS = 3
HINT = 2.0
"""How much a word that goes with a label weighs beside a text that somebody coded."""
SMOOTH = 1.0
SOFT = 10.0
"""How freely the regression follows its examples (the C of scikit-learn)."""
HAS_SCIKIT = find_spec("sklearn") is not None
# Words that stand in any text.
_OF_ANY_TEXT = """
de het een en of in op aan van voor met te bij tot uit om over naar door is zijn was er dat die dit deze wij we ik je u
hij ze zij hun ons onze mijn niet geen ook wel nog meer veel al als dan maar want omdat zo hoe wat wie waar kan kunnen
moet moeten wordt worden zou zouden heeft hebben had the a an and or on at for to with from by are be been it its this
that these those our i you they them their there not no more so as if than then but because should would could can will
have has do does need needs very all any
"""
_STOP = frozenset(_OF_ANY_TEXT.split())
_WORD = re.compile(r"[^\W\d_]{2,40}")


@dataclass(frozen=True)
class Example:
    text: str
    language: str
    labels: frozenset[str]


@dataclass(frozen=True)
class Suggestion:
    """A label, how sure (0 to 1), and the words of the text that say so."""

    label: str
    score: float
    words: tuple[str, ...]


class Model(Protocol):
    def suggest(self, text: str, language: str) -> list[Suggestion]: ...


@lru_cache(maxsize=20)
def _stemmer(language: str) -> Any:
    name = LANGUAGES.get(language[:2])
    return snowballstemmer.stemmer(name) if name else None


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """The stem of a word in small letters; the word itself in a language we have no rules for."""
    stemmer = _stemmer(language)
    return _plain(stemmer.stemWord(word) if stemmer else word)


def _plain(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


@lru_cache(maxsize=50_000)
def _features_of(word: str, language: str) -> tuple[tuple[str, float], ...]:
    """Stem, and the parts it is put together from, weighed so that a word weighs about as much as another."""
    if word in _STOP or len(word) < 3:
        return ()
    root = stem(word, language)
    parts = [root[at : at + size] for size in (4, 5) for at in range(len(root) - size + 1)]
    parts += [f"<{root[:3]}"]
    weight = 1 / math.sqrt(len(parts))
    return ((f"={root}", 1.0), *((f"~{part}", weight) for part in parts))


def features(text: str, language: str) -> tuple[dict[str, float], dict[str, set[str]]]:
    """What a text consists of, with weights, and the words of the text each part came from."""
    weights: dict[str, float] = {}
    origin: dict[str, set[str]] = defaultdict(set)
    for found in _WORD.finditer(text):
        word = found[0]
        for name, weight in _features_of(word.lower(), language[:2]):
            weights[name] = max(weights.get(name, 0.0), weight)
            origin[name].add(word.lower())
    return weights, origin


def learn(
    examples: Iterable[Example], hints: Mapping[str, Iterable[tuple[str, str]]] | None = None
) -> Model | None:
    """A model of these examples, or None while there are too few.

    `hints` are words (with their language) that go with a label, as whoever made the list of labels wrote them
    down: each counts as a small example, so that suggestions begin somewhere.
    """
    return _learn(Regression if HAS_SCIKIT else NaiveBayes, list(examples), hints or {})


def learn_quickly(
    examples: Iterable[Example], hints: Mapping[str, Iterable[tuple[str, str]]] | None = None
) -> Model | None:
    """The same with the model that is made in no time, until the better one is there."""
    return _learn(NaiveBayes, list(examples), hints or {})


def _learn(
    make: type["Regression | NaiveBayes"],
    examples: list[Example],
    hints: Mapping[str, Iterable[tuple[str, str]]],
) -> Model | None:
    if len(examples) < FEWEST:
        return None
    labels = sorted({label for one in examples for label in one.labels} | set(hints))
    rows = [(features(one.text, one.language)[0], one.labels, 1.0) for one in examples]
    rows += [
        (features(word, language)[0], frozenset([label]), HINT)
        for label, words in hints.items()
        for word, language in words
    ]
    return make(rows, labels)


Rows = list[tuple[dict[str, float], frozenset[str], float]]


class NaiveBayes:
    """One yes-or-no model per label over the parts of words. Needs nothing but Python."""

    at_least = 0.5

    def __init__(self, rows: Rows, labels: list[str]) -> None:
        everything: dict[str, float] = defaultdict(float)
        per_label: dict[str, dict[str, float]] = {label: defaultdict(float) for label in labels}
        sizes: dict[str, float] = defaultdict(float)
        for weights, given, weight in rows:
            sizes[""] += weight
            for name, value in weights.items():
                everything[name] += value * weight
            for label in given:
                sizes[label] += weight
                for name, value in weights.items():
                    per_label[label][name] += value * weight
        rare = {name: SMOOTH * value / sizes[""] + 0.02 for name, value in everything.items()}
        self.bias: dict[str, float] = {}
        self.tells: dict[str, dict[str, float]] = {}
        for label in labels:
            yes, no = per_label[label], sizes[""] - sizes[label]
            self.bias[label] = math.log((sizes[label] + 1) / (no + 1))
            self.tells[label] = {
                name: math.log(
                    (yes[name] + rare[name])
                    / (sizes[label] + SMOOTH)
                    * (no + SMOOTH)
                    / (everything[name] - yes[name] + rare[name])
                )
                for name in everything
            }

    def suggest(self, text: str, language: str) -> list[Suggestion]:
        weights, origin = features(text, language)
        return _suggestions(self.bias, self.tells, weights, origin, self.at_least)


class Regression:
    """The same shape, with weights that scikit-learn found."""

    at_least = 0.35

    def __init__(self, rows: Rows, labels: list[str]) -> None:
        # Only here: it takes a second and much memory to load.
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression

        vectors = DictVectorizer()
        seen = vectors.fit_transform([weights for weights, _given, _weight in rows])
        weigh = [weight for _weights, _given, weight in rows]
        names = vectors.get_feature_names_out()
        self.bias: dict[str, float] = {}
        self.tells: dict[str, dict[str, float]] = {}
        for label in labels:
            given = [label in labels_ for _weights, labels_, _weight in rows]
            if all(given) or not any(given):
                continue
            model = LogisticRegression(C=SOFT, class_weight="balanced", max_iter=300)
            model.fit(seen, given, sample_weight=weigh)
            self.bias[label] = float(model.intercept_[0])
            self.tells[label] = dict(zip(names, map(float, model.coef_[0]), strict=True))

    def suggest(self, text: str, language: str) -> list[Suggestion]:
        weights, origin = features(text, language)
        return _suggestions(self.bias, self.tells, weights, origin, self.at_least)


def _suggestions(
    bias: Mapping[str, float],
    tells: Mapping[str, Mapping[str, float]],
    weights: Mapping[str, float],
    origin: Mapping[str, set[str]],
    at_least: float,
) -> list[Suggestion]:
    found = []
    for label, tell in tells.items():
        parts = {name: tell[name] * value for name, value in weights.items() if name in tell}
        score = 1 / (1 + math.exp(-max(-50.0, min(50.0, bias[label] + sum(parts.values())))))
        if score < at_least:
            continue
        said: dict[str, float] = defaultdict(float)
        for name, value in parts.items():
            for word in origin[name]:
                said[word] += value
        words = tuple(
            word for word, value in sorted(said.items(), key=lambda one: -one[1])[:MOST_WORDS] if value > 0
        )
        if words:
            found.append(Suggestion(label, score, words))
    return sorted(found, key=lambda one: -one.score)
