"""Default rules of participation. Every one of them is a setting of the municipality.

Laws and ordinances differ per municipality and change, so nothing here is presented as law: a municipality keeps
these defaults or changes them (ParticipationRules).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.i18n import Texts


def translated(nl: str, en: str) -> Texts:
    return {"nl": nl, "en": en}


# The participation ladder, with the names that Dutch municipalities use.
LADDER: dict[str, Texts] = {
    "inform": translated("informeren", "inform"),
    "consult": translated("raadplegen", "consult"),
    "advise": translated("adviseren", "advise"),
    "coproduce": translated("coproduceren", "coproduce"),
    "decide": translated("meebeslissen", "decide together"),
}
# The same levels in plain language for residents.
PLAIN_LADDER: Mapping[str, Texts] = {
    "inform": translated("U hoort het van ons.", "You hear it from us."),
    "consult": translated("Wij vragen wat u vindt.", "We ask what you think."),
    "advise": translated("Uw advies weegt mee.", "Your advice weighs in."),
    "coproduce": translated("Wij maken het samen.", "We make it together."),
    "decide": translated("U beslist mee.", "You decide with us."),
}
# Roles of the municipality in an initiative: the "overheidsparticipatietrap".
GOVERNMENT_ROLES: dict[str, Texts] = {
    "regulate": translated("reguleren", "regulate"),
    "direct": translated("regisseren", "direct"),
    "stimulate": translated("stimuleren", "encourage"),
    "facilitate": translated("faciliteren", "make possible"),
    "let_go": translated("loslaten", "let go"),
}
# The same roles in plain language for residents.
PLAIN_ROLES: Mapping[str, Texts] = {
    "regulate": translated(
        "Wij stellen de regels, en letten erop dat iedereen zich eraan houdt.",
        "We set the rules, and see to it that everybody keeps them.",
    ),
    "direct": translated("Wij leiden het. Buren doen mee.", "We lead it. Neighbours take part."),
    "stimulate": translated(
        "Buren doen het. Wij moedigen aan en helpen op weg.",
        "Neighbours do it. We encourage and help on the way.",
    ),
    "facilitate": translated(
        "Buren doen het. Wij zorgen dat het kan.", "Neighbours do it. We see to it that they can."
    ),
    "let_go": translated(
        "Dit is van buren zelf. Wij laten het aan hen.", "This belongs to neighbours. We leave it to them."
    ),
}
# Grounds on which a body may waive participation. Ordinances differ in which of them they allow.
GROUNDS: Mapping[str, Texts] = {
    "small-change": translated(
        "Het is een kleine wijziging van beleid dat er al is.",
        "It is a small change of policy that is there already.",
    ),
    "no-room": translated("Een hogere regeling laat geen keus.", "A higher regulation leaves no choice."),
    "budget": translated(
        "Het gaat over de begroting of de tarieven.", "It is about the budget or the rates."
    ),
    "urgent": translated("Het kan niet wachten.", "It can't wait."),
    "own-house": translated(
        "Het gaat alleen over hoe de gemeente zelf werkt.",
        "It is only about how the municipality itself works.",
    ),
    "asked-lately": translated(
        "Bewoners deden hierover kort geleden al mee.", "Residents took part in this recently."
    ),
    "vulnerable": translated(
        "Meedoen kan kwetsbare groepen onevenredig schaden.",
        "Participation could disproportionately harm vulnerable groups.",
    ),
}
# In days.
DEFAULT_TERM_DAYS: Mapping[str, int] = {
    "rough_results": 1,
    "answer": 56,
    "report": 56,
    "evaluation": 270,
    "right_to_challenge": 182,
    "remind_before": 7,
    "look_back": 42,
    "first_contact": 2,
    "proposal": 7,
    "check": 30,
    "need_look": 30,
    "match_answer": 7,
    "match_link": 30,
    "waiting_list": 14,
    "waiting_list_end": 84,
    "light_route": 14,
    "clearance_renewal": 1095,
    "clearance_warning": 60,
}
# Sections of a final report, in order. Ordinances have long asked for procedure, input and reaction; the rest is
# our own design. We found no law that prescribes the contents.
REPORT_SECTIONS: Mapping[str, Texts] = {
    "procedure": translated("Hoe het ging", "How it went"),
    "plan": translated("Wat wij van plan waren, en wat er gebeurde", "What we planned, and what happened"),
    "reach": translated("Wie meededen en wie niet", "Who took part and who did not"),
    "input": translated("Wat bewoners inbrachten", "What residents brought in"),
    "reaction": translated("Wat wij ermee doen", "What we do with it"),
    "began": translated("Wat er begon", "What began"),
    "means": translated("Geld en uren", "Money and hours"),
    "told": translated("Wat wij vertelden, en wanneer", "What we told, and when"),
    "environment": translated("Voor de Omgevingswet", "For the Environment and Planning Act"),
    "decision": translated("Het besluit", "The decision"),
}


@dataclass(frozen=True)
class Thresholds:
    """Where low ends and high begins. Shares are percentages, loads are deviations from the municipality."""

    load_high: float = 0.5
    load_low: float = -0.5
    wanting_high: float = 15
    wanting_low: float = 5
    running_high: float = 1
    spoken_enough: int = 3
    asked_enough: int = 30
    response_enough: float = 20
    band_share: float = 50
    urgent: float = 25
    cohesion_low: float = -0.5
    knowing_low: float = 50

    @classmethod
    def of(cls, changed: Mapping[str, Any]) -> "Thresholds":
        """The defaults with the municipality's changes; unknown names are ignored."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in changed.items() if name in known})
