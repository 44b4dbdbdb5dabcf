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
# The same five as residents read them.
PLAIN_ROLES: Mapping[str, Texts] = {
    "regulate": t(
        "Wij stellen de regels, en letten erop dat iedereen zich eraan houdt.",
        "We set the rules, and see to it that everybody keeps them.",
    ),
    "direct": t("Wij leiden het. Buren doen mee.", "We lead it. Neighbours take part."),
    "stimulate": t(
        "Buren doen het. Wij moedigen aan en helpen op weg.",
        "Neighbours do it. We encourage and help on the way.",
    ),
    "facilitate": t(
        "Buren doen het. Wij zorgen dat het kan.", "Neighbours do it. We see to it that they can."
    ),
    "let_go": t(
        "Dit is van buren zelf. Wij laten het aan hen.", "This belongs to neighbours. We leave it to them."
    ),
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
# What a final report holds, in this order. Procedure, input and reaction are what ordinances have long asked for; the
# rest is our own design. No law was found that says what must be in it.
REPORT_SECTIONS: Mapping[str, Texts] = {
    "procedure": t("Hoe het ging", "How it went"),
    "plan": t("Wat wij van plan waren, en wat er gebeurde", "What we planned, and what happened"),
    "reach": t("Wie meededen en wie niet", "Who took part and who did not"),
    "input": t("Wat bewoners inbrachten", "What residents brought in"),
    "reaction": t("Wat wij ermee doen", "What we do with it"),
    "began": t("Wat er begon", "What began"),
    "means": t("Geld en uren", "Money and hours"),
    "told": t("Wat wij vertelden, en wanneer", "What we told, and when"),
    "environment": t("Voor de Omgevingswet", "For the Environment and Planning Act"),
    "decision": t("Het besluit", "The decision"),
}
