"""Remarks on wording, as a colleague who reads along would make them. Hints, never a verdict.

They look for wording known to give worse answers (two questions in one, agree or disagree, steering, guessing
at facts), or that is not plain language (neighbourhoods.advice.plain_language).
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from neighbourhoods.advice.plain_language import LintFinding as Lint
from neighbourhoods.advice.plain_language import find_pattern, pattern_of, plain_language, remembered

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


@remembered
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
    yield from plain_language(said, language)
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


@remembered
def use_lints(text: str, language: str) -> Iterator[Lint]:
    """Remarks on the text that says what happens with the answer."""
    if found := find_pattern(NO_USE, language, text):
        yield Lint(LintCode.NO_USE, found)
    elif 0 < len(text.split()) < FEWEST_WORDS_OF_USE:
        yield Lint(LintCode.NO_USE, text.strip())


def double_negative(text: str, language: str) -> str:
    return find_pattern(DOUBLE_NEGATIVE, language, text)
