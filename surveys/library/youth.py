"""Young people, also under 16: without any address and without joining in (UAVG article 5). A code is all they get.

Here the house says “je”: somebody of 13 who is called “u” does not think that they are meant.
"""

from surveys.library.plan import DONT_KNOW, LayerPlan, Plan, QuestionPlan, choice, t

YOUTH_WORKER = t("De jongerenwerker", "The youth worker")

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="fun",
            type="scale",
            text=t("Hoe is het om jong te zijn in {place}?", "What is it like to be young in {place}?"),
            purpose=t(
                "Volwassenen praten vaak over jongeren. Wij vragen het liever zelf.",
                "Grown-ups often talk about young people. We would rather ask.",
            ),
            use=t(
                "De wethouder krijgt de uitkomst te zien, naast die van volwassenen.",
                "The alderman sees the result, beside that of grown-ups.",
            ),
            owner_role=YOUTH_WORKER,
            theme="youth",
            options=(
                choice("good", "Leuk", "Fun"),
                choice("so_so", "Gaat wel", "So-so"),
                choice("bad", "Saai", "Boring"),
                choice("unsafe", "Niet fijn", "Not good"),
            ),
        ),
        QuestionPlan(
            key="miss",
            type="one_choice",
            text=t("Wat mis je hier het meest?", "What do you miss most here?"),
            purpose=t(
                "Er is geld voor één ding. Jullie kiezen mee.",
                "There is money for one thing. You help choose.",
            ),
            use=t(
                "Het meest genoemde maken wij samen met jongeren.",
                "We make what is named most, together with young people.",
            ),
            owner_role=YOUTH_WORKER,
            asks_needs=True,
            theme="youth",
            options=(
                choice("place", "Een plek om af te spreken", "A place to meet up", "youth"),
                choice("sport", "Een veldje of skatebaan", "A pitch or skate park", "youth"),
                choice(
                    "inside", "Binnen iets doen als het regent", "Something indoors when it rains", "youth"
                ),
                choice("bus", "Makkelijk ergens komen", "Getting places easily", "traffic"),
                choice("quiet", "Rust om te leren", "Quiet to study", "youth"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="talk",
            type="one_choice",
            text=t(
                "Is er een volwassene in de buurt bij wie je terechtkunt?",
                "Is there a grown-up in the neighbourhood you can turn to?",
            ),
            hint=t(
                "Niet je ouders. Een trainer, buur of jongerenwerker.",
                "Not your parents. A coach, neighbour or youth worker.",
            ),
            purpose=t("Een plek helpt pas als er iemand is.", "A place helps only if somebody is there."),
            use=t(
                "Waar vaak nee staat, komt de jongerenwerker vaker langs.",
                "Where it often says no the youth worker comes by more.",
            ),
            owner_role=YOUTH_WORKER,
            skip="rather_not",
            theme="youth",
            options=(
                choice("yes", "Ja", "Yes"),
                choice("some", "Een beetje", "A little"),
                choice("no", "Nee", "No"),
            ),
        ),
        QuestionPlan(
            key="age",
            type="one_choice",
            text=t("Hoe oud ben je?", "How old are you?"),
            purpose=t(
                "Wie 12 is, wil iets anders dan wie 17 is.", "At 12 you want something else than at 17."
            ),
            use=t(
                "Wij tellen per leeftijd. Wie jij bent, weten wij niet.",
                "We count by age. Who you are we don't know.",
            ),
            owner_role=YOUTH_WORKER,
            skip="rather_not",
            options=(
                choice("11", "11 of jonger", "11 or younger"),
                choice("12", "12 of 13", "12 or 13"),
                choice("14", "14 of 15", "14 or 15"),
                choice("16", "16 of 17", "16 or 17"),
                choice("18", "18 of ouder", "18 or older"),
            ),
        ),
    ),
)

OWN_WORDS = LayerPlan(
    title=t("In je eigen woorden", "In your own words"),
    questions=(
        QuestionPlan(
            key="own",
            type="own_topic",
            text=t("Wat moeten wij nog weten?", "What else should we know?"),
            hint=t("Schrijf geen namen op, ook niet van jezelf.", "Write down no names, not even your own."),
            purpose=t("Wij kunnen niet alles bedenken.", "We can't think of everything."),
            use=t(
                "De jongerenwerker leest dit. Op je eigen pagina staat het antwoord.",
                "The youth worker reads this. The answer stands on your own page.",
            ),
            owner_role=YOUTH_WORKER,
            asks_needs=True,
            theme="youth",
            settings={"ask_theme": False},
        ),
    ),
)

PLACE = LayerPlan(
    title=t("De plek", "The place"),
    theme="youth",
    questions=(
        QuestionPlan(
            key="where",
            type="several_choices",
            text=t("Waar ben je nu met vrienden?", "Where are you with friends now?"),
            purpose=t("Een nieuwe plek moet iets toevoegen.", "A new place must add something."),
            use=t(
                "Wij kijken welke plek beter kan, vóór wij iets nieuws maken.",
                "We look which place could be better before we make a new one.",
            ),
            owner_role=YOUTH_WORKER,
            theme="youth",
            options=(
                choice("street", "Op straat of op een plein", "In the street or on a square"),
                choice("school", "Op school", "At school"),
                choice("club", "Bij een club", "At a club"),
                choice("home", "Thuis", "At home"),
                choice("online", "Online", "Online"),
            ),
        ),
        QuestionPlan(
            key="rules",
            type="one_choice",
            text=t("Wat moet er op zo'n plek zeker?", "What must such a place certainly have?"),
            purpose=t(
                "Een plek werkt alleen als jullie er willen zijn.",
                "A place works only if you want to be there.",
            ),
            use=t("Het meest genoemde is de eerste afspraak.", "What is named most is the first agreement."),
            owner_role=YOUTH_WORKER,
            theme="youth",
            options=(
                choice("late", "Open tot laat", "Open until late"),
                choice("free", "Gratis", "Free"),
                choice("somebody", "Iemand die er altijd is", "Somebody who is always there"),
                choice("own", "Zelf de regels maken", "Making the rules ourselves"),
                DONT_KNOW,
            ),
        ),
    ),
)

PLAN = Plan(
    slug="youth",
    name=t("Jongeren, zonder naam", "Young people, no names"),
    about=t(
        "Ook voor wie jonger is dan 16. Niemand laat een adres achter of doet mee: de wet vraagt dat.",
        "Also for those under 16. Nobody leaves an address or joins in: the law asks this.",
    ),
    title=t("Wat wil jij in {place}?", "What do you want in {place}?"),
    lead=t(
        "Vier korte vragen. Overslaan mag altijd. Niemand vraagt hoe je heet.",
        "Four short questions. You can always skip. Nobody asks your name.",
    ),
    who_asks=t(
        "De gemeente, samen met het jongerenwerk.", "The municipality, together with the youth workers."
    ),
    why=t(
        "Dit jaar maken wij iets voor jongeren. Jullie weten het best wat.",
        "This year we make something for young people. You know best what.",
    ),
    promise=t(
        "Met je code lees je wat wij gaan doen. Ook als iets niet kan.",
        "With your code you read what we are going to do. Also when something can't be done.",
    ),
    influence="consult",
    influence_text=t(
        "Jullie denken mee. De gemeente beslist, en vertelt waarom.",
        "You think along. The municipality decides, and tells you why.",
    ),
    owner_role=YOUTH_WORKER,
    card={
        "money": t(
            "Er is € 1.000 voor wat jongeren samen bedenken.",
            "There is € 1,000 for what young people think up together.",
        ),
        "time": t("Een paar middagen. Stoppen mag altijd.", "A few afternoons. You can stop any time."),
        "influence": t(
            "Jullie bedenken het. De gemeente kijkt of het veilig kan.",
            "You think it up. The municipality looks whether it is safe.",
        ),
        "contact": t(
            "De jongerenwerker, elke woensdag na school op het plein.",
            "The youth worker, every Wednesday after school on the square.",
        ),
        "too_few": t("Dan wachten wij tot er vijf mensen zijn.", "Then we wait until there are five people."),
    },
    layers=(FIRST, OWN_WORDS, PLACE),
    without_contact=True,
)
