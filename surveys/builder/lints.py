"""Lints of the wording of questions and of answers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import inf
from typing import NamedTuple

from neighbourhoods.advice.plain_language import LintFinding as Lint
from neighbourhoods.advice.plain_language import (
    cache_findings,
    find_pattern,
    find_plain_language_issues,
    pattern_of,
)

# Lints for question wording. Findings are warnings: they never block publication.
#
# They look for wording known to give worse answers (two questions in one, agree or disagree, steering, guessing
# at facts), or that is not plain language (neighbourhoods.advice.plain_language).


FEWEST_WORDS_OF_USE = 4


class LintCode(StrEnum):
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


_BEFORE_EENS = "(?<!wel )(?<!nog )(?<!weer )(?<!niet )(?<!ook )(?<!maar )(?<!al )(?<!gewoon )"
# Two questions in one, or one verdict on two things.
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
# Double negation: to agree, one has to say no. “Bijna niet of niet” is a choice, not a double negation.
_NEGATION_PATTERNS = {
    "nl": r"(?:niet|geen|niets|niks|nooit|niemand|nergens)",
    "en": r"(?:not|\w+n't|cannot|no|never|nobody|no one|none|nothing|nowhere)",
}
_NEGATIVE_WORD_PATTERNS = {
    "nl": r"on(?:veilig|prettig|vriendelijk|nodig|gezond|eens|belangrijk|terecht|tevreden|mogelijk|wenselijk|juist)e?"
    r"|verboden|verbieden|afgeschaft|afschaffen|te weigeren",
    "en": r"un(?:safe|happy|pleasant|friendly|necessary|healthy|important|fair|desirable|reasonable)"
    r"|disagree|dislike|forbid|forbidden|banned|prohibited|abolished|refuse|opposed",
}
DOUBLE_NEGATIVE = {
    "nl": rf"\b{_NEGATION_PATTERNS['nl']}\b(?:(?!\b(?:of|en|maar|dan|omdat|want|als|wanneer|terwijl|zodat)\b)[^.?!;])*?"
    rf"\b(?:{_NEGATION_PATTERNS['nl']}|{_NEGATIVE_WORD_PATTERNS['nl']})\b"
    r"|\bbent u (?:er )?niet tegen\b",
    "en": rf"\b{_NEGATION_PATTERNS['en']}\b(?:(?!\b(?:or|and|but|than|because|if|when|while|so|since)\b)[^.?!;])*?"
    rf"\b(?:{_NEGATION_PATTERNS['en']}|{_NEGATIVE_WORD_PATTERNS['en']})\b"
    r"|\b(?:are you not|aren't you) against\b",
}
FACT = {
    "nl": r"^(?:hoe (?:vaak|veel|ver|lang|hoog|groot)|hoeveel)\b",
    "en": r"^how (?:often|many|much|far|long|high|big)\b",
}
# People know what they do, have or would like.
OWN_DOING = {
    "nl": r"\b\w+t u\b|\b(?:bent|zou|kunt|mag|moet|gaat) u\b|\bvoor u\b|\b(?:ben|heb|kom|ga|doe|wil) jij?e?\b",
    "en": r"\b(?:do|did|have|are|were|would|will|can) you\b|\bfor you\b|\byour (?:stop|street)\b",
}
# Says that something is done, but not what.
NO_USE = {
    "nl": r"\b(?:neem|neemt|nemen)\b[^.]*\bmee\b|\bmeenemen\b|\bter informatie\b|\binzicht (?:te )?krijgen\b"
    r"|\bin kaart\b|\binventariser\w+|\bvoor (?:het|ons) beleid\b|\bworden? gebruikt\b",
    "en": r"\binto account\b|\bgain insight\b|\bfor information\b|\bwill be used\b"
    r"|\binforms? (?:our )?policy\b|\bto map\b",
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


@cache_findings
def lints(text: str, language: str, *, can_say_dont_know: bool, may_keep_to_oneself: bool) -> Iterator[Lint]:
    """Remarks on one question in one language; languages without patterns only get those on length.

    `can_say_dont_know`: an option or the skip button says so. `may_keep_to_oneself`: the skip button says "I'd
    rather not say".
    """
    said = text.strip()
    if find_pattern(TWO_IN_ONE, language, said):
        yield Lint(LintCode.TWO_IN_ONE)
    if found := find_pattern(AGREE, language, said):
        yield Lint(LintCode.AGREE, found)
    if found := find_pattern(LEADING, language, said):
        yield Lint(LintCode.LEADING, found)
    if found := double_negative(said, language):
        yield Lint(LintCode.DOUBLE_NEGATIVE, found)
    yield from find_plain_language_issues(said, language)
    if not may_keep_to_oneself:
        for pattern, subject in SENSITIVE.get(language, {}).items():
            if pattern_of(rf"\b(?:{pattern})").search(said):
                yield Lint(LintCode.SENSITIVE, subject)
    if (
        not can_say_dont_know
        and find_pattern(FACT, language, said)
        and not find_pattern(OWN_DOING, language, said)
    ):
        yield Lint(LintCode.GUESS)


@cache_findings
def use_lints(text: str, language: str) -> Iterator[Lint]:
    """Remarks on the text that says what happens with the answer."""
    if found := find_pattern(NO_USE, language, text):
        yield Lint(LintCode.NO_USE, found)
    elif 0 < len(text.split()) < FEWEST_WORDS_OF_USE:
        yield Lint(LintCode.NO_USE, text.strip())


def double_negative(text: str, language: str) -> str:
    return find_pattern(DOUBLE_NEGATIVE, language, text)


# Remarks on the answers of a question, one by one and compared with each other. Hints, as in
# surveys/builder/lints.py.
#
# Respondents tap one answer on a phone. An answer should therefore be short, neutral and about one thing, and
# must not overlap with another answer.


LONG_ANSWER = 10
"""Words in one answer; longer takes three lines on a phone."""
TWO_ANSWERS = {
    "nl": r"^(?:ja|nee)\b[,;:]? (?:en|maar|of) \w+|\ben/of\b|[,;] (?:en|maar) (?:ik|wij|we|u|het|er|dat) \w+",
    "en": r"^(?:yes|no)\b[,;:]? (?:and|but|or) \w+|\band/or\b|[,;] (?:and|but) (?:i|we|you|it|there|that) \w+",
}
# Other words than in a question: “gevaarlijke kruising” names something to choose, and does not steer.
LEADING_ANSWERS = {
    "nl": r"\b(?:uiteraard|vanzelfsprekend|immers|gelukkig|helaas|nietwaar)\b"
    r"|\bnatuurlijk(?= (?:wel|niet|moet|wil|vind)\b|[,.!]|$)"
    r"|\b(?:prachtige?|geweldige?|broodnodige?|onverantwoorde?|schandalige?|onzinnige?|verspilling van)\b",
    "en": r"\b(?:of course|obviously|surely|naturally|fortunately|unfortunately|sadly)\b"
    r"|\b(?:wonderful|great idea|much needed|irresponsible|disgraceful|a waste of)\b",
}
# An opening “Yes, ” or “No, ” does not negate what follows.
OPENING = re.compile(r"^(?:ja|nee|yes|no)\b[\s,.;:]*", re.IGNORECASE)
# Different words for one answer, between which a respondent could not choose.
SYNONYM_GROUPS = {
    "nl": (
        ("weet ik niet", "ik weet het niet", "weet niet", "geen idee", "onbekend"),
        ("anders", "iets anders", "overig", "overige", "anders, namelijk"),
        ("soms", "af en toe", "een enkele keer", "nu en dan"),
        ("vaak", "regelmatig", "dikwijls"),
        ("zelden", "bijna nooit", "haast nooit"),
        ("elke dag", "iedere dag", "dagelijks"),
        (
            "elke week",
            "iedere week",
            "wekelijks",
            "1 keer per week",
            "een keer per week",
            "één keer per week",
        ),
        ("elke maand", "iedere maand", "maandelijks", "1 keer per maand", "een keer per maand"),
        ("elk jaar", "ieder jaar", "jaarlijks", "1 keer per jaar", "een keer per jaar"),
        ("lopend", "te voet", "wandelend"),
        ("op de fiets", "met de fiets", "fietsend", "fiets"),
        ("met de auto", "auto"),
        ("met de bus", "bus"),
        ("gaat wel", "matig", "redelijk"),
        ("niet fijn", "onprettig", "niet prettig", "vervelend"),
        ("fijn", "prettig"),
        ("goedkoop", "niet duur"),
        ("geen mening", "ik heb geen mening"),
        ("maakt niet uit", "het maakt mij niet uit", "maakt mij niet uit"),
        ("geen", "geen van deze", "niets", "geen enkele"),
    ),
    "en": (
        ("i don't know", "don't know", "do not know", "no idea", "unknown"),
        ("other", "something else", "another", "otherwise", "other, namely"),
        ("sometimes", "now and then", "occasionally", "once in a while"),
        ("often", "regularly", "frequently"),
        ("seldom", "rarely", "hardly ever", "almost never"),
        ("every day", "each day", "daily"),
        ("every week", "each week", "weekly", "once a week"),
        ("every month", "each month", "monthly", "once a month"),
        ("every year", "each year", "yearly", "once a year"),
        ("on foot", "walking"),
        ("by bicycle", "by bike", "cycling", "bicycle"),
        ("by car", "car", "driving"),
        ("by bus", "bus"),
        ("so-so", "fair", "average"),
        ("not good", "bad", "poor"),
        ("no opinion", "i have no opinion"),
        ("it is all the same to me", "i don't mind", "no preference"),
        ("none", "none of these", "nothing"),
    ),
}
# Words that make no difference between two answers, and words that give the order of the others a meaning.
STOP_WORDS = {
    "nl": frozenset(["de", "het", "een", "en", "of", "'s"]),
    "en": frozenset(["the", "a", "an", "and", "or"]),
}
ORDERED = {
    "nl": frozenset(["naar", "van", "tot", "dan", "voor", "na", "tegen"]),
    "en": frozenset(["to", "from", "than", "before", "after", "against", "of", "for"]),
}


@dataclass(frozen=True)
class ClashingAnswers:
    """Two answers that conflict, by their index in the list."""

    code: LintCode
    first: int
    second: int


class NumberRange(NamedTuple):
    """The numbers that an answer covers, and their unit: 10 to 20 minutes."""

    least: float
    most: float
    of: str
    with_least: bool = True
    with_most: bool = True

    def meets(self, other: "NumberRange") -> bool:
        if self.of and other.of and self.of != other.of:
            return False
        low, high = sorted((self, other), key=lambda each: (each.least, not each.with_least))
        return high.least < low.most or (high.least == low.most and high.with_least and low.with_most)


@cache_findings
def answer_lints(text: str, language: str, *, is_statement: bool = False) -> Iterator[Lint]:
    """Remarks on one answer in one language. A statement is a sentence to react to, so it may be long."""
    said = text.strip()
    words = len(said.split())
    if words > LONG_ANSWER and not is_statement:
        yield Lint(LintCode.LONG_ANSWER, str(words))
    if found := find_pattern(TWO_ANSWERS, language, said):
        yield Lint(LintCode.TWO_ANSWERS, found)
    if found := find_pattern(LEADING_ANSWERS, language, said):
        yield Lint(LintCode.LEADING_ANSWER, found)
    if found := double_negative(OPENING.sub("", said), language):
        yield Lint(LintCode.DOUBLE_NEGATIVE, found)
    for lint in find_plain_language_issues(said, language):
        if lint.code is not LintCode.LONG or is_statement:
            yield lint


@cache_findings
def pair_lints(labels: tuple[str, ...], language: str) -> Iterator[ClashingAnswers]:
    """Answers of one question that overlap or mean the same. Identical answers are refused elsewhere."""
    alike = [_similarity_key(label, language) for label in labels]
    ranges = [range_of(label, language) for label in labels]
    for first, second in combinations(range(len(labels)), 2):
        if not labels[first].strip() or labels[first].strip().lower() == labels[second].strip().lower():
            continue
        one, other = ranges[first], ranges[second]
        if alike[first] and alike[first] == alike[second]:
            yield ClashingAnswers(LintCode.SAME_ANSWER, first, second)
        elif one and other and one.meets(other):
            yield ClashingAnswers(LintCode.OVERLAP, first, second)


def _similarity_key(label: str, language: str) -> str:
    """A key that is equal for answers that say the same in other words, or in another order."""
    said = re.sub(r"\s+", " ", re.sub(r"[^\w\s,'-]", " ", label.replace("’", "'").lower())).strip(" ,")
    for number, group in enumerate(SYNONYM_GROUPS.get(language, ())):
        if said in group:
            return f"group {number}"
    words = re.findall(r"[\w'-]+", said)
    if language not in STOP_WORDS or ORDERED[language] & set(words):
        return said
    return " ".join(sorted(word for word in words if word not in STOP_WORDS[language])) or said


_NUMBER = r"(?:€ ?)?(\d+(?:[.,:]\d+)*)(?: ?(?:€|euro|%))?"
_AGE = {"nl": r" ?\b(?:jaar(?: oud)?|oud)\b", "en": r" ?\b(?:years?(?: old)?|old)\b"}
# Parts of a day end where the next begins: 10-12 and 12-14 do not overlap.
_CLOCK = re.compile(r"\d[.:]\d\d\b|\b(?:am|pm|o'clock|uur)\b")
_EARLIEST = 7
# Pattern -> where the range begins and ends: a letter per number; a capital is inclusive.
_SHAPES: Mapping[str, Sequence[tuple[str, str]]] = {
    "nl": (
        (rf"(?:van |tussen )?{_NUMBER} ?(?:-|–|—|t/m|tot en met) ?{_NUMBER}", "AB"),
        (rf"(?:tussen )(?:de )?{_NUMBER} en {_NUMBER}", "AB"),
        (rf"(?:van )?{_NUMBER} tot {_NUMBER}", "Ab"),
        (
            rf"(?:meer|ouder|langer|hoger|verder|groter|later) dan {_NUMBER}|(?:boven|na) (?:de )?{_NUMBER}",
            "a",
        ),
        (rf"{_NUMBER}(?: \w+)? (?:of|en) (?:meer|ouder|langer|hoger|verder|groter|later)|{_NUMBER} ?\+", "A"),
        (rf"(?:vanaf|minstens|ten minste|sinds) {_NUMBER}", "A"),
        (
            rf"(?:minder|jonger|korter|lager|kleiner|eerder) dan {_NUMBER}|(?:onder|vóór|voor) (?:de )?{_NUMBER}",
            "b",
        ),
        (rf"{_NUMBER}(?: \w+)? (?:of|en) (?:minder|jonger|korter|lager|kleiner|eerder)", "B"),
        (rf"(?:hoogstens|hooguit|maximaal|ten hoogste|t/m|tot en met) {_NUMBER}", "B"),
        (rf"tot {_NUMBER}", "b"),
    ),
    "en": (
        (rf"(?:from |between |of )?{_NUMBER} ?(?:-|–|—|to|through|up to) ?{_NUMBER}", "AB"),
        (rf"between {_NUMBER} and {_NUMBER}", "AB"),
        (
            rf"(?:more|older|longer|higher|further|larger|later) than {_NUMBER}|(?:over|above|after) {_NUMBER}",
            "a",
        ),
        (
            rf"{_NUMBER}(?: \w+)? (?:or|and) (?:more|older|longer|higher|further|larger|later|over)|{_NUMBER} ?\+",
            "A",
        ),
        (rf"(?:at least|since|from) {_NUMBER}", "A"),
        (
            rf"(?:less|fewer|younger|shorter|lower|smaller|earlier) than {_NUMBER}|(?:under|below|before) {_NUMBER}",
            "b",
        ),
        (rf"{_NUMBER}(?: \w+)? (?:or|and) (?:less|fewer|younger|shorter|lower|smaller|earlier|under)", "B"),
        (rf"(?:at most|no more than|up to) {_NUMBER}", "B"),
    ),
}
_EITHER_NUMBER_PATTERNS = {"nl": rf"{_NUMBER} of {_NUMBER}", "en": rf"{_NUMBER} or {_NUMBER}"}


def range_of(label: str, language: str) -> NumberRange | None:
    """The numbers an answer covers, or None if it has none, or in a form that this cannot read.

    Dutch “tot” excludes the number; English “to” includes it, as readers do who find it in two answers.
    """
    said = re.sub(r"\s+", " ", re.sub(_AGE.get(language, "(?!)"), "", label.lower())).strip()
    for pattern, shape in (
        *_SHAPES.get(language, ()),
        (_EITHER_NUMBER_PATTERNS.get(language, "(?!)"), "AB"),
        (_NUMBER, "AA"),
    ):
        found = re.search(rf"(?<![\w.,])(?:{pattern})(?!\w)", said)
        if not found:
            continue
        rest = f"{said[: found.start()]} {said[found.end() :]}"
        numbers = [_number(group) for group in found.groups() if group is not None]
        if re.search(r"\d", rest) or (shape == "AA" and len(rest.split()) > 1):
            return None
        least = numbers[0] if shape[0] in "aA" else -inf
        most = numbers[-1] if shape[-1] in "bB" or shape == "AA" else inf
        is_slot = shape == "AB" and least >= _EARLIEST and _CLOCK.search(said)
        return NumberRange(
            least, most, " ".join(rest.split()), shape[0] != "a", shape[-1] != "b" and not is_slot
        )
    return None


def _number(said: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", said):
        return float(re.sub(r"\D", "", said))
    whole, *parts = re.split(r"[.,:]", said)
    return float(f"{whole}.{''.join(parts) or 0}")
