"""How well themes are suggested for what residents really wrote, after 60 that were coded, and how fast.

The texts are not ours to keep: they are read from `../shared/data` when it is there, and known in the files with
labels by a fingerprint only. How the labels came about: docs/polls.md, "How well it suggests".
"""

import csv
import hashlib
import os
import random
import statistics
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, at_least, at_most
from bench.house import ROOT
from feedback.contributions.labelling import TrainingExample, agreement_per_label, learn, widen

SECTION = "suggest"
DATA = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared/data")) / "comments"
CODED, DRAWS, AIM = 60, 10, 0.7
Labels = dict[str, frozenset[str]]
# What stands with each theme, as an administrator would write it in one line.
DUTCH = {
    "green": "groen natuur dieren duurzaam milieu klimaat",
    "meeting": "ontmoeten buren samen eten eenzaam",
    "youth": "jeugd kinderen jongeren spelen",
    "sport": "sport bewegen",
    "culture": "kunst cultuur muziek theater verhalen geschiedenis",
    "learning": "leren lessen werk geld armoede schulden",
    "public-space": "openbare ruimte straat plein verlichting afval overlast verkeer parkeren veilig",
}
ENGLISH = {
    "traffic": "traffic transport parking roads",
    "learning": "schools learning children youth",
    "green": "green environment animals waste clean",
    "safety": "safety crime police noise",
    "work": "work jobs business shops",
    "together": "immigrants religion meeting community diversity",
    "culture": "art culture music sports food",
    "housing": "housing poverty",
    "health": "health care",
    "government": "government taxes internet water",
}


@dataclass(frozen=True)
class Corpus:
    """Texts with what they are about: as the one who coded them found, and as it is held against."""

    language: str
    lines: Mapping[str, str]
    texts: Mapping[str, str]
    coded: Labels
    truth: Labels

    def words(self, how: str) -> dict[str, list[tuple[str, str, float]]]:
        if not how:
            return {}
        told = {theme: dict.fromkeys(line.split(), 1.0) for theme, line in self.lines.items()}
        if how == "widened":
            told = {theme: widen(words, self.language) for theme, words in told.items()}
        return {
            theme: [(word, self.language, weight) for word, weight in words.items()]
            for theme, words in told.items()
        }

    def score(self, how: str, pool: Sequence[str], measured: Collection[str], draw: int) -> float:
        """Macro-F1 over what is measured, when so many of the pool were coded."""
        coded = random.Random(draw).sample(pool, CODED)
        model = learn(
            [TrainingExample(self.texts[key], self.language, self.coded[key]) for key in coded],
            self.words(how),
        )
        assert model
        told = [
            ({one.label for one in model.suggest(self.texts[key], self.language)}, self.truth[key])
            for key in measured
            if key not in coded
        ]
        return statistics.mean(_f1(told, theme) for theme in self.lines)


def measure() -> Iterator[Figure]:
    first, second = _labels("suggest_labels.tsv")
    yield from _readers(first, second, DUTCH, "Dutch ideas")
    yield from _readers(*_labels("suggest_labels_en.tsv"), ENGLISH, "English comments")
    texts = _texts("nl_buurtbudget_ideas.csv", "title")
    if not texts:
        yield Figure(SECTION, f"macro-F1 after {CODED} coded", "no data: ../shared/data is not there")
        return
    dutch = Corpus("nl", DUTCH, texts, first, second)
    # Nothing was ever chosen by looking at the second half. The salt is the first with some of each theme in both.
    halves: tuple[list[str], list[str]] = ([], [])
    for key, text in sorted(texts.items()):
        halves[hashlib.sha256(f"f{text}".encode()).digest()[-1] % 2].append(key)
    told = f"{len(halves[1])} ideas held out"
    yield from _ways(dutch, halves[0], halves[1], told)
    yield from _english()
    yield from _speed(dutch)


def _english() -> Iterator[Figure]:
    """Comments that nobody had read when the words were written; those of the third reader were read once."""
    every = _texts("polis_american-assembly.bowling-green_comments.csv", "comment-body")
    first, second = _labels("suggest_labels_en.tsv")
    (third,) = _labels("suggest_labels_en_more.tsv")
    texts = {key: every[key] for key in first | third}
    pool = sorted(first)
    told = f"{len(pool) - CODED} in English"
    as_coded = Corpus("en", ENGLISH, texts, first, first | third)
    yield from _ways(as_coded, pool, pool, told)
    yield from _ways(Corpus("en", ENGLISH, texts, first, second), pool, pool, f"{told}, second reader")
    yield from _ways(as_coded, pool, sorted(third), f"{len(third)} in English, third reader")


def _ways(corpus: Corpus, pool: Sequence[str], measured: Sequence[str], told: str) -> Iterator[Figure]:
    for name, how in (("words widened", "widened"), ("one line each", "line"), ("no words", "")):
        scores = [corpus.score(how, pool, measured, draw) for draw in range(DRAWS)]
        yield _figure(f"{told}, {name}", scores, AIM if how == "widened" else None)


def _figure(name: str, scores: Sequence[float], aim: float | None = None) -> Figure:
    mean = statistics.mean(scores)
    spread = f"{mean:.2f} ± {statistics.stdev(scores):.2f}"
    name = f"F1 after {CODED}, {name}"
    if aim is None:
        return Figure(SECTION, name, spread)
    return Figure(SECTION, name, spread, f">= {aim:g}", mean >= aim)


def _readers(first: Labels, second: Labels, lines: Mapping[str, str], told: str) -> Iterator[Figure]:
    pairs = [(first[key], second[key]) for key in first]
    whole, found = agreement_per_label(pairs)
    kappas = [one.kappa or 0 for one in found.values()]
    told = f"{len(pairs)} {told}"
    yield at_least(SECTION, f"kappa of two readers, {told}", whole.kappa or 0, 0.6)
    yield Figure(SECTION, f"kappa per theme, {told}", f"{min(kappas):.2f} to {max(kappas):.2f}")
    between = statistics.mean(_f1(pairs, theme) for theme in lines)
    yield Figure(SECTION, f"F1 of one reader by the other, {told}", f"{between:.2f}")


def _speed(corpus: Corpus) -> Iterator[Figure]:
    examples = [
        TrainingExample(text, corpus.language, corpus.coded[key]) for key, text in corpus.texts.items()
    ]
    model = learn(examples, corpus.words("widened"))
    assert model
    begun = time.perf_counter()
    for text in corpus.texts.values():
        model.suggest(text, corpus.language)
    spent = (time.perf_counter() - begun) / len(corpus.texts) * 1000
    yield at_most(SECTION, "a suggestion for one text", spent, 2, unit=" ms")


def _f1(told: Sequence[tuple[Collection[str], Collection[str]]], theme: str) -> float:
    both = sum(theme in found and theme in true for found, true in told)
    either = sum((theme in found) + (theme in true) for found, true in told)
    return 2 * both / either if either else 1.0


def _labels(name: str) -> list[Labels]:
    with (ROOT / "bench" / name).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    sides = [side for side in rows[0] if side != "text"]
    return [{row["text"]: frozenset(row[side].split()) for row in rows} for side in sides]


def _texts(name: str, column: str) -> dict[str, str]:
    """By fingerprint."""
    file = DATA / name
    if not file.exists():
        return {}
    with file.open(encoding="utf-8") as lines:
        texts = [row[column].strip() for row in csv.DictReader(lines)]
    return {hashlib.sha256(text.encode()).hexdigest()[:16]: text for text in texts}
