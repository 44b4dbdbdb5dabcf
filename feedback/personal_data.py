"""Finds personal data that is no contact detail: BSN, IBAN, documents, plates, dates of birth, addresses, names.

The words are in screening.toml; feedback/screening.py puts all kinds together and says how good they are.

A number counts when its proof fits (BSN: elevens, IBAN: modulo 97) and no word before it calls it something else.
A date counts near a word that tells of birth. A name counts after a word that announces one; after a word that may
do so, only a known first name, an initial or a name of two words counts.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("screening.toml").read_text("utf-8"))


class PersonalDataKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    BSN = "bsn"
    IBAN = "iban"
    BIRTH_DATE = "birth_date"
    DOCUMENT = "document"
    PLATE = "plate"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, order=True)
class MaskSpan:
    """A span to mask: `text[start:end]`."""

    start: int
    end: int
    kind: PersonalDataKind


def _any(words: Iterable[str]) -> str:
    """A pattern for one of `words`, the longest first."""
    return rf"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


def _sentence_before(text: str, place: int, most: int) -> str:
    """The words of the same sentence before `place`. A full stop within an abbreviation ends none."""
    return re.split(r"[!?\n]|\.\s+(?=[A-Z])", text[max(place - most, 0) : place])[-1]


def _sentence_after(text: str, place: int, most: int) -> str:
    return re.split(r"[!?\n]|\.\s", text[place : place + most])[0]


# --- numbers with a proof -------------------------------------------------------------------------


def passes_eleven_proof(digits: str) -> bool:
    """Whether nine digits may be a BSN: weights 9 to 2 and -1, a sum that eleven divides."""
    if not re.fullmatch(r"[0-9]{9}", digits) or not digits.strip("0"):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0


def passes_mod_97(iban: str) -> bool:
    """Whether an IBAN without spaces has the length of its country and the right check digits."""
    iban = iban.upper()
    if WORDS["iban"]["lengths"].get(iban[:2]) != len(iban) or not re.fullmatch(
        r"[A-Z]{2}\d\d[A-Z0-9]+", iban
    ):
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[ .-]?\d{2}(?:[ .\u00a0-]{0,2}[A-Z0-9]){11,30}", re.IGNORECASE)


def ibans(text: str) -> Iterator[MaskSpan]:
    for match in _IBAN.finditer(text):
        length = WORDS["iban"]["lengths"].get(match[0][:2].upper(), 0)
        places = [place for place, char in enumerate(match[0]) if char.isalnum()][:length]
        if places and passes_mod_97("".join(match[0][place] for place in places)):
            end = match.start() + places[-1] + 1
            if not text[end : end + 1].isdigit():
                yield MaskSpan(match.start(), end, PersonalDataKind.IBAN)


_DIGITS_OF_BSN = re.compile(
    r"(?<![\w+])(?<!\d[-/ .,])"
    r"(?:\d{3}([ .-]?)\d{3}\1\d{3}|\d{4}[. -]\d{2}[. -]\d{3}|\d{2}([ .-])\d{2}\2\d{2}\2\d{3}|\d{8})"
    r"(?!\w)(?![-/.,]\d)"
)
_BSN_WORD = re.compile(rf"\b{_any(WORDS['bsn']['before'])}", re.IGNORECASE)
_OTHER_NUMBER = re.compile(
    rf"\b{_any(WORDS['bsn']['other'])}(?:s?-?(?:nummer|nr|number|no)\w*)?\b"
    r"|\b\w{2,30}(?:pas(?:je)?|kaart|kenmerk|code)\b",
    re.IGNORECASE,
)


def bsns(text: str, *, announced: bool) -> Iterator[MaskSpan]:
    """BSNs: those that a word announces, or the others that no word calls something else."""
    for match in _DIGITS_OF_BSN.finditer(text):
        before = _sentence_before(text, match.start(), 40)
        told = max((word.end() for word in _BSN_WORD.finditer(before)), default=-1)
        other = max((word.end() for word in _OTHER_NUMBER.finditer(before)), default=-1)
        is_told = told > other or bool(_BSN_WORD.search(_sentence_after(text, match.end(), 25)))
        digits = re.sub(r"\D", "", match[0])
        if len(digits) == 8 and not is_told:
            continue
        is_other = other >= 0 and len(before) - other <= 25
        if is_told == announced and (is_told or not is_other) and passes_eleven_proof(digits.zfill(9)):
            yield MaskSpan(match.start(), match.end(), PersonalDataKind.BSN)


# --- documents and plates -------------------------------------------------------------------------

_DOCUMENT_WORD = re.compile(rf"\b{_any(WORDS['document']['words'])}", re.IGNORECASE)
_DUTCH_DOCUMENT = re.compile(r"[NI][A-Z](?=.*[A-Z].*\d.*\d)[A-NP-Z0-9]{6}\d")
_DOCUMENT = re.compile(r"(?<![\w-])[A-Z]{2}[A-Z0-9]{6}[0-9](?![\w-])", re.IGNORECASE)
_DOCUMENT_NUMBER = re.compile(
    rf"\b{_any(WORDS['document']['words'])}\b(?:[ -]?(?:nummer|number|nr|no|num)\b)?[.:# ]{{1,4}}(?:is[ ])?"
    r"(?P<number>[A-Z]{1,3}\d{5,9}|[1-9]\d{5,9})(?!\w)",
    re.IGNORECASE,
)


def documents(text: str) -> Iterator[MaskSpan]:
    """Numbers of passports and identity cards: by their form when they begin as Dutch ones do, else near a word."""
    for match in _DOCUMENT.finditer(text):
        number = match[0]
        if sum(char.isdigit() for char in number) < 2:
            continue
        near = f"{text[max(match.start() - 60, 0) : match.start()]} {text[match.end() : match.end() + 60]}"
        if _DUTCH_DOCUMENT.fullmatch(number) or _DOCUMENT_WORD.search(near):
            yield MaskSpan(match.start(), match.end(), PersonalDataKind.DOCUMENT)
    for match in _DOCUMENT_NUMBER.finditer(text):
        yield MaskSpan(match.start("number"), match.end("number"), PersonalDataKind.DOCUMENT)


_CODES = [
    *("AA 99 99", "99 99 AA", "99 AA 99", "AA 99 AA", "AA AA 99", "99 AA AA"),
    *("99 AAA 9", "9 AAA 99", "AA 999 A", "A 999 AA", "AAA 99 A", "A 99 AAA", "9 AA 999", "999 AA 9"),
]
"""The forms of Dutch plates: a letter for A, a digit for 9."""


def _plates_of(codes: Iterable[str], letter: str, between: str) -> str:
    return "|".join(code.replace("A", letter).replace("9", r"\d").replace(" ", between) for code in codes)


_PLATES = [
    re.compile(rf"(?<![\w/.-])(?:{_plates_of(_CODES, letter, between)})(?![\w/-])(?!\.\d)")
    # With dashes any capitals; otherwise no vowels, which plates have lost.
    for letter, between in (("[A-Z]", "-"), ("[b-df-hj-np-tv-xz]", "-"), ("[B-DF-HJ-NP-TV-XZ]", "[ .]"))
]
_PLATES_AT_ONCE = re.compile(
    rf"(?<![\w/.-])(?:{_plates_of(_CODES[6:], '[B-DF-HJ-NP-TV-XZ]', '')})(?![\w/-])(?!\.\d)"
)
_PLATE_FORMS = (
    f"(?i:{_plates_of(_CODES, '[A-Z]', '-')}|{_plates_of(_CODES, '[A-Z]', '')})"
    f"|{_plates_of(_CODES, '[A-Z]', '[ .]')}"
)
_PLATE_AFTER_WORD = re.compile(
    rf"\b(?i:{_any(WORDS['plate']['words'])})\b[ :,(]{{1,3}}(?i:(?:is|met|with|nr|nummer|number)[.: ]{{1,2}})?"
    rf"(?P<plate>{_PLATE_FORMS})(?![\w/-])"
)
# After a word that can mean nothing else: also in lower case with spaces, and German and Polish plates.
_PLATE_TOLD = re.compile(
    r"\b(?i:kenteken(?:plaat)?|nummerplaat|number ?plate|licen[cs]e plate|plate)\b[ :,(]{1,3}"
    r"(?i:(?:is|nr|nummer|number)[.: ]{1,2})?"
    rf"(?P<plate>(?i:{_plates_of(_CODES, '[A-Z]', ' ')})"
    r"|[A-Z]{1,3}[ -][A-Z]{1,2}[ -]?\d{1,4}|[A-Z]{2,3}[ -]?\d{3,5})(?![\w/-])"
)
_BELGIAN_PLATE = re.compile(r"(?<![\w/.-])[1-9]-[A-Z]{3}-\d{3}(?![\w/-])")
_OTHER_CODE = re.compile(rf"\b{_any(WORDS['plate']['other'])}[ .:]{{1,2}}$", re.IGNORECASE)


def plates(text: str) -> Iterator[MaskSpan]:
    for pattern in (_PLATE_AFTER_WORD, _PLATE_TOLD):
        for match in pattern.finditer(text):
            yield MaskSpan(match.start("plate"), match.end("plate"), PersonalDataKind.PLATE)
    for pattern in (*_PLATES, _PLATES_AT_ONCE, _BELGIAN_PLATE):
        for match in pattern.finditer(text):
            if _OTHER_CODE.search(text[max(match.start() - 30, 0) : match.start()]):
                continue
            yield MaskSpan(match.start(), match.end(), PersonalDataKind.PLATE)


# --- dates of birth -------------------------------------------------------------------------------

_BIRTH = WORDS["birth"]
_YEAR = r"(?:(?:18|19|20)\d{2}|['’]?\d{2})"
_MONTH = rf"{_any(_BIRTH['months'])}\b\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"(?<![\d.,/-])(?:{_DAY}[ ]?([-/.])[ ]?(?:0?[1-9]|1[0-2]|{_MONTH})[ ]?\1[ ]?{_YEAR}"
    rf"|{_DAY}[ ](?:0?[1-9]|1[0-2])[ ](?:19|20)\d{{2}}"
    rf"|(?:18|19|20)\d{{2}}([-/.])(?:0?[1-9]|1[0-2])\2{_DAY}"
    rf"|(?:(?:the|de)[ ])?{_DAY}(?:st|nd|rd|th|e|ste|de)?[ ](?:of[ ]|van[ ])?{_MONTH}(?:,?[ ]{_YEAR})?"
    rf"|{_DAY}[ ](?:0?[1-9]|1[0-2])[ ]\d{{2}}|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{{2}}"
    rf"|{_MONTH}[ ](?:(?:19|20)\d{{2}}|['’]\d{{2}})"
    rf"|{_MONTH}[ ](?:the[ ])?{_DAY}(?:st|nd|rd|th)?(?:,?[ ](?:19|20)\d{{2}})?)(?![\d/]|[.,-]\d)",
    re.IGNORECASE,
)
_BIRTH_WORD = re.compile(rf"\b{_any(_BIRTH['words'])}\b", re.IGNORECASE)
_BIRTH_ANNOUNCED = re.compile(rf"\b{_any(_BIRTH['announcing'])}", re.IGNORECASE)
_BIRTH_OF = re.compile(
    rf"\b{_any(_BIRTH['people'])}(?:\b[^.!?()\d]{{0,25}}[ ]?\("
    r"|\b(?:[ ][A-Z]\w+){0,2}(?:,[ ]|:[ ]|[ ](?:is[ ]|ben[ ]|komt[ ])?(?:een[ ])?(?:van|uit|from)[ ](?:de[ ])?))$",
    re.IGNORECASE,
)
_OF_A_YEAR = re.compile(r"(?:18|19|20)\d{2}|[-/.'’]\d{2}$")


def birth_dates(text: str) -> Iterator[MaskSpan]:
    for match in _DATE.finditer(text):
        before, after = _sentence_before(text, match.start(), 60), _sentence_after(text, match.end(), 40)
        if (
            _BIRTH_ANNOUNCED.search(text[max(match.start() - 60, 0) : match.start()])
            or _BIRTH_ANNOUNCED.search(after)
            or _BIRTH_WORD.search(before)
            or _BIRTH_WORD.search(after)
            or (_OF_A_YEAR.search(match[0]) and _BIRTH_OF.search(before))
        ):
            yield MaskSpan(match.start(), match.end(), PersonalDataKind.BIRTH_DATE)


# --- addresses ------------------------------------------------------------------------------------

_ADDRESS = WORDS["address"]
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’-]{1,30}"
_SHORT = rf"(?:(?i:{_any(_ADDRESS['before'])})\.?[ ]|(?:[A-Z]\.){{1,3}}[ ]?)"
_HOUSE = (
    r"\d{1,5}(?:[ ]?-[ ]?(?:\d{1,4}|[A-Za-z]{1,3})\b|/\d{1,3}\b|(?:bis|hs)\b|[a-zA-Z]\b(?:-?\d{1,3}\b)?"
    r"|[ ](?:bis|hs|huis|I{2,3}|IV|zwart|rood|[A-HJ-Z])\b(?!['’]))?"
)
_CALLED = rf"{_any(_ADDRESS['called'])}\.?[ ]?"
_NUMBER = rf"(?:[,:]?[ ]{{1,2}}(?:(?:op|at|bij|met)[ ])?(?:{_CALLED})?|[ ]\((?:{_CALLED})?){_HOUSE}"
_POSTCODE = r"[1-9]\d{3}[ ]?[A-Z]{2}\b"
_OF = "(?:van|van der|van den|de|ter|ten|in 't)[ ]"
_STREET = (
    rf"(?:\d{{1,2}}e[ ](?:(?:van|van der|van den|de)[ ])?)?(?:{_SHORT}|{_CAPITAL}[ ](?:{_OF})?){{0,4}}"
    rf"(?:['’]?\w[\w-]{{1,30}}(?:(?<=[a-z-]){_any(_ADDRESS['sure'])})"
    rf"|[A-ZÀ-Þ][\w'’-]{{1,30}}{_any(_ADDRESS['endings'])})"
)
_LIVES = rf"(?i:{_any(_ADDRESS['lives'])})[^.!?\n]{{0,40}}?[ ](?:van|op|aan|in|naar|at|on|to)[ ](?:(?:de|het|the)[ ])?"
_POSTCODE_AFTER = rf"(?:,?[ ]{{1,2}}{_POSTCODE}(?:,?[ ]{_CAPITAL})?)?(?![\w/]|[.,:-]\d|[ ]?%)"
_ADDRESSES = [
    re.compile(rf"(?<![\w-]){pattern}{_POSTCODE_AFTER}")
    for pattern in (
        rf"{_STREET}{_NUMBER}",
        rf"{_any(_ADDRESS['begin'])}"
        rf"(?:[ ](?:(?:van|de|den|der|het|ter|ten|'t|in)[ ]){{0,3}}{_CAPITAL}){{0,3}}{_NUMBER}",
        rf"{_LIVES}(?P<street>{_CAPITAL}(?:[ ]{_CAPITAL})?){_NUMBER}",
        rf"(?i:{_CALLED}|at[ ]){_HOUSE},?[ ](?:(?:in|op|van|aan|on|of)[ ](?:(?:de|het|the)[ ])?)?"
        rf"{_STREET}\b(?![ ]\d)",
        rf"\d{{1,4}}[a-zA-Z]?,?[ ](?:{_CAPITAL}[ ]){{1,3}}{_any(_ADDRESS['english'])}\b",
        rf"(?:{_CAPITAL}[ ]){{1,3}}{_any(_ADDRESS['english'])}{_NUMBER}",
        rf"{_POSTCODE}[ ,-]{{1,2}}(?:(?:en|and)[ ])?(?:{_CALLED})?{_HOUSE}",
        rf"(?i:{_CALLED}){_HOUSE},?[ ](?:(?:en|and)[ ])?(?:(?i:postcode)[ :]{{1,2}})?{_POSTCODE}",
        rf"(?i:op|aan|voor|naast|tegenover|achter|at|opposite)[ ](?:(?:de|het|'t|the)[ ])?"
        rf"(?P<street>(?!{_any(_ADDRESS['no_place'])}\b){_CAPITAL}(?:[ ]{_CAPITAL})?){_NUMBER}",
    )
]
_COUNTED = re.compile(
    rf"(?:[ ](?:of|or|tot|to|à|x)[ ]\d+)?[ ]"
    rf"(?:{_any(_ADDRESS['counted'])}|[a-z]+(?:jes|palen|lampen|bomen|plekken))\b",
    re.IGNORECASE,
)
_NO_STREET = re.compile(rf"\b{_any(_ADDRESS['not_streets'])}[ ,]")
_ONLY_YEAR = re.compile(r"[ ](?:19|20)\d{2}$")


def addresses(text: str) -> Iterator[MaskSpan]:
    for pattern in _ADDRESSES:
        for match in pattern.finditer(text):
            start = match.start("street") if match.groupdict().get("street") else match.start()
            found = text[start : match.end()]
            is_other = _NO_STREET.search(found) or _ONLY_YEAR.search(found)
            if not is_other and not _COUNTED.match(text, match.end()):
                yield MaskSpan(start, match.end(), PersonalDataKind.ADDRESS)


# --- names ----------------------------------------------------------------------------------------

_NAME = WORDS["name"]
_FIRST = frozenset(_NAME["first"].split())
_NOT_NAMES = frozenset(_NAME["not_names"].split())
_BETWEEN = rf"(?:(?i:{_any(_NAME['between'])})[ ]){{0,3}}"
_INITIALS = r"(?:[A-Z]\.[ ]?){1,4}"
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢİĶĻŁŃŅŇŐŒŘŚŞŠŢŤŪŮŰŹŻŽȘȚ"
_NAME_WORD = rf"[{_UPPER}](?:[^\W\d_{_UPPER}]\w*|['’]\w+)(?:-[{_UPPER}]\w+){{0,3}}"
_NAME_ITSELF = (
    rf"(?P<name>(?:{_INITIALS}[ ]?)?{_BETWEEN}{_NAME_WORD}"
    rf"(?:[ ]{_BETWEEN}{_NAME_WORD}|[ ]{_INITIALS}(?=[ ]?[A-Z][a-z])){{0,3}})"
)
_ANY_NAME = rf"(?:{_NAME_ITSELF}|(?P<lower>[a-zß-ÿ]{{3,15}})\b)"
_WHOSE = _any(_NAME["whose"])
_DEAR = r"(?:oude|lieve|beste|goede|old|dear|good|best|jongste|oudste|kleine)"
_AND = rf"(?P<and>{_NAME_WORD}[ ](?:en|and|&|\+)[ ])?"
_SURE = _any({*_NAME["titles"], *_NAME["own"]} - {*_NAME["unsure"]})
_RELATION = _any(_NAME["relations"])
_OF_TWO_WORDS = re.compile(rf"(?<![\w.-]){_NAME_ITSELF}")

_NAMES_SURE = [
    re.compile(rf"\b(?i:{_SURE})(?:[ :.,!\n]{{1,3}}|(?<=\.))(?={_AND}{_ANY_NAME})"),
    re.compile(
        rf"\b(?i:{_WHOSE}[ ](?:{_DEAR}[ ])?{_RELATION})(?:[ ]|,[ ]|[ ]\()"
        rf"(?:(?:is|heet|heten|zijn)[ ])?(?={_AND}{_ANY_NAME})"
    ),
    re.compile(rf"{_NAME_ITSELF}[ ](?i:is)[ ](?i:mijn|m['’]?n|my|de|the)[ ](?i:naam|name)\b"),
    re.compile(rf"{_NAME_ITSELF},[ ](?i:(?!de|een|the|a[ ]){_WHOSE}[ ]{_RELATION}|dhr|mw|mevr)\b"),
]
_NAMES_UNSURE = [
    re.compile(
        rf"\b(?i:{_any({*_NAME['unsure']} | {*_NAME['relations']})})[ :,!\n]{{1,3}}(?={_AND}{_NAME_ITSELF})"
    ),
    re.compile(rf"(?<![\w-]){_NAME_ITSELF}[ ](?i:is[ ])?(?i:bereikbaar|te bereiken|can be reached)"),
]
_NAMES_KNOWN = [
    re.compile(rf"\b{_any(_NAME['weak'])}[ ](?={_NAME_ITSELF})"),
    # A signature at the end, and initials with a surname.
    re.compile(rf"[.!?,\n][ \n]*(?={_NAME_ITSELF}[.!]?\s*\Z)"),
    re.compile(rf"(?<![\w.])(?={_NAME_ITSELF}[ ]\(?\d{{1,2}}(?:\)|[ ](?:jaar|years?)))"),
    re.compile(rf"(?<![\w.-])(?={_NAME_ITSELF}[ ]{_any(_NAME['after'])}\b)"),
    re.compile(rf",[ ](?={_NAME_ITSELF})"),
    re.compile(rf"(?<![\w.])(?=[A-Z]\.){_NAME_ITSELF}"),
]
_STREET_END = re.compile(
    rf"\w\w(?:{_any(_ADDRESS['sure'])}|school|kerk|park|hof|pad|brug|huis)$|^{_any(_ADDRESS['english'])}$",
    re.IGNORECASE,
)
_THING_AFTER = re.compile(rf"[ -](?i:{_any([*_NAME['things_after'], *_ADDRESS['sure']])})\b")
_THING_BEFORE = re.compile(rf"\b{_any(_NAME['things_before'])}[ ]$", re.IGNORECASE)


class _Trust(Enum):
    """What counts as a name there."""

    ANY = 1
    TWO_WORDS = 2
    KNOWN = 3


def names(text: str) -> Iterator[MaskSpan]:
    for patterns, trust in (
        (_NAMES_SURE, _Trust.ANY),
        (_NAMES_UNSURE, _Trust.TWO_WORDS),
        (_NAMES_KNOWN, _Trust.KNOWN),
    ):
        for match in (match for pattern in patterns for match in pattern.finditer(text)):
            if trust == _Trust.KNOWN and _is_after_thing(text, match.end()):
                continue
            for group in ("and", "name", "lower"):
                if match.groupdict().get(group):
                    yield from _name(text, match.start(group), match.end(group), trust)
    # A known first name and a surname, wherever they stand.
    for match in _OF_TWO_WORDS.finditer(text):
        first, *others = match[0].split()
        if (
            others
            and first.casefold() in _FIRST
            and others[-1].casefold() not in _NOT_NAMES
            and not _is_after_thing(text, match.start())
        ):
            yield from _name(text, match.start(), match.end(), _Trust.KNOWN)


def _is_after_thing(text: str, place: int) -> bool:
    return bool(_THING_BEFORE.search(text[max(place - 25, 0) : place]))


def _name(text: str, start: int, end: int, trust: _Trust) -> Iterator[MaskSpan]:
    """The name between `start` and `end`, when it is one, without words at its end that are none."""
    words = list(re.finditer(r"\S+", text[start:end]))
    count = len(words)
    while words and words[-1][0].casefold().strip("&+'’") in _NOT_NAMES:
        words.pop()
    if not words or (trust == _Trust.KNOWN and len(words) < count):
        return
    first = words[0][0].casefold()
    end = start + words[-1].end()
    is_word = first in _NOT_NAMES and first not in _NAME["between"]
    is_of_street = _STREET_END.search(words[-1][0]) or _THING_AFTER.match(text, end)
    if not is_word and not is_of_street and _is_name([word[0] for word in words], trust, text[:start]):
        yield MaskSpan(start, end, PersonalDataKind.NAME)


def _is_name(words: list[str], trust: _Trust, before: str) -> bool:
    first = words[0].casefold().strip(".'’")
    capitals = sum(word[0].isupper() and word.casefold() not in _NAME["between"] for word in words)
    is_known = first in _FIRST or "." in words[0]
    if not capitals:
        return trust == _Trust.ANY and is_known and first not in _NAME["words"]
    begins_sentence = before.rstrip()[-1:] in ("", ".", "!", "?")
    return (
        is_known
        or trust == _Trust.ANY
        or (trust == _Trust.TWO_WORDS and capitals > 1 and not begins_sentence)
    )
