"""Meeting: whether a neighbourhood wants a living room of its own, and who would keep it open."""

from surveys.library.first_sounding import OWN
from surveys.library.plan import COORDINATOR, DONT_KNOW, MANAGER, LayerPlan, OptionPlan, Plan, QuestionPlan, t

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="often",
            type="scale",
            text=t(
                "Hoe vaak maakt u een praatje met buren?", "How often do you have a chat with neighbours?"
            ),
            purpose=t(
                "Wij willen weten of er een plek ontbreekt, of vooral een aanleiding.",
                "We want to know whether a place is missing, or rather a reason to meet.",
            ),
            use=t(
                "Het bepaalt of wij met een plek beginnen of met iets kleins op straat.",
                "It decides whether we begin with a place or with something small in the street.",
            ),
            owner_role=MANAGER,
            options=(
                OptionPlan("daily", t("Bijna elke dag", "Almost every day")),
                OptionPlan("weekly", t("Elke week", "Every week")),
                OptionPlan("less", t("Minder vaak", "Less often")),
                OptionPlan("never", t("Nooit", "Never")),
            ),
        ),
        QuestionPlan(
            key="what",
            type="one_choice",
            text=t("Waarvoor zou u uw huis uit komen?", "What would you leave the house for?"),
            purpose=t("Een lege zaal helpt niemand.", "An empty room helps nobody."),
            use=t(
                "Met het meest genoemde beginnen wij.",
                "We begin with what is named most.",
            ),
            owner_role=MANAGER,
            asks_needs=True,
            theme="meeting",
            skip="dont_know",
            options=(
                OptionPlan(
                    "coffee", t("Koffie, zomaar binnenlopen", "Coffee, just walking in"), theme="meeting"
                ),
                OptionPlan("eat", t("Samen eten", "Eating together"), theme="meeting"),
                OptionPlan(
                    "make", t("Iets maken of repareren", "Making or repairing something"), theme="meeting"
                ),
                OptionPlan("move", t("Samen bewegen", "Moving together"), theme="meeting"),
                OptionPlan("children", t("Iets met kinderen", "Something with children"), theme="youth"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="when",
            type="one_choice",
            text=t("Wanneer past dat u?", "When would that suit you?"),
            purpose=t("Een deur die dicht is helpt niemand.", "A door that is closed helps nobody."),
            use=t(
                "De openingstijden maken wij met dit antwoord.", "We make the opening hours with this answer."
            ),
            owner_role=COORDINATOR,
            theme="meeting",
            options=(
                OptionPlan("day", t("Overdag", "In the daytime")),
                OptionPlan("evening", t("'s Avonds", "In the evening")),
                OptionPlan("weekend", t("In het weekend", "At the weekend")),
            ),
        ),
        QuestionPlan(
            key="open",
            type="yes_no",
            text=t(
                "Zou u een keer de deur willen openhouden?", "Would you keep the door open once in a while?"
            ),
            purpose=t(
                "Een huiskamer van de buurt draait op buren.",
                "A neighbourhood's living room runs on neighbours.",
            ),
            use=t(
                "Zijn er genoeg mensen, dan gaat het door. Anders hoort u dat ook.",
                "With enough people it goes ahead. If not, you hear that too.",
            ),
            owner_role=COORDINATOR,
            theme="meeting",
            options=(OptionPlan("yes", t("Ja", "Yes")), OptionPlan("no", t("Nee", "No"))),
        ),
    ),
)

PLACE = LayerPlan(
    title=t("De plek", "The place"),
    theme="meeting",
    questions=(
        QuestionPlan(
            key="where",
            type="several_choices",
            text=t("Waar zou u graag heen gaan?", "Where would you like to go?"),
            purpose=t(
                "Er zijn ruimtes die al van ons allemaal zijn.",
                "There are rooms that belong to all of us already.",
            ),
            use=t(
                "Wij vragen de twee meest genoemde of zij opengaan.",
                "We ask the two named most to open their doors.",
            ),
            owner_role=MANAGER,
            asks_needs=True,
            theme="meeting",
            settings={"most": 2},
            options=(
                OptionPlan(
                    "school", t("De school, na schooltijd", "The school, after hours"), theme="meeting"
                ),
                OptionPlan("library", t("De bibliotheek", "The library"), theme="meeting"),
                OptionPlan("church", t("Een kerk of moskee", "A church or mosque"), theme="meeting"),
                OptionPlan("outside", t("Buiten, op een plein", "Outside, on a square"), theme="meeting"),
            ),
        ),
        QuestionPlan(
            key="needs",
            type="long_text",
            text=t("Wat moet er zeker zijn?", "What must certainly be there?"),
            hint=t(
                "Denk aan een lift, een keuken, een hoek voor kinderen.",
                "Think of a lift, a kitchen, a corner for children.",
            ),
            purpose=t("Wie niet binnen kan komen, doet niet mee.", "Who can't get in does not take part."),
            use=t(
                "De wijkmanager kiest geen plek waar dit ontbreekt.",
                "Your neighbourhood manager chooses no place that lacks it.",
            ),
            owner_role=MANAGER,
            asks_needs=True,
            theme="meeting",
        ),
    ),
)

HANDS = LayerPlan(
    title=t("Meehelpen", "Helping out"),
    theme="meeting",
    condition={"is": {"question": "open", "option": "yes"}},
    questions=(
        QuestionPlan(
            key="how",
            type="several_choices",
            text=t("Wat zou u kunnen doen?", "What could you do?"),
            purpose=t("Iedereen kan iets anders.", "Everybody can do something else."),
            use=t(
                "Wij tellen welke handen er zijn. Meedoen zegt u pas later toe.",
                "We count which hands there are. You say yes later on.",
            ),
            owner_role=COORDINATOR,
            theme="meeting",
            options=(
                OptionPlan("coffee", t("Koffie schenken", "Pouring coffee")),
                OptionPlan("cook", t("Koken", "Cooking")),
                OptionPlan("key", t("De sleutel en het rooster", "The key and the roster")),
                OptionPlan("mend", t("Klussen", "Odd jobs")),
                OptionPlan("bring", t("Mensen halen en brengen", "Fetching people")),
            ),
        ),
        QuestionPlan(
            key="time",
            type="one_choice",
            text=t("Hoeveel tijd hebt u?", "How much time would you have?"),
            purpose=t("Weinig is ook goed.", "A little is fine too."),
            use=t("Wij weten dan of een rooster lukt.", "Then we know whether a roster can work."),
            owner_role=COORDINATOR,
            theme="meeting",
            options=(
                OptionPlan("once", t("Eén keer", "Once")),
                OptionPlan("month", t("Een keer per maand", "Once a month")),
                OptionPlan("week", t("Elke week", "Every week")),
            ),
        ),
    ),
)

ALONE = LayerPlan(
    title=t("Alleen of samen", "Alone or together"),
    theme="meeting",
    condition={"more_than": {"question": "often", "option": "daily"}},
    questions=(
        QuestionPlan(
            key="enough",
            type="one_choice",
            text=t("Ziet u genoeg mensen?", "Do you see enough people?"),
            hint=t(
                "Voor uw eigen gevoel. Veel of weinig is allebei goed.",
                "As you feel it. Many or few, both are fine.",
            ),
            purpose=t(
                "Sommige mensen zijn graag alleen. Anderen zijn het tegen hun zin.",
                "Some people like being alone. Others are so against their will.",
            ),
            use=t(
                "Wij zien in welke buurten een maatje of een eettafel helpt. Wie wat koos, ziet niemand.",
                "We see in which places a companion or a shared table helps. Nobody sees who chose what.",
            ),
            owner_role=COORDINATOR,
            theme="meeting",
            skip="rather_not",
            options=(
                OptionPlan("yes", t("Ja", "Yes")),
                OptionPlan("mostly", t("Meestal wel", "Mostly")),
                OptionPlan("more", t("Het mag wel meer", "It could be more")),
                OptionPlan("no", t("Nee", "No")),
            ),
        ),
        QuestionPlan(
            key="would_help",
            type="several_choices",
            text=t("Wat zou u fijn vinden?", "What would you like?"),
            purpose=t(
                "Een zaal past niet bij iedereen. Een kop koffie bij iemand thuis soms wel.",
                "A hall does not suit everybody. A cup of coffee at somebody's home may.",
            ),
            use=t(
                "Het meest genoemde regelt de coördinator binnen twee maanden.",
                "What is named most the coordinator arranges within two months.",
            ),
            owner_role=COORDINATOR,
            asks_needs=True,
            theme="meeting",
            skip="rather_not",
            settings={"most": 2},
            options=(
                OptionPlan("visit", t("Af en toe bezoek", "A visit now and then"), theme="meeting"),
                OptionPlan("table", t("Aanschuiven bij een maaltijd", "Joining a meal"), theme="meeting"),
                OptionPlan("walk", t("Samen wandelen", "Walking together"), theme="meeting"),
                OptionPlan("call", t("Een telefoontje in de week", "A phone call every week"), theme="help"),
                OptionPlan("ride", t("Iemand die mij ophaalt", "Somebody who fetches me"), theme="help"),
                OptionPlan(
                    "none", t("Niets, het is goed zo", "Nothing, it is fine as it is"), dont_know=True
                ),
            ),
        ),
    ),
)

PLAN = Plan(
    slug="meeting",
    name=t("Ontmoeten en eenzaamheid", "Meeting and loneliness"),
    about=t(
        "Een huiskamer van de buurt: waar, wanneer, en wie houdt hem open. En wat helpt wie weinig mensen ziet.",
        "A living room of the neighbourhood: where, when, who keeps it open. And what helps who sees few people.",
    ),
    title=t("Een huiskamer voor {place}?", "A living room for {place}?"),
    lead=t(
        "Vier korte vragen. Overslaan mag altijd. Meer vertellen mag ook.",
        "Four short questions. You can always skip. You can say more as well.",
    ),
    who_asks=t("De gemeente, samen met bewoners.", "The municipality, together with residents."),
    why=t(
        "Bewoners vroegen om een plek. Wij willen er geen maken waar niemand komt.",
        "Residents asked for a place. We don't want to make one where nobody comes.",
    ),
    promise=t(
        "U hoort of de plek er komt, en waarom wel of niet.",
        "You hear whether the place will come, and why or why not.",
    ),
    influence="coproduce",
    influence_text=t(
        "U beslist mee over wat er gebeurt. Over het gebouw beslist de gemeente.",
        "You help decide what happens. The municipality decides on the building.",
    ),
    owner_role=MANAGER,
    card={
        "money": t(
            "€ 750 voor spullen. Meer is er dit jaar niet. Huur hoeft niet.",
            "€ 750 for materials. There is no more this year. No rent.",
        ),
        "time": t(
            "Twee uur per maand, een jaar lang. Stoppen mag altijd.",
            "Two hours a month, for a year. You can stop any time.",
        ),
        "influence": t(
            "U beslist mee over wat er gebeurt. Over het gebouw beslist de gemeente.",
            "You help decide what happens. The municipality decides on the building.",
        ),
        "contact": t(
            "De coördinator van het wijkteam. U wordt binnen 2 dagen gebeld of gemaild.",
            "The coordinator of the neighbourhood team, within 2 days.",
        ),
        "too_few": t(
            "Dan hoort u dat. Wij proberen het over een half jaar nog eens.",
            "You hear so. We try again in half a year.",
        ),
    },
    layers=(FIRST, OWN, PLACE, ALONE, HANDS),
)
