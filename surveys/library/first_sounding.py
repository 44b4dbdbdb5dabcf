"""The first sounding: four taps about living here, then by choice deeper on what people named."""

from surveys.library.plan import DONT_KNOW, MANAGER, LayerPlan, OptionPlan, Plan, QuestionPlan, t

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="living",
            type="scale",
            text=t("Hoe is het om in {place} te wonen?", "What is it like to live in {place}?"),
            purpose=t(
                "Wij willen weten hoe het gaat, vóór wij iets veranderen.",
                "We want to know how things are before we change anything.",
            ),
            use=t(
                "Volgend jaar vragen wij het weer. Dan ziet u of het beter ging.",
                "We ask again next year. Then you see whether it got better.",
            ),
            owner_role=MANAGER,
            options=(
                OptionPlan("very_good", t("Heel fijn", "Very good")),
                OptionPlan("good", t("Fijn", "Good")),
                OptionPlan("so_so", t("Gaat wel", "So-so")),
                OptionPlan("not_good", t("Niet fijn", "Not good")),
                OptionPlan("bad", t("Helemaal niet fijn", "Not good at all")),
            ),
        ),
        QuestionPlan(
            key="first",
            type="one_choice",
            text=t("Wat moet er in {place} als eerste komen?", "What should come first in {place}?"),
            purpose=t(
                "In juni verdeelt de gemeenteraad het geld voor uw buurt.",
                "In June the council divides the money for your neighbourhood.",
            ),
            use=t(
                "Het meest genoemde krijgt in juni als eerste geld. De wijkmanager legt het voor aan de raad.",
                "What is named most gets money first, in June. The neighbourhood manager puts it to the council.",
            ),
            owner_role=MANAGER,
            asks_needs=True,
            skip="dont_know",
            options=(
                OptionPlan(
                    "meet",
                    t("Een plek om elkaar te ontmoeten", "A place to meet each other"),
                    theme="meeting",
                ),
                OptionPlan("green", t("Meer groen en schaduw", "More green and shade"), theme="green"),
                OptionPlan("cross", t("Veiliger oversteken", "Safer crossings"), theme="traffic"),
                OptionPlan(
                    "youth",
                    t("Iets te doen voor jongeren", "Something to do for young people"),
                    theme="youth",
                ),
                OptionPlan(
                    "help",
                    t("Hulp bij gewone dingen", "Help with everyday things"),
                    hint=t("boodschappen, formulieren, klusjes", "shopping, forms, small jobs"),
                    theme="help",
                ),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="help",
            type="one_choice",
            text=t("Wilt u ergens bij helpen?", "Would you like to help with something?"),
            purpose=t(
                "Samen met buren kan er meer dan de gemeente alleen kan.",
                "Together with neighbours more is possible than the municipality can do alone.",
            ),
            use=t(
                "Wij tellen hoeveel mensen willen helpen. Uw naam hoeft u niet te geven.",
                "We count how many people want to help. We don't need your name now.",
            ),
            owner_role=t("De coördinator van het wijkteam", "The coordinator of the neighbourhood team"),
            options=(
                OptionPlan("yes", t("Ja, graag", "Yes, gladly"), counts_as="joins"),
                OptionPlan("perhaps", t("Misschien, als ik meer weet", "Perhaps, when I know more")),
                OptionPlan("no", t("Nee, nu niet", "No, not now")),
            ),
        ),
        QuestionPlan(
            key="know",
            type="one_choice",
            text=t("Kent u de mensen in uw straat?", "Do you know the people in your street?"),
            purpose=t(
                "Waar buren elkaar kennen, helpt een plein of een feest. Waar niet, begint het bij de voordeur.",
                "Where neighbours know each other, a square or a party helps. Where not, it starts at the door.",
            ),
            use=t(
                "Wij kiezen hiermee hoe wij in uw buurt beginnen.",
                "With this we choose how to begin in your neighbourhood.",
            ),
            owner_role=MANAGER,
            options=(
                OptionPlan("most", t("De meeste", "Most of them"), counts_as="knows"),
                OptionPlan("some", t("Een paar", "A few"), counts_as="knows"),
                OptionPlan("none", t("Bijna niemand", "Hardly anyone")),
            ),
        ),
    ),
)

OWN = LayerPlan(
    title=t("Uw eigen onderwerp", "Your own topic"),
    questions=(
        QuestionPlan(
            key="own",
            type="own_topic",
            text=t("Wat vroegen wij niet, maar telt voor u wel?", "What did we not ask that matters to you?"),
            purpose=t("Wij kunnen niet alles bedenken.", "We can't think of everything."),
            use=t(
                "Iemand van het wijkteam leest dit. U krijgt er antwoord op.",
                "Someone of the neighbourhood team reads this. You will get an answer.",
            ),
            owner_role=t("Het wijkteam", "The neighbourhood team"),
            asks_needs=True,
            settings={"ask_theme": True},
        ),
    ),
)

MEETING = LayerPlan(
    title=t("Ontmoeten", "Meeting"),
    theme="meeting",
    questions=(
        QuestionPlan(
            key="where",
            type="several_choices",
            text=t("Waar komt u nu andere buren tegen?", "Where do you meet other neighbours now?"),
            purpose=t("Een nieuwe plek moet iets toevoegen.", "A new place must add something."),
            use=t(
                "Wij kijken welke plek wij beter kunnen maken, vóór wij iets nieuws bouwen.",
                "We see which place we can improve before we build something new.",
            ),
            owner_role=MANAGER,
            theme="meeting",
            options=(
                OptionPlan("street", t("Op straat of op het plein", "In the street or on the square")),
                OptionPlan("school", t("Bij de school", "At the school")),
                OptionPlan("shop", t("In de winkel", "In the shop")),
                OptionPlan("club", t("Bij een club, kerk of moskee", "At a club, church or mosque")),
                OptionPlan("nowhere", t("Nergens", "Nowhere"), dont_know=True),
            ),
        ),
        QuestionPlan(
            key="come",
            type="one_choice",
            text=t("Wanneer zou u naar zo'n plek komen?", "When would you come to such a place?"),
            purpose=t("Een deur die dicht is helpt niemand.", "A door that is closed helps nobody."),
            use=t(
                "De openingstijden maken wij met dit antwoord.", "With this answer we make the opening hours."
            ),
            owner_role=t("De beheerder van die plek", "Who runs that place"),
            theme="meeting",
            options=(
                OptionPlan("morning", t("Overdag", "In the daytime")),
                OptionPlan("evening", t("'s Avonds", "In the evening")),
                OptionPlan("weekend", t("In het weekend", "At the weekend")),
                OptionPlan("never", t("Ik zou niet komen", "I would not come")),
            ),
        ),
        QuestionPlan(
            key="stops",
            type="short_text",
            text=t("Wat houdt u tegen?", "What stops you?"),
            hint=t("Een paar woorden is genoeg.", "A few words will do."),
            purpose=t("Misschien kunnen wij dat wegnemen.", "Perhaps we can take it away."),
            use=t(
                "De wijkmanager bespreekt het met de beheerder.",
                "Your neighbourhood manager discusses it with whoever runs the place.",
            ),
            owner_role=MANAGER,
            theme="meeting",
            condition={"is": {"question": "come", "option": "never"}},
        ),
    ),
)

GREEN = LayerPlan(
    title=t("Groen en schaduw", "Green and shade"),
    theme="green",
    one_page=True,
    condition={
        "any": [
            {"is": {"question": "first", "option": "green"}},
            {"more_than": {"question": "living", "option": "good"}},
            {"respondent": ["organisation", "entrepreneur"]},
        ]
    },
    questions=(
        QuestionPlan(
            key="hot",
            type="scale",
            text=t("Hoe warm is het in de zomer bij u op straat?", "How hot is your street in summer?"),
            purpose=t("Bomen zetten wij waar het het heetst is.", "We plant trees where it is hottest."),
            use=t(
                "Dit bepaalt mee welke straat eerst aan de beurt is.",
                "It helps to decide which street comes first.",
            ),
            owner_role=t("De beheerder groen", "The manager of green spaces"),
            theme="green",
            skip="dont_know",
            options=(
                OptionPlan("fine", t("Prima", "Fine")),
                OptionPlan("warm", t("Warm", "Warm")),
                OptionPlan("too_hot", t("Te heet om buiten te zijn", "Too hot to be outside")),
                OptionPlan("dont_know", t("Weet ik niet", "I don't know"), dont_know=True),
            ),
        ),
        QuestionPlan(
            key="garden",
            type="yes_no",
            text=t(
                "Zou u een boomspiegel willen verzorgen?", "Would you look after the patch around a tree?"
            ),
            hint=t("Wij brengen de planten, u geeft water.", "We bring the plants, you give water."),
            purpose=t("Groen blijft als iemand ervoor zorgt.", "Green stays when somebody cares for it."),
            use=t("Bij genoeg buren beginnen wij in oktober.", "With enough neighbours we begin in October."),
            owner_role=t("De beheerder groen", "The manager of green spaces"),
            theme="green",
            options=(OptionPlan("yes", t("Ja", "Yes")), OptionPlan("no", t("Nee", "No"))),
        ),
    ),
)

TRAFFIC = LayerPlan(
    title=t("Bus en verkeer", "Bus and traffic"),
    theme="traffic",
    condition={"respondent": ["resident"]},
    questions=(
        QuestionPlan(
            key="way",
            type="several_choices",
            text=t("Hoe gaat u door de buurt?", "How do you get around the neighbourhood?"),
            purpose=t(
                "Een straat is van wie er loopt, fietst en rijdt.",
                "A street is for all who walk, cycle and drive.",
            ),
            use=t(
                "Wij weten dan voor wie een straat veiliger moet.",
                "Then we know for whom a street must be safer.",
            ),
            owner_role=t("De teamleider verkeer", "The team lead for traffic"),
            theme="traffic",
            options=(
                OptionPlan("foot", t("Lopend", "On foot")),
                OptionPlan("bike", t("Op de fiets", "By bicycle")),
                OptionPlan("bus", t("Met de bus", "By bus")),
                OptionPlan("car", t("Met de auto", "By car")),
                OptionPlan(
                    "mobility",
                    t("Met een rolstoel of scootmobiel", "In a wheelchair or on a mobility scooter"),
                ),
            ),
        ),
        QuestionPlan(
            key="bus",
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
            owner_role=t("De teamleider verkeer", "The team lead for traffic"),
            theme="traffic",
            asks_needs=True,
            skip="dont_know",
            condition={"includes": {"question": "way", "option": "bus"}},
            options=(
                OptionPlan("near", t("Dichtbij genoeg", "Near enough")),
                OptionPlan("far", t("Te ver om te lopen", "Too far to walk"), theme="traffic"),
                OptionPlan("gone", t("Mijn halte is weg", "My stop is gone"), theme="traffic"),
            ),
        ),
        QuestionPlan(
            key="crossing",
            type="short_text",
            text=t("Waar steekt u niet graag over?", "Where do you not like to cross?"),
            hint=t("Noem de straat of de hoek.", "Name the street or the corner."),
            purpose=t("U weet het beter dan onze kaart.", "You know it better than our map."),
            use=t(
                "De teamleider verkeer gaat op de drie meest genoemde plekken kijken.",
                "The team lead goes and looks at the three places named most.",
            ),
            owner_role=t("De teamleider verkeer", "The team lead for traffic"),
            theme="traffic",
            asks_needs=True,
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
            owner_role=t("De teamleider verkeer", "The team lead for traffic"),
            theme="traffic",
            skip="dont_know",
            options=(
                OptionPlan("never", t("Bijna nooit", "Hardly ever")),
                OptionPlan("sometimes", t("Soms", "Sometimes")),
                OptionPlan("daily", t("Elke dag", "Every day")),
            ),
        ),
    ),
)

YOU = LayerPlan(
    title=t("Over u", "About you"),
    questions=(
        QuestionPlan(
            key="age",
            type="one_choice",
            text=t("Hoe oud bent u?", "How old are you?"),
            purpose=t(
                "Zo zien wij wie wij nog niet spraken, jong of oud.",
                "This shows whom we have not spoken to yet, young or old.",
            ),
            use=t(
                "Wij zoeken de mensen op die nog ontbreken. Per persoon kijken wij niet.",
                "We look for the people who are missing. We look at no single person.",
            ),
            owner_role=MANAGER,
            skip="rather_not",
            options=(
                OptionPlan("15", t("15 tot en met 24", "15 to 24"), counts_as="15-24"),
                OptionPlan("25", t("25 tot en met 44", "25 to 44"), counts_as="25-44"),
                OptionPlan("45", t("45 tot en met 64", "45 to 64"), counts_as="45-64"),
                OptionPlan("65", t("65 of ouder", "65 or older"), counts_as="65+"),
            ),
        ),
    ),
)

PLAN = Plan(
    slug="first-sounding",
    name=t("Eerste peiling", "First sounding"),
    about=t(
        "Vier korte vragen over wonen, wat eerst komt, helpen en buren. Dan naar keuze dieper.",
        "Four short questions on living here, what comes first, helping and neighbours. Then deeper by choice.",
    ),
    title=t("Wat heeft {place} nodig?", "What does {place} need?"),
    lead=t(
        "Vier korte vragen. Overslaan mag altijd. Meer vertellen mag ook.",
        "Four short questions. You can always skip. You can say more as well.",
    ),
    who_asks=t("De gemeente, samen met bewoners.", "The municipality, together with residents."),
    why=t(
        "De gemeenteraad verdeelt het geld voor uw buurt. Eerst willen wij weten wat u nodig hebt.",
        "The council divides the money for your neighbourhood. First we want to know what you need.",
    ),
    promise=t(
        "U hoort wat wij met de antwoorden doen. Ook als iets niet kan.",
        "You hear what we do with the answers. Also when something can't be done.",
    ),
    influence="advise",
    influence_text=t(
        "De raad beslist, en kan anders kiezen.", "The council decides and may choose otherwise."
    ),
    owner_role=MANAGER,
    card={
        "money": t(
            "Er is geen geld. Ook niet later dit jaar. Wel een zaal, koffie en iemand die meedenkt.",
            "There is no money. Nor later this year. There is a room, coffee and someone to think along.",
        ),
        "time": t(
            "Twee uur per maand, tot en met oktober. Stoppen mag altijd.",
            "Two hours a month until October. You can stop any time.",
        ),
        "influence": t(
            "U denkt mee. De raad beslist, en kan anders kiezen.",
            "You think along. The council decides and may choose otherwise.",
        ),
        "contact": t(
            "Uw wijkmanager. U wordt binnen 2 dagen gebeld of gemaild.",
            "Your neighbourhood manager, within 2 days.",
        ),
        "too_few": t(
            "Dan hoort u dat. Wij proberen het in het najaar nog eens.",
            "You hear so. We try again in autumn.",
        ),
    },
    layers=(FIRST, OWN, MEETING, GREEN, TRAFFIC, YOU),
)
