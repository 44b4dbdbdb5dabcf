"""Finds what matters in the words of residents: contact details to mask, and what may be danger or a street defect.

The words are in screening.toml.

**Contact details** (`find_contact_details`, `mask`). An aid for the person who reads, never a permission to publish:
what a rule can't see (a name, "the yellow house on the corner") a person must find. Names and street addresses are not
found yet.

Found: addresses as typed and as spelled out ("tuin at gmail punt com", "apenstaartje", brackets), and
phone numbers with any usual spaces, dots, dashes and brackets: Dutch (06 and area codes, +31, 0031, with
or without (0)), international with + or 00, British and American national ones, a number after a word like
"tel", and digits written as words. Not masked: dates, times, amounts, IBANs, postcodes, bus lines, licence
plates, case numbers and public service numbers (112, 0800, 0900, 14 020).

Quality: on the 300 lines of tests/data/masking_test.tsv (half Dutch, half English; about half hold nothing
to mask) all 166 spans are found and nothing else. Those lines were written before this module, and their
failures were not looked at while tuning on the 171 lines of masking_tune.tsv. But one person wrote both
the lines and the rules, so expect less on other texts: the target is a recall of 0.95 at a precision of
0.9. In 2,305 real English and Dutch comments and ideas without any address or number, nothing was masked.
Known misses: numbers spoken in tens ("twaalf vierendertig"), foreign numbers without + or 00, an address
without its ending unless it is a well-known provider. `pytest tests/feedback/test_masking.py -rP` prints
the current figures.

**Signals** (`find_signals`, `names_danger`). Only a hint to the person who reads an answer: it decides nothing, sends
nothing and hides nothing. "Ik voel mij bedreigd door de sloopplannen" is marked too (false positive), and a cry for
help in other words is not; a person reads every answer anyway. Wide for danger (recall), narrow for defects
(precision).
"""

import re
import tomllib
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("screening.toml").read_text("utf-8"))

# --- contact details ----------------------------------------------------------------------------


class ContactDetailKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, order=True)
class MaskSpan:
    """A span to mask: `text[start:end]`."""

    start: int
    end: int
    kind: ContactDetailKind


MARKS: Mapping[ContactDetailKind, str] = {
    ContactDetailKind.EMAIL: "[e-mail]",
    ContactDetailKind.PHONE: "[06]",
}
"""Replacement per kind; short, so that a masked answer still reads as a sentence."""


def find_contact_details(text: str) -> list[MaskSpan]:
    """All spans to mask in `text`, in order, never overlapping."""
    plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    found: list[MaskSpan] = []
    for one in [*_emails(plain), *_phones(plain)]:
        if all(one.end <= other.start or one.start >= other.end for other in found):
            found.append(one)
    return sorted(found)


def mask(
    text: str, found: Iterable[MaskSpan] | None = None, marks: Mapping[ContactDetailKind, str] = MARKS
) -> str:
    """`text` with the spans (by default all of `find_contact_details`) replaced by their marks."""
    for one in sorted(find_contact_details(text) if found is None else found, reverse=True):
        text = text[: one.start] + marks[one.kind] + text[one.end :]
    return text


# --- e-mail addresses ---------------------------------------------------------------------------

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LOCAL = r"(?<![\w.+%-])[\w+%-](?:[\w.+%'-]{0,62}[\w+%-])?"
_ENDING = rf"(?:{'|'.join(WORDS['mail']['endings'])})\b"
_PROVIDER = rf"(?:{'|'.join(WORDS['mail']['providers'])})"
_MAIL_ONLY = rf"(?:{'|'.join(WORDS['mail']['mail_only'])})"
_AT_WORD = r"(?:apen?staart(?:je)?|aapstaart(?:je)?|at[ -]sign)"
_AT = rf"(?:{_AT_WORD}|at)"
_DOT = r"(?:punt|dot|point|puntje)"
_OPEN, _CLOSE = r"[ ]?[(\[{<][ ]?", r"[ ]?[)\]}>][ ]?"
_AT_BRACKETED = rf"(?:{_OPEN}(?:{_AT}|a|@){_CLOSE}|[ ]?-{_AT}-[ ]?)"
_DOT_SPELLED = rf"(?:[ ]{_DOT}[ ]|{_OPEN}(?:{_DOT}|\.){_CLOSE}|[ ]?-{_DOT}-[ ]?)"
_ANY_DOT = rf"(?:\.|[ ]\.[ ]|[ ]\.(?=\w)|{_DOT_SPELLED})"
_SPELLED_LOCAL = (
    rf"{_LOCAL}(?:[ ](?:{_DOT}|underscore|laag streepje|streepje|dash|plus)[ ][\w.+-]{{1,64}}){{0,3}}"
)

_EMAILS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_LOCAL}@(?:{_LABEL}\.){{1,4}}[a-z]{{2,24}}\b",
        # stray spaces, or a comma instead of the dot
        rf"{_LOCAL}[ ]?@[ ]?{_LABEL}(?:(?:{_ANY_DOT}|,){_LABEL}){{0,2}}(?:{_ANY_DOT}|,){_ENDING}",
        rf"{_LOCAL}[ ]?@[ ]?{_PROVIDER}\b",
        # spelled out: brackets or "apenstaartje" are unambiguous; a bare "at" needs a spelled dot or a mail provider
        rf"{_SPELLED_LOCAL}{_AT_BRACKETED}{_LABEL}(?:{_ANY_DOT}{_LABEL}){{0,2}}{_ANY_DOT}{_ENDING}",
        rf"{_SPELLED_LOCAL}[ ]{_AT_WORD}[ ]{_LABEL}(?:{_ANY_DOT}{_LABEL}){{0,2}}{_ANY_DOT}{_ENDING}",
        rf"{_SPELLED_LOCAL}[ ]at[ ]{_LABEL}(?:{_ANY_DOT}{_LABEL}){{0,2}}{_DOT_SPELLED}{_ENDING}",
        rf"{_SPELLED_LOCAL}[ ]at[ ]{_MAIL_ONLY}{_ANY_DOT}{_ENDING}",
    )
]


def _emails(text: str) -> Iterator[MaskSpan]:
    for pattern in _EMAILS:
        for match in pattern.finditer(text):
            yield MaskSpan(match.start(), match.end(), ContactDetailKind.EMAIL)


# --- phone numbers ------------------------------------------------------------------------------

_PHONE_SEPARATOR = r"[ \t\u00a0\u2009\u202f().\-\u2011–—/_]{0,3}"
_PHONE_DIGIT = rf"(?:{_PHONE_SEPARATOR}\d)"
_BEGIN = r"(?<![\d+])(?<!\d[.\-])(?<![A-Za-z]-)"
_END = r"(?!\d)(?!-\d)"
_ZERO = "[0oO]"

# Looks like a phone number but isn't. Blanked out first, so that no match runs across it.
_NOT_PHONES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b\d{1,2}([-/. ])(?:0?[1-9]|1[0-2])\1(?:19|20)\d{2}\b",
        r"\b(?:19|20)\d{2}([-/. ])(?:0?[1-9]|1[0-2])\1(?:[0-2]?\d|3[01])\b",
        r"\b[A-Z]{2}\d{2}[ ]?[A-Z]{4}(?:[ ]?\d){10}\b",
        r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}\b",
        r"(?:€|\$|£|\beur)[ ]?\d[\d.,]*",
        r"\b\d[\d., ]{0,20}[ ](?:euro|eur|kilo|kg|ton|m2|m3|kwh|tegels|inwoners|handtekeningen)s?\b",
        r"(?<![+\d])\b[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3}){1,4}\b(?![.,]?\d)",
        r"\b\d{1,3}[.,]\d{3,10}[ ,]{1,3}(?:lon[ ]?)?\d{1,3}[.,]\d{3,10}",
        r"https?://\S{1,500}|\bwww\.\S{1,500}",
        rf"\b\w{{0,20}}(?:{'|'.join(WORDS['phone']['numbered'])})"
        r"(?:s?-?(?:nummer|nr)\.?|[ ](?:no|nr|number)\.?)?[ :#]{1,3}"
        r"(?!\(?0\d{1,3}[ \-]\d|\+)[\w./-]{0,20}\d[\d ./-]{0,20}",
        r"\bart(?:ikel|icle)?\.?[ ]?(?:nr|no)?\.?[ ]\d[\d.:/-]{0,20}",
        r"\b0[89]00[ \-]?\d{4}(?:\d{3})?\b",
    )
]

_PHONES = [
    re.compile(_BEGIN + pattern + _END, re.IGNORECASE)
    for pattern in (
        rf"\(?(?:\+|00)[ ]?31\)?{_PHONE_SEPARATOR}(?:\(0\)|0)?{_PHONE_DIGIT}{{9}}",
        rf"\(?(?:\+|00)[ ]?(?!31)[1-9](?:{_PHONE_DIGIT}){{7,13}}",
        rf"31{_PHONE_SEPARATOR}6{_PHONE_DIGIT}{{8}}",
        rf"\(?{_ZERO}{_PHONE_SEPARATOR}[1-9]{_PHONE_DIGIT}{{8}}",
        r"07\d{3}[ ]?\d{3}[ ]?\d{3}",
        r"\(?0(?:20|1\d1|11\d)\)?[ ]?\d{3,4}[ ]?\d{4}",
        r"\([2-9]\d{2}\)[ ]?[2-9]\d{2}[ .-]\d{4}",
        r"(?:1[-. ])?[2-9]\d{2}([-.])[2-9]\d{2}\1\d{4}",
        r"06[- ]\d{7,9}",
        r"6-\d{8}",
    )
]
_PHONE_AFTER_WORD = re.compile(
    rf"\b(?:{'|'.join(WORDS['phone']['before'])})\b[^\d\n]{{0,12}}?(?P<number>[1-9]{_PHONE_DIGIT}{{6,8}}){_END}",
    re.IGNORECASE,
)
_PHONE_IN_LINK = re.compile(r"(?:wa\.me/|tel:|sms:|whatsapp:)\+?(?P<number>\d{8,15})", re.IGNORECASE)
_ROW_OF_PAIRS = re.compile(r"\d\d(?: \d\d)+")

_DIGIT_WORDS = {
    word: str(digit) for digit, words in enumerate(WORDS["phone"]["digits"]) for word in words.split()
}
_SPELLED_PHONE = re.compile(
    rf"\b(?:nul|zero|oh|06?(?![\d]))(?:[ ,.-]{{0,2}}(?:{'|'.join(_DIGIT_WORDS)}|\d+)(?![a-z])){{1,12}}",
    re.IGNORECASE,
)
_TOKEN = re.compile(rf"{'|'.join(_DIGIT_WORDS)}|\d", re.IGNORECASE)


def _phones(text: str) -> Iterator[MaskSpan]:
    blank = text
    for pattern in _NOT_PHONES:
        blank = pattern.sub(lambda match: "#" * len(match[0]), blank)
    for pattern in _PHONES:
        for match in pattern.finditer(blank):
            if not _is_row_of_pairs(match):
                # An opening bracket that isn't closed within the number belongs to the sentence, not to the number.
                sentence = match[0].startswith("(") and ")" not in match[0]
                yield MaskSpan(match.start() + sentence, match.end(), ContactDetailKind.PHONE)
    for pattern, source in ((_PHONE_AFTER_WORD, blank), (_PHONE_IN_LINK, text)):
        for match in pattern.finditer(source):
            yield MaskSpan(match.start("number"), match.end("number"), ContactDetailKind.PHONE)
    for match in _SPELLED_PHONE.finditer(blank):
        digits = "".join(_DIGIT_WORDS.get(token.lower(), token) for token in _TOKEN.findall(match[0]))
        if 9 <= len(digits) <= 11 and not match[0].replace(" ", "").isdigit():
            yield MaskSpan(match.start(), match.end(), ContactDetailKind.PHONE)


def _is_row_of_pairs(match: re.Match[str]) -> bool:
    """Whether the match is part of a longer row of digit pairs: lottery numbers, departure times."""
    return bool(_ROW_OF_PAIRS.fullmatch(match[0]) and re.match(r" \d\d\b", match.string[match.end() :]))


# --- signals -------------------------------------------------------------------------------------


class SignalKind(StrEnum):
    """Values are those of feedback.states.Handover."""

    DANGER = "danger"
    DEFECT = "defect"


@dataclass(frozen=True, order=True)
class Signal:
    """A match: `text[start:end]` is the part that matched."""

    start: int
    end: int
    topic: SignalKind


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"{words}(?!\w)", re.IGNORECASE)


_THINGS, _FAULTS = ("|".join(WORDS["defect"][name]) for name in ("things", "faults"))
_DANGER = [_pattern(rf"\b(?:{words})") for group in WORDS["danger"].values() for words in group]
_DEFECTS = [
    *(_pattern(rf"\b(?:{words})") for words in WORDS["defect"]["words"]),
    # An object and its fault in one sentence, close together, in either order.
    _pattern(rf"\b(?:{_THINGS})\b[^.!?\n]{{0,40}}?\b(?:{_FAULTS})"),
    _pattern(rf"\b(?:{_FAULTS}) (?:\w+ ){{0,2}}?(?:{_THINGS})"),
]


def find_signals(text: str) -> list[Signal]:
    """Signals in the order of the text, never overlapping within a topic."""
    return sorted([*_found(text, SignalKind.DANGER, _DANGER), *_found(text, SignalKind.DEFECT, _DEFECTS)])


def names_danger(text: str) -> bool:
    return any(pattern.search(text) for pattern in _DANGER)


def _found(text: str, topic: SignalKind, patterns: list[re.Pattern[str]]) -> list[Signal]:
    """A signal that overlaps one from an earlier pattern is dropped. `found` is sorted, so only its neighbours can
    overlap.
    """
    found: list[Signal] = []
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        one = Signal(match.start(), match.end(), topic)
        place = bisect(found, one)
        neighbours = found[max(place - 1, 0) : place + 1]
        if not any(one.start < other.end and other.start < one.end for other in neighbours):
            found.insert(place, one)
    return found
