"""Traffic: crossing, speed, parking and the bus, for whoever walks, cycles and drives."""

from surveys.library.first_sounding import OWN
from surveys.library.plan import (
    DONT_KNOW,
    FOUR_SHORT,
    TRAFFIC_LEAD,
    LayerPlan,
    Plan,
    QuestionPlan,
    choice,
    t,
)

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="way",
            type="one_choice",
            text=t("Hoe gaat u meestal door {place}?", "How do you usually get around {place}?"),
            purpose=t(
                "Een straat is van wie er loopt, fietst en rijdt.",
                "A street is for all who walk, cycle and drive.",
            ),
            use=t(
                "Wij lezen de antwoorden van lopers, fietsers en rijders apart.",
                "We read the answers of walkers, cyclists and drivers apart.",
            ),
            owner_role=TRAFFIC_LEAD,
            options=(
                choice("foot", "Lopend", "On foot"),
                choice("bike", "Op de fiets", "By bicycle"),
                choice("bus", "Met de bus", "By bus"),
                choice("car", "Met de auto", "By car"),
                choice(
                    "wheels", "Met een rolstoel of scootmobiel", "In a wheelchair or on a mobility scooter"
                ),
            ),
        ),
        QuestionPlan(
            key="first",
            type="one_choice",
            text=t("Wat moet er als eerste veranderen?", "What should change first?"),
            purpose=t("Er is dit jaar geld voor één straat.", "This year there is money for one street."),
            use=t(
                "Met het meest genoemde beginnen wij. Vóór de zomer hoort u welke straat het wordt.",
                "We begin with what is named most. Before summer you hear which street it will be.",
            ),
            owner_role=TRAFFIC_LEAD,
            asks_needs=True,
            theme="traffic",
            options=(
                choice("cross", "Veiliger oversteken", "Safer crossings", "traffic"),
                choice("speed", "Langzamer rijden", "Driving more slowly", "traffic"),
                choice("bike", "Betere fietspaden", "Better cycle paths", "traffic"),
                choice(
                    "walk",
                    "Stoepen zonder hobbels en fietsen",
                    "Pavements without bumps and bicycles",
                    "traffic",
                ),
                choice("park", "Parkeren", "Parking", "traffic"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="speed",
            type="scale",
            text=t(
                "Hoe vaak wordt er bij u te hard gereden?",
                "How often do people drive too fast where you live?",
            ),
            purpose=t(
                "Tellen met een kastje kan maar in drie straten.",
                "A counting box fits in three streets only.",
            ),
            use=t(
                "Het kastje komt waar dit het meest genoemd wordt.", "The box goes where this is named most."
            ),
            owner_role=TRAFFIC_LEAD,
            theme="traffic",
            options=(
                choice("never", "Bijna nooit", "Hardly ever"),
                choice("sometimes", "Soms", "Sometimes"),
                choice("daily", "Elke dag", "Every day"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="give",
            type="one_choice",
            text=t(
                "Wat zou u inleveren voor een rustiger straat?",
                "What would you give up for a quieter street?",
            ),
            purpose=t(
                "Niets kost niets. Wij vragen het liever vooraf.",
                "Nothing is free. We would rather ask first.",
            ),
            use=t(
                "Wat bijna niemand wil inleveren, komt niet in het voorstel.",
                "What hardly anyone will give up does not go into the proposal.",
            ),
            owner_role=TRAFFIC_LEAD,
            theme="traffic",
            options=(
                choice("detour", "Een stukje omrijden", "Driving a little way round"),
                choice("place", "Een parkeerplaats", "A parking place"),
                choice("bumps", "Drempels voor de deur", "Bumps before my door"),
                choice("none", "Niets", "Nothing"),
                DONT_KNOW,
            ),
        ),
    ),
)

CROSSING = LayerPlan(
    title=t("Lopen en oversteken", "Walking and crossing"),
    theme="traffic",
    condition={
        "any": [
            {"is": {"question": "first", "option": "cross"}},
            {"is": {"question": "first", "option": "walk"}},
            {"is": {"question": "way", "option": "foot"}},
            {"is": {"question": "way", "option": "wheels"}},
        ]
    },
    questions=(
        QuestionPlan(
            key="where",
            type="short_text",
            text=t("Waar steekt u niet graag over?", "Where do you not like to cross?"),
            hint=t("Noem de straat of de hoek.", "Name the street or the corner."),
            purpose=t("U weet het beter dan onze kaart.", "You know it better than our map."),
            use=t(
                "De teamleider gaat op de drie meest genoemde plekken kijken.",
                "The team lead goes and looks at the three places named most.",
            ),
            owner_role=TRAFFIC_LEAD,
            asks_needs=True,
            theme="traffic",
        ),
        QuestionPlan(
            key="whom",
            type="several_choices",
            text=t("Met wie steekt u daar over?", "With whom do you cross there?"),
            purpose=t(
                "Een kind heeft een andere oversteek nodig dan een fietser.",
                "A child needs another crossing than a cyclist.",
            ),
            use=t("Het bepaalt wat voor oversteek wij tekenen.", "It decides what kind of crossing we draw."),
            owner_role=TRAFFIC_LEAD,
            theme="traffic",
            options=(
                choice("alone", "Alleen", "By myself"),
                choice("children", "Met kinderen", "With children"),
                choice("stroller", "Met een kinderwagen of rollator", "With a pram or walking frame"),
                choice("dog", "Met de hond", "With the dog"),
            ),
        ),
    ),
)

BUS = LayerPlan(
    title=t("De bus", "The bus"),
    theme="traffic",
    condition={"not": {"is": {"question": "way", "option": "car"}}},
    questions=(
        QuestionPlan(
            key="stop",
            type="one_choice",
            text=t("Hoe ver is de bushalte voor u?", "How far is the bus stop for you?"),
            purpose=t(
                "Over de bus gaat het busbedrijf. Wij vragen het voor u.",
                "The bus company decides on the bus. We ask for you.",
            ),
            use=t(
                "Met dit antwoord gaat de teamleider naar het busbedrijf.",
                "With this answer the team lead goes to the bus company.",
            ),
            owner_role=TRAFFIC_LEAD,
            asks_needs=True,
            theme="traffic",
            skip="dont_know",
            options=(
                choice("near", "Dichtbij genoeg", "Near enough"),
                choice("far", "Te ver om te lopen", "Too far to walk", "traffic"),
                choice("gone", "Mijn halte is weg", "My stop is gone", "traffic"),
            ),
        ),
        QuestionPlan(
            key="miss",
            type="short_text",
            text=t("Waar wilt u heen en komt u nu niet?", "Where do you want to go and can't get to now?"),
            hint=t(
                "Denk aan het ziekenhuis, de markt, uw werk.", "Think of the hospital, the market, your work."
            ),
            purpose=t(
                "Een buurtbus rijdt alleen als er een vraag achter zit.",
                "A local bus runs only when there is a need behind it.",
            ),
            use=t(
                "De teamleider legt de lijst naast de dienstregeling.",
                "The team lead lays the list beside the timetable.",
            ),
            owner_role=TRAFFIC_LEAD,
            theme="traffic",
        ),
    ),
)

PLAN = Plan(
    slug="traffic",
    name=t("Verkeer", "Traffic"),
    about=t(
        "Oversteken, snelheid, stoepen en de bus: wat komt eerst, en wat mag het kosten.",
        "Crossings, speed, pavements and the bus: what comes first, and what may it cost.",
    ),
    title=t("Hoe komt u veilig door {place}?", "How do you get through {place} safely?"),
    lead=FOUR_SHORT,
    who_asks=t("De gemeente.", "The municipality."),
    why=t(
        "Dit jaar richten wij één straat opnieuw in. Wij willen weten welke het hardst nodig is.",
        "This year we lay out one street anew. We want to know which one needs it most.",
    ),
    promise=t(
        "U hoort welke straat het wordt, wat er verandert, en waarom de andere wachten.",
        "You hear which street it will be, what changes, and why the others wait.",
    ),
    influence="advise",
    influence_text=t(
        "Uw antwoord bepaalt mee welke straat het wordt. De raad beslist, en kan anders kiezen.",
        "Your answer helps decide which street. The council decides and may choose otherwise.",
    ),
    owner_role=TRAFFIC_LEAD,
    card={
        "money": t(
            "Er is geen geld voor wie meedenkt. Wel koffie, en een tekenaar die luistert.",
            "There is no money for who thinks along. There is coffee, and a designer who listens.",
        ),
        "time": t("Twee avonden, samen vijf uur.", "Two evenings, five hours in all."),
        "influence": t(
            "U tekent mee aan het ontwerp. De raad stelt het vast.",
            "You help draw the design. The council adopts it.",
        ),
        "contact": t(
            "De teamleider verkeer. U wordt binnen een week gebeld of gemaild.",
            "The team lead for traffic, within a week.",
        ),
        "too_few": t(
            "Dan hangt het ontwerp een week in de bibliotheek, en kunt u daar reageren.",
            "Then the design hangs in the library for a week, and you can react there.",
        ),
    },
    layers=(FIRST, OWN, CROSSING, BUS),
)
