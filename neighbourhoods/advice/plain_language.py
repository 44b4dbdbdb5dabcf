"""Plain language: remarks on a text for residents.

They are hints, never a verdict. No level is claimed, because a word list can't verify B1. The readability of a
longer Dutch text is measured with the formula of Douma (1960), the Dutch version of Flesch's; in short texts the
long words are named. The official words are those that the house style avoids (docs/look.md). Packages that parse
the language (LiNT-II) were rejected because they add some 200 MB.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Finding = TypeVar("_Finding")

MAX_SENTENCE_WORDS = 20
"""Maximum words in a sentence; longer ones have to be read twice."""
MIN_WORDS_FOR_READABILITY = 20
"""A shorter text can't be measured."""
MIN_READABILITY = 50
"""Below this value of Douma's measure a text is called fairly difficult. Popular newspapers stay above it."""


class PlainLanguageIssue(StrEnum):
    LONG = "long"
    LONG_WORD = "long_word"
    HARD = "hard"
    OFFICIAL = "official"


@dataclass(frozen=True)
class LintFinding:
    """`found` is the word or number it is about, `better` a plainer word, or ""."""

    code: str
    found: str = ""
    better: str = ""


# Official word -> plain word.
OFFICIALESE: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "participeren": "meedoen",
        "participatie": "meedoen",
        "participatietraject": "meedenken",
        "inspraak": "meepraten",
        "faciliteren": "helpen",
        "realiseren": "maken",
        "gerealiseerd": "gemaakt",
        "terugkoppeling": "antwoord",
        "terugkoppelen": "antwoord geven",
        "burgers": "bewoners",
        "respondenten": "mensen",
        "doelgroep": "mensen",
        "stakeholders": "mensen die het aangaat",
        "voorzieningen": "wat er is",
        "voorzieningenniveau": "wat er is",
        "leefbaarheid": "hoe het is om hier te wonen",
        "sociale cohesie": "hoe buren met elkaar omgaan",
        "openbare ruimte": "straten en pleinen",
        "mobiliteit": "vervoer",
        "behoeftepeiling": "vragen wat nodig is",
        "middels": "met",
        "teneinde": "om",
        "omtrent": "over",
        "inzake": "over",
        "dient te": "moet",
        "d.m.v.": "door",
        "t.b.v.": "voor",
        "m.b.t.": "over",
        "i.v.m.": "om",
        "t.a.v.": "over",
    },
    "en": {
        "participate": "take part",
        "participation": "taking part",
        "facilitate": "help",
        "implement": "make",
        "implementation": "making",
        "stakeholders": "people",
        "citizens": "residents",
        "respondents": "people",
        "target group": "people",
        "amenities": "what there is",
        "facilities": "what there is",
        "liveability": "what it is like to live here",
        "social cohesion": "how neighbours get on",
        "public space": "streets and squares",
        "regarding": "about",
        "utilise": "use",
        "prior to": "before",
    },
}
# Lengths in letters: one word of the first length, or two of the second, are hard to read on a phone.
LONG_WORD_LENGTHS = {"nl": (18, 15), "en": (16, 14)}
_PATTERN_CACHE: dict[str, re.Pattern[str]] = {}


def cache_findings(
    find: Callable[_Arguments, Iterator[_Finding]],
) -> Callable[_Arguments, tuple[_Finding, ...]]:
    """Cache findings by text: a page checks a whole survey, of which one text changed."""

    @wraps(find)
    def found(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> tuple[_Finding, ...]:
        return tuple(find(*args, **kwargs))

    return lru_cache(maxsize=8192)(found)  # type: ignore[return-value]  # all that is said is text and yes or no


@cache_findings
def find_plain_language_issues(text: str, language: str) -> Iterator[LintFinding]:
    if (words := longest_sentence(text)) > MAX_SENTENCE_WORDS:
        yield LintFinding(PlainLanguageIssue.LONG, str(words))
    official = OFFICIALESE.get(language, {})
    for word, better in official.items():
        if pattern_of(rf"(?<!\w){re.escape(word)}(?!\w)").search(text):
            yield LintFinding(PlainLanguageIssue.OFFICIAL, word, better)
    if found := [word for word in long_words(text, language) if word.lower() not in official]:
        yield LintFinding(PlainLanguageIssue.LONG_WORD, ", ".join(found[:2]))
    elif language == "nl" and (ease := readability_score(text)) is not None and ease < MIN_READABILITY:
        yield LintFinding(PlainLanguageIssue.HARD, str(round(ease)))


def longest_sentence(text: str) -> int:
    return max((len(sentence.split()) for sentence in re.split(r"[.?!:;]+\s", text)), default=0)


def long_words(text: str, language: str) -> list[str]:
    """Words too long for a phone: any very long one, or else two or more long ones."""
    if language not in LONG_WORD_LENGTHS:
        return []
    one, two = LONG_WORD_LENGTHS[language]
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    longest = [part for word in words for part in word.split("-") if len(part) >= two]
    very_long = [word for word in longest if len(word) >= one]
    return very_long or (longest if len(longest) > 1 else [])


def readability_score(text: str) -> float | None:
    """Readability of a Dutch text from 0 (hard) to 100 (easy); None if it is too short."""
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) < MIN_WORDS_FOR_READABILITY:
        return None
    sentences = max(1, len(re.findall(r"[.?!:;]+(?:\s|$)", text)))
    syllables = sum(max(1, len(re.findall(r"[aeiouyáéèëêïíóöúü]+|ij", word.lower()))) for word in words)
    return 206.84 - 77 * syllables / len(words) - 0.93 * len(words) / sentences


def find_pattern(patterns: Mapping[str, str], language: str, text: str) -> str:
    """The part of a text that matches one of these patterns, or ""."""
    source = patterns.get(language)
    found = pattern_of(source).search(text.replace("’", "'")) if source else None
    return found.group() if found else ""


def pattern_of(source: str) -> re.Pattern[str]:
    """Compiled once, because a draft of a hundred questions is checked on every page of the builder."""
    if source not in _PATTERN_CACHE:
        _PATTERN_CACHE[source] = re.compile(source, re.IGNORECASE)
    return _PATTERN_CACHE[source]
