"""Recognises skills in free text, Dutch and English; deliberately modest.

A phrase is a list of prefixes of words that must all occur in one sentence: “fiets repar” matches “ik
repareer oude fietsen”. A prefix of three letters or fewer must be the whole word. A sentence with “not” in it
matches nothing.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

SKILL_WORDS: Mapping[str, tuple[str, ...]] = {
    "handy": (
        "klus", "repar", "timmer", "schilder", "behang", "gereedschap", "fietsen maken", "fiets maken", "band plak",
        "lamp ophang", "handig", "tuin", "schoffel", "snoei", "technisch", "naaien", "naaimachine", "repair", "fix",
        "carpent", "paint", "bicycle", "bike", "diy", "garden", "sewing", "handy",
    ),
    "care": (
        "mantelzorg", "bezoek", "gezelschap", "luister", "oppas", "babysit", "wandelen met", "ouderen", "boodschap",
        "zorgen voor", "verzorg", "care", "visit", "listen", "elderly", "babysitting", "errand", "keep company",
    ),
    "cook": (
        "koken", "kook", "kok", "bak", "bakken", "gastvrij", "gastheer", "gastvrouw", "koffie schenk", "barbecue",
        "soep", "eten maken", "eten maak", "cook", "bake", "baking", "host", "kitchen", "soup",
    ),
    "organise": (
        "organis", "plann", "boekhoud", "penningmeester", "subsidie", "evenement", "voorzit", "notul", "regel",
        "organiz", "event", "treasurer", "bookkeep", "chair a", "minutes of",
    ),
    "connect": (
        "verbind", "netwerk", "bemiddel", "praten met", "contact legg", "gespreksleid", "mensen kennen", "flyer",
        "connect", "network", "mediat", "talk to people", "talking to people",
    ),
    "language": (
        "taalles", "nederlandse les", "voorlees", "voorlez", "lezen en schrijv", "formulier", "brieven", "vertaal",
        "vertal", "tolk", "administratie", "belasting", "huiswerk", "bijles", "form", "letters", "translat",
        "interpret", "reading aloud", "homework", "tutor",
    ),
    "digital": (
        "computer", "digitaal", "website", "internet", "telefoon uitleg", "smartphone", "tablet", "app", "apps",
        "sociale media", "social media", "foto", "film", "digital", "phone help", "photo", "video",
    ),
    "creative": (
        "muziek", "gitaar", "piano", "zing", "koor", "tekenen", "knutsel", "toneel", "theater", "dans", "handwerk",
        "breien", "creatie", "music", "guitar", "sing", "singing", "choir", "draw", "craft", "theatre", "danc",
        "knit", "creativ",
    ),
    "sport": (
        "sport", "voetbal", "trainer", "coach", "gym", "yoga", "wandelgroep", "spelletj", "spelen met kind",
        "schaak", "kaarten", "football", "game", "chess", "cycling", "running group",
    ),
    "green": (
        "moestuin", "plant", "groen", "boom", "bomen", "hond", "honden", "dier", "kippen", "natuur", "bijen",
        "tuinier", "tuin", "green", "tree", "dog", "dogs", "animal", "nature", "vegetable garden", "gardening",
    ),
    "drive": (
        "rij", "rijd", "rijbewijs", "chauffeur", "auto", "bus rijden", "bakfiets", "vervoer", "verhuiz", "driv",
        "driving licen", "car", "van", "cargo bike", "transport", "moving house",
    ),
    "trade": (
        "verpleeg", "arts", "huisarts", "jurist", "advocaat", "docent", "leraar", "leerkracht", "architect",
        "aannemer", "elektricien", "loodgieter", "fysiotherap", "nurse", "doctor", "lawyer", "teacher", "builder",
        "electrician", "plumber",
    ),
    "space": (
        "ruimte", "zaal", "schuur", "lenen", "uitlenen", "aanhanger", "partytent", "gereedschap uitl", "bus lenen",
        "room", "barn", "lend", "trailer", "party tent",
    ),
}  # fmt: skip
NEGATIONS = frozenset({"niet", "geen", "nooit", "not", "no", "never", "don't", "cannot", "can't"})
WHOLE_WORD_MAX_LENGTH = 3
SENTENCE_BREAK = re.compile(r"[.,;:!?\n]+|\b(?:maar|but)\b")
WORD_PATTERN = re.compile(r"[a-z']+")
Phrases = tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


def skills_in(text: str) -> frozenset[str]:
    return _matched_skills(text, _phrases())


def _matched_skills(text: str, phrases: Phrases) -> frozenset[str]:
    found: set[str] = set()
    for sentence in SENTENCE_BREAK.split(_plain(text)):
        words = WORD_PATTERN.findall(sentence)
        if words and NEGATIONS.isdisjoint(words):
            found |= {
                name
                for name, several in phrases
                if any(all(_matches_at_start(part, words) for part in parts) for parts in several)
            }
    return frozenset(found)


def _matches_at_start(beginning: str, words: list[str]) -> bool:
    if len(beginning) <= WHOLE_WORD_MAX_LENGTH:
        return beginning in words
    return any(word.startswith(beginning) for word in words)


@cache
def _phrases() -> Phrases:
    return tuple(
        (name, tuple(tuple(WORD_PATTERN.findall(_plain(phrase))) for phrase in phrases))
        for name, phrases in SKILL_WORDS.items()
    )


def _plain(text: str) -> str:
    """Casefolded, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
