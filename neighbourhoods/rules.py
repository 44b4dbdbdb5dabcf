"""Where the rules of working with residents begin. Every one of them is a setting of the municipality.

What laws and ordinances ask differs per municipality and changes, so nothing here is presented as law: a
municipality reads it, keeps it or makes it its own (ParticipationRules).
"""

from collections.abc import Mapping

Texts = Mapping[str, str]


def t(nl: str, en: str) -> Texts:
    return {"nl": nl, "en": en}


# The participation ladder as Dutch municipalities name it.
LADDER: dict[str, Texts] = {
    "inform": t("informeren", "inform"),
    "consult": t("raadplegen", "consult"),
    "advise": t("adviseren", "advise"),
    "coproduce": t("coproduceren", "coproduce"),
    "decide": t("meebeslissen", "decide together"),
}
# The same five as residents read them.
PLAIN_LADDER: Mapping[str, Texts] = {
    "inform": t("U hoort het van ons.", "You hear it from us."),
    "consult": t("Wij vragen wat u vindt.", "We ask what you think."),
    "advise": t("Uw advies weegt mee.", "Your advice weighs in."),
    "coproduce": t("Wij maken het samen.", "We make it together."),
    "decide": t("U beslist mee.", "You decide with us."),
}
# What the municipality is in an initiative: the "overheidsparticipatietrap".
ROLES: dict[str, Texts] = {
    "regulate": t("reguleren", "regulate"),
    "direct": t("regisseren", "direct"),
    "stimulate": t("stimuleren", "encourage"),
    "facilitate": t("faciliteren", "make possible"),
    "let_go": t("loslaten", "let go"),
}
# On which a body may decide that residents do not take part. Ordinances differ in which they know.
GROUNDS: Mapping[str, Texts] = {
    "small-change": t(
        "Het is een kleine wijziging van beleid dat er al is.",
        "It is a small change of policy that is there already.",
    ),
    "no-room": t("Een hogere regeling laat geen keus.", "A higher regulation leaves no choice."),
    "budget": t("Het gaat over de begroting of de tarieven.", "It is about the budget or the rates."),
    "urgent": t("Het kan niet wachten.", "It can't wait."),
    "own-house": t(
        "Het gaat alleen over hoe de gemeente zelf werkt.",
        "It is only about how the municipality itself works.",
    ),
    "asked-lately": t(
        "Bewoners deden hierover kort geleden al mee.", "Residents took part in this recently."
    ),
    "vulnerable": t(
        "Meedoen kan kwetsbare groepen onevenredig schaden.",
        "Participation could disproportionately harm vulnerable groups.",
    ),
}
# In days.
TERMS: Mapping[str, int] = {
    "rough_results": 1,
    "answer": 56,
    "report": 56,
    "evaluation": 270,
    "right_to_challenge": 182,
}
REPORT_SECTIONS: Mapping[str, Texts] = {
    "procedure": t("Hoe het ging", "How it went"),
    "input": t("Wat bewoners inbrachten", "What residents brought in"),
    "reaction": t("Wat wij ermee doen", "What we do with it"),
    "reach": t("Wie meededen en wie niet", "Who took part and who did not"),
    "decision": t("Het besluit", "The decision"),
}
