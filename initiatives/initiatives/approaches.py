"""Proven approaches: what they answer, when they fit, what they take and where they go wrong.

Evidence: a, a study was read in excerpt; b, told from practice; c, our own judgement. Which of them fits a place
follows from the advice (neighbourhoods.advice.advice); what speaks against one is said as plainly as what speaks
for it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from neighbourhoods.advice.advice import Advice, Degree

Texts = Mapping[str, str]


def t(nl: str, en: str) -> Texts:
    return {"nl": nl, "en": en}


class Evidence(StrEnum):
    STUDY = "a"
    PRACTICE = "b"
    JUDGEMENT = "c"


class Mark(StrEnum):
    """Why an approach fits or does not; the words stand in initiatives.initiatives.approach_wording."""

    ENERGY = "energy"
    TOO_LITTLE_ENERGY = "too_little_energy"
    MORE_IS_POSSIBLE = "more_is_possible"
    LOAD = "load"
    NOT_THIS_LOAD = "not_this_load"
    FREE = "free"
    AFFORDABLE = "affordable"
    TOO_DEAR = "too_dear"
    HOURS = "hours"
    NO_HOURS = "no_hours"
    HELPS_TO_REACH = "helps_to_reach"
    REACH_FIRST = "reach_first"
    THEME = "theme"
    THIS_THEME = "this_theme"
    OTHER_THEME = "other_theme"
    WORDS = "words"
    STREET = "street"
    ASSUMES_TIES = "assumes_ties"
    ASK_FIRST = "ask_first"


@dataclass(frozen=True)
class Approach:
    """`costs` is what it takes at least, in euros; `hours` whether a colleague has to put in time each week."""

    slug: str
    name: Texts
    answers: Texts
    fits: Texts
    needs: Texts
    watch_out: Texts
    evidence: Evidence
    energy: frozenset[Degree]
    load: frozenset[Degree]
    costs: int = 0
    hours: bool = False
    reaches: bool = False
    street: bool = False
    themes: frozenset[str] = frozenset()
    local: Texts | None = None


TEXTS = ("name", "answers", "fits", "needs", "watch_out", "local")
SWITCHES = ("hours", "reaches", "street")
SETS = ("energy", "load", "themes")


@dataclass(frozen=True)
class Sought:
    """What an approach is looked for: the theme of a need or an initiative, and stems of its words."""

    theme: str = ""
    stems: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fit:
    approach: Approach
    reasons: tuple[Mark, ...]
    against: tuple[Mark, ...]

    @property
    def fits(self) -> bool:
        return not self.against


LOW, MID, HIGH = Degree.LOW, Degree.MID, Degree.HIGH
ANY = frozenset({LOW, MID, HIGH})


def some(*degrees: Degree) -> frozenset[Degree]:
    return frozenset(degrees)


APPROACHES: tuple[Approach, ...] = (
    Approach(
        slug="neighbourhood-budget",
        name=t("Buurtbudget", "Neighbourhood budget"),
        answers=t("Bewoners willen meebeslissen over geld.", "Residents want a say in spending."),
        fits=t(
            "Energie midden of hoger, een mandaat om geld uit handen te geven, en drie maanden of meer.",
            "Energy middling or higher, a mandate to hand over money, and three months or more.",
        ),
        needs=t(
            "Tien of meer groepen die stemmen · € 10.000 of meer (Assen € 100.000, Amsterdam € 250.000 tot 500.000).",
            "Ten or more groups that vote · € 10,000 or more (Assen € 100,000, Amsterdam € 250,000 to 500,000).",
        ),
        watch_out=t(
            "Stemmen bevoordeelt wie veel mensen kent. In Rotterdam wilden de ondervraagden dat stemmen verdwijnt.",
            "Voting favours who knows many people. In Rotterdam the people asked wanted voting dropped.",
        ),
        evidence=Evidence.STUDY,
        energy=some(MID, HIGH),
        load=ANY,
        costs=10_000,
        hours=True,
    ),
    Approach(
        slug="street-action",
        name=t("Straatactie (Opzoomeren)", "Street action"),
        answers=t("Contact met de buren, een schone straat.", "Contact with neighbours, a clean street."),
        fits=t(
            "Overal, ook waar mensen het zwaar hebben. Energie laag of midden, op de schaal van een straat.",
            "Anywhere, also where life is hard. Energy low or middling, at the scale of a street.",
        ),
        needs=t(
            "Drie buren · de stoep · een klein bedrag · een paar weken.",
            "Three neighbours · the pavement · a small sum · a few weeks.",
        ),
        watch_out=t("Het blijft klein. Herhaal het.", "It stays small. Repeat it."),
        evidence=Evidence.JUDGEMENT,
        energy=some(LOW, MID),
        load=ANY,
        costs=100,
        street=True,
        themes=frozenset({"meeting", "clean"}),
    ),
    Approach(
        slug="small-grant",
        name=t("Kleine pot, tot € 2.500", "Small grant, up to € 2,500"),
        answers=t(
            "Een eerste stap van iemand die iets wil beginnen.",
            "A first step of somebody who wants to begin.",
        ),
        fits=t("Mensen die het voor het eerst doen.", "People who do it for the first time."),
        needs=t(
            "Eén tot drie trekkers · een snel besluit · tot € 2.500.",
            "One to three who take the lead · a fast decision · up to € 2,500.",
        ),
        watch_out=t("Papierwerk maakt het kapot.", "Paperwork kills it."),
        evidence=Evidence.STUDY,
        energy=some(LOW, MID, HIGH),
        load=ANY,
        costs=500,
    ),
    Approach(
        slug="right-to-challenge",
        name=t("Uitdaagrecht", "Right to challenge"),
        answers=t("Bewoners nemen een taak over.", "Residents take over a task."),
        fits=t(
            "Energie hoog, en mensen met vakkennis in de groep.",
            "Energy high, and people with professional skills in the group.",
        ),
        needs=t("Een rechtsvorm · begeleiding · een contract.", "A legal form · support · a contract."),
        watch_out=t(
            "Het duurt maanden. In de groep van de Schepenstraat zaten ingenieurs.",
            "It takes months. The group of the Schepenstraat had engineers in it.",
        ),
        evidence=Evidence.PRACTICE,
        energy=some(HIGH),
        load=some(LOW, MID),
        hours=True,
    ),
    Approach(
        slug="community-garden",
        name=t("Buurtmoestuin", "Community garden"),
        answers=t("Groen, en elkaar ontmoeten.", "Green, and meeting each other."),
        fits=t(
            "Er is grond met een termijn op papier, onderzochte bodem, water en een schuilplek.",
            "There is land with a term on paper, soil that was checked, water and shelter.",
        ),
        needs=t(
            "8 tot 30 leden (één tuin stopt bij 30) · grond, water, schuilplek.",
            "8 to 30 members (one garden stops at 30) · land, water, shelter.",
        ),
        watch_out=t(
            "Duidelijke afspraken stonden op drie van wat het meest gemist werd.",
            "Clear agreements were the third most missed thing.",
        ),
        evidence=Evidence.PRACTICE,
        energy=some(MID, HIGH),
        load=ANY,
        costs=2_000,
        themes=frozenset({"green", "meeting"}),
    ),
    Approach(
        slug="green-self-management",
        name=t("Groen in zelfbeheer", "Green in self-management"),
        answers=t("Beter onderhouden groen.", "Greenery that is better kept."),
        fits=t(
            "Er is al een groep, en de gemeente wil een afspraak maken.",
            "There is a group already, and the municipality agrees.",
        ),
        needs=t(
            "Vijf mensen of meer · een afspraak met groenbeheer.",
            "Five people or more · an agreement with the keepers of green.",
        ),
        watch_out=t(
            "Wie neemt het over als de trekker verhuist?", "Who takes over when the one in front moves house?"
        ),
        evidence=Evidence.JUDGEMENT,
        energy=some(MID, HIGH),
        load=some(LOW, MID),
        themes=frozenset({"green"}),
    ),
    Approach(
        slug="repair-cafe",
        name=t("Repair Café", "Repair Café"),
        answers=t("Ontmoeten, en geld besparen.", "Meeting, and saving money."),
        fits=t(
            "Er zijn handige mensen, een gastvrouw of gastheer en een plek.",
            "There are handy people, a host and a place.",
        ),
        needs=t(
            "4 tot 6 mensen die repareren · één keer per maand een ruimte.",
            "4 to 6 people who repair · a room once a month.",
        ),
        watch_out=t("Hoe goed het werkt is hier niet nagegaan.", "How well it works was not verified here."),
        evidence=Evidence.JUDGEMENT,
        energy=some(MID, HIGH),
        load=ANY,
        themes=frozenset({"meeting", "help"}),
    ),
    Approach(
        slug="neighbourhood-watch",
        name=t("WhatsApp-buurtpreventie", "Neighbourhood watch by phone group"),
        answers=t("Inbraken.", "Burglary."),
        fits=t(
            "Er wordt echt ingebroken, iemand houdt de groep bij, en de politie koppelt terug.",
            "Burglary is a real problem, somebody keeps the group, and the police report back.",
        ),
        needs=t("Een actieve beheerder van de groep.", "An active keeper of the group."),
        watch_out=t(
            "Tilburg: half zoveel inbraken. Rotterdam: leden voelden zich onveiliger. Dus niet zomaar.",
            "Tilburg: burglaries halved. Rotterdam: members felt less safe. So not by default.",
        ),
        evidence=Evidence.STUDY,
        energy=some(MID, HIGH),
        load=ANY,
        themes=frozenset({"safety"}),
    ),
    Approach(
        slug="neighbour-help",
        name=t("Burenhulp koppelen", "Matching neighbour help"),
        answers=t("Praktische hulp, eenzaamheid.", "Practical help, loneliness."),
        fits=t(
            "Veel mensen bieden hulp aan en er is een coördinator. Wie hulp nodig heeft, vraagt niet snel.",
            "Many offer help and there is a coordinator. Who needs help is slow to ask.",
        ),
        needs=t(
            "Een coördinator, 4 uur per week of meer · een VOG voor bezoek met z'n tweeën.",
            "A coordinator, 4 hours a week or more · a certificate of conduct for one-to-one visits.",
        ),
        watch_out=t("Er is meer aanbod dan vraag.", "Supply exceeds demand."),
        evidence=Evidence.JUDGEMENT,
        energy=some(MID, HIGH),
        load=ANY,
        hours=True,
        themes=frozenset({"help", "meeting"}),
    ),
    Approach(
        slug="house-of-residents",
        name=t("Buurthuis van bewoners", "Community house run by residents"),
        answers=t("Een plek.", "A place."),
        fits=t(
            "Er is draagvlak (het helpt als 70% een tientje per jaar betaalt), en er zijn huurders.",
            "There is support (it helps when 70% pays a tenner a year), and there are tenants.",
        ),
        needs=t(
            "20 vrijwilligers of meer · een bestuur · jong en oud · een gebouw.",
            "20 volunteers or more · a board · young and old · a building.",
        ),
        watch_out=t("Onderhoud en verzekering.", "Upkeep and insurance."),
        evidence=Evidence.PRACTICE,
        energy=some(HIGH),
        load=some(LOW, MID),
        costs=10_000,
        hours=True,
        themes=frozenset({"meeting"}),
    ),
    Approach(
        slug="care-cooperative",
        name=t("Zorg- of dorpscoöperatie", "Care or village cooperative"),
        answers=t("Zorg, een winkel, vervoer.", "Care, a shop, transport."),
        fits=t(
            "Een dorp of een duidelijke gemeenschap, waar een voorziening verdwijnt.",
            "A village or a clear community, where a facility disappears.",
        ),
        needs=t(
            "Een groep oprichters · begeleiding · een rechtsvorm.",
            "A group of founders · guidance · a legal form.",
        ),
        watch_out=t("Zij vist in dezelfde vijver van vrijwilligers.", "It competes for the same volunteers."),
        evidence=Evidence.PRACTICE,
        energy=some(HIGH),
        load=ANY,
        costs=5_000,
        hours=True,
        themes=frozenset({"help"}),
        local=t("Is dit een dorp of een duidelijke gemeenschap?", "Is this a village or a clear community?"),
    ),
    Approach(
        slug="neighbourhood-bus",
        name=t("Buurtbus", "Neighbourhood bus"),
        answers=t("Ergens kunnen komen.", "Getting about."),
        fits=t(
            "Het platteland, geen gewone bus, en een afspraak met provincie of vervoerder.",
            "The countryside, no regular bus, and an agreement with the province or the operator.",
        ),
        needs=t(
            "Ongeveer 35 chauffeurs voor één lijn (Voorne) · rijbewijs B · tot ongeveer 75 jaar.",
            "About 35 drivers for one line (Voorne) · driving licence B · up to about 75 years.",
        ),
        watch_out=t("Te weinig chauffeurs; 90% is ouder dan 55.", "Too few drivers; 90% is over 55."),
        evidence=Evidence.PRACTICE,
        energy=some(HIGH),
        load=ANY,
        hours=True,
        themes=frozenset({"traffic"}),
        local=t("Rijdt hier geen gewone bus?", "Is there no regular bus here?"),
    ),
    Approach(
        slug="playground",
        name=t("Speeltuin of speelstraat", "Playground or play street"),
        answers=t("Kinderen.", "Children."),
        fits=t(
            "Veel kinderen tot 15 jaar, en een eigen plek.", "Many children up to 15, and a place of its own."
        ),
        needs=t(
            "Een groep ouders · keuring van de toestellen · een plek.",
            "A group of parents · inspection of the equipment · a site.",
        ),
        watch_out=t(
            "Laat kinderen zelf ontwerpen (in Arnhem deden 450 kinderen mee).",
            "Let children design it (in Arnhem 450 children did).",
        ),
        evidence=Evidence.PRACTICE,
        energy=some(MID, HIGH),
        load=ANY,
        costs=1_000,
        themes=frozenset({"youth", "green"}),
        local=t("Wonen hier veel kinderen?", "Do many children live here?"),
    ),
    Approach(
        slug="work-cooperative",
        name=t("Wijkcoöperatie", "Neighbourhood cooperative"),
        answers=t("Werk, en onderhoud van de wijk.", "Work, and upkeep of the neighbourhood."),
        fits=t(
            "Energie hoog, met de woningcorporatie als partner.",
            "Energy high, with the housing corporation as a partner.",
        ),
        needs=t("Een rechtsvorm · contracten.", "A legal form · contracts."),
        watch_out=t("De inkomsten zijn niet zeker.", "Income is not certain."),
        evidence=Evidence.PRACTICE,
        energy=some(HIGH),
        load=ANY,
        costs=5_000,
        hours=True,
        local=t("Doet de woningcorporatie mee?", "Does the housing corporation take part?"),
    ),
    Approach(
        slug="community-building",
        name=t("Opbouwen vanuit wat er is (ABCD)", "Community building from what there is (ABCD)"),
        answers=t("Alleen zijn, weinig vertrouwen.", "Being alone, little trust."),
        fits=t(
            "Mensen hebben het zwaar, energie laag of midden, en er zijn jaren voor.",
            "Life is hard, energy low or middling, and there are years for it.",
        ),
        needs=t("Een betaalde opbouwwerker.", "A paid community builder."),
        watch_out=t("Het is geen snel project.", "It is not a quick project."),
        evidence=Evidence.PRACTICE,
        energy=some(LOW, MID),
        load=some(HIGH),
        costs=10_000,
        hours=True,
        reaches=True,
        street=True,
    ),
    Approach(
        slug="key-persons-and-meals",
        name=t("Ronde langs sleutelpersonen, met eten", "A round of key persons, with meals"),
        answers=t("Mensen bereiken.", "Reaching people."),
        fits=t("Groepen die niet uit zichzelf komen.", "Groups that don't come by themselves."),
        needs=t("3 tot 5 sleutelpersonen · een tafel · eten.", "3 to 5 key persons · a table · food."),
        watch_out=t(
            "Wie u spreekt, spreekt niet voor iedereen.", "Whom you speak to does not speak for everybody."
        ),
        evidence=Evidence.PRACTICE,
        energy=some(LOW, MID),
        load=ANY,
        costs=200,
        reaches=True,
        street=True,
    ),
)
BY_SLUG: Mapping[str, Approach] = {approach.slug: approach for approach in APPROACHES}

CHEAP = 2_500
"""What can be found anywhere when nobody knows yet how much money there is."""


# --- in words of a municipality -----------------------------------------------------------------


def plain(approach: Approach) -> dict[str, Any]:
    """Its fields as JSON can keep them, without the slug."""
    return {
        **{name: dict(getattr(approach, name) or {}) for name in TEXTS},
        **{name: sorted(getattr(approach, name)) for name in SETS},
        **{name: getattr(approach, name) for name in SWITCHES},
        "evidence": approach.evidence.value,
        "costs": approach.costs,
    }


def differences(base: Approach, values: Mapping[str, Any]) -> dict[str, Any]:
    """Which of these plain values are another than the library has; of a text only the languages that are."""
    found: dict[str, Any] = {}
    for name, there in plain(base).items():
        if name not in values or values[name] == there:
            continue
        if name in TEXTS:
            # A language that was emptied is kept as empty words: left out, the library's would come back.
            texts = {**dict.fromkeys(there, ""), **values[name]}
            if differing := {code: words for code, words in texts.items() if words != there.get(code, "")}:
                found[name] = differing
        else:
            found[name] = values[name]
    return found


def with_changes(base: Approach, changes: Mapping[str, Any]) -> Approach:
    """The approach in other words. What is not known (any more) is left alone."""
    fields: dict[str, Any] = {}
    for name in TEXTS:
        if name in changes:
            texts = {**(getattr(base, name) or {}), **changes[name]}
            fields[name] = {code: words for code, words in texts.items() if words} or None
    for name in ("energy", "load"):
        if name in changes:
            fields[name] = frozenset(Degree(one) for one in changes[name] if one in ANY)
    if "themes" in changes:
        fields["themes"] = frozenset(changes["themes"])
    fields |= {name: bool(changes[name]) for name in SWITCHES if name in changes}
    if changes.get("evidence") in set(Evidence):
        fields["evidence"] = Evidence(changes["evidence"])
    if "costs" in changes:
        fields["costs"] = int(changes["costs"])
    return replace(base, **fields)


def own(slug: str, values: Mapping[str, Any]) -> Approach:
    """One that the library does not have."""
    nothing: Texts = {}
    blank = Approach(
        slug, nothing, nothing, nothing, nothing, nothing, Evidence.JUDGEMENT, energy=ANY, load=ANY
    )
    return with_changes(blank, values)


# --- which words tell it from others ------------------------------------------------------------

_LETTERS = re.compile(r"[^\W\d_]{4,}")
STEM = 5
COMMON = 4
"""A stem in this many approaches tells none of them apart."""
# Nor do these, which stand in any sentence of Dutch or English.
_COMMON_STEMS = """
about actie activ begin being beter bette bewon buren dorps drie each eerst elkaa ergen first five
form from gemee getti iets ieman jaar keer klein komen kunne langs littl maand mense month munic
neigh nemen once onder ongev other over paar peopl resid small someb stap step take that there three
tien vanui vijf voor want wants weeks weken week weini wijk wijkc wille what with year years zijn
"""
_ANYWHERE = frozenset(_COMMON_STEMS.split())


def stems(*texts: str) -> frozenset[str]:
    """The beginnings of the longer words: enough to see that “repareren” and “reparatie” are about the same."""
    found = {word[:STEM] for text in texts for word in _LETTERS.findall(text.casefold())}
    return frozenset(found - _ANYWHERE)


def telling(approaches: Collection[Approach]) -> dict[str, frozenset[str]]:
    """By slug: the stems of its name, what it answers and what it takes, without those that most of them have."""
    found = {
        one.slug: stems(*one.name.values(), *one.answers.values(), *one.needs.values()) for one in approaches
    }
    often = Counter(stem for each in found.values() for stem in each)
    return {slug: frozenset(stem for stem in each if often[stem] < COMMON) for slug, each in found.items()}


# --- which of them fit --------------------------------------------------------------------------


def fit(
    approach: Approach,
    advice: Advice,
    sought: Sought | None = None,
    words: frozenset[str] = frozenset(),
) -> Fit:
    """What speaks for this approach in the place, and what against. `words` are the stems that tell it apart."""
    marks = [*_marks(approach, advice, sought)]
    if sought and sought.stems & words:
        marks.append((True, Mark.WORDS))
    return Fit(
        approach,
        reasons=tuple(mark for speaks_for, mark in marks if speaks_for),
        against=tuple(mark for speaks_for, mark in marks if not speaks_for),
    )


def fitting(
    advice: Advice, approaches: Collection[Approach] = APPROACHES, sought: Sought | None = None
) -> list[Fit]:
    """Every approach, best first: nothing against it, then most for it, then the best evidence.

    When something is sought, what is about that stands before what only fits the place.
    """
    words = telling(approaches) if sought and sought.stems else {}
    fits = [fit(one, advice, sought, words.get(one.slug, frozenset())) for one in approaches]
    about = {Mark.THIS_THEME, Mark.WORDS}
    return sorted(
        fits,
        key=lambda one: (
            -len(about & set(one.reasons)),
            len(one.against),
            -len(one.reasons),
            one.approach.evidence,
        ),
    )


def _marks(approach: Approach, advice: Advice, sought: Sought | None) -> Iterator[tuple[bool, Mark]]:
    inputs = advice.inputs
    reach_first = advice.rule.number <= 1
    if reach_first:
        yield approach.reaches, Mark.HELPS_TO_REACH if approach.reaches else Mark.REACH_FIRST
    elif advice.energy in approach.energy:
        yield True, Mark.ENERGY
    else:
        too_little = approach.energy <= {MID, HIGH} and advice.energy is not HIGH
        yield False, Mark.TOO_LITTLE_ENERGY if too_little else Mark.MORE_IS_POSSIBLE
    if approach.load != ANY and advice.load is not Degree.UNKNOWN:
        suits = advice.load in approach.load
        yield suits, Mark.LOAD if suits else Mark.NOT_THIS_LOAD
    yield from _means(approach, advice)
    yield from _themes(approach, inputs.theme, sought)
    if "street_first" in advice.modifiers:
        yield approach.street, Mark.STREET if approach.street else Mark.ASSUMES_TIES
    if approach.local:
        yield False, Mark.ASK_FIRST


def _themes(approach: Approach, named_most: str, sought: Sought | None) -> Iterator[tuple[bool, Mark]]:
    """An approach without themes can be about anything."""
    if sought is None or not sought.theme:
        if named_most and named_most in approach.themes:
            yield True, Mark.THEME
    elif approach.themes:
        suits = sought.theme in approach.themes
        yield suits, Mark.THIS_THEME if suits else Mark.OTHER_THEME


def _means(approach: Approach, advice: Advice) -> Iterator[tuple[bool, Mark]]:
    budget, hours = advice.inputs.budget, advice.inputs.hours
    if not approach.costs:
        yield True, Mark.FREE
    elif budget is not None and approach.costs > budget:
        yield False, Mark.TOO_DEAR
    elif budget is not None or approach.costs <= CHEAP:
        yield True, Mark.AFFORDABLE
    if approach.hours and hours is not None:
        yield hours > 0, Mark.HOURS if hours > 0 else Mark.NO_HOURS
