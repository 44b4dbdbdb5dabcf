"""A square made anew: with most of the ways to ask. Where do you live, what do you say of what neighbours say?"""

from surveys.library.first_sounding import OWN
from surveys.library.plan import MANAGER, LayerPlan, OptionPlan, Plan, QuestionPlan, t

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="where",
            type="neighbourhood",
            text=t("In welke buurt woont u?", "In which neighbourhood do you live?"),
            purpose=t(
                "Wie eromheen woont, gebruikt het plein anders.",
                "Who lives around it uses the square in another way.",
            ),
            use=t("Wij lezen de antwoorden per buurt.", "We read the answers per neighbourhood."),
            owner_role=MANAGER,
        ),
        QuestionPlan(
            key="now",
            type="scale",
            text=t("Hoe vindt u het plein nu?", "How do you like the square as it is now?"),
            purpose=t("Wat goed is, laten wij staan.", "What is good, we leave as it is."),
            use=t("Over een jaar vragen wij het nog eens.", "In a year we ask again."),
            owner_role=MANAGER,
            options=(
                OptionPlan("good", t("Fijn", "Good")),
                OptionPlan("so_so", t("Gaat wel", "So-so")),
                OptionPlan("bad", t("Niet fijn", "Not good")),
                OptionPlan("never", t("Ik kom er nooit", "I never go there"), dont_know=True),
            ),
        ),
        QuestionPlan(
            key="first",
            type="one_choice",
            text=t("Wat moet er als eerste komen?", "What should come first?"),
            purpose=t("Alles tegelijk kan niet.", "Everything at once can't be done."),
            use=t("Met het meest genoemde beginnen wij.", "We begin with what is named most."),
            owner_role=MANAGER,
            asks_needs=True,
            theme="green",
            options=(
                OptionPlan("trees", t("Bomen en schaduw", "Trees and shade"), theme="green"),
                OptionPlan("sit", t("Plekken om te zitten", "Places to sit"), theme="meeting"),
                OptionPlan("play", t("Iets om te spelen", "Something to play on"), theme="youth"),
                OptionPlan("cars", t("Minder auto's", "Fewer cars"), theme="traffic"),
            ),
        ),
        QuestionPlan(
            key="age",
            type="about_you",
            text=t("Hoe oud bent u?", "How old are you?"),
            purpose=t("Een plein is voor jong en oud.", "A square is for young and old."),
            use=t(
                "Wij zien wie wij nog niet hoorden, en gaan daarheen.",
                "We see whom we have not heard yet, and go there.",
            ),
            owner_role=MANAGER,
            settings={"subject": "age"},
            options=(
                OptionPlan("under", t("Jonger dan 15", "Younger than 15")),
                OptionPlan("15", t("15 tot en met 24", "15 to 24"), counts_as="15-24"),
                OptionPlan("25", t("25 tot en met 44", "25 to 44"), counts_as="25-44"),
                OptionPlan("45", t("45 tot en met 64", "45 to 64"), counts_as="45-64"),
                OptionPlan("65", t("65 of ouder", "65 or older"), counts_as="65+"),
            ),
        ),
    ),
)

COMING = LayerPlan(
    title=t("Hoe u er komt", "How you use it"),
    theme="meeting",
    questions=(
        QuestionPlan(
            key="times",
            type="number",
            text=t("Hoe vaak per maand bent u op het plein?", "How often a month are you on the square?"),
            purpose=t(
                "Wie er veel komt, merkt elke verandering.", "Who is there often notices every change."
            ),
            use=t("Het bepaalt wie wij eerst opzoeken.", "It decides whom we visit first."),
            owner_role=MANAGER,
            settings={"least": 0, "most": 31, "unit": t("keer", "times")},
        ),
        QuestionPlan(
            key="household",
            type="about_you",
            text=t("Met wie woont u?", "With whom do you live?"),
            purpose=t(
                "Gezinnen en mensen alleen vragen om iets anders.",
                "Families and people by themselves ask for different things.",
            ),
            use=t("Wij leggen er twee schetsen naast.", "We lay two sketches beside it."),
            owner_role=MANAGER,
            settings={
                "subject": "household",
                "reason": t(
                    "Wij maken een schets met en een zonder speelplek. Daarvoor moeten wij weten hoeveel gezinnen "
                    "er wonen.",
                    "We make a sketch with and one without a playground. For that we need to know how many "
                    "families live here.",
                ),
            },
            options=(
                OptionPlan("alone", t("Alleen", "By myself")),
                OptionPlan("two", t("Met een partner", "With a partner")),
                OptionPlan("family", t("Met kinderen", "With children")),
                OptionPlan("more", t("Anders, met meer mensen", "Otherwise, with more people")),
            ),
        ),
    ),
)

SAID = LayerPlan(
    title=t("Wat buren zeggen", "What neighbours say"),
    theme="meeting",
    questions=(
        QuestionPlan(
            key="said",
            type="statements",
            text=t("Geldt dit ook voor u?", "Does this go for you too?"),
            purpose=t(
                "Zo zien wij waarin buren op elkaar lijken, en waarin niet.",
                "This shows us where neighbours are alike, and where they are not.",
            ),
            use=t(
                "Wat voor velen geldt, staat bovenaan de schets.",
                "What goes for many stands at the top of the sketch.",
            ),
            owner_role=MANAGER,
            settings={"most": 10, "own": True},
            options=(
                OptionPlan(
                    "dark",
                    t("'s Avonds loop ik om het plein heen.", "In the evening I walk around the square."),
                ),
                OptionPlan(
                    "child",
                    t(
                        "Mijn kinderen moeten er kunnen blijven spelen.",
                        "My children should be able to go on playing there.",
                    ),
                ),
                OptionPlan(
                    "park",
                    t("Ik kan niet zonder de parkeerplaatsen.", "I can't do without the parking places."),
                ),
                OptionPlan("meet", t("Ik kom er bekenden tegen.", "I meet people I know there.")),
            ),
        ),
    ),
)

MAP = LayerPlan(
    title=t("Op de kaart", "On the map"),
    theme="safety",
    questions=(
        QuestionPlan(
            key="spot",
            type="place",
            text=t("Waar gaat het mis?", "Where does it go wrong?"),
            hint=t("Denk aan een hoek die donker is.", "Think of a corner that is dark."),
            purpose=t(
                "Wie er elke dag loopt, weet het beter dan een tekening.",
                "Who walks there every day knows better than a drawing.",
            ),
            use=t(
                "De ontwerper loopt langs de plekken die u noemt.",
                "The designer walks past the places you name.",
            ),
            owner_role=MANAGER,
            theme="safety",
        ),
    ),
)

PLAN = Plan(
    slug="square",
    name=t("Een plein opnieuw", "A square made anew"),
    about=t(
        "Wat moet er komen, waar, en wat vinden buren van wat buren zeggen.",
        "What should come, where, and what neighbours think of what neighbours say.",
    ),
    title=t("Een nieuw plein voor {place}", "A new square for {place}"),
    lead=t(
        "Vier korte vragen. Overslaan mag altijd. Meer vertellen mag ook.",
        "Four short questions. You can always skip. You can say more as well.",
    ),
    who_asks=t("De gemeente.", "The municipality."),
    why=t(
        "Het plein gaat open voor de riolering. Daarna kan het anders worden.",
        "The square is dug up for the sewer. After that it can become different.",
    ),
    promise=t(
        "U ziet de schets met wat wij overnamen, en leest waarom iets niet kon.",
        "You see the sketch with what we took over, and read why something could not be done.",
    ),
    influence="advise",
    influence_text=t(
        "Uw antwoord weegt mee in de schets. Wijken wij af, dan leest u waarom.",
        "Your answer weighs in on the sketch. If we decide otherwise, you read why.",
    ),
    owner_role=MANAGER,
    card={
        "money": t(
            "€ 500 voor planten en potten. Meer is er niet.", "€ 500 for plants and pots. There is no more."
        ),
        "time": t("Twee zaterdagen in het najaar.", "Two Saturdays in autumn."),
        "influence": t(
            "U kiest de planten. Over de bestrating beslist de gemeente.",
            "You choose the plants. The municipality decides on the paving.",
        ),
        "contact": t(
            "Uw wijkmanager. U wordt binnen 2 dagen gebeld of gemaild.",
            "Your neighbourhood manager, within 2 days.",
        ),
        "too_few": t(
            "Dan planten wij zelf, eenvoudiger.", "Then we do the planting ourselves, in a simpler way."
        ),
    },
    layers=(FIRST, SAID, MAP, OWN, COMING),
)
