"""The village hall: whether it stays, what for, and who carries it."""

from surveys.library.first_sounding import OWN
from surveys.library.plan import (
    DONT_KNOW,
    FOUR_SHORT,
    LayerPlan,
    OptionPlan,
    Plan,
    QuestionPlan,
    choice,
    t,
)

VILLAGE_MANAGER = t("De dorpscoördinator", "The village coordinator")
BOARD = t("Het bestuur van het dorpshuis", "The board of the village hall")

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="visit",
            type="scale",
            text=t("Hoe vaak komt u in het dorpshuis?", "How often do you come to the village hall?"),
            purpose=t(
                "Een dorpshuis dat leeg staat, houdt het niet.", "A hall that stands empty does not last."
            ),
            use=t(
                "Wij leggen het naast het rooster, en zien welke uren beter kunnen.",
                "We lay it beside the roster, and see which hours could be better.",
            ),
            owner_role=BOARD,
            theme="meeting",
            options=(
                choice("weekly", "Elke week", "Every week"),
                choice("monthly", "Elke maand", "Every month"),
                choice("yearly", "Een paar keer per jaar", "A few times a year"),
                choice("never", "Nooit", "Never"),
            ),
        ),
        QuestionPlan(
            key="keep",
            type="one_choice",
            text=t("Wat moet er in het dorp zeker blijven?", "What must certainly stay in the village?"),
            purpose=t(
                "Alles openhouden lukt niet. Wij beginnen bij wat u niet kunt missen.",
                "We can't keep everything open. We begin with what you can't do without.",
            ),
            use=t(
                "Het meest genoemde krijgt als eerste een plek in het gebouw.",
                "What is named most gets a place in the building first.",
            ),
            owner_role=VILLAGE_MANAGER,
            asks_needs=True,
            theme="meeting",
            options=(
                choice(
                    "meet",
                    "Een plek voor koffie en een kaartje leggen",
                    "A place for coffee and cards",
                    "meeting",
                ),
                choice("clubs", "Ruimte voor de verenigingen", "Room for the clubs", "meeting"),
                choice("shop", "Boodschappen en pakjes", "Groceries and parcels", "help"),
                choice("care", "De wijkzuster of de huisarts", "The district nurse or the doctor", "help"),
                choice("youth", "Iets voor de jeugd", "Something for the young", "youth"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="pay",
            type="one_choice",
            text=t("Wat zou u voor het dorpshuis overhebben?", "What would you do for the village hall?"),
            purpose=t(
                "De gemeente betaalt het dak en de verwarming. De rest is van het dorp.",
                "The municipality pays for roof and heating. The rest is up to the village.",
            ),
            use=t(
                "Samen met het bestuur rekenen wij uit of het kan.",
                "Together with the board we work out whether it can be done.",
            ),
            owner_role=BOARD,
            theme="meeting",
            options=(
                OptionPlan("time", t("Een paar uur per maand", "A few hours a month"), counts_as="joins"),
                choice("money", "Een tientje per jaar", "Ten euros a year"),
                choice("come", "Er vaker komen", "Coming more often"),
                choice("none", "Niets", "Nothing"),
            ),
        ),
        QuestionPlan(
            key="when",
            type="one_choice",
            text=t("Wanneer zou u het liefst komen?", "When would you rather come?"),
            purpose=t("Een deur die dicht is helpt niemand.", "A door that is closed helps nobody."),
            use=t(
                "De openingstijden maken wij met dit antwoord.", "With this answer we make the opening hours."
            ),
            owner_role=BOARD,
            theme="meeting",
            options=(
                choice("morning", "'s Morgens", "In the morning"),
                choice("afternoon", "'s Middags", "In the afternoon"),
                choice("evening", "'s Avonds", "In the evening"),
                choice("weekend", "In het weekend", "At the weekend"),
                choice("never", "Ik zou niet komen", "I would not come"),
            ),
        ),
    ),
)

HALL = LayerPlan(
    title=t("Het gebouw", "The building"),
    theme="meeting",
    questions=(
        QuestionPlan(
            key="mend",
            type="several_choices",
            text=t("Wat moet er aan het gebouw beter?", "What must be better about the building?"),
            purpose=t("Er is dit jaar geld voor twee dingen.", "This year there is money for two things."),
            use=t("De twee meest genoemde gaan naar de aannemer.", "The two named most go to the builder."),
            owner_role=BOARD,
            asks_needs=True,
            theme="meeting",
            settings={"most": 2},
            options=(
                choice("warm", "Warmer in de winter", "Warmer in winter", "meeting"),
                choice("door", "Een ingang zonder drempel", "A door without a step", "meeting"),
                choice("kitchen", "Een betere keuken", "A better kitchen", "meeting"),
                choice("sound", "Minder galm in de zaal", "Less echo in the hall", "meeting"),
                choice("garden", "Een terras of tuin", "A terrace or garden", "green"),
            ),
        ),
        QuestionPlan(
            key="stops",
            type="short_text",
            text=t("Wat houdt u nu tegen om te komen?", "What keeps you from coming now?"),
            hint=t("Een paar woorden is genoeg.", "A few words will do."),
            purpose=t("Misschien kunnen wij dat wegnemen.", "Perhaps we can take it away."),
            use=t(
                "Het bestuur bespreekt het in de eerste vergadering na de peiling.",
                "The board discusses it in its first meeting after this.",
            ),
            owner_role=BOARD,
            theme="meeting",
            condition={"more_than": {"question": "visit", "option": "monthly"}},
        ),
    ),
)

CARRY = LayerPlan(
    title=t("Samen dragen", "Carrying it together"),
    theme="meeting",
    condition={"is": {"question": "pay", "option": "time"}},
    questions=(
        QuestionPlan(
            key="what",
            type="several_choices",
            text=t("Wat zou u kunnen doen?", "What could you do?"),
            purpose=t("Nu doen acht mensen alles.", "Eight people do everything now."),
            use=t(
                "Het bestuur ziet welke handen er zijn. Ja zeggen doet u pas later.",
                "The board sees which hands there are. You say yes later on.",
            ),
            owner_role=BOARD,
            theme="meeting",
            options=(
                choice("bar", "Achter de bar", "Behind the bar"),
                choice("key", "Openen en sluiten", "Opening and closing"),
                choice("mend", "Klussen", "Odd jobs"),
                choice("money", "De boekhouding", "Keeping the books"),
                choice("plan", "Iets organiseren", "Organising something"),
            ),
        ),
        QuestionPlan(
            key="board",
            type="one_choice",
            text=t("Zou u in het bestuur willen?", "Would you join the board?"),
            purpose=t(
                "Volgend jaar gaan twee bestuursleden weg.", "Next year two members of the board leave."
            ),
            use=t(
                "De dorpscoördinator nodigt wie ja zegt uit voor een gesprek, als u een adres achterlaat.",
                "The village coordinator invites who says yes for a talk, if you leave an address.",
            ),
            owner_role=VILLAGE_MANAGER,
            theme="meeting",
            options=(
                choice("yes", "Ja", "Yes"),
                choice("later", "Misschien later", "Perhaps later"),
                choice("no", "Nee", "No"),
            ),
        ),
    ),
)

PLAN = Plan(
    slug="village-hall",
    name=t("Dorpshuis", "Village hall"),
    about=t(
        "Wat moet er blijven in het dorp, wat mag het kosten, en wie draagt het dorpshuis mee.",
        "What must stay in the village, what may it cost, and who helps carry the hall.",
    ),
    title=t(
        "Hoe gaat het verder met het dorpshuis van {place}?", "What next for the village hall of {place}?"
    ),
    lead=FOUR_SHORT,
    who_asks=t(
        "De gemeente, samen met het bestuur van het dorpshuis.",
        "The municipality, together with the board of the village hall.",
    ),
    why=t(
        "Het contract loopt volgend jaar af. Vóór die tijd willen wij weten wat het dorp wil.",
        "The contract ends next year. Before then we want to know what the village wants.",
    ),
    promise=t(
        "U hoort of het dorpshuis blijft, wat er verandert, en wat wij van het dorp vragen.",
        "You hear whether the hall stays, what changes, and what we ask of the village.",
    ),
    influence="coproduce",
    influence_text=t(
        "Het dorp kiest wat er gebeurt. Over het bedrag beslist de raad.",
        "The village chooses what happens. The council decides on the amount.",
    ),
    owner_role=VILLAGE_MANAGER,
    card={
        "money": t(
            "De gemeente betaalt dak en verwarming. Voor de rest is er € 2.000 per jaar.",
            "The municipality pays for roof and heating. For the rest there is € 2,000 a year.",
        ),
        "time": t(
            "Vier uur per maand, een jaar lang. Stoppen mag altijd.",
            "Four hours a month, for a year. You can stop any time.",
        ),
        "influence": t(
            "U beslist mee over het rooster en de zaal. De raad beslist over het geld.",
            "You help decide on the roster and the hall. The council decides on the money.",
        ),
        "contact": t(
            "De dorpscoördinator. U wordt binnen 3 dagen gebeld of gemaild.",
            "The village coordinator, within 3 days.",
        ),
        "too_few": t(
            "Dan gaat het dorpshuis minder uren open. Dat hoort u vóór het gebeurt.",
            "Then the hall opens for fewer hours. You hear so before it happens.",
        ),
    },
    layers=(FIRST, OWN, HALL, CARRY),
)
