"""Remarks on how something is put, as a colleague who reads along would make them. Hints, never a verdict.

What they look for is known to give worse answers (two questions in one, agree or disagree, steering, guessing at
facts), or is plain language's first rule. No level is claimed: "B1 verified" can't be had from a word list. How hard
a longer Dutch text reads is told by the formula of Douma (1960), the Dutch version of Flesch's; for short ones the
long words are named. Packages that parse the language (LiNT-II) were weighed: they bring some 200 MB along.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

Said = ParamSpec("Said")
Found = TypeVar("Found")

LONG = 20
"""Words in one sentence, beyond which people read it twice."""
WORDS_TO_MEASURE = 20
"""Fewer words say nothing about how a text reads."""
HARD = 50
"""Douma's measure under which a text is called fairly difficult. Newspapers for everybody stay above it."""
FEWEST_WORDS_OF_USE = 4


class Code(StrEnum):
    TWO_IN_ONE = "two_in_one"
    AGREE = "agree"
    LEADING = "leading"
    LONG = "long"
    LONG_WORD = "long_word"
    HARD = "hard"
    OFFICIAL = "official"
    SENSITIVE = "sensitive"
    GUESS = "guess"
    NO_USE = "no_use"
    DOUBLE_NEGATIVE = "double_negative"
    LONG_ANSWER = "long_answer"
    TWO_ANSWERS = "two_answers"
    LEADING_ANSWER = "leading_answer"
    SAME_ANSWER = "same_answer"
    OVERLAP = "overlap"


@dataclass(frozen=True)
class Lint:
    """`found` is the word or number it is about, `better` a word neighbours would use, or ""."""

    code: Code
    found: str = ""
    better: str = ""


_BEFORE_EENS = "(?<!wel )(?<!nog )(?<!weer )(?<!niet )(?<!ook )(?<!maar )(?<!al )(?<!gewoon )"
# Two questions, or one verdict on two things at once.
TWO_IN_ONE = {
    "nl": r"\?.+\?|\b(?:en|of) (?:hoe|wat|waar|wanneer|waarom|wie|welke?)\b"
    r"|\b(?:tevreden|vindt u|oordeelt u)\b[^?.,]*\ben (?:de|het|over|met)\b",
    "en": r"\?.+\?|\b(?:and|or) (?:how|what|where|when|why|who|which)\b"
    r"|\b(?:satisfied|happy|do you think of|do you like)\b[^?.,]*\band (?:the|with|about)\b",
}
AGREE = {
    "nl": rf"\boneens\b|\b(?:bent|ben|is|zijn|hoeverre|mee|ermee)\b[^?.]*{_BEFORE_EENS}\beens\b|\bakkoord met\b",
    "en": r"\bdisagree(?:s|d)?\b|\bagree(?:s|d)? (?:or|with|that)\b|\bdo you agree\b",
}
LEADING = {
    "nl": r"\b(?:vindt|wilt|bent|denkt|ziet) u (?:niet )?ook\b|\b(?:vindt|denkt) u (?:eigenlijk )?niet dat\b"
    r"|\b(?:natuurlijk|uiteraard|immers|vanzelfsprekend)\b"
    r"|\bnietwaar\b|\bniet waar\b|\bhoe (?:fijn|mooi|erg|slecht|vervelend|vreselijk|prettig) vindt u\b"
    r"|\b(?:prachtige?|geweldige?|broodnodige?|onverantwoorde?|onveilige|gevaarlijke) \w+",
    "en": r"\b(?:don't|wouldn't|isn't|aren't|shouldn't) (?:you|it|we|they)\b|\bdo you not think\b"
    r"|\b(?:obviously|of course|surely)\b"
    r"|\bhow (?:great|terrible|awful|nice|bad|dangerous) (?:is|are|do|was)\b"
    r"|\b(?:wonderful|much needed|dangerous|unsafe|irresponsible) \w+",
}
# A no upon a no: who agrees with it has to say no. “Bijna niet of niet” is a choice, and no such thing.
_NO = {
    "nl": r"(?:niet|geen|niets|niks|nooit|niemand|nergens)",
    "en": r"(?:not|\w+n't|cannot|no|never|nobody|no one|none|nothing|nowhere)",
}
_AGAINST = {
    "nl": r"on(?:veilig|prettig|vriendelijk|nodig|gezond|eens|belangrijk|terecht|tevreden|mogelijk|wenselijk|juist)e?"
    r"|verboden|verbieden|afgeschaft|afschaffen|te weigeren",
    "en": r"un(?:safe|happy|pleasant|friendly|necessary|healthy|important|fair|desirable|reasonable)"
    r"|disagree|dislike|forbid|forbidden|banned|prohibited|abolished|refuse|opposed",
}
DOUBLE_NEGATIVE = {
    "nl": rf"\b{_NO['nl']}\b(?:(?!\b(?:of|en|maar|dan|omdat|want|als|wanneer|terwijl|zodat)\b)[^.?!;])*?"
    rf"\b(?:{_NO['nl']}|{_AGAINST['nl']})\b"
    r"|\bbent u (?:er )?niet tegen\b",
    "en": rf"\b{_NO['en']}\b(?:(?!\b(?:or|and|but|than|because|if|when|while|so|since)\b)[^.?!;])*?"
    rf"\b(?:{_NO['en']}|{_AGAINST['en']})\b"
    r"|\b(?:are you not|aren't you) against\b",
}
FACT = {
    "nl": r"^(?:hoe (?:vaak|veel|ver|lang|hoog|groot)|hoeveel)\b",
    "en": r"^how (?:often|many|much|far|long|high|big)\b",
}
# What somebody does, has or would like is known to them.
OWN_DOING = {
    "nl": r"\b\w+t u\b|\b(?:bent|zou|kunt|mag|moet|gaat) u\b|\bvoor u\b|\b(?:ben|heb|kom|ga|doe|wil) jij?e?\b",
    "en": r"\b(?:do|did|have|are|were|would|will|can) you\b|\bfor you\b|\byour (?:stop|street)\b",
}
# Says that something is done, and not what.
NO_USE = {
    "nl": r"\b(?:neem|neemt|nemen)\b[^.]*\bmee\b|\bmeenemen\b|\bter informatie\b|\binzicht (?:te )?krijgen\b"
    r"|\bin kaart\b|\binventariser\w+|\bvoor (?:het|ons) beleid\b|\bworden? gebruikt\b",
    "en": r"\binto account\b|\bgain insight\b|\bfor information\b|\bwill be used\b"
    r"|\binforms? (?:our )?policy\b|\bto map\b",
}
# What offices say -> what people say.
OFFICIAL: Mapping[str, Mapping[str, str]] = {
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
SENSITIVE: Mapping[str, Mapping[str, str]] = {
    "nl": {
        r"gezond(?!heidscentr)|ziek(?!enhui)|depress|huisarts\b|medicijn|handicap|lichamelijke beperking": "gezondheid",
        r"gelovig|geloof|religie|kerkgang|(?:naar|van) (?:de|een) (?:kerk|moskee|tempel|synagoge)\b": "geloof",
        r"inkomen|schuld(?:en)?\b|uitkering|rondkomen|salaris": "geld",
        r"afkomst|nationaliteit|geboren|herkomst": "afkomst",
        r"stemt u|stemde u|gestemd|politieke partij": "politiek",
        r"seksue|geaardheid": "seksualiteit",
    },
    "en": {
        r"health(?! cent)|ill(?:ness)?\b|depress|medicine|disab|disease": "health",
        r"religio|your faith|(?:go|going) to (?:church|mosque|temple|synagogue)": "religion",
        r"income|debts?\b|on benefits|make ends meet|salary": "money",
        r"descent|nationality|were you born|ethnic": "descent",
        r"vote for|did you vote|political party": "politics",
        r"sexual": "sexuality",
    },
}
# Letters from which a word is hard to read on a phone: one of the first number, or two of the second.
LONG_WORDS = {"nl": (18, 15), "en": (16, 14)}
_COMPILED: dict[str, re.Pattern[str]] = {}


def remembered(find: Callable[Said, Iterator[Found]]) -> Callable[Said, tuple[Found, ...]]:
    """The same words get the same remarks: a page looks at a whole survey, of which one text changed."""

    @wraps(find)
    def found(*args: Said.args, **kwargs: Said.kwargs) -> tuple[Found, ...]:
        return tuple(find(*args, **kwargs))

    return lru_cache(maxsize=8192)(found)  # type: ignore[return-value]  # all that is said is text and yes or no


@remembered
def lints(text: str, language: str, *, can_say_dont_know: bool, may_keep_to_oneself: bool) -> Iterator[Lint]:
    """Remarks on one question in one language; other languages than these get those on length alone.

    `can_say_dont_know`: there is a way to say so. `may_keep_to_oneself`: letting go says "I'd rather not say".
    """
    said = text.strip()
    if find(TWO_IN_ONE, language, said):
        yield Lint(Code.TWO_IN_ONE)
    if found := find(AGREE, language, said):
        yield Lint(Code.AGREE, found)
    if found := find(LEADING, language, said):
        yield Lint(Code.LEADING, found)
    if found := double_negative(said, language):
        yield Lint(Code.DOUBLE_NEGATIVE, found)
    yield from plain_language(said, language)
    if not may_keep_to_oneself:
        for pattern, subject in SENSITIVE.get(language, {}).items():
            if _pattern(rf"\b(?:{pattern})").search(said):
                yield Lint(Code.SENSITIVE, subject)
    if not can_say_dont_know and find(FACT, language, said) and not find(OWN_DOING, language, said):
        yield Lint(Code.GUESS)


@remembered
def plain_language(text: str, language: str) -> Iterator[Lint]:
    """Remarks on any text that residents read."""
    if (words := longest_sentence(text)) > LONG:
        yield Lint(Code.LONG, str(words))
    official = OFFICIAL.get(language, {})
    for word, better in official.items():
        if _pattern(rf"(?<!\w){re.escape(word)}(?!\w)").search(text):
            yield Lint(Code.OFFICIAL, word, better)
    if found := [word for word in long_words(text, language) if word.lower() not in official]:
        yield Lint(Code.LONG_WORD, ", ".join(found[:2]))
    elif language == "nl" and (ease := douma(text)) is not None and ease < HARD:
        yield Lint(Code.HARD, str(round(ease)))


@remembered
def use_lints(text: str, language: str) -> Iterator[Lint]:
    """Remarks on what is said to happen with the answer."""
    if found := find(NO_USE, language, text):
        yield Lint(Code.NO_USE, found)
    elif 0 < len(text.split()) < FEWEST_WORDS_OF_USE:
        yield Lint(Code.NO_USE, text.strip())


def longest_sentence(text: str) -> int:
    """Words in the longest sentence of a text."""
    return max((len(sentence.split()) for sentence in re.split(r"[.?!:;]+\s", text)), default=0)


def long_words(text: str, language: str) -> list[str]:
    """Words too long for a phone: a very long one, or two long ones together."""
    if language not in LONG_WORDS:
        return []
    one, two = LONG_WORDS[language]
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    longest = [part for word in words for part in word.split("-") if len(part) >= two]
    very_long = [word for word in longest if len(word) >= one]
    return very_long or (longest if len(longest) > 1 else [])


def douma(text: str) -> float | None:
    """How easily a Dutch text reads, from 0 (hard) to 100; None for one too short to say."""
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) < WORDS_TO_MEASURE:
        return None
    sentences = max(1, len(re.findall(r"[.?!:;]+(?:\s|$)", text)))
    syllables = sum(max(1, len(re.findall(r"[aeiouyáéèëêïíóöúü]+|ij", word.lower()))) for word in words)
    return 206.84 - 77 * syllables / len(words) - 0.93 * len(words) / sentences


def double_negative(text: str, language: str) -> str:
    """The words of a text that say no to a no."""
    return find(DOUBLE_NEGATIVE, language, text)


def find(patterns: Mapping[str, str], language: str, text: str) -> str:
    """What of a text one of these patterns is about, or ""."""
    pattern = patterns.get(language)
    found = _pattern(pattern).search(text.replace("’", "'")) if pattern else None
    return found.group() if found else ""


def _pattern(source: str) -> re.Pattern[str]:
    """Compiled once: a draft of a hundred questions is read on every page of the builder."""
    if source not in _COMPILED:
        _COMPILED[source] = re.compile(source, re.IGNORECASE)
    return _COMPILED[source]
