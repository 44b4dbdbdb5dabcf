"""Reaction: the results put back to the neighbourhood before the decision. Does it have support?"""

from surveys.library.first_sounding import OWN
from surveys.library.plan import DONT_KNOW, MANAGER, LayerPlan, OptionPlan, Plan, QuestionPlan, t

SUPPORT = QuestionPlan(
    key="support",
    type="one_choice",
    text=t("Staat u achter wat wij willen doen?", "Do you support what we want to do?"),
    hint=t(
        "Schrijf hier in één zin wat u wilt doen, en waarom.",
        "Write here in one sentence what you want to do, and why.",
    ),
    purpose=t(
        "Wij beslissen pas als de buurt heeft kunnen reageren.",
        "We decide only after the neighbourhood could react.",
    ),
    use=t(
        "De uitkomst staat bij het besluit. Wijken wij ervan af, dan schrijven wij op waarom.",
        "The outcome stands beside the decision. If we decide otherwise, we write down why.",
    ),
    owner_role=MANAGER,
    options=(
        OptionPlan("yes", t("Ja", "Yes")),
        OptionPlan("partly", t("Voor een deel", "In part")),
        OptionPlan("no", t("Nee", "No")),
        DONT_KNOW,
    ),
)

PLAN = Plan(
    slug="reaction",
    name=t("Korte reactieronde", "Short reaction round"),
    about=t(
        "Leg de uitkomst terug vóór het besluit: staat de buurt erachter?",
        "Put the results back before the decision: does the neighbourhood support it?",
    ),
    title=t("Wat vindt {place} van ons voorstel?", "What does {place} think of our proposal?"),
    lead=t("Eén vraag. Meer zeggen mag.", "One question. You can say more."),
    who_asks=t("De gemeente.", "The municipality."),
    why=t(
        "U vertelde ons wat er nodig is. Nu leggen wij voor wat wij willen doen.",
        "You told us what is needed. Now we show what we want to do.",
    ),
    promise=t(
        "U hoort wat wij besluiten, en wat wij met uw reactie deden.",
        "You hear what we decide, and what we did with your reaction.",
    ),
    influence="advise",
    influence_text=t(
        "Uw reactie weegt mee. Wijken wij af, dan leest u waarom.",
        "Your reaction weighs in. If we decide otherwise, you read why.",
    ),
    owner_role=MANAGER,
    card={
        "money": t("Er is nog geen geld voor nodig.", "No money is needed yet."),
        "time": t("Zoveel u zelf wilt.", "As much as you like."),
        "influence": t("U denkt mee over hoe wij het doen.", "You think along about how we do it."),
        "contact": t(
            "Uw wijkmanager. U wordt binnen 2 dagen gebeld of gemaild.",
            "Your neighbourhood manager, within 2 days.",
        ),
        "too_few": t("Dan hoort u dat, en wat wij dan doen.", "You hear so, and what we do then."),
    },
    layers=(LayerPlan(title=t("Iedereen", "Everybody"), questions=(SUPPORT,)), OWN),
)
"""The order of the first three answers is what `surveys.opening.services.trajectories.support_in` counts."""
