"""Words that may mean danger or a street defect, pointed out to the person who reads an answer.

Only a hint: it decides nothing, sends nothing and hides nothing. "Ik voel mij bedreigd door de
sloopplannen" is marked too (false positive), and a cry for help in other words is not; a person reads
every answer anyway. Stems in Dutch and English: wide for danger (recall), narrow for defects (precision).
"""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


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


_DANGER = (
    # threats and violence
    r"(?:ge|be)?dreig(?:d|t|de|en|end\w*|ement\w*|ing\w*)(?! (?:te|om)\b)|intimid\w+|mishandel\w*|geweld(?:dadig\w*)?",
    r"(?:neer|dood)gestoken|steekpartij\w*|messen?trekk\w*|(?:een|met|zijn) mes|(?:vuur)?wapens?|pistool|pistolen",
    r"geschoten|schietpartij\w*",
    r"vermoord\w*|doodma\w+|verkracht\w*|aanrand\w*|(?:seksueel|kinder)?misbruik\w*",
    r"(?:slaat|schopt|wurgt) (?:mij|me|haar|hem|zijn|z'n|de kinderen|ons)|(?:wordt|word) geslagen",
    r"gestalkt|stalk(?:t|en|er|ing)\w*|loverboy\w*|mensenhandel|uitbuiting|ontvoer\w*|gegijzeld",
    r"threat(?:en(?:ed|ing|s)?)?s?(?! to\b)|violen(?:t|ce)\w*|abus(?:e|ed|es|ive|ing)|assault\w*|stabb(?:ed|ing)\w*",
    r"knife|knives|gun|guns",
    r"shooting|shot at|murder\w*|kill(?:ed|ing|s)?|rap(?:e|ed|ist)|molest\w*|kidnap\w*|traffick\w+|blackmail\w*",
    r"(?:beats|hits|chokes|hurts) (?:me|her|him|his|us|the (?:child|kids)\w*)",
    # people in need
    r"zelfmoord\w*|su[iï]cid\w*|niet meer (?:leven|verder leven)|een eind aan (?:maken|mijn leven)",
    r"verwaarloosde? (?:kind\w*|baby\w*)|(?:kind\w*|baby\w*) (?:\w+ ){0,2}verwaarloosd",
    r"wil(?:de)? dood|kill myself|end my life|want to die|self[- ]harm\w*|neglected (?:child|kid)\w*",
    # fire, gas, explosives
    r"brandstichting|in brand (?:gestoken|gezet)|brandbom\w*|explosie\w*|explosief|gaslucht|gaslek|ruik\w* gas",
    r"koolmonoxide|arson\w*|set (?:on fire|fire to)|explosi\w+|gas leak|smell\w* (?:of )?gas|carbon monoxide",
)
_DEFECT = (
    r"gat(?:en)? in (?:de|het) (?:weg|straat|stoep|wegdek|fietspad|asfalt)|potholes?",
    r"(?:los(?:se|liggende)?|scheve|opstaande|gebroken) (?:stoep)?tegels?|loose (?:tile|paving|slab)\w*",
    r"(?:verstopt|overstroomd)e? (?:put|riool|kolk|afvoer)\w*|blocked (?:drain|gutter|sewer)\w*",
    r"omgewaaide? (?:boom|bomen|tak\w*)|fallen (?:tree|branch)\w*|fly[- ]?tipping|grofvuil",
)
_THINGS = (
    r"lantaarn(?:paal|palen)?s?|straatlamp\w*|straatverlichting|verlichting|stoplicht\w*|put(?:ten)?|riool"
    r"|(?:afval|vuil|glas)?(?:container|bak)s?|vuilnisbak\w*|(?:stoep)?tegels?|stoep|bank(?:je)?s?|schommels?"
    r"|glijba(?:an|nen)|wip(?:kip)?|speeltoestel\w*|hek(?:je)?s?|paaltjes?|verkeersbord\w*|brug(?:getje)?|trap"
    r"|street ?(?:light|lamp)s?|lamp ?posts?|traffic lights?|drains?|(?:rubbish |litter )?bins?|containers?"
    r"|pavement|paving|bench(?:es)?|swings?|slides?|fence|bollards?|signs?|bridge|steps"
)
_FAULTS = (
    r"kapot(?:te)?|stuk|defect|(?:doet|doen) het niet|brandt? niet|staat? uit|verstopt|overvol|zit(?:ten)? (?:\w+ )?vol"
    r"|puilt? uit|los|verzakt\w*|omver\w*|omgevallen|vernield\w*|verrot\w*"
    r"|broken|does(?: not|n't) work|not working|is out|are out|blocked|overflow\w*|loose|sunk\w*|knocked over"
    r"|vandali[sz]ed|rotten|damaged"
)

_PATTERNS = [
    *((SignalKind.DANGER, re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE)) for words in _DANGER),
    *((SignalKind.DEFECT, re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE)) for words in _DEFECT),
    # An object and its fault in one sentence, close together, in either order.
    (
        SignalKind.DEFECT,
        re.compile(rf"\b(?:{_THINGS})\b[^.!?\n]{{0,40}}?\b(?:{_FAULTS})(?!\w)", re.IGNORECASE),
    ),
    (
        SignalKind.DEFECT,
        re.compile(rf"\b(?:{_FAULTS}) (?:\w+ ){{0,2}}?(?:{_THINGS})(?!\w)", re.IGNORECASE),
    ),
]


def find_signals(text: str) -> list[Signal]:
    """Signals in the order of the text, never overlapping within a topic."""
    return sorted(_without_overlap(_all(text)))


def names_danger(text: str) -> bool:
    return any(pattern.search(text) for topic, pattern in _PATTERNS if topic is SignalKind.DANGER)


def _all(text: str) -> Iterator[Signal]:
    for topic, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield Signal(match.start(), match.end(), topic)


def _without_overlap(signals: Iterator[Signal]) -> list[Signal]:
    """Drop a signal that overlaps one of the same topic from an earlier pattern. `found` is sorted, so
    only its neighbours can overlap."""
    kept: dict[SignalKind, list[Signal]] = defaultdict(list)
    for one in signals:
        found = kept[one.topic]
        place = bisect(found, one)
        neighbours = found[max(place - 1, 0) : place + 1]
        if not any(one.start < other.end and other.start < one.end for other in neighbours):
            found.insert(place, one)
    return [one for found in kept.values() for one in found]
