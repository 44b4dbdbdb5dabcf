"""Remarks on how a question is put, as a colleague who reads along would make them. Hints, never a verdict.

What they look for is known to give worse answers (two questions in one, agree or disagree, guessing at facts),
or is plain language's first rule. No figure is claimed: "B1 verified" can't be had from a word list.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

LONG = 20
"""Words in one sentence, beyond which people read it twice."""


class Code(StrEnum):
    TWO_IN_ONE = "two_in_one"
    AGREE = "agree"
    LONG = "long"
    OFFICIAL = "official"
    SENSITIVE = "sensitive"
    GUESS = "guess"


@dataclass(frozen=True)
class Lint:
    """`found` is the word or number it is about, `better` a word neighbours would use, or ""."""

    code: Code
    found: str = ""
    better: str = ""


TWO_IN_ONE = {
    "nl": r"\?.+\?|\b(?:en|of) (?:hoe|wat|waar|wanneer|waarom|wie|welke?)\b",
    "en": r"\?.+\?|\b(?:and|or) (?:how|what|where|when|why|who|which)\b",
}
AGREE = {"nl": r"\b(?:mee )?(?:eens|oneens)\b|\bakkoord\b", "en": r"\b(?:dis)?agree(?:s|d)?\b"}
FACT = {
    "nl": r"^(?:hoe (?:vaak|veel|ver|lang|hoog|groot)|hoeveel)\b",
    "en": r"^how (?:often|many|much|far|long|high|big)\b",
}
# What somebody does is known to them.
OWN_DOING = {"nl": r"\b\w+t u\b|\bbent u\b", "en": r"\b(?:do|did|have|are|were|would|will|can) you\b"}
# What offices say -> what people say.
OFFICIAL: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "participeren": "meedoen",
        "participatie": "meedoen",
        "inspraak": "meepraten",
        "faciliteren": "helpen",
        "realiseren": "maken",
        "terugkoppeling": "antwoord",
        "burgers": "bewoners",
        "respondenten": "mensen",
        "doelgroep": "mensen",
        "voorzieningen": "wat er is",
        "leefbaarheid": "hoe het is om hier te wonen",
        "middels": "met",
        "d.m.v.": "door",
        "t.b.v.": "voor",
        "m.b.t.": "over",
    },
    "en": {
        "participate": "take part",
        "participation": "taking part",
        "facilitate": "help",
        "implement": "make",
        "stakeholders": "people",
        "citizens": "residents",
        "respondents": "people",
        "amenities": "what there is",
        "liveability": "what it is like to live here",
        "regarding": "about",
    },
}
SENSITIVE: Mapping[str, Mapping[str, str]] = {
    "nl": {
        r"gezond|ziek|depress|arts|medicijn|handicap|beperking": "gezondheid",
        r"geloof|religie|kerk|moskee": "geloof",
        r"inkomen|schuld|uitkering|rondkomen": "geld",
        r"afkomst|nationaliteit|geboren": "afkomst",
        r"stemt|politieke partij": "politiek",
    },
    "en": {
        r"health|ill(?:ness)?\b|depress|doctor|medicine|disab": "health",
        r"religio|faith|church|mosque": "religion",
        r"income|debt|benefit|make ends meet": "money",
        r"descent|nationality|born": "descent",
        r"vote for|political party": "politics",
    },
}


def lints(text: str, language: str, *, can_say_dont_know: bool, may_keep_to_oneself: bool) -> Iterator[Lint]:
    """Remarks on one question in one language; other languages than these get those on length alone.

    `can_say_dont_know`: there is a way to say so. `may_keep_to_oneself`: letting go says "I'd rather not say".
    """
    said = text.strip()
    if _finds(TWO_IN_ONE, language, said):
        yield Lint(Code.TWO_IN_ONE)
    if found := _finds(AGREE, language, said):
        yield Lint(Code.AGREE, found)
    if (words := longest_sentence(said)) > LONG:
        yield Lint(Code.LONG, str(words))
    for word, better in OFFICIAL.get(language, {}).items():
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said, re.IGNORECASE):
            yield Lint(Code.OFFICIAL, word, better)
    if not may_keep_to_oneself:
        for pattern, subject in SENSITIVE.get(language, {}).items():
            if re.search(rf"\b(?:{pattern})", said, re.IGNORECASE):
                yield Lint(Code.SENSITIVE, subject)
    if not can_say_dont_know and _finds(FACT, language, said) and not _finds(OWN_DOING, language, said):
        yield Lint(Code.GUESS)


def longest_sentence(text: str) -> int:
    """Words in the longest sentence of a text."""
    return max((len(sentence.split()) for sentence in re.split(r"[.?!]+\s", text)), default=0)


def _finds(patterns: Mapping[str, str], language: str, text: str) -> str:
    pattern = patterns.get(language)
    found = re.search(pattern, text, re.IGNORECASE) if pattern else None
    return found.group() if found else ""
